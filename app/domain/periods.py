"""The spans of time in a record: how long a status held and how long a need stood."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.domain.codes import NeedType, SenStatus
from app.domain.entries import (
    EhcPlanCeased,
    EhcPlanIssued,
    Entry,
    NeedImported,
    NeedsSet,
    Recorded,
    SenDecided,
    StatusImported,
    SupportEnded,
    TransitionDecided,
)

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPeriod:
    """A status from `since` (inside) to `until` (outside; None while it holds), by the entry of that number."""

    status: SenStatus
    since: date
    until: date | None
    number: int
    imported: bool

    def covers(self, day: date) -> bool:
        """Whether the status held on this day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedPeriod:
    """A need from `since` to `until`, both inside; no `until` while it stands. Rank 1 is the primary need."""

    need_type: NeedType
    rank: int
    since: date
    until: date | None
    number: int
    imported: bool

    def covers(self, day: date) -> bool:
        """Whether the need stood on this day."""
        return self.since <= day and (self.until is None or day <= self.until)


def status_given_by(entry: Entry) -> SenStatus | None:
    """The status that an entry gives the pupil from its day on, None for an entry that gives none."""
    match entry:
        case StatusImported():
            return entry.status
        case SenDecided() | EhcPlanCeased():
            return entry.judgement.status
        case TransitionDecided():
            return entry.judgement
        case EhcPlanIssued():
            return SenStatus.EHC_PLAN
        case SupportEnded():
            return SenStatus.NONE
        case _:
            return None


def status_periods(entries: Iterable[Recorded]) -> tuple[StatusPeriod, ...]:
    """Lay statuses end to end, each until the next begins; a repeated status goes on, and of two on one day the later written holds."""
    periods: list[StatusPeriod] = []
    for recorded in entries:
        status, day = status_given_by(recorded.entry), recorded.entry.occurred_on
        if status is None:
            continue
        if periods and periods[-1].since == day:
            periods.pop()
        if periods and periods[-1].status is status:
            periods[-1] = replace(periods[-1], until=None)
            continue
        if periods:
            periods[-1] = replace(periods[-1], until=day)
        imported = isinstance(recorded.entry, StatusImported)
        periods.append(StatusPeriod(status=status, since=day, until=None, number=recorded.number, imported=imported))
    return tuple(periods)


def need_periods(entries: Iterable[Recorded], statuses: Iterable[StatusPeriod]) -> tuple[NeedPeriod, ...]:
    """Tell every need there was: setting needs anew ends the earlier ones the day before, and so does leaving SEN for no SEN."""
    periods: list[NeedPeriod] = []
    for recorded in entries:
        entry = recorded.entry
        if isinstance(entry, NeedsSet):
            periods = list(_ended_before(periods, entry.occurred_on))
            periods += (
                NeedPeriod(
                    need_type=need.need_type, rank=need.rank, since=entry.occurred_on, until=None, number=recorded.number, imported=False
                )
                for need in entry.needs
            )
        elif isinstance(entry, NeedImported):
            periods.append(_imported(recorded.number, entry))
    for day in (period.since for period in statuses if period.status is SenStatus.NONE):
        periods = list(_ended_before(periods, day, leaving=True))
    return tuple(sorted(periods, key=lambda need: (need.since, need.rank, need.number)))


def _imported(number: int, entry: NeedImported) -> NeedPeriod:
    return NeedPeriod(need_type=entry.need_type, rank=entry.rank, since=entry.occurred_on, until=entry.until, number=number, imported=True)


def _ended_before(periods: Iterable[NeedPeriod], day: date, *, leaving: bool = False) -> Iterator[NeedPeriod]:
    for period in periods:
        if not period.covers(day) or (leaving and period.since == day):
            yield period
        elif period.since < day:
            yield replace(period, until=day - _A_DAY)
