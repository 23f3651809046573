"""The thread that evaluations run on: one after the other, each stopped when it has used up its share of the processor."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from app.api.manners.problems import ApiError, retry_later
from app.domain.replay import Watch

MOST_SECONDS: Final = 1.0
MOST_WAITING: Final = 16

R = TypeVar("R")


class Evaluator:
    """Runs work off the event loop. `spent` tells the processor seconds that the calling thread has used so far."""

    def __init__(self, spent: Callable[[], float], *, most_seconds: float = MOST_SECONDS) -> None:
        self._spent = spent
        self._most = most_seconds
        self._waiting = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="evaluation")

    async def run(self, work: Callable[[Watch], R]) -> R:
        """Run it with a watch that it calls as it goes; raises ApiError when it takes too long, or too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise retry_later("too-many-requests", 1, "Too many evaluations wait for their turn; try again.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._watched, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let go of the thread; what waits is not begun."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _watched(self, work: Callable[[Watch], R]) -> R:
        end = self._spent() + self._most

        def watch() -> None:
            if self._spent() > end:
                raise ApiError("evaluation-too-long")

        return work(watch)
