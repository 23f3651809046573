"""How many forms with papers are under way at once: each is a stream into the store that may take its time."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.api.manners.problems import retry_later
from app.api.shown.paper_limits import MOST_UPLOADS


class Uploads:
    """Counts the forms of one process."""

    def __init__(self, most: int = MOST_UPLOADS) -> None:
        self._most = most
        self._count = 0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count one for as long as the block lasts. Raises ApiError with 429 where there are too many."""
        if self._count >= self._most:
            raise retry_later("too-many-requests", 2, f"{self._most} requests with papers are under way already; try again.")
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
