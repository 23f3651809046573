"""The files beside the database, each encrypted with a key of its own. A file is put first and named by a row after."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from app.db import kept_files, papers
from app.db.file_stores import FileStore, FileStoreError, open_store
from app.db.kept_files import Kept
from app.db.session import Sessions
from app.keys.sealing import KEY_BYTES, RandomBytes, Sealer, UnsealError
from app.keys.segments import SEGMENT_BYTES, TAG_BYTES, SegmentError, Segments, count_of, sealed_size

LARGEST_RANGE: Final = 8 << 20
"""So many bytes are read under one look at the gate."""
READ_AT_ONCE: Final = 4
"""So many segments are asked of the store in one go."""
KEPT_UNNAMED: Final = timedelta(hours=24)
_ID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME: Final = re.compile(f"({_ID})/{_ID}(#[0-9]+)?")


class BlobError(Exception):
    """The bytes of a file cannot be given."""


class BlobMissingError(BlobError):
    """No file has this name, or it ends before the bytes that were asked for."""


class BlobDamagedError(BlobError):
    """What lies in the store is not what was put under this name, in whole or in part, or no key at hand opens it."""


class BlobOutOfReachError(BlobError):
    """The store did not answer, or refused."""


class Putting:
    """A file while it is written: bytes go in one after the other, and `kept` is known once the block has ended well."""

    def __init__(self, pour: Callable[[bytes], None], segments: Segments) -> None:
        self._pour = pour
        self._segments = segments
        self._digest = sha256()
        self._size = 0
        self._number = 0
        self._pending = bytearray()
        self._kept: Kept | None = None

    def write(self, chunk: bytes, /) -> None:
        """Write the next bytes."""
        self._digest.update(chunk)
        self._size += len(chunk)
        self._pending += chunk
        # The last segment is sealed as the last, so one that is just full waits for what comes.
        while len(self._pending) > SEGMENT_BYTES:
            self._seal(last=False)

    @property
    def kept(self) -> Kept:
        """The file as its row names it; LookupError while it is still written."""
        if self._kept is None:
            raise LookupError("the file is not finished")
        return self._kept

    def end(self) -> None:
        """Write what is left."""
        self._seal(last=True)

    def finish(self, school_id: UUID, blob_id: UUID, sealed_key: bytes) -> None:
        """Say that all bytes are in their place."""
        self._kept = Kept(school_id=school_id, id=blob_id, digest=self._digest.digest(), size=self._size, sealed_key=sealed_key)

    def _seal(self, *, last: bool) -> None:
        self._pour(self._segments.seal(self._number, bytes(self._pending[:SEGMENT_BYTES]), last=last))
        del self._pending[:SEGMENT_BYTES]
        self._number += 1


@dataclass(frozen=True, slots=True)
class Blobs:
    """A store of encrypted files, whose keys the rows hold, sealed; what lies in it is read through the API alone."""

    files: FileStore
    sealer: Sealer
    random_bytes: RandomBytes

    @contextmanager
    def putting(self, school_id: UUID, blob_id: UUID) -> Iterator[Putting]:
        """Write a new file, whole and durable when the block ends well; blocks, so run it in a thread. Raises FileStoreError."""
        key = self.random_bytes(KEY_BYTES)
        with self.files.writing(_sound(f"{school_id}/{blob_id}")) as pour:
            putting = Putting(pour, Segments(key))
            yield putting
            putting.end()
        putting.finish(school_id, blob_id, self.sealer.seal(key, about=sealed_about(blob_id)))

    async def read(self, kept: Kept, start: int, length: int) -> AsyncIterator[bytes]:
        """Give `length` bytes from `start`, at most 8 MB, in small pieces, none of which is wrong; raises BlobError."""
        if not 0 <= length <= LARGEST_RANGE or start < 0:
            raise ValueError("a range holds at most 8 MB")
        if start + length > kept.size:
            raise BlobMissingError
        opening = _Opening(kept, self._segments(kept))
        for first, after in _runs(start, start + length):
            with _named():
                sealed = await self.files.read_soon(_sound(kept.name), *opening.span(first, after))
            for number, plain in opening.opened(first, after, sealed):
                yield plain[max(start - number * SEGMENT_BYTES, 0) : start + length - number * SEGMENT_BYTES]

    def chunks(self, kept: Kept) -> Iterator[bytes]:
        """Give a whole file in small pieces; blocks, so run it in a thread. Raises BlobError."""
        opening = _Opening(kept, self._segments(kept))
        for first, after in _runs(0, kept.size):
            with _named():
                sealed = self.files.read(_sound(kept.name), *opening.span(first, after))
            yield from (plain for _, plain in opening.opened(first, after, sealed))

    def has(self, kept: Kept) -> bool:
        """Whether the file is there in its whole size, without reading it; blocks, so run it in a thread. Raises BlobError."""
        with _named():
            return self.files.size(_sound(kept.name)) == sealed_size(kept.size)

    def older_than(self, moment: datetime) -> dict[UUID, list[str]]:
        """List by school what was put, or begun, before a moment; raises FileStoreError."""
        found: dict[UUID, list[str]] = {}
        for name in self.files.older_than(moment):
            if named := _NAME.fullmatch(name):
                found.setdefault(UUID(named[1]), []).append(name)
        return found

    def remove(self, names: list[str]) -> None:
        """Remove files as `older_than` or a row named them; one that is gone already is no matter. Raises FileStoreError."""
        for name in names:
            self.files.remove(_sound(name))

    def _segments(self, kept: Kept) -> Segments:
        try:
            return Segments(self.sealer.unseal(kept.sealed_key, about=sealed_about(kept.id)))
        except UnsealError:
            raise BlobDamagedError from None


@dataclass(frozen=True, slots=True)
class _Opening:
    """A file while it is read: how its segments lie in the store, and what opens them."""

    kept: Kept
    segments: Segments

    def span(self, first: int, after: int) -> tuple[int, int]:
        """Give the first byte in the store, and the number of bytes, of the segments from `first` to before `after`."""
        start, end = (min(number * (SEGMENT_BYTES + TAG_BYTES), sealed_size(self.kept.size)) for number in (first, after))
        return start, end - start

    def opened(self, first: int, after: int, sealed: bytes) -> Iterator[tuple[int, bytes]]:
        """Give the number and the plain bytes of each segment; raises BlobDamagedError at the first that is not as it was put."""
        last = count_of(self.kept.size) - 1
        for number in range(first, after):
            start = (number - first) * (SEGMENT_BYTES + TAG_BYTES)
            try:
                yield number, self.segments.open(number, sealed[start : start + SEGMENT_BYTES + TAG_BYTES], last=number == last)
            except SegmentError:
                raise BlobDamagedError from None


def open_blobs(where: str | Path, sealer: Sealer, random_bytes: RandomBytes) -> Blobs:
    """Open the store in a folder or behind a URL; raises FileStoreError."""
    return Blobs(open_store(where), sealer, random_bytes)


def sealed_about(blob_id: UUID) -> str:
    """What the key of a file is bound to when it is sealed."""
    return f"blob:{blob_id}"


async def is_there(blobs: Blobs, kept: Kept) -> bool:
    """Whether the store has the file in its whole size and can be asked for it."""
    try:
        return await asyncio.to_thread(blobs.has, kept)
    except BlobOutOfReachError:
        return False


async def whole(blobs: Blobs, kept: Kept) -> AsyncIterator[bytes]:
    """Give all bytes of a file in small pieces; raises BlobError."""
    for start in range(0, kept.size, LARGEST_RANGE):
        async for chunk in blobs.read(kept, start, min(LARGEST_RANGE, kept.size - start)):
            yield chunk


async def remove_unnamed(blobs: Blobs, sessions: Sessions, *, now: datetime) -> int:
    """Remove the files that nothing names 24 hours after they were put, and tell how many; `now` is the world's time.

    A paper that no entry has named for 30 days goes first, then the row of a file that neither a paper nor a part of a bundle names.
    """
    removed, before = 0, now - KEPT_UNNAMED
    for school_id, names in (await asyncio.to_thread(blobs.older_than, before)).items():
        async with sessions.for_school(school_id) as session:
            await papers.forget_unnamed(session, now)
            await kept_files.forget_unnamed(session, before)
            named = await kept_files.names(session)
        unnamed = [name for name in names if name not in named]
        await asyncio.to_thread(blobs.remove, unnamed)
        removed += len(unnamed)
    return removed


def _runs(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the first segment, and the one after the last, of each go at reading the bytes from `start` to before `end`."""
    after = -(-end // SEGMENT_BYTES) if start < end else 0
    for first in range(start // SEGMENT_BYTES, after, READ_AT_ONCE):
        yield first, min(first + READ_AT_ONCE, after)


def _sound(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("this is not the name of a blob")
    return name


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BlobMissingError from None
    except FileStoreError as error:
        raise BlobOutOfReachError(str(error)) from None
