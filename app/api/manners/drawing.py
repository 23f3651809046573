"""The threads that documents are drawn on: two at once, so that no other request waits behind a long PDF."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from app.api.manners.problems import retry_later

AT_ONCE: Final = 2
MOST_WAITING: Final = 32

R = TypeVar("R")


class Drawing:
    """Runs work off the event loop, and refuses what would wait behind too much of it."""

    def __init__(self) -> None:
        self._waiting = 0
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="drawing")

    async def run(self, work: Callable[[], R]) -> R:
        """Run it on one of the threads; raises ApiError when too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise retry_later("too-many-requests", 1, "Too many documents are being drawn; try again.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let go of the threads; what waits is not begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)
