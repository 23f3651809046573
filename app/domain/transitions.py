"""The move from a withdrawn category to a current one: for each pupil alone, looked at again, by a named person, with reasons."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.binding import binding
from app.domain.calendar import next_spring_census_after
from app.domain.codes import SCHOOL_ACTION_CODES, NeedType, SenStatus, StaffRole
from app.domain.decision import Decision
from app.domain.entries import Judgement, TransitionDecided
from app.domain.moves import move_refusal
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding, InForce
from app.domain.rules.reading import LAST_CENSUS_WITH_BESD, STATEMENTS_OPEN_UNTIL, TRANSITION_WINDOW
from app.domain.rules.school_census import KEEP_TYPES_AND_STATUS_CONSISTENT
from app.domain.rules.transition_2014_2015 import (
    ASSESS_BESD_ANEW,
    DECIDE_EACH_SCHOOL_ACTION_PUPIL,
    FINISH_THE_MOVE_BY_SEPTEMBER_2015,
    MOVE_STATUS_ONLY_AS_ALLOWED,
    RECODE_AN_OPEN_STATEMENT,
    RECORD_THE_TRANSITION_DECISION,
    SET_A_TYPE_AFTER_SCHOOL_ACTION,
    TELL_OF_THE_TRANSITION_DECISION,
    USE_SEN_SUPPORT,
)
from app.domain.sen_decisions import far_start, telling_findings
from app.domain.writers import DECIDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A migration from one regime to the next: from and to which statuses, and in which days it is in time (both inside)."""

    id: str
    from_codes: frozenset[SenStatus]
    to_codes: frozenset[SenStatus]
    window: InForce


SCHOOL_ACTION: Final = Programme(
    id="school-action",
    from_codes=SCHOOL_ACTION_CODES,
    to_codes=frozenset({SenStatus.SEN_SUPPORT, SenStatus.NONE}),
    window=TRANSITION_WINDOW,
)

PROGRAMMES: Final[Mapping[str, Programme]] = MappingProxyType({SCHOOL_ACTION.id: SCHOOL_ACTION})


def decide_transition(record: Record, entry: TransitionDecided, by: Author) -> Decision:
    """Decide for one pupil what follows School Action; after the window it takes effect all the same and is remarked on as late."""
    refusal = (
        role_refusal(record, entry, by)
        or _outside_the_programme(record, entry)
        or move_refusal(record, entry, entry.judgement.status)
        or _no_real_decision(record, entry)
        or far_start(entry)
    )
    return answered(record, entry, refusal, _findings(record, entry))


def is_late(entry: TransitionDecided) -> bool:
    """Whether the decision came after the last day of its programme's window."""
    programme = PROGRAMMES.get(entry.programme)
    last = programme.window.until if programme else None
    return last is not None and entry.occurred_on > last


def open_transition_findings(record: Record, on: date) -> tuple[Finding, ...]:
    """Remark on what of the old regime is still open at the end of a day: A or P undecided, a statement, BESD, no type of need."""
    return binding(record.school, on, _open_findings(record.as_at(on), on))


def _outside_the_programme(record: Record, entry: TransitionDecided) -> Finding | None:
    programme = PROGRAMMES.get(entry.programme)
    held = record.status_on(entry.occurred_on)
    if programme is None:
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(programme=entry.programme, missing=("programme of that id",))
    if entry.came_from is not held:
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(
            came_from=entry.came_from, held=held, on=str(entry.occurred_on), cure="read the record again and decide from what it holds"
        )
    if held not in programme.from_codes:
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(came_from=held, programme=programme.id, missing=("status that the programme moves",))
    if programme.window.since and entry.occurred_on < programme.window.since:
        return USE_SEN_SUPPORT.broken(
            on=str(entry.occurred_on), since=str(programme.window.since), cure="choose a day on which the programme was open"
        )
    return None


def _no_real_decision(record: Record, entry: TransitionDecided) -> Finding | None:
    """Without a reason, a reviewer who may review, or a look at this pupil's needs there is no individual decision to record."""
    missing = [name for name in ("reason", "needs_analysis", "ordinarily_available") if not getattr(entry, name).strip()]
    if not any(record.school.roles_of(person, entry.reviewed_on) & DECIDERS for person in entry.reviewers):
        missing.append("reviewer with the role on the day of the review")
    if missing:
        return RECORD_THE_TRANSITION_DECISION.broken(missing=missing)
    if entry.reviewed_on > entry.occurred_on:
        return RECORD_THE_TRANSITION_DECISION.broken(
            reviewed_on=str(entry.reviewed_on), decided_on=str(entry.occurred_on), cure="decide on the day of the review or later"
        )
    return None


def _findings(record: Record, entry: TransitionDecided) -> Iterator[Finding]:
    yield DECIDE_EACH_SCHOOL_ACTION_PUPIL.kept(came_from=entry.came_from, judgement=entry.judgement)
    missing = tuple(_missing_from_decision(record, entry))
    facts = {"reviewed_on": str(entry.reviewed_on), "reviewers": str(len(entry.reviewers))}
    yield RECORD_THE_TRANSITION_DECISION.broken(**facts, missing=missing) if missing else RECORD_THE_TRANSITION_DECISION.kept(**facts)
    yield _in_time_or_late(entry)
    yield from _about_needs(record, entry)
    yield from telling_findings(record, entry.occurred_on, TELL_OF_THE_TRANSITION_DECISION)


def _missing_from_decision(record: Record, entry: TransitionDecided) -> Iterator[str]:
    if not any(StaffRole.TEACHER in record.school.roles_of(person, entry.reviewed_on) for person in entry.reviewers):
        yield "teacher among the reviewers"
    if not (entry.pupils_view or entry.pupils_view_missing_because):
        yield "pupils_view"
    if not (entry.parents_view or entry.parents_view_missing_because):
        yield "parents_view"


def _in_time_or_late(entry: TransitionDecided) -> Finding:
    facts = {"decided_on": str(entry.occurred_on), "last_day": str(PROGRAMMES[entry.programme].window.until)}
    if is_late(entry):
        return FINISH_THE_MOVE_BY_SEPTEMBER_2015.broken(**facts, late=True)
    return FINISH_THE_MOVE_BY_SEPTEMBER_2015.kept(**facts)


def _about_needs(record: Record, entry: TransitionDecided) -> Iterator[Finding]:
    needs = record.needs_on(entry.occurred_on)
    if entry.judgement is Judgement.NO_SEN:
        if needs:
            cure = "they end the day before; tell the parents, or decide for SEN Support"
            yield KEEP_TYPES_AND_STATUS_CONSISTENT.broken(status=SenStatus.NONE, needs=len(needs), cure=cure)
        return
    if not needs:
        due = str(_eve_of_spring_census(entry.occurred_on))
        cure = "set a type, or NSA where no specialist assessed it, before the next spring census"
        yield SET_A_TYPE_AFTER_SCHOOL_ACTION.broken(due=due, missing=("type of need",), cure=cure)
    if any(need.need_type is NeedType.BESD for need in needs):
        yield _besd(entry.occurred_on)


def _eve_of_spring_census(day: date) -> date:
    return next_spring_census_after(day) - timedelta(days=1)


def _besd(day: date) -> Finding:
    return ASSESS_BESD_ANEW.broken(
        need_type=NeedType.BESD,
        due=str(_eve_of_spring_census(max(day, LAST_CENSUS_WITH_BESD))),
        cure="assess anew and choose a type; none is proposed",
    )


def _open_findings(record: Record, on: date) -> Iterator[Finding]:
    last = SCHOOL_ACTION.window.until
    open_period = record.open_withdrawn
    if open_period and last and on > last:
        facts = {"status": open_period.status, "since": str(open_period.since), "last_day": str(last)}
        yield FINISH_THE_MOVE_BY_SEPTEMBER_2015.broken(
            **facts, cure="look at this pupil again and decide; the transition rules still govern"
        )
    if record.status is SenStatus.STATEMENT and on > STATEMENTS_OPEN_UNTIL:
        yield RECODE_AN_OPEN_STATEMENT.broken(status=record.status, since=str(record.status_since), last_day=str(STATEMENTS_OPEN_UNTIL))
    if any(need.need_type is NeedType.BESD for need in record.needs):
        yield _besd(on)
    if record.status is SenStatus.SEN_SUPPORT and not record.needs and record.all(TransitionDecided):
        yield SET_A_TYPE_AFTER_SCHOOL_ACTION.broken(due=str(_eve_of_spring_census(on)), missing=("type of need",))
