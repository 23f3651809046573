"""An invented record with papers, frozen without a database; the papers lie as files in a folder, or in a store."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from app.db.chain import Header, canonical, commitment_to, entry_digest, first_link, next_link
from app.db.codec import body_of
from app.documents.bundle.frozen import FrozenEntry, FrozenPaper, FrozenPupil, FrozenRecord, FrozenSchool, SignedHead
from app.domain.author import Author, AuthorKind
from app.domain.entries import (
    ConcernRaised,
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    Domain,
    Entry,
    PaperNamed,
    PupilEnrolled,
    Raiser,
    Recorded,
    Requester,
)
from app.domain.papers_going_out import PaperGoingOut, papers_going_out
from app.domain.record import Record
from app.domain.school import School

SCHOOL, PUPIL, TEACHER, REQUEST = (UUID(int=number) for number in (1, 2, 3, 4))
FROZEN: Final = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
DAY: Final = date(2026, 2, 2)
PDF: Final = "application/pdf"
WORDS: Final = "Finds reading hard, gives up after a line or two, and likes to be read to. " * 6
PIECE_BYTES: Final = 256 << 10
AUTHOR: Final = Author(kind=AuthorKind.STAFF, id=TEACHER)
WRITER: Final = Contributor(kind=ContributorKind.STAFF, person=TEACHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper with what it digests to; `chunks` gives its bytes anew at each call."""

    sha256: bytes
    size: int
    chunks: Callable[[], Iterable[bytes]]


def papers_in(folder: Path, *, count: int, megabytes: int) -> tuple[Paper, ...]:
    """Write papers of equal size that hold so many megabytes together; what is in them is by chance, and the same each time."""
    dice, size = Random(megabytes), megabytes * 1_000_000 // count
    return tuple(_written(folder / f"{number:03d}", dice.randbytes(size)) for number in range(count))


def _written(path: Path, content: bytes) -> Paper:
    path.write_bytes(content)
    return Paper(sha256=sha256(content).digest(), size=len(content), chunks=lambda: _pieces(path))


def _pieces(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def frozen_with(papers: Sequence[Paper]) -> FrozenRecord:
    """A record of forty concerns, and a contribution for each paper."""
    frozen, links = _ledger([_enrolled(), *(_concern(on) for on in range(40)), *(_given(n, one) for n, one in enumerate(papers))])
    known = tuple(recorded for recorded, _ in frozen)
    record = Record.fold(School(), known, PUPIL)
    return FrozenRecord(
        request_id=REQUEST,
        requester=Requester.SCHOOL,
        requested_on=DAY,
        submitted_on=DAY,
        frozen_at=len(frozen),
        frozen_moment=FROZEN,
        school=FrozenSchool(id=SCHOOL, urn="999001", name="Invented Primary School", authority="999"),
        pupil=FrozenPupil(id=PUPIL, reference="P-1", surname="Madeupson", forename="Milo", date_of_birth=date(2016, 5, 1)),
        record=record,
        entries=tuple(entry for _, entry in frozen),
        digests=tuple((entry.number, entry_digest(entry.header)) for _, entry in frozen),
        head=SignedHead(number=len(frozen), link=links[-1], jws="not looked at here"),
        people={TEACHER: "Tess Teachwell"},
        papers=tuple(_frozen(going, paper) for going, paper in zip(papers_going_out(record), papers, strict=True)),
    )


def _enrolled() -> Entry:
    return PupilEnrolled(occurred_on=date(2020, 9, 1), date_of_birth=date(2016, 5, 1))


def _concern(number: int) -> Entry:
    on = date(2021, 1, 1) + timedelta(days=30 * number)
    return ConcernRaised(occurred_on=on, raised_by=Raiser.TEACHER, domain=Domain.ATTAINMENT, words=WORDS)


def _given(number: int, paper: Paper) -> Entry:
    named = PaperNamed(id=UUID(int=0x1000 + number), sha256=paper.sha256.hex(), size=paper.size, media_type=PDF, title="Report", pages=4)
    kind, contribution = ContributionKind.TEACHERS_REPORT, UUID(int=0x2000 + number)
    return ContributionGiven(occurred_on=DAY, contribution=contribution, kind=kind, contributor=WRITER, papers=(named,))


def _ledger(entries: Sequence[Entry]) -> tuple[list[tuple[Recorded, FrozenEntry]], list[bytes]]:
    links, written = [first_link(SCHOOL)], list[tuple[Recorded, FrozenEntry]]()
    for number, entry in enumerate(entries, start=1):
        moment, salt, body = FROZEN - timedelta(minutes=len(entries) - number), bytes([number % 256]) * 32, canonical(body_of(entry))
        header = Header(
            school=SCHOOL,
            number=number,
            pupil=PUPIL,
            type=entry.type,
            occurred_on=entry.occurred_on,
            recorded_at=moment,
            author=AUTHOR,
            client=None,
            commitment=commitment_to(salt, body),
        ).to_bytes()
        recorded = Recorded(number=number, recorded_at=moment, author=AUTHOR, entry=entry, pupil=PUPIL)
        written.append((recorded, FrozenEntry(number=number, header=header, salt=salt, body=body)))
        links.append(next_link(links[-1], entry_digest(header)))
    return written, links


def _frozen(going: PaperGoingOut, paper: Paper) -> FrozenPaper:
    return FrozenPaper(
        id=going.paper.id,
        entry=going.entry,
        kind=going.kind,
        contributor="Tess Teachwell",
        title=going.paper.title,
        given_on=going.given_on,
        media_type=going.paper.media_type,
        sha256=paper.sha256,
        size=paper.size,
        pages=going.paper.pages,
        is_redacted=False,
        chunks=paper.chunks,
    )
