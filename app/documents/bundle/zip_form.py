"""The one ZIP form of a bundle: stored, dated 1980-01-01, in byte order of names, nothing extra; so equal content is equal bytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from struct import Struct, error
from typing import BinaryIO, Final, Protocol
from zlib import crc32

CHUNK_BYTES: Final = 1 << 20
MAX_ARCHIVE_BYTES: Final = (1 << 32) - 1  # beyond it the format would need the ZIP64 records that this form leaves out
MAX_MEMBERS: Final = 50_000
MAX_NAME_BYTES: Final = 400
_LOCAL: Final = Struct("<4s5H3I2H")
_CENTRAL: Final = Struct("<4s6H3I5H2I")
_END: Final = Struct("<4s4H2IH")
_LOCAL_MARK: Final = b"PK\x03\x04"
_CENTRAL_MARK: Final = b"PK\x01\x02"
_END_MARK: Final = b"PK\x05\x06"
_VERSION: Final = 20
_MADE_BY: Final = (3 << 8) | _VERSION
_UTF8: Final = 1 << 11
_STORED: Final = 0
_MIDNIGHT: Final = 0
_FIRST_OF_JANUARY_1980: Final = (1 << 5) | 1
_FILE_MODE: Final = 0o100644 << 16


class ZipFormError(ValueError):
    """The file is not a ZIP of this form; `place` is the member or part where that shows."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Member:
    """A file to store: its whole name with slashes, its size in bytes, and its content, given anew at each call.

    With its CRC-32 known beforehand, the content is read once instead of twice.
    """

    name: str
    size: int
    chunks: Callable[[], Iterable[bytes]]
    checksum: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A file found in an archive: its name, and where its bytes lie."""

    name: str
    offset: int
    size: int


class Sink(Protocol):
    """Whatever bytes can be written to, one after the other."""

    def write(self, chunk: bytes, /) -> object: ...


def member_of(name: str, content: bytes) -> Member:
    """Store bytes that are at hand."""
    return Member(name, len(content), lambda: (content,))


def write(sink: Sink, members: Iterable[Member]) -> int:
    """Write the archive, content in chunks, and give its size in bytes. ZipFormError past 4 GiB, for a wrong size or a wrong checksum."""
    offset = 0
    directory = bytearray()
    count = 0
    for member in sorted(members, key=lambda one: one.name.encode()):
        name = member.name.encode()
        checksum = _checksum(member.name, member.size, member.chunks()) if member.checksum is None else member.checksum
        fields = (_UTF8, _STORED, _MIDNIGHT, _FIRST_OF_JANUARY_1980, checksum, member.size, member.size, len(name), 0)
        if offset + member.size > MAX_ARCHIVE_BYTES:
            raise ZipFormError(member.name, "the archive would pass 4 GiB")
        directory += _CENTRAL.pack(_CENTRAL_MARK, _MADE_BY, _VERSION, *fields, 0, 0, 0, _FILE_MODE, offset) + name
        sink.write(_LOCAL.pack(_LOCAL_MARK, _VERSION, *fields) + name)
        _copy(member, checksum, sink)
        offset += _LOCAL.size + len(name) + member.size
        count += 1
    end = _END.pack(_END_MARK, 0, 0, count, count, len(directory), offset, 0)
    sink.write(bytes(directory) + end)
    return offset + len(directory) + len(end)


def read(file: BinaryIO) -> tuple[Stored, ...]:
    """List what an archive holds by its local headers, reading no content; ZipFormError names what cannot be in this form."""
    end = file.seek(0, 2)
    found: list[Stored] = []
    offset = 0
    while (header := _at(file, offset, _LOCAL.size))[:4] == _LOCAL_MARK:
        if len(found) >= MAX_MEMBERS:
            raise ZipFormError("the archive", f"it holds more than {MAX_MEMBERS} files")
        one = _stored(file, header, offset)
        offset = one.offset + one.size
        if offset > end:
            raise ZipFormError(one.name, "the archive ends within this file")
        if found and one.name.encode() <= found[-1].name.encode():
            raise ZipFormError(one.name, "it is not in its place; files lie in byte order of their names, each once")
        found.append(one)
    if not found:
        raise ZipFormError("the archive", "it does not begin as a ZIP file")
    return tuple(found)


def reemit(file: BinaryIO, stored: Sequence[Stored]) -> str | None:
    """Write the same content again and compare; None when every byte agrees, otherwise the place of the first that does not."""
    comparing = _Comparing(file)
    write(comparing, (Member(one.name, one.size, lambda one=one: content(file, one)) for one in stored))  # type: ignore[misc]  # mypy cannot type a lambda's default
    if comparing.differs_at is None and file.seek(0, 2) != comparing.position:
        comparing.differs_at = comparing.position
    if comparing.differs_at is None:
        return None
    at = comparing.differs_at
    return next((one.name for one in stored if at < one.offset + one.size), f"the directory of the archive, byte {at}")


def content(file: BinaryIO, one: Stored) -> Iterator[bytes]:
    """Read one file's bytes in chunks of at most 1 MiB."""
    done = 0
    while done < one.size:
        chunk = _at(file, one.offset + done, min(CHUNK_BYTES, one.size - done))
        if not chunk:
            return
        done += len(chunk)
        yield chunk


class _Comparing:
    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.position = 0
        self.differs_at: int | None = None

    def write(self, chunk: bytes, /) -> None:
        if self.differs_at is None:
            there = _at(self.file, self.position, len(chunk))
            if there != chunk:
                same = next((place for place, (a, b) in enumerate(zip(there, chunk, strict=False)) if a != b), len(there))
                self.differs_at = self.position + same
        self.position += len(chunk)


def _stored(file: BinaryIO, header: bytes, offset: int) -> Stored:
    try:
        _, _, flags, method, _, _, _, packed, size, name_bytes, extra = _LOCAL.unpack(header)
    except error:
        raise ZipFormError("the archive", f"it ends within the header at byte {offset}") from None
    if name_bytes > MAX_NAME_BYTES:
        raise ZipFormError(f"the header at byte {offset}", "its file name is too long")
    try:
        name = _at(file, offset + _LOCAL.size, name_bytes).decode("utf-8")
    except UnicodeDecodeError:
        raise ZipFormError(f"the header at byte {offset}", "its file name is not UTF-8") from None
    if method != _STORED or packed != size:
        raise ZipFormError(name, "it is compressed; a bundle stores its files as they are")
    if flags != _UTF8 or extra:
        raise ZipFormError(name, "it has ZIP flags or extra fields that a bundle does not use")
    return Stored(name, offset + _LOCAL.size + name_bytes, size)


def _copy(member: Member, checksum: int, sink: Sink) -> None:
    def poured() -> Iterator[bytes]:
        for chunk in member.chunks():
            sink.write(chunk)
            yield chunk

    if _checksum(member.name, member.size, poured()) != checksum:
        raise ZipFormError(member.name, "its content is not the one that was named")


def _checksum(name: str, size: int, chunks: Iterable[bytes]) -> int:
    checksum = 0
    there = 0
    for chunk in chunks:
        checksum = crc32(chunk, checksum)
        there += len(chunk)
    if there != size:
        raise ZipFormError(name, "its size is not the one that was named")
    return checksum


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)
