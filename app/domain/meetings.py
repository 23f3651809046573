"""The step of meeting the parents (Code of Practice 6.65 to 6.71)."""

from collections.abc import Iterator
from uuid import UUID

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.codes import StaffRole
from app.domain.decision import Decision
from app.domain.entries import ContactDescribed, MeetingHeld, SettingName
from app.domain.record import Record
from app.domain.reviews import is_heard
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    HEAR_THE_PUPIL,
    LET_A_TEACHER_LEAD_THE_MEETING,
    MEET_PARENTS_THREE_TIMES_A_YEAR,
    RECORD_AND_SHARE_THE_MEETING,
)


def hold_meeting(record: Record, entry: MeetingHeld, by: Author) -> Decision:
    """Record a meeting, or one offered and declined; it is with people whom the record knows."""
    refusal = role_refusal(record, entry, by) or _with_nobody(record, entry)
    return answered(record, entry, refusal, _findings(record, entry))


def known_people(record: Record) -> frozenset[UUID]:
    """Everybody around the pupil who was ever described, and the pupil."""
    return frozenset({record.pupil, *(contact.contact for _, contact in record.each(ContactDescribed))})


def _with_nobody(record: Record, entry: MeetingHeld) -> Finding | None:
    invited = {*entry.attended_by, *entry.declined_by}
    if not invited:
        return MEET_PARENTS_THREE_TIMES_A_YEAR.broken(missing=("somebody who came or declined",))
    strangers = len(invited - known_people(record))
    if strangers:
        return MEET_PARENTS_THREE_TIMES_A_YEAR.broken(missing=("contact",), strangers=strangers, cure="describe the contact first")
    return None


def _findings(record: Record, entry: MeetingHeld) -> Iterator[Finding]:
    held_on = str(entry.occurred_on)
    missing_by_rule = (
        (LET_A_TEACHER_LEAD_THE_MEETING, tuple(_lead_missing(record, entry))),
        (HEAR_THE_PUPIL, () if is_heard(entry.pupils_view) else ("pupils_view",)),
        (RECORD_AND_SHARE_THE_MEETING, tuple(_sharing_missing(entry))),
    )
    for rule, missing in missing_by_rule:
        yield rule.broken(held_on=held_on, missing=missing) if missing else rule.kept(held_on=held_on)


def _lead_missing(record: Record, entry: MeetingHeld) -> Iterator[str]:
    if StaffRole.TEACHER not in record.school.roles_of(entry.led_by, entry.occurred_on):
        yield "teacher who leads"
    if not entry.senco_present:
        yield "SENCO's support"
    if entry.attended_by and entry.minutes <= record.school.setting(SettingName.ORDINARY_MEETING_MINUTES, entry.occurred_on):
        yield "more minutes than an ordinary parents' evening"


def _sharing_missing(entry: MeetingHeld) -> Iterator[str]:
    if not entry.agreed.strip():
        yield "agreed"
    if entry.shared_with_staff_on is None:
        yield "shared_with_staff_on"
    if entry.given_to_parents_on is None:
        yield "given_to_parents_on"
