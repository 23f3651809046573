"""The bytes of the ledger: headers, salted commitments, digests and links. A published format; changing it needs a new `v`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import rfc8785
from orjson import OPT_SORT_KEYS, dumps

from app.domain.author import Author

FORMAT: Final = 1
LARGEST_INTEGER: Final = 2**53 - 1
SALT_BYTES: Final = 32
_ENTRY: Final = b"graduated/entry/1\n"
_LINK: Final = b"graduated/link/1\n"


Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the chain says of an entry in the open: who, when, what kind, and the commitment to its body; people by id only."""

    school: UUID
    number: int
    pupil: UUID | None
    type: str
    occurred_on: date
    recorded_at: datetime
    author: Author
    client: UUID | None
    commitment: bytes

    def to_json(self) -> dict[str, Json]:
        """Give the header's members as the published format has them."""
        return {
            "v": FORMAT,
            "school": str(self.school),
            "number": self.number,
            "pupil": None if self.pupil is None else str(self.pupil),
            "type": self.type,
            "occurred_on": self.occurred_on.isoformat(),
            "recorded_at": utc_text(self.recorded_at),
            "author": {"kind": self.author.kind.value, "id": str(self.author.id), "assurance": self.author.assurance.value},
            "client": None if self.client is None else str(self.client),
            "commitment": self.commitment.hex(),
        }

    def to_bytes(self) -> bytes:
        """Give the canonical bytes (RFC 8785) that the entry digest covers."""
        return canonical(self.to_json())


def utc_text(moment: datetime) -> str:
    """Write a moment in UTC with six decimals and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def canonical(body: Mapping[str, Json]) -> bytes:
    """Give the canonical bytes (RFC 8785) of a header or of an entry's body."""
    return dumps(dict(body), option=OPT_SORT_KEYS) if _is_plain(body) else rfc8785.dumps(dict(body))


def _is_plain(value: object) -> bool:
    """Whether the fast writer gives the canonical bytes too: it sorts and writes ASCII names alike, and whole numbers, but not floats."""
    if isinstance(value, Mapping):
        return all(name.isascii() for name in value) and all(map(_is_plain, value.values()))
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, int):
        return -LARGEST_INTEGER <= value <= LARGEST_INTEGER
    return value is None or type(value) is str


def commitment_to(salt: bytes, body: bytes) -> bytes:
    """Commit to a body without showing it: SHA-256 over salt and canonical body."""
    return sha256(salt + body).digest()


def entry_digest(header: bytes) -> bytes:
    """Digest a header's canonical bytes."""
    return sha256(_ENTRY + header).digest()


def first_link(school: UUID) -> bytes:
    """Give the link that stands before a school's first entry: SHA-256 of the school's id as text."""
    return sha256(str(school).encode()).digest()


def next_link(previous: bytes, digest: bytes) -> bytes:
    """Chain one entry digest to what came before."""
    return sha256(_LINK + previous + digest).digest()
