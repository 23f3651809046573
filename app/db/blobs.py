"""The files: a folder of blobs beside the database. A file is put first and named by a row after, so no row names a missing one."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

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


def blob_name(school_id: UUID, random_id: UUID) -> str:
    """Name a blob: whose it is, and an id that says nothing."""
    return f"{school_id}/{random_id}"


@dataclass(frozen=True, slots=True)
class Blobs:
    """A store in a folder that this process may write; what lies in it is read through the API alone."""

    folder: Path

    @contextmanager
    def putting(self, name: str) -> Iterator[BinaryIO]:
        """Write a new file, whole and on the disk when the block ends well; blocks, so run it in a thread."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_name(path.name + _UNFINISHED)
        with open(unfinished, "xb", opener=_for_us_alone) as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
        unfinished.replace(path)
        for folder in (path.parent, self.folder):
            _sync_folder(folder)

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """Give `length` bytes from `start`, at most 8 MB, in small pieces; BlobMissingError when they are not there."""
        if not 0 <= length <= LARGEST_RANGE or start < 0:
            raise ValueError("a range holds at most 8 MB")
        file = await asyncio.to_thread(self._open, name)
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

    def has(self, name: str, size: int) -> bool:
        """Whether the file is there in its whole size."""
        try:
            return self._path(name).stat().st_size == size
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


async def whole(blobs: Blobs, name: str, size: int) -> AsyncIterator[bytes]:
    """Give all `size` bytes of a blob in small pieces; BlobMissingError when they are not there."""
    for start in range(0, size, LARGEST_RANGE):
        async for chunk in blobs.read(name, start, min(LARGEST_RANGE, size - start)):
            yield chunk


async def remove_unnamed(blobs: Blobs, sessions: Sessions, *, now: datetime) -> int:
    """Remove the files that no row names 24 hours after they were put, and tell how many; `now` is the world's time."""
    removed = 0
    for school_id, names in (await asyncio.to_thread(blobs.older_than, now - KEPT_UNNAMED)).items():
        async with sessions.for_school(school_id, read_only=True) as session:
            rows = await session.connection.fetch("select blob from bundle where school_id = $1 and blob is not null", school_id)
        named = {row["blob"] for row in rows}
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
