"""The files of a bag with their digests, read once and looked at before anything is written; papers are never held whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

from app.db.chain import Json, canonical
from app.documents.bundle.frozen import FrozenPaper
from app.documents.bundle.zip_form import Member, member_of


class PaperAlteredError(Exception):
    """A paper's bytes are not those that its entry names."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to go into a bag, named below its folder, with the SHA-256 of its content in hex."""

    member: Member
    sha256: str

    @property
    def name(self) -> str:
        """The name below the bag's folder."""
        return self.member.name

    @property
    def size(self) -> int:
        """The content's size in bytes."""
        return self.member.size

    def told(self) -> dict[str, Json]:
        """Name, digest and size, as the list of a set has them."""
        return {"name": self.name, "sha256": self.sha256, "size": self.size}


def file_of(name: str, content: bytes) -> File:
    """Give a file whose content is at hand."""
    return File(member_of(name, content), sha256(content).hexdigest())


def json_file(name: str, content: Mapping[str, Json]) -> File:
    """Give a file of canonical JSON."""
    return file_of(name, canonical(content))


def file_of_paper(name: str, paper: FrozenPaper) -> File:
    """Read a paper through once, in pieces; PaperAlteredError when its bytes are not those that the entry names."""
    digest, checksum, size = sha256(), 0, 0
    for chunk in paper.chunks():
        digest.update(chunk)
        checksum = crc32(chunk, checksum)
        size += len(chunk)
    if digest.digest() != paper.sha256 or size != paper.size:
        raise PaperAlteredError(f"paper {paper.id}")
    return File(Member(name, size, paper.chunks, checksum), paper.sha256.hex())


def manifest_of(files: Iterable[File]) -> bytes:
    """A line for each file: its SHA-256, two spaces, its name; in order of the names."""
    return "".join(f"{one.sha256}  {one.name}\n" for one in sorted(files, key=lambda one: one.name)).encode()
