"""How a record stands beside what an authority expects, before anybody asks: a gap is shown with who can mend it, and bars nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.domain.calendar import add_months, birthday, school_year_of
from app.domain.contributed import Awaited, Contributed, contributed
from app.domain.entries import (
    AssessmentMade,
    AttendanceSummarised,
    CareDescribed,
    Domain,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    PhaseMovePlanned,
    ProgressChecked,
    ProvisionMapped,
    ReviewHeld,
    SessionDelivered,
    SpecialistAdvised,
)
from app.domain.profile import Expectation, Looks, Mender, Profile
from app.domain.record import Record
from app.domain.rule import Fact

ADULT_AGE: Final = 18
"""From this birthday on it is asked whether somebody needs more time in education."""


class Readiness(StrEnum):
    """How far an expectation is met."""

    MET = "met"
    PARTLY = "partly"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """How one expectation stands on a day, by which entries and facts; what is missing, who can mend it, and by which day (inside).

    `awaited` are contributions that would meet it and were asked for. `holds_until` is the last day on which it is still met as things
    are, where time alone ends that. `reason` says why it does not apply.
    """

    expectation: Expectation
    readiness: Readiness
    entries: tuple[int, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    mender: Mender | None = None
    mend_by: date | None = None
    awaited: tuple[Awaited, ...] = ()
    holds_until: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a look at the record found: `found` of `wanted`, which counts as partly met from `partly` on."""

    found: int
    wanted: int = 1
    entries: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    holds_until: date | None = None
    mend_by: date | None = None
    not_applicable: str | None = None


Look = Callable[[Record, Expectation, date], _Seen]


def readiness(record: Record, profile: Profile, on: date, *, wanted_by: date) -> tuple[Weighed, ...]:
    """Weigh each expectation of a profile on a day, in the profile's order; what is missing is to be mended by `wanted_by`, inside."""
    return weigh(record, profile.expectations, on, wanted_by=wanted_by)


def weigh(record: Record, expectations: Iterable[Expectation], on: date, *, wanted_by: date) -> tuple[Weighed, ...]:
    """Weigh expectations of any source, as `readiness` does those of a profile."""
    seen = record.as_at(on)
    return tuple(_weighed(one, LOOKS[one.looks](seen, one, on), contributed(seen, one, on), wanted_by) for one in expectations)


def _weighed(expectation: Expectation, seen: _Seen, came: Contributed, wanted_by: date) -> Weighed:
    """What the record shows and what people contributed stand beside each other: either meets it, and a part of either is a part."""
    if seen.not_applicable is not None:
        return Weighed(expectation=expectation, readiness=Readiness.NOT_APPLICABLE, reason=seen.not_applicable)
    entries, facts = _numbers((*seen.entries, *came.given, *came.older)), {**seen.facts, **came.facts}
    if seen.found >= seen.wanted or came.given:
        until = _held(seen, came)
        return Weighed(expectation=expectation, readiness=Readiness.MET, entries=entries, facts=facts, holds_until=until)
    due = [one.due for one in came.awaited if not one.is_late]
    return Weighed(
        expectation=expectation,
        readiness=Readiness.PARTLY if seen.found > 0 or came.older or came.awaited else Readiness.MISSING,
        entries=_numbers((*entries, *(one.asked for one in came.awaited))),
        facts=facts,
        missing=seen.missing or (expectation.asks,),
        mender=came.awaited[0].mender if came.awaited else expectation.mender,
        mend_by=min((wanted_by, seen.mend_by or wanted_by, *due)),
        awaited=came.awaited,
    )


def _held(seen: _Seen, came: Contributed) -> date | None:
    """The last day on which either still meets it; None where one of them does for good."""
    ways = (*((seen.holds_until,) if seen.found >= seen.wanted else ()), *((came.holds_until,) if came.given else ()))
    return None if None in ways else max(day for day in ways if day is not None)


def _attainment(record: Record, expectation: Expectation, on: date) -> _Seen:
    """The measure with the most measurements within the time; two of different kinds show no rate."""
    wanted = expectation.least or 1
    series: dict[str, dict[date, int]] = {}
    for recorded, checked in record.each(ProgressChecked):
        if checked.domain is Domain.ATTAINMENT:
            days = (measured.taken_on for measured in checked.measurements if expectation.allows(measured.taken_on, on))
            series.setdefault(checked.measure, {}).update(dict.fromkeys(days, recorded.number))
    best = max(series.values(), key=len, default={})
    more = f"{wanted - len(best)} more of one kind" if best else f"{wanted} measurements of one kind"
    oldest = sorted(best)[-wanted] if len(best) >= wanted else None
    until = add_months(oldest, expectation.months) if oldest is not None and expectation.months is not None else None
    return _Seen(found=len(best), wanted=wanted, entries=_numbers(best.values()), missing=(more,), holds_until=until)


def _wider_development(record: Record, expectation: Expectation, on: date) -> _Seen:
    checked = [r.number for r, entry in record.each(ProgressChecked) if entry.domain is not Domain.ATTAINMENT]
    advised = [r.number for r, _ in record.each(SpecialistAdvised)]
    return _Seen(found=len(checked) + len(advised), entries=_numbers([*checked, *advised]))


def _needs(record: Record, expectation: Expectation, on: date) -> _Seen:
    """Named needs and an assessment that analyses them."""
    needs, assessed = record.needs_on(on), [recorded.number for recorded, _ in record.each(AssessmentMade)]
    missing = (*(() if needs else ("type of need",)), *(() if assessed else ("assessment with its analysis",)))
    entries = _numbers([*(need.number for need in needs), *assessed[-1:]])
    return _Seen(found=bool(needs) + bool(assessed), wanted=2, entries=entries, missing=missing)


def _action_taken(record: Record, expectation: Expectation, on: date) -> _Seen:
    plans = [cycle.plan.number for cycle in record.cycles if cycle.plan]
    return _Seen(found=len(plans), entries=tuple(plans), missing=("agreed plan",))


def _reviewed_cycles(record: Record, expectation: Expectation, on: date) -> _Seen:
    """Cycles that were planned and reviewed; the review agreed for the present one says by when it can be one more."""
    reviewed = [cycle.review.number for cycle in record.cycles if cycle.plan and cycle.review]
    wanted = expectation.least or 1
    current = record.current_cycle
    mend_by = current.review_on if current is not None and current.review_on is not None and current.review_on >= on else None
    lacking = wanted - len(reviewed)
    more = f"{lacking} more reviewed {'cycle' if lacking == 1 else 'cycles'}"
    facts: dict[str, Fact] = {"reviewed_cycles": len(reviewed), "wanted": wanted}
    return _Seen(found=len(reviewed), wanted=wanted, entries=tuple(reviewed), missing=(more,), facts=facts, mend_by=mend_by)


def _progress_after_help(record: Record, expectation: Expectation, on: date) -> _Seen:
    """A review with ratings of its outcomes; sessions that were delivered show how much help it took."""
    rated = [cycle for cycle in record.cycles if cycle.review_entry is not None and cycle.review_entry.ratings]
    entries = tuple(cycle.review.number for cycle in rated if cycle.review)
    sessions = (recorded.entry for cycle in rated for recorded in cycle.sessions)
    delivered = sum(isinstance(entry, SessionDelivered) and entry.took_place for entry in sessions)
    missing = (*(() if rated else ("review with ratings",)), *(() if delivered else ("sessions delivered",)))
    return _Seen(found=bool(rated) + bool(delivered), wanted=2, entries=entries, missing=missing, facts={"sessions": delivered})


def _view_of(whose: str) -> Look:
    def look(record: Record, expectation: Expectation, on: date) -> _Seen:
        parts = [*record.each(AssessmentMade), *record.each(ReviewHeld)]
        told = [r.number for r, entry in parts if getattr(entry, f"{whose}_view").says is not None]
        return _Seen(found=len(told), entries=_numbers(told))

    return look


def _recent_advice(record: Record, expectation: Expectation, on: date) -> _Seen:
    """Advice that is recent enough; older advice is something, and wants to be brought up to date."""
    given = sorted((advised.occurred_on, recorded.number) for recorded, advised in record.each(SpecialistAdvised))
    recent = [(day, number) for day, number in given if expectation.allows(day, on)]
    if recent:
        until = add_months(recent[-1][0], expectation.months or 0)
        return _Seen(found=2, wanted=2, entries=tuple(number for _, number in recent), holds_until=until)
    newest = str(given[-1][0]) if given else None
    missing = (f"advice not older than {expectation.months} months",)
    return _Seen(found=int(bool(given)), wanted=2, entries=_numbers(n for _, n in given[-1:]), missing=missing, facts={"newest": newest})


def _provision_map(record: Record, expectation: Expectation, on: date) -> _Seen:
    mapped = [(r.number, entry) for r, entry in record.each(ProvisionMapped)]
    now = [number for number, entry in mapped if entry.school_year == school_year_of(on)]
    before = [number for number, _ in mapped]
    return _Seen(
        found=2 if now else int(bool(before)), wanted=2, entries=_numbers(now or before[-1:]), missing=("map of this school year",)
    )


def _cost(record: Record, expectation: Expectation, on: date) -> _Seen:
    """A cost that is worked out meets it on either side of the sum named: that is a threshold of money, not of need."""
    costed = [(r.number, e.cost_in_pence) for r, e in record.each(ProvisionMapped) if e.school_year == school_year_of(on)]
    known = [(number, pence) for number, pence in costed if pence is not None]
    if not known:
        return _Seen(found=0, missing=("yearly cost of the provision",), facts={"threshold_in_pence": expectation.least})
    number, pence = known[-1]
    facts: dict[str, Fact] = {"cost_in_pence": pence, "threshold_in_pence": expectation.least, "reaches": pence >= (expectation.least or 0)}
    return _Seen(found=1, entries=(number,), facts=facts)


def _health(record: Record, expectation: Expectation, on: date) -> _Seen:
    conditions = [r.number for r, _ in record.each(MedicalConditionNoted)]
    plans = [r.number for r, _ in record.each(HealthcarePlanLinked)]
    if not conditions and not plans:
        return _Seen(found=0, not_applicable="no medical condition is known to the school")
    missing = ("individual healthcare plan",)
    return _Seen(found=1 + bool(plans), wanted=2, entries=_numbers([*conditions, *plans]), missing=missing)


def _care(record: Record, expectation: Expectation, on: date) -> _Seen:
    """Whatever the answer is, it is known once it was written down; of a looked-after child the authority is part of it."""
    described = [(r.number, care) for r, care in record.each(CareDescribed)]
    if not described:
        return _Seen(found=0, missing=("whether the child is looked after",))
    number, newest = described[-1]
    return _Seen(found=1, entries=(number,), facts={"is_looked_after": newest.is_looked_after})


def _attendance(record: Record, expectation: Expectation, on: date) -> _Seen:
    """Summaries that together reach back so many months from their newest end; a shorter stretch is a part of it."""
    told = [(recorded.number, entry) for recorded, entry in record.each(AttendanceSummarised)]
    months = expectation.months or 12
    recent = [(number, entry) for number, entry in told if entry.occurred_on > add_months(on, -months)]
    if not recent:
        return _Seen(found=0, wanted=2, missing=(f"attendance of the last {months} months",))
    begins, ends = min(entry.begins_on for _, entry in recent), max(entry.occurred_on for _, entry in recent)
    reaches = begins <= add_months(ends, -months) or _is_whole_record(record, begins)
    possible, attended = (sum(getattr(e, f"sessions_{which}") for _, e in recent) for which in ("possible", "attended"))
    facts: dict[str, Fact] = {"begins_on": str(begins), "ends_on": str(ends), "possible": possible, "attended": attended}
    missing = (f"attendance from {add_months(ends, -months)} on",)
    return _Seen(found=1 + reaches, wanted=2, entries=_numbers(n for n, _ in recent), missing=missing, facts=facts)


def _is_whole_record(record: Record, begins: date) -> bool:
    """Whether nothing earlier can be told, since the pupil came on roll no sooner."""
    return record.enrolment is not None and begins <= record.enrolment.occurred_on


def _more_time(record: Record, expectation: Expectation, on: date) -> _Seen:
    """Of an adult, a review with ratings of its outcomes, or how the next phase is prepared; of anybody younger it is not asked."""
    born = record.date_of_birth
    if born is None:
        return _Seen(found=0, missing=("date of birth",))
    if on < birthday(born, ADULT_AGE):
        return _Seen(found=0, not_applicable="the pupil is under 18")
    rated = [recorded.number for recorded, review in record.each(ReviewHeld) if review.ratings]
    planned = [recorded.number for recorded, _ in record.each(PhaseMovePlanned)]
    return _Seen(found=len(rated) + len(planned), entries=_numbers([*rated, *planned]))


def _not_held(record: Record, expectation: Expectation, on: date) -> _Seen:
    return _Seen(found=0)


def _numbers(found: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(found)))


LOOKS: Final[Mapping[Looks, Look]] = MappingProxyType(
    {
        Looks.ATTAINMENT: _attainment,
        Looks.WIDER_DEVELOPMENT: _wider_development,
        Looks.NEEDS: _needs,
        Looks.ACTION_TAKEN: _action_taken,
        Looks.REVIEWED_CYCLES: _reviewed_cycles,
        Looks.PROGRESS_AFTER_HELP: _progress_after_help,
        Looks.PARENTS_VIEW: _view_of("parents"),
        Looks.PUPILS_VIEW: _view_of("pupils"),
        Looks.RECENT_ADVICE: _recent_advice,
        Looks.PROVISION_MAP: _provision_map,
        Looks.COST: _cost,
        Looks.HEALTH: _health,
        Looks.CARE: _care,
        Looks.ATTENDANCE: _attendance,
        Looks.MORE_TIME: _more_time,
        Looks.NOT_HELD_HERE: _not_held,
    }
)
