"""Papers of a pupil: kept once they were looked into, shown with what names them, and put in the place of one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.casework.taking import Alongside, Casework, PupilUnknownError
from app.db import kept_files, papers
from app.db.entrance import Entrance
from app.db.kept_files import Kept
from app.db.papers import UNNAMED_FOR, HeldPaper
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession
from app.domain.entries import PaperNamed, PaperRedacted, Recorded
from app.domain.papers import entries_naming, redactions_of


class PaperUnknownError(PupilUnknownError):
    """This pupil has no such paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPaper:
    """A file that was put and looked into, and is to be kept as a paper."""

    file: Kept
    media_type: str
    pages: int | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """A paper with the numbers of the entries that name it, and the entry and the paper that stand in its place, if it was blacked out."""

    paper: HeldPaper
    named_by: tuple[int, ...]
    redacted_by: tuple[int, UUID] | None

    @property
    def goes_at(self) -> datetime | None:
        """From when on it goes unless an entry names it; None where one does."""
        return None if self.named_by else self.paper.handed_in_at + UNNAMED_FOR


async def school_of(casework: Casework, entrance: Entrance, pupil_id: UUID) -> UUID:
    """Give the school of a pupil for whom papers may be handed in. Raises PupilUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter(entrance, read_only=True) as session:
        if await find_pupil(session, pupil_id) is None:
            raise PupilUnknownError
        return session.school_id


async def keep(casework: Casework, entrance: Entrance, pupil_id: UUID, new: Sequence[NewPaper]) -> list[HeldPaper]:
    """Keep papers, all or none, and give each as it is held: bytes that the pupil has already are the paper that they were before.

    Raises PupilUnknownError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance) as session:
        # An erasure takes the same lock, so nothing is kept of a pupil who is gone.
        if await find_pupil(session, pupil_id, lock=True) is None:
            raise PupilUnknownError
        return [await _keep(casework, session, entrance.client_id, pupil_id, one) for one in new]


async def _keep(casework: Casework, session: SchoolSession, client_id: UUID, pupil_id: UUID, new: NewPaper) -> HeldPaper:
    now = casework.means.now()
    file = await kept_files.keep(session, new.file, pupil_id=pupil_id, at=now)
    same = await papers.find_same(session, pupil_id, file.id)
    if same is not None:
        await papers.renew(session, same.id, at=now)
        return replace(same, handed_in_at=now)
    paper = HeldPaper(
        id=casework.means.new_id(),
        pupil_id=pupil_id,
        file=file,
        media_type=new.media_type,
        pages=new.pages,
        title=new.title,
        redacts=None,
        handed_in_at=now,
    )
    await papers.insert(session, paper, client_id=client_id)
    return paper


async def listed(casework: Casework, entrance: Entrance, pupil_id: UUID, *, after: UUID | None, limit: int) -> list[PaperFacts]:
    """List a pupil's papers. Raises PupilUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter(entrance, read_only=True) as session:
        if await find_pupil(session, pupil_id) is None:
            raise PupilUnknownError
        return await _facts(casework, session, pupil_id, await papers.of_pupil(session, pupil_id, after=after, limit=limit))


async def find(casework: Casework, entrance: Entrance, pupil_id: UUID, paper_id: UUID) -> PaperFacts:
    """Find one paper. Raises PaperUnknownError, PupilUnknownError and the errors of `app.db.entrance`."""
    async with casework.sessions.enter(entrance, read_only=True) as session:
        if await find_pupil(session, pupil_id) is None:
            raise PupilUnknownError
        paper = await papers.find(session, pupil_id, paper_id)
        if paper is None:
            raise PaperUnknownError
        (facts,) = await _facts(casework, session, pupil_id, [paper])
        return facts


async def _facts(casework: Casework, session: SchoolSession, pupil_id: UUID, held: Sequence[HeldPaper]) -> list[PaperFacts]:
    record = await load_record(session, (await casework.open(session)).school, pupil_id)
    naming, redactions = entries_naming(record), redactions_of(record)
    return [
        PaperFacts(paper=paper, named_by=naming.get(paper.id, ()), redacted_by=_in_its_place(redactions.get(paper.id))) for paper in held
    ]


def _in_its_place(redaction: tuple[int, PaperRedacted] | None) -> tuple[int, UUID] | None:
    return None if redaction is None else (redaction[0], redaction[1].redacted.id)


def keeping_redacted(casework: Casework, client_id: UUID, before: HeldPaper, made: PaperNamed, file: Kept) -> Alongside:
    """Give what keeps the paper that was made by blacking out another, in the transaction that records it.

    Raises PaperUnknownError where that other went in the meantime.
    """

    async def alongside(session: SchoolSession, _recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
        now = casework.means.now()
        if not await papers.hold(session, [before.id], at=now):
            raise PaperUnknownError
        paper = HeldPaper(
            id=made.id,
            pupil_id=before.pupil_id,
            file=await kept_files.keep(session, file, pupil_id=before.pupil_id, at=now),
            media_type=made.media_type,
            pages=made.pages,
            title=made.title,
            redacts=before.id,
            handed_in_at=now,
        )
        await papers.insert(session, paper, client_id=client_id)
        return {"paper": made.id}

    return alongside
