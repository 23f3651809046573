"""The files beside the database. A file is put first and named by a row after, so no row names a missing one."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from app.db import kept_files
from app.db.kept_files import Kept
from app.db.session import Sessions

LARGEST_RANGE: Final = 8 << 20
"""So many bytes are read under one look at the gate."""
CHUNK_BYTES: Final = 256 << 10
KEPT_UNNAMED: Final = timedelta(hours=24)
_ID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME: Final = re.compile(f"{_ID}/{_ID}")
_UNFINISHED: Final = ".part"


class BlobMissingError(Exception):
    """No file has this name, or it ends before the bytes that were asked for."""


class Putting:
    """A file while it is written: bytes go in one after the other, and `kept` is known once the block has ended well."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = sha256()
        self._size = 0
        self._kept: Kept | None = None

    def write(self, chunk: bytes, /) -> None:
        """Write the next bytes."""
        self._digest.update(chunk)
        self._size += len(chunk)
        self._file.write(chunk)

    @property
    def kept(self) -> Kept:
        """The file as its row names it; LookupError while it is still written."""
        if self._kept is None:
            raise LookupError("the file is not finished")
        return self._kept

    def finish(self, school_id: UUID, blob_id: UUID) -> None:
        """Say that all bytes are written."""
        self._kept = Kept(school_id=school_id, id=blob_id, digest=self._digest.digest(), size=self._size, sealed_key=b"")


@dataclass(frozen=True, slots=True)
class Blobs:
    """A store in a folder that this process may write; what lies in it is read through the API alone."""

    folder: Path

    @contextmanager
    def putting(self, school_id: UUID, blob_id: UUID) -> Iterator[Putting]:
        """Write a new file, whole and on the disk when the block ends well; blocks, so run it in a thread."""
        path = self._path(f"{school_id}/{blob_id}")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_name(path.name + _UNFINISHED)
        with open(unfinished, "xb", opener=_for_us_alone) as file:
            putting = Putting(file)
            try:
                yield putting
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
        unfinished.replace(path)
        for folder in (path.parent, self.folder):
            _sync_folder(folder)
        putting.finish(school_id, blob_id)

    async def read(self, kept: Kept, start: int, length: int) -> AsyncIterator[bytes]:
        """Give `length` bytes from `start`, at most 8 MB, in small pieces; BlobMissingError when they are not there."""
        if not 0 <= length <= LARGEST_RANGE or start < 0:
            raise ValueError("a range holds at most 8 MB")
        file = await asyncio.to_thread(self._open, kept.name)
        try:
            await asyncio.to_thread(file.seek, start)
            while length:
                chunk = await asyncio.to_thread(file.read, min(CHUNK_BYTES, length))
                if not chunk:
                    raise BlobMissingError
                length -= len(chunk)
                yield chunk
        finally:
            file.close()

    def chunks(self, kept: Kept) -> Iterator[bytes]:
        """Give a whole file in small pieces; blocks, so run it in a thread. BlobMissingError when it is not there."""
        done = 0
        with self._open(kept.name) as file:
            while chunk := file.read(CHUNK_BYTES):
                done += len(chunk)
                yield chunk
        if done != kept.size:
            raise BlobMissingError

    def has(self, kept: Kept) -> bool:
        """Whether the file is there in its whole size."""
        try:
            return self._path(kept.name).stat().st_size == kept.size
        except FileNotFoundError:
            return False

    def older_than(self, moment: datetime) -> dict[UUID, list[str]]:
        """List by school what was put, or begun, before a moment."""
        found: dict[UUID, list[str]] = {}
        for path in self.folder.glob("*/*"):
            name = f"{path.parent.name}/{path.name.removesuffix(_UNFINISHED)}"
            if _NAME.fullmatch(name) and path.stat().st_mtime < moment.timestamp():
                found.setdefault(UUID(path.parent.name), []).append(f"{path.parent.name}/{path.name}")
        return found

    def remove(self, names: list[str]) -> None:
        """Remove files as `older_than` or a row named them; one that is gone already is no matter."""
        for name in names:
            self._path(name.removesuffix(_UNFINISHED)).with_name(name.rpartition("/")[2]).unlink(missing_ok=True)

    def _open(self, name: str) -> BinaryIO:
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            raise BlobMissingError from None

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("this is not the name of a blob")
        return self.folder / name


async def whole(blobs: Blobs, kept: Kept) -> AsyncIterator[bytes]:
    """Give all bytes of a file in small pieces; BlobMissingError when they are not there."""
    for start in range(0, kept.size, LARGEST_RANGE):
        async for chunk in blobs.read(kept, start, min(LARGEST_RANGE, kept.size - start)):
            yield chunk


async def remove_unnamed(blobs: Blobs, sessions: Sessions, *, now: datetime) -> int:
    """Remove the files that no row names 24 hours after they were put, and tell how many; `now` is the world's time."""
    removed = 0
    for school_id, names in (await asyncio.to_thread(blobs.older_than, now - KEPT_UNNAMED)).items():
        async with sessions.for_school(school_id, read_only=True) as session:
            named = await kept_files.names(session)
        unnamed = [name for name in names if name not in named]
        await asyncio.to_thread(blobs.remove, unnamed)
        removed += len(unnamed)
    return removed


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
