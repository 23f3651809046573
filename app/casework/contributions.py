"""What a step about a contribution is taken upon: which contribution is meant, and which papers it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.casework.taking import Alongside, Casework, PupilUnknownError
from app.db import papers
from app.db.entrance import Entrance
from app.db.records import find_pupil, load_record
from app.db.session import SchoolSession
from app.domain.contributions import contribution_of
from app.domain.entries import ContributionAsked, ContributionGiven, ContributionKind, Contributor, PaperNamed, Recorded
from app.domain.record import Record


class ContributionUnknownError(Exception):
    """Nothing was ever written of this contribution in this pupil's record."""


class PapersUnknownError(Exception):
    """Some of the papers named were not handed in for this pupil; `places` tell which of the list."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__("papers unknown")
        self.places = tuple(places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A pupil's record as it was found, and the papers that were named, in their order."""

    record: Record
    papers: tuple[PaperNamed, ...]

    def whose(self, contribution: UUID) -> tuple[ContributionKind, Contributor]:
        """Tell what is contributed and by whom, as it was last said, withdrawn or not. Raises ContributionUnknownError."""
        told = sorted(self.record.known, key=lambda recorded: -recorded.number)
        for entry in (recorded.entry for recorded in told):
            if isinstance(entry, ContributionAsked | ContributionGiven) and entry.contribution == contribution:
                return entry.kind, entry.contributor
        raise ContributionUnknownError

    def named_by(self, number: int) -> UUID | None:
        """The contribution that the entry of this number is about, None where there is no such entry."""
        return next((contribution_of(recorded.entry) for recorded in self.record.known if recorded.number == number), None)


def naming(casework: Casework, *, refers: bool = False) -> Alongside:
    """What is done beside a giving: its papers are held for it, and where it `refers` its contribution is told.

    Raises PapersUnknownError where one of them went in the meantime.
    """

    async def alongside(session: SchoolSession, recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
        entry = recorded[0].entry
        named = [paper.id for paper in entry.papers] if isinstance(entry, ContributionGiven) else []
        if named and not await papers.hold(session, named, at=casework.means.now()):
            raise PapersUnknownError(range(len(named)))
        return {"contribution": contribution_of(entry)} if refers else {}

    return alongside


async def prepare(casework: Casework, entrance: Entrance, pupil_id: UUID, named: Sequence[UUID] = ()) -> Prepared:
    """Read the record and find the papers named; the step is then weighed upon the record as it is when it is taken.

    Raises PupilUnknownError, PapersUnknownError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance, read_only=True) as session:
        if await find_pupil(session, pupil_id) is None:
            raise PupilUnknownError
        record = await load_record(session, (await casework.open(session)).school, pupil_id)
        found = await papers.named(session, pupil_id, named) if named else {}
    unknown = [place for place, paper in enumerate(named) if paper not in found]
    if unknown:
        raise PapersUnknownError(unknown)
    return Prepared(record=record, papers=tuple(found[paper] for paper in named))
