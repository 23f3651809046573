"""What a record comes to on a day, worked out from entries alone and stored nowhere."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from app.domain.codes import SenStatus
from app.domain.cycle import Cycle
from app.domain.obligation import Obligation, State
from app.domain.obligations import obligations, school_obligations
from app.domain.people import RightHolder, ToTell, people_to_tell, right_holder
from app.domain.periods import NeedPeriod, StatusPeriod
from app.domain.record import Record
from app.domain.replay import Remarked, Replayed, Told, Watch, replay, unwatched

W = TypeVar("W")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An obligation and where it stands on the day asked for."""

    owed: Obligation
    state: State
    of_the_school: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that follows from the entries told, as at one day: what stands, what is owed and by whom, what was remarked or refused."""

    as_at: date
    until: date
    status: SenStatus
    statuses: tuple[StatusPeriod, ...]
    needs: tuple[NeedPeriod, ...]
    is_undecided: bool
    cycle: Cycle | None
    rights: RightHolder
    told: ToTell
    obligations: tuple[Standing, ...]
    remarks: tuple[Remarked, ...]


def evaluate(school: Sequence[Told], pupil: Sequence[Told], of: UUID, *, as_at: date, until: date, watch: Watch = unwatched) -> Evaluation:
    """Take the entries as steps and tell what they come to at the end of a day, with what falls due up to `until` (inside)."""
    return evaluation_of(replay(school, pupil, of, watch), as_at=as_at, until=until, watch=watch)


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
        told=people_to_tell(seen, as_at),
        obligations=tuple(_standings(seen, as_at, until, watch)),
        remarks=replayed.remarks,
    )


def _standings(record: Record, as_at: date, until: date, watch: Watch) -> Iterator[Standing]:
    for owed in _watched(obligations(record, until=until), watch):
        state = owed.state_on(as_at)
        if state is not None:
            yield Standing(owed=owed, state=state)
    for owed in _watched(school_obligations(record.school, until=until), watch):
        state = owed.state_on(as_at)
        if state is not None:
            yield Standing(owed=owed, state=state, of_the_school=True)


def _watched(found: Iterator[Obligation], watch: Callable[[], None]) -> Iterator[Obligation]:
    for owed in found:
        watch()
        yield owed
