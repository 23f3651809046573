"""Where papers are looked into and blacked out: off the event loop, few at a time, for each is in memory as a whole meanwhile."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Final, TypeVar

from app.db.blobs import Blobs
from app.db.kept_files import Kept
from app.documents.papers.inspection import Paper, PaperKind, inspect
from app.documents.papers.redaction import Marked, redact

AT_ONCE: Final = 2
TAKEN: Final = frozenset(PaperKind)
ALIASES: Final = MappingProxyType({"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "application/x-pdf": "application/pdf"})
SAYS_NOTHING: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})

R = TypeVar("R")


class PaperDesk:
    """Runs what takes a whole paper into memory, at most `at_once` of them."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="paper")

    async def look_into(self, blobs: Blobs, file: Kept, *, said: str | None, largest: int) -> Paper:
        """Look into a file in the store that was said to be of a media type. Raises PaperRefusedError and BlobError."""
        told = None if said is None else said.partition(";")[0].strip().lower()
        believed = None if told is None or told in SAYS_NOTHING else ALIASES.get(told, told)
        return await self._run(lambda: inspect(_whole(blobs, file), said=believed, taken=TAKEN, largest=largest))

    async def redact(self, blobs: Blobs, file: Kept, kind: PaperKind, marked: Marked) -> bytes:
        """Black out places on a paper. Raises what `redact` raises, and BlobError."""
        return await self._run(lambda: redact(_whole(blobs, file), kind, marked))

    def close(self) -> None:
        """Let go of the threads; what waits is not begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _whole(blobs: Blobs, file: Kept) -> bytes:
    return b"".join(blobs.chunks(file))
