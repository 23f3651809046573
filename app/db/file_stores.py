"""Where encrypted files lie: a folder of ours, or the store of a provider that a URL leads to."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

LOCAL_PART_BYTES: Final = 1 << 20
REMOTE_PART_BYTES: Final = 8 << 20
"""A provider takes 10,000 parts of a file at most."""
_RETRY: "Final[RetryConfig]" = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}
# While it is written, a file of a folder has a number behind its name, which the library never lists.
_UNFINISHED: Final = re.compile(r"[^#]+#\d+")


class FileStoreError(Exception):
    """The store did not do as asked; its own words may hold an address with a signature in it, so only their kind is told."""


@dataclass(frozen=True, slots=True)
class FileStore:
    """A store of files by name; what it keeps is durable once it says so. Everything blocks, but for `read_soon`."""

    # The library breaks down when it is to show a store that has its account from the environment.
    store: "ObjectStore" = field(repr=False)
    folder: Path | None = None

    @contextmanager
    def writing(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Write a file in pieces; it is there, whole and durable, once the block has ended well, and not at all otherwise.

        Raises FileStoreError.
        """
        if self.folder is not None:
            _make_for_us_alone(self.folder / name.partition("/")[0])
        part_bytes = REMOTE_PART_BYTES if self.folder is None else LOCAL_PART_BYTES
        file = obstore.open_writer(self.store, name, buffer_size=part_bytes, max_concurrency=2)
        try:
            yield partial(self._write, file)
        except BaseException as error:
            with suppress(BaseError, OSError):
                file.__exit__(type(error), error, error.__traceback__)
            raise
        with self._finding():
            file.close()
        if self.folder is not None:
            _settle(self.folder, self.folder / name)

    def _write(self, file: "obstore.WritableFile", piece: bytes) -> None:
        with self._finding():
            file.write(piece)

    def read(self, name: str, start: int, length: int) -> bytes:
        """Give a range of a file, shorter where the file ends within it; raises FileNotFoundError and FileStoreError."""
        with self._telling():
            return bytes(self.store.get_range(name, start=start, length=length))

    async def read_soon(self, name: str, start: int, length: int) -> bytes:
        """Do as `read` does, and let others go on meanwhile."""
        with self._telling():
            return bytes(await self.store.get_range_async(name, start=start, length=length))

    def size(self, name: str) -> int | None:
        """Tell how long a file is without reading it; None when there is none. Raises FileStoreError."""
        try:
            with self._telling():
                return self.store.head(name)["size"]
        except FileNotFoundError:
            return None

    def older_than(self, moment: datetime) -> Iterator[str]:
        """List what was put, or begun and never ended, before a moment; raises FileStoreError."""
        with self._finding():
            for found in self.store.list(chunk_size=1000):
                yield from (one["path"] for one in found if one["last_modified"] < moment)
        for path in () if self.folder is None else self.folder.glob("*/*#*"):
            with suppress(FileNotFoundError):  # it may end while we look
                if _UNFINISHED.fullmatch(path.name) and datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
                    yield f"{path.parent.name}/{path.name}"

    def remove(self, name: str) -> None:
        """Remove a file as it was listed; one that is gone already is no matter. Raises FileStoreError."""
        if self.folder is not None and "#" in name:
            (self.folder / name).unlink(missing_ok=True)
            return
        try:
            with self._telling():
                self.store.delete(name)
        except FileNotFoundError:
            return

    def _telling(self) -> AbstractContextManager[None]:
        return _telling(in_full=self.folder is not None)

    @contextmanager
    def _finding(self) -> Iterator[None]:
        """Where no file is looked for, what is missing is the folder or the bucket."""
        try:
            with self._telling():
                yield
        except FileNotFoundError as missing:
            raise FileStoreError(str(missing)) from None


def open_store(where: str | Path) -> FileStore:
    """Open a folder, which is made when it is not there, or what a URL leads to, with what the environment holds for its provider.

    Raises FileStoreError.
    """
    if isinstance(where, str) and urlsplit(where).scheme == "file":
        where = Path(unquote(urlsplit(where).path))
    with _telling(in_full=True):  # nothing has been asked of a provider yet, so nothing of it is signed
        if isinstance(where, Path):
            _make_for_us_alone(where, parents=True)
            return FileStore(LocalStore(where), where)
        return FileStore(from_url(where, retry_config=_RETRY))


@contextmanager
def _telling(*, in_full: bool) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError("the store has no such place") from None
    except (BaseError, OSError) as error:
        raise FileStoreError(str(error).partition("\n")[0] if in_full else type(error).__name__) from None


def _make_for_us_alone(folder: Path, *, parents: bool = False) -> None:
    try:
        folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
    except OSError as error:
        raise FileStoreError(f"the folder cannot be made: {error.strerror}") from None


def _settle(root: Path, path: Path) -> None:
    """Take the file from everybody else and have the disk hold it and its name, for the library does neither."""
    path.chmod(0o600)
    for place in (path, path.parent, root):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
