"""Answering people who ask to see a record, or complain of how data are handled."""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Final, TypeVar

from app.domain.access_clocks import asked_by, due_of, is_paused, was_in_time
from app.domain.answer import answered
from app.domain.author import Author
from app.domain.calendar import birthday
from app.domain.decision import Decision
from app.domain.entries import (
    AccessAnswered,
    AccessAsked,
    AccessExtended,
    AccessPaused,
    AccessResumed,
    AccessRight,
    DataComplaintAcknowledged,
    DataComplaintMade,
    ExemptionsReviewed,
)
from app.domain.meetings import known_people
from app.domain.people import people_to_tell
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding, Rule
from app.domain.rules.data_protection import (
    ACKNOWLEDGE_A_DATA_COMPLAINT,
    ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH,
    REVIEW_EXEMPTIONS_BEFORE_RELEASE,
)
from app.domain.rules.pupil_information_regulations_2005 import SHOW_THE_EDUCATIONAL_RECORD
from app.domain.step import PupilSteps

FollowsAsking = TypeVar("FollowsAsking", AccessPaused, AccessResumed, AccessExtended, ExemptionsReviewed, AccessAnswered)
MOST_MONTHS_MORE: Final = 2
OF_AN_AGE_TO_ASK: Final = 12
"""From about this age a child is taken to understand the right and to hold it; a rough presumption, not a rule."""


def ask_for_access(record: Record, entry: AccessAsked, by: Author) -> Decision:
    """Take a request to see the record, from the pupil or somebody around them; the educational record is a parent's to ask for."""
    rule = rule_of(entry)
    refusal = role_refusal(record, entry, by)
    if entry.person not in known_people(record):
        refusal = refusal or rule.broken(missing=("person in the record",))
    if entry.right is AccessRight.EDUCATIONAL_RECORD and entry.person == record.pupil:
        refusal = refusal or rule.broken(right=entry.right, cure="take it as a subject access request, which is the pupil's own")
    return answered(record, entry, refusal, _asking_findings(record, entry))


def pause_access(record: Record, entry: AccessPaused, by: Author) -> Decision:
    """Stop the clock of a subject access request until somebody is identified or clear; the days count from 5 February 2026 on."""
    refusal = role_refusal(record, entry, by) or _not_open(record, entry) or _not_subject_access(record, entry)
    if refusal is None and is_paused(record, entry.asked):
        refusal = ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.broken(asked=entry.asked, cure="the clock stands still already")
    return answered(record, entry, refusal)


def resume_access(record: Record, entry: AccessResumed, by: Author) -> Decision:
    """Let the clock go on from the day on which what was awaited came in."""
    refusal = role_refusal(record, entry, by) or _not_open(record, entry)
    if refusal is None and not is_paused(record, entry.asked):
        refusal = ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.broken(asked=entry.asked, cure="the clock is not standing still")
    return answered(record, entry, refusal)


def extend_access(record: Record, entry: AccessExtended, by: Author) -> Decision:
    """Give a complex request one or two months more; whoever asked is told within the first month, or it does not count."""
    refusal = role_refusal(record, entry, by) or _not_open(record, entry) or _not_subject_access(record, entry)
    if refusal is None and not (1 <= entry.months <= MOST_MONTHS_MORE and entry.reason.strip()):
        refusal = ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.broken(months=entry.months, cure="give one or two months, and the reason")
    asked = asked_by(record, entry.asked)
    if refusal or asked is None:
        return answered(record, entry, refusal)
    facts = {"asked": str(entry.asked), "told_on": str(entry.occurred_on)}
    rule = ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH
    is_in_time = was_in_time(asked, entry)
    return answered(record, entry, None, (rule.kept(**facts) if is_in_time else rule.broken(**facts, cure="answer by the first day"),))


def review_exemptions(record: Record, entry: ExemptionsReviewed, by: Author) -> Decision:
    """Look through the record before release; what is flagged must be an entry of this pupil."""
    refusal = role_refusal(record, entry, by) or _not_open(record, entry)
    known = {recorded.number for recorded in record.known}
    strangers = [flagged.number for flagged in entry.flagged if flagged.number not in known]
    if refusal is None and strangers:
        refusal = REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(number=strangers[0], missing=("standing entry of that number in this record",))
    return answered(record, entry, refusal)


def answer_access(record: Record, entry: AccessAnswered, by: Author) -> Decision:
    """Release the record or say why not; late, unreviewed, or to somebody who may not be told is remarked on."""
    refusal = role_refusal(record, entry, by) or _not_open(record, entry)
    asked = asked_by(record, entry.asked)
    if refusal or asked is None:
        return answered(record, entry, refusal)
    return answered(record, entry, None, _answer_findings(record, entry, asked))


def complain_of_data(record: Record, entry: DataComplaintMade, by: Author) -> Decision:
    """Take a complaint of somebody around the pupil about how data are handled."""
    refusal = role_refusal(record, entry, by)
    if entry.person not in known_people(record):
        refusal = refusal or ACKNOWLEDGE_A_DATA_COMPLAINT.broken(missing=("person in the record",))
    return answered(record, entry, refusal)


def acknowledge_complaint(record: Record, entry: DataComplaintAcknowledged, by: Author) -> Decision:
    """Acknowledge a complaint that was made by that day."""
    made = next((e for r, e in record.each(DataComplaintMade) if r.number == entry.complaint), None)
    refusal = role_refusal(record, entry, by)
    if made is None or made.occurred_on > entry.occurred_on:
        refusal = refusal or ACKNOWLEDGE_A_DATA_COMPLAINT.broken(missing=("complaint received by that day",))
    return answered(record, entry, refusal)


def rule_of(asked: AccessAsked) -> Rule:
    """The rule whose clock a request starts."""
    return SHOW_THE_EDUCATIONAL_RECORD if asked.right is AccessRight.EDUCATIONAL_RECORD else ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH


def _asking_findings(record: Record, entry: AccessAsked) -> Iterator[Finding]:
    if entry.right is AccessRight.EDUCATIONAL_RECORD and not entry.in_writing:
        yield SHOW_THE_EDUCATIONAL_RECORD.broken(missing=("request in writing",))
    born = record.date_of_birth
    is_for_the_child = entry.right is AccessRight.SUBJECT_ACCESS and entry.person != record.pupil
    if is_for_the_child and born and birthday(born, OF_AN_AGE_TO_ASK) <= entry.occurred_on:
        cure = "ask the child, who is of an age to hold this right, before it is answered to somebody else"
        yield ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.broken(age=OF_AN_AGE_TO_ASK, cure=cure)


def _not_open(record: Record, entry: FollowsAsking) -> Finding | None:
    asked = asked_by(record, entry.asked)
    if asked is None or asked.occurred_on > entry.occurred_on:
        return ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.broken(asked=entry.asked, missing=("request to see the record by that day",))
    if any(done.asked == entry.asked for _, done in record.each(AccessAnswered)):
        return rule_of(asked).broken(asked=entry.asked, cure="the request was answered; correct that answer, or take a new request")
    return None


def _not_subject_access(record: Record, entry: AccessPaused | AccessExtended) -> Finding | None:
    asked = asked_by(record, entry.asked)
    if asked is None or asked.right is AccessRight.SUBJECT_ACCESS:
        return None
    return SHOW_THE_EDUCATIONAL_RECORD.broken(asked=entry.asked, cure="show the record; its clock neither stops nor grows longer")


def _answer_findings(record: Record, entry: AccessAnswered, asked: AccessAsked) -> Iterator[Finding]:
    rule, due = rule_of(asked), due_of(record, entry.asked, asked)
    if due.day is not None:
        facts = {"asked": str(entry.asked), "due": str(due.day), "answered_on": str(entry.occurred_on)}
        yield rule.kept(**facts) if entry.occurred_on <= due.day else rule.broken(**facts)
    if entry.refused_because is not None:
        return
    is_reviewed = any(e.asked == entry.asked and e.occurred_on <= entry.occurred_on for _, e in record.each(ExemptionsReviewed))
    review = REVIEW_EXEMPTIONS_BEFORE_RELEASE
    yield review.kept(asked=entry.asked) if is_reviewed else review.broken(asked=entry.asked, missing=("review of exemptions",))
    barred = release_refusal(record, entry.asked, asked, entry.occurred_on)
    if barred is not None:
        yield barred


def release_refusal(record: Record, number: int, asked: AccessAsked, on: date) -> Finding | None:
    """Why a copy may not go to whoever asked for it, on a day; None for the pupil and for those who may be told.

    Somebody whose description was withdrawn since is around this pupil no more, and is refused like a stranger.
    """
    to_tell = people_to_tell(record, on)
    is_the_pupil = asked.person in {recorded.pupil for recorded in record.known}
    if is_the_pupil or to_tell.may_be_told(asked.person):
        return None
    reasons = {withheld.person.id: withheld.reason for withheld in to_tell.withheld}
    if asked.person not in reasons:
        return REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(asked=number, missing=("person in the record",))
    cure = "settle first whether this person may see the record"
    return REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(asked=number, withheld=reasons[asked.person], cure=cure)


STEPS: Final[PupilSteps] = MappingProxyType(
    {
        AccessAsked: ask_for_access,
        AccessPaused: pause_access,
        AccessResumed: resume_access,
        AccessExtended: extend_access,
        ExemptionsReviewed: review_exemptions,
        AccessAnswered: answer_access,
        DataComplaintMade: complain_of_data,
        DataComplaintAcknowledged: acknowledge_complaint,
    }
)
