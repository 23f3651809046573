"""Looks out for ledgers that moved, for all who wait in this process at once: one look per ring, however many wait."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final
from uuid import UUID

from app.db.feed import Place
from app.db.sweep import Sweep
from app.db.wake import LOST

LOOK_S: Final = 5.0
"""So often a look is taken without a ring, in case one got lost."""
REST_S: Final = 0.05
RESTS: Final = 9
"""Looks at very many ledgers take long, and so many times as long is rested after each."""


class Lookout:
    """Wakes whoever waits for one of some ledgers to move; `ear` is its own, rung soon after every commit."""

    def __init__(self, sweep: Sweep, ear: asyncio.Event, *, look_s: float = LOOK_S) -> None:
        self._sweep = sweep
        self._ear = ear
        self._look_s = look_s
        self._waiting: dict[asyncio.Future[None], Mapping[UUID, Place]] = {}
        self._looking: asyncio.Task[None] | None = None
        self.looks = 0
        self.mark = 0
        """Counts the rings that were heard; to be read before the ledgers are, so that what moves after that is not missed."""

    async def until_moved(self, known: Mapping[UUID, Place], mark: int, seconds: float) -> None:
        """Wait until one of these ledgers ends elsewhere than known, or so many seconds; at once where a ring came after `mark`."""
        if mark != self.mark:
            return
        moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[moved] = known
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_out())
        try:
            await asyncio.wait([moved], timeout=max(0.0, seconds))
        finally:
            del self._waiting[moved]
            if not self._waiting and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look_out(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_s):
                    await self._ear.wait()
            self._ear.clear()
            self.mark += 1
            began = asyncio.get_running_loop().time()
            try:
                await self._look()
            except LOST:
                await asyncio.sleep(self._look_s)
            await asyncio.sleep(max(REST_S, RESTS * (asyncio.get_running_loop().time() - began)))

    async def _look(self) -> None:
        waiting = dict(self._waiting)
        heads = await self._sweep.heads({school for known in waiting.values() for school in known})
        self.looks += 1
        for moved, known in waiting.items():
            if not moved.done() and any(heads.get(school) != place for school, place in known.items()):
                moved.set_result(None)
