"""What a record comes to on a day, worked out from entries alone and stored nowhere."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from app.domain.calendar import end_of_school_year
from app.domain.census import CensusError, census_errors, season_of
from app.domain.codes import SenStatus
from app.domain.cycle import Cycle
from app.domain.obligation import Obligation, State
from app.domain.obligations import DUTIES, obligations, school_obligations
from app.domain.oblige import school as oblige_school
from app.domain.people import RightHolder, ToTell, people_to_tell, right_holder
from app.domain.periods import NeedPeriod, StatusPeriod
from app.domain.record import Record
from app.domain.replay import Remarked, Replayed, Told, Watch, replay, unwatched
from app.domain.school import School
from app.domain.verdict import Verdict, verdict_on

W = TypeVar("W", Record, School)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An obligation, where it stands on the day asked for, and why."""

    owed: Obligation
    state: State
    verdict: Verdict
    of_the_school: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that follows from the entries told, as at one day: what stands, what is owed and by whom.

    `remarks` are those on every entry told, whatever the day asked for; `census` is what the pupil's return would fail, on a census day.
    """

    as_at: date
    until: date
    status: SenStatus
    statuses: tuple[StatusPeriod, ...]
    needs: tuple[NeedPeriod, ...]
    is_undecided: bool
    cycle: Cycle | None
    rights: RightHolder
    to_tell: ToTell
    obligations: tuple[Standing, ...]
    remarks: tuple[Remarked, ...]
    census: tuple[CensusError, ...] = ()


def horizon_after(day: date) -> date:
    """The day up to which duties are looked for unless another is asked for: the end of the next school year."""
    return end_of_school_year(end_of_school_year(day) + timedelta(days=1))


def evaluate(
    school: Sequence[Told], pupil: Sequence[Told], of: UUID, *, as_at: date, until: date | None = None, watch: Watch = unwatched
) -> Evaluation:
    """Take the entries as steps and tell what they come to at the end of a day, with what arises up to `until` (inside)."""
    return evaluation_of(replay(school, pupil, of, watch), as_at=as_at, until=until or horizon_after(as_at), watch=watch)


def evaluation_of(replayed: Replayed, *, as_at: date, until: date, watch: Watch = unwatched) -> Evaluation:
    """Tell what entries that were taken come to at the end of a day; later ones have not happened yet."""
    seen = replayed.record.as_at(as_at)
    return Evaluation(
        as_at=as_at,
        until=until,
        status=seen.status_on(as_at),
        statuses=seen.statuses,
        needs=seen.needs_on(as_at),
        is_undecided=seen.open_withdrawn is not None,
        cycle=seen.current_cycle,
        rights=right_holder(seen, as_at),
        to_tell=people_to_tell(seen, as_at),
        obligations=tuple(_standings(seen, as_at, until, watch)),
        remarks=replayed.remarks,
        census=census_errors(seen, as_at) if season_of(as_at) else (),
    )


def _standings(record: Record, as_at: date, until: date, watch: Watch) -> Iterator[Standing]:
    of_pupil = obligations(record, until=until, duties=_watched(DUTIES, watch))
    of_school = school_obligations(record.school, until=until, duties=_watched(oblige_school.DUTIES, watch))
    for is_of_school, found in ((False, of_pupil), (True, of_school)):
        for owed in found:
            watch()
            verdict = verdict_on(owed, as_at)
            if verdict is not None and verdict.state is not None:
                yield Standing(owed=owed, state=verdict.state, verdict=verdict, of_the_school=is_of_school)


def _watched(
    duties: Iterable[Callable[[W, date], Iterator[Obligation]]], watch: Watch
) -> Iterator[Callable[[W, date], Iterator[Obligation]]]:
    for duty in duties:
        yield partial(_one_by_one, duty, watch)


def _one_by_one(duty: Callable[[W, date], Iterator[Obligation]], watch: Watch, whole: W, until: date) -> Iterator[Obligation]:
    watch()
    for owed in duty(whole, until):
        watch()
        yield owed
