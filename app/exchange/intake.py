"""The bytes of an uploaded file: counted against a limit and hashed while they are read, once."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from app.exchange.roll import RollProblem, Severity

_CHUNK: Final = 65_536


class FileRefusedError(Exception):
    """The file as a whole cannot be read any further; says why and where without repeating any of it."""

    def __init__(self, cause: str, detail: str, *, line: int = 1, pointer: str = "/") -> None:
        super().__init__(cause)
        self.problem = RollProblem(line, pointer, cause, detail, Severity.ERROR)


class Intake:
    """Gives a stream's bytes in pieces, and afterwards the hash of all of them (of the first `most` if there are more)."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._most = most
        self._size = 0
        self._hash = hashlib.sha256()

    def pieces(self) -> Iterator[bytes]:
        """Yield up to 64 KiB at a time; raises FileRefusedError as soon as the limit is passed."""
        while piece := self._stream.read(_CHUNK):
            room = self._most - self._size
            self._hash.update(piece[:room])
            self._size += len(piece)
            if self._size > self._most:
                raise FileRefusedError("file-too-large", f"The file has more than {self._most} bytes.")
            yield piece

    def sha256(self) -> str:
        """Read what is left, up to the limit, and give the hash in hexadecimal; the same file has the same hash however it fared."""
        while self._size < self._most and (piece := self._stream.read(_CHUNK)):
            self._hash.update(piece[: self._most - self._size])
            self._size += len(piece)
        return self._hash.hexdigest()
