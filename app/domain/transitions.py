"""The move from a withdrawn category to a current one: for each pupil alone, looked at again, by a named person, with reasons."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.binding import binding
from app.domain.calendar import next_spring_census_after
from app.domain.codes import NeedType, SenStatus
from app.domain.decision import Decision
from app.domain.entries import TransitionDecided
from app.domain.moves import move_refusal
from app.domain.nobody_to_tell import telling_findings
from app.domain.programmes import PROGRAMMES, Programme
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.reading import LAST_CENSUS_WITH_BESD, STATEMENTS_OPEN_UNTIL
from app.domain.rules.school_census import KEEP_TYPES_AND_STATUS_CONSISTENT
from app.domain.rules.transition_2014_2015 import ASSESS_BESD_ANEW, MOVE_STATUS_ONLY_AS_ALLOWED, RECODE_AN_OPEN_STATEMENT
from app.domain.sen_decisions import far_start
from app.domain.writers import Writers


def decide_transition(record: Record, entry: TransitionDecided, by: Author) -> Decision:
    """Decide for one pupil what follows a withdrawn category; after the window it takes effect all the same and is remarked on as late."""
    programme = record.school.programme(entry.programme)
    if programme is None:
        unknown = MOVE_STATUS_ONLY_AS_ALLOWED.broken(programme=entry.programme, missing=("programme of that id",))
        return answered(record, entry, role_refusal(record, entry, by) or unknown)
    refusal = (
        role_refusal(record, entry, by, Writers(programme.rules.record, programme.deciders))
        or _outside(programme, record, entry)
        or move_refusal(record, entry, entry.judgement)
        or _no_real_decision(programme, record, entry)
        or far_start(entry)
    )
    return answered(record, entry, refusal, _findings(programme, record, entry))


def is_late(entry: TransitionDecided, programmes: Iterable[Programme] = tuple(PROGRAMMES.values())) -> bool:
    """Whether the decision came after the last day of its programme's window."""
    last = next((programme.window.until for programme in programmes if programme.id == entry.programme), None)
    return last is not None and entry.occurred_on > last


def open_transition_findings(record: Record, on: date) -> tuple[Finding, ...]:
    """Remark on what of an old regime is still open at the end of a day: who is undecided, a statement, BESD, no type of need."""
    return binding(record.school, on, _open_findings(record.as_at(on), on))


def _outside(programme: Programme, record: Record, entry: TransitionDecided) -> Finding | None:
    held = record.status_on(entry.occurred_on)
    if entry.came_from is not held:
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(
            came_from=entry.came_from, held=held, on=str(entry.occurred_on), cure="read the record again and decide from what it holds"
        )
    if held not in programme.from_codes:
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(came_from=held, programme=programme.id, missing=("status that the programme moves",))
    if entry.judgement not in programme.to_codes:
        facts = {"came_from": str(held), "to": str(entry.judgement), "programme": programme.id}
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(**facts, missing=("status to which the programme leads",))
    if programme.window.since and entry.occurred_on < programme.window.since:
        return programme.rules.begins.broken(
            on=str(entry.occurred_on), since=str(programme.window.since), cure="choose a day on which the programme was open"
        )
    return None


def _no_real_decision(programme: Programme, record: Record, entry: TransitionDecided) -> Finding | None:
    """Without a reason, a reviewer who may review, or a look at this pupil's needs there is no individual decision to record."""
    missing = [name for name in programme.holds if not getattr(entry, name).strip()]
    if not any(record.school.roles_of(person, entry.reviewed_on) & programme.reviewers for person in entry.reviewers):
        missing.append("reviewer with the role on the day of the review")
    if missing:
        return programme.rules.record.broken(missing=missing)
    if entry.reviewed_on > entry.occurred_on:
        return programme.rules.record.broken(
            reviewed_on=str(entry.reviewed_on), decided_on=str(entry.occurred_on), cure="decide on the day of the review or later"
        )
    return None


def _findings(programme: Programme, record: Record, entry: TransitionDecided) -> Iterator[Finding]:
    rules = programme.rules
    yield rules.decide.kept(came_from=entry.came_from, judgement=entry.judgement)
    missing = tuple(_missing_from_decision(programme, record, entry))
    facts = {"reviewed_on": str(entry.reviewed_on), "reviewers": str(len(entry.reviewers))}
    yield rules.record.broken(**facts, missing=missing) if missing else rules.record.kept(**facts)
    yield _in_time_or_late(programme, entry)
    yield from _about_needs(programme, record, entry)
    yield from telling_findings(record, entry.occurred_on, rules.tell)


def _missing_from_decision(programme: Programme, record: Record, entry: TransitionDecided) -> Iterator[str]:
    there = {role for person in entry.reviewers for role in record.school.roles_of(person, entry.reviewed_on)}
    if programme.beside and not there & programme.beside:
        yield f"{' or '.join(sorted(programme.beside))} among the reviewers"
    for view in programme.weighs:
        if not (getattr(entry, view) or getattr(entry, f"{view}_missing_because")):
            yield view


def _in_time_or_late(programme: Programme, entry: TransitionDecided) -> Finding:
    facts = {"decided_on": str(entry.occurred_on), "last_day": str(programme.window.until)}
    if is_late(entry, (programme,)):
        return programme.rules.finish.broken(**facts, late=True)
    return programme.rules.finish.kept(**facts)


def _about_needs(programme: Programme, record: Record, entry: TransitionDecided) -> Iterator[Finding]:
    needs = record.needs_on(entry.occurred_on)
    if entry.judgement is SenStatus.NONE:
        if needs:
            cure = "they end the day before; tell the parents, or decide for SEN Support"
            yield KEEP_TYPES_AND_STATUS_CONSISTENT.broken(status=SenStatus.NONE, needs=len(needs), cure=cure)
        return
    if not needs and programme.rules.set_type:
        due = str(_eve_of_spring_census(entry.occurred_on))
        cure = "set a type, or NSA where no specialist assessed it, before the next spring census"
        yield programme.rules.set_type.broken(due=due, missing=("type of need",), cure=cure)
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
    for programme in record.school.programmes:
        yield from _still_open(programme, record, on)
    if record.status is SenStatus.STATEMENT and on > STATEMENTS_OPEN_UNTIL:
        yield RECODE_AN_OPEN_STATEMENT.broken(status=record.status, since=str(record.status_since), last_day=str(STATEMENTS_OPEN_UNTIL))
    if any(need.need_type is NeedType.BESD for need in record.needs):
        yield _besd(on)


def _still_open(programme: Programme, record: Record, on: date) -> Iterator[Finding]:
    last, rules = programme.window.until, programme.rules
    if record.status in programme.from_codes and last and on > last:
        facts = {"status": record.status, "since": str(record.status_since), "last_day": str(last)}
        yield rules.finish.broken(**facts, cure="look at this pupil again and decide; the transition rules still govern")
    has_moved = any(decided.programme == programme.id for _, decided in record.each(TransitionDecided))
    if rules.set_type and has_moved and record.status is SenStatus.SEN_SUPPORT and not record.needs:
        yield rules.set_type.broken(due=str(_eve_of_spring_census(on)), missing=("type of need",))
