"""What a decision about special educational needs must rest on, and what is remarked on where it does not."""

from collections.abc import Iterator
from typing import Final

from app.domain.calendar import add_months
from app.domain.codes import SenStatus
from app.domain.entries import (
    ConcernRaised,
    DiscussionHeld,
    Judgement,
    Raiser,
    SencoRoleDetermined,
    SenDecided,
    TeachingAdapted,
    TransitionDecided,
)
from app.domain.nobody_to_tell import telling_findings
from app.domain.record import Record
from app.domain.rule import Finding, Rule
from app.domain.rules.children_and_families_act_2014 import (
    INFORM_PARENTS_OF_SEN_PROVISION,
    NAME_DIFFICULTY_AND_PROVISION,
    TELL_LANGUAGE_FROM_NEED,
)
from app.domain.rules.code_of_practice_2015.identification import (
    DECIDE_FROM_OUTCOMES_AND_VIEWS,
    GIVE_PARENTS_A_SHORT_NOTE,
    GIVE_REASONS_FOR_NO_SEN,
    LET_A_NAMED_PERSON_DECIDE,
    TEACH_WELL_FIRST,
)
from app.domain.rules.reading import SINCE_SEPTEMBER_2014
from app.domain.rules.school_census import KEEP_TYPES_AND_STATUS_CONSISTENT
from app.domain.rules.send_regulations_2014.schools import TELL_PARENTS_EARLY_OF_POSSIBLE_SEN
from app.domain.rules.transition_2014_2015 import USE_SEN_SUPPORT

MONTHS_AHEAD: Final = 12
"""How far after its decision provision may start; our number, for the duty to tell the parents runs from that start."""


def far_start(entry: SenDecided | TransitionDecided) -> Finding | None:
    """Refuse provision that starts later than 12 months (the last day inside) after it was decided, so that no duty is put off for good."""
    latest = add_months(entry.occurred_on, MONTHS_AHEAD)
    if entry.provision_starts_on is None or entry.provision_starts_on <= latest:
        return None
    facts = {"decided_on": str(entry.occurred_on), "provision_starts_on": str(entry.provision_starts_on), "latest": str(latest)}
    return INFORM_PARENTS_OF_SEN_PROVISION.broken(**facts, cure="name a start within 12 months, or decide nearer to it")


def impossible_decision(entry: SenDecided) -> Finding | None:
    """Refuse a decision that gives no reason or starts too late, and SEN Support before there was such a thing (1 September 2014)."""
    if not entry.reason.strip():
        return LET_A_NAMED_PERSON_DECIDE.broken(missing=("reason",))
    if entry.judgement is Judgement.NO_SEN or entry.occurred_on in SINCE_SEPTEMBER_2014:
        return far_start(entry)
    facts = {"on": str(entry.occurred_on), "since": str(SINCE_SEPTEMBER_2014.since)}
    return USE_SEN_SUPPORT.broken(status=SenStatus.SEN_SUPPORT, **facts, cure="choose a day from 1 September 2014 on")


def sen_decision_findings(record: Record, entry: SenDecided) -> Iterator[Finding]:
    """Remark on what the decision rests on, in the order of the Code."""
    yield LET_A_NAMED_PERSON_DECIDE.kept(judgement=entry.judgement)
    if entry.judgement is Judgement.SEN_SUPPORT:
        yield from _about_the_need(record, entry)
        yield _first_response(record, entry)
        yield from _told_early(record, entry)
    yield _early_discussion(record, entry)
    yield _weighed(DECIDE_FROM_OUTCOMES_AND_VIEWS, _blank(entry, "considered", "parents_view", "pupils_view"))
    if entry.judgement is Judgement.NO_SEN:
        yield _weighed(GIVE_REASONS_FOR_NO_SEN, _blank(entry, "review_on"))
    to_tell = INFORM_PARENTS_OF_SEN_PROVISION if entry.judgement is Judgement.SEN_SUPPORT else GIVE_REASONS_FOR_NO_SEN
    yield from telling_findings(record, entry.occurred_on, to_tell)


def _about_the_need(record: Record, entry: SenDecided) -> Iterator[Finding]:
    yield _weighed(NAME_DIFFICULTY_AND_PROVISION, _blank(entry, "difficulty", "provision_beyond_ordinary"))
    if record.enrolment and record.enrolment.first_language_english is False:
        yield _weighed(TELL_LANGUAGE_FROM_NEED, _blank(entry, "home_language_considered"))
    if not record.needs_on(entry.occurred_on):
        yield KEEP_TYPES_AND_STATUS_CONSISTENT.broken(
            status=SenStatus.SEN_SUPPORT, missing=("type of need",), cure="set a type of need, or NSA"
        )


def _first_response(record: Record, entry: SenDecided) -> Finding:
    tried = sum(adapted.occurred_on <= entry.occurred_on for _, adapted in record.each(TeachingAdapted))
    if tried or entry.no_first_response_because:
        return TEACH_WELL_FIRST.kept(tried=tried, explained=bool(entry.no_first_response_because))
    return TEACH_WELL_FIRST.broken(tried=0, missing=("teaching tried first, or why not",))


def _told_early(record: Record, entry: SenDecided) -> Iterator[Finding]:
    """A parent hears before the decision that there may be a need, where the school made telling a task of the SENCO (50(3): "may")."""
    determined = [role for _, role in record.school.each(SencoRoleDetermined) if role.occurred_on <= entry.occurred_on]
    if not determined or not determined[-1].tells_parents_early:
        return
    talked_on = next((talk.occurred_on for _, talk in record.each(DiscussionHeld) if talk.with_parents), None)
    raised_on = next((raised.occurred_on for _, raised in record.each(ConcernRaised) if raised.raised_by is Raiser.PARENT), None)
    knew_on = min((day for day in (talked_on, raised_on) if day is not None and day < entry.occurred_on), default=None)
    facts = {"decided_on": str(entry.occurred_on)}
    if knew_on is None:
        yield TELL_PARENTS_EARLY_OF_POSSIBLE_SEN.broken(**facts, missing=("talk with the parents before the decision",))
    else:
        yield TELL_PARENTS_EARLY_OF_POSSIBLE_SEN.kept(**facts, parents_knew_on=str(knew_on))


def _early_discussion(record: Record, entry: SenDecided) -> Finding:
    held = [discussion for _, discussion in record.each(DiscussionHeld) if discussion.occurred_on <= entry.occurred_on]
    if not held:
        return GIVE_PARENTS_A_SHORT_NOTE.broken(discussions=0, missing=("discussion", "note_given_on", "advice_service_named"))
    missing = [name for name in ("note_given_on", "advice_service_named") if not any(getattr(discussion, name) for discussion in held)]
    return (
        GIVE_PARENTS_A_SHORT_NOTE.broken(discussions=len(held), missing=missing)
        if missing
        else GIVE_PARENTS_A_SHORT_NOTE.kept(discussions=len(held))
    )


def _weighed(rule: Rule, missing: tuple[str, ...]) -> Finding:
    return rule.broken(missing=missing) if missing else rule.kept()


def _blank(entry: SenDecided, *names: str) -> tuple[str, ...]:
    given = ((name, getattr(entry, name)) for name in names)
    return tuple(name for name, value in given if not (value.strip() if isinstance(value, str) else value))
