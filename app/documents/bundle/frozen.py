"""What a bundle is made from: one child's record as it stood at one ledger number, with the proof that it stands in the school's chain."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.db.chain import entry_digest
from app.domain.entries import ContributionKind, Erased, LeftOut, Requester
from app.domain.profile import Profile
from app.domain.profiles.national import NATIONAL
from app.domain.record import Record
from app.keys.strict import read_json_object

_RECORD: Final = b"graduated/record/1\n"


class ForeignEntryError(ValueError):
    """The freeze holds an entry that is not this pupil's, or that is later than the freeze."""


class NotLeftOutError(ValueError):
    """The freeze holds the content of an entry that is to be left out."""


class ChainGapError(ValueError):
    """The digests do not run from number 1 to the head without a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenSchool:
    """The school whose ledger holds the record; `authority` is the three-digit number of the local authority."""

    id: UUID
    urn: str
    name: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPupil:
    """Whom the record is about; `reference` is the school's own and is printed, the UPN never. `sex` is the code on the school's roll."""

    id: UUID
    reference: str
    surname: str
    forename: str
    date_of_birth: date
    upn: str | None = None
    sex: str | None = None

    @property
    def name(self) -> str:
        """Forename and surname as they are printed."""
        return f"{self.forename} {self.surname}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenEntry:
    """An entry's bytes as the ledger holds them; salt and body are None where its content was erased, or is left out."""

    number: int
    header: bytes
    salt: bytes | None
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPaper:
    """A paper of a contribution as it goes out, the redacted one where there is one; `chunks` gives its bytes anew at each call.

    `contributor` is a name as the documents print it, and `given_on` the day it was contributed.
    """

    id: UUID
    entry: int
    kind: ContributionKind
    contributor: str
    title: str
    given_on: date
    media_type: str
    sha256: bytes
    size: int
    pages: int | None
    is_redacted: bool
    chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The ledger's head at the freeze: number, link, and the compact JWS by which the service vouches for both."""

    number: int
    link: bytes
    jws: str


@dataclass(frozen=True, kw_only=True)
class FrozenRecord:
    """One request's evidence. `frozen_at` is the last ledger number inside; `digests` run over every entry of the school up to the head;
    `received_on` is None while nobody has said when the authority had the request. What is in `left_out` goes without its content, and the
    record has it as erased.
    """

    request_id: UUID
    requester: Requester
    requested_on: date
    submitted_on: date
    received_on: date | None = None
    frozen_at: int
    frozen_moment: datetime
    school: FrozenSchool
    pupil: FrozenPupil
    record: Record
    entries: tuple[FrozenEntry, ...]
    digests: tuple[tuple[int, bytes], ...]
    head: SignedHead
    people: Mapping[UUID, str]
    profile: Profile = NATIONAL
    papers: tuple[FrozenPaper, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def __post_init__(self) -> None:
        if self.record.pupil != self.pupil.id or self.record.last_number > self.frozen_at:
            raise ForeignEntryError("the record is another pupil's, or was folded past the freeze")
        if [number for number, _ in sorted(self.digests)] != list(range(1, self.head.number + 1)):
            raise ChainGapError(f"the digests do not run from 1 to {self.head.number}")
        pupils = {str(recorded.pupil) for recorded in self.record.known} | {str(self.pupil.id)}
        for one in self.entries:
            if one.number > self.frozen_at or read_json_object(one.header).get("pupil") not in pupils:
                raise ForeignEntryError(f"entry {one.number} does not belong in this freeze")
        self._refuse_content(frozenset(one.number for one in self.left_out))

    def _refuse_content(self, left_out: frozenset[int]) -> None:
        told = (one.number for one in self.record.known if not isinstance(one.entry, Erased))
        shown = (one.number for one in self.entries if one.salt is not None or one.body is not None)
        drawn = (one.entry for one in self.papers)
        for number in (*told, *shown, *drawn):
            if number in left_out:
                raise NotLeftOutError(f"the content of entry {number} is still there")

    @cached_property
    def digest(self) -> bytes:
        """The record digest that every page carries."""
        return record_digest({one.number: one.header for one in self.entries}, self.head.link)


def record_digest(headers: Mapping[int, bytes], head_link: bytes) -> bytes:
    """SHA-256 over `graduated/record/1` and a line feed, the 32-byte entry digests in order of their numbers, and the 32-byte head link."""
    digest = sha256(_RECORD)
    for number in sorted(headers):
        digest.update(entry_digest(headers[number]))
    digest.update(head_link)
    return digest.digest()
