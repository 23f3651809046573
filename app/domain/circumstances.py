"""What is true of the pupil beside the record of needs: capacity, care, home, whom the young person lets be told, and changed addresses."""

from collections.abc import Iterator
from itertools import chain
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.authorities import is_known_authority
from app.domain.calendar import young_person_from
from app.domain.cooling_off import is_confirmed, newest_change
from app.domain.decision import Decision
from app.domain.entries import (
    CapacityDecided,
    CareDescribed,
    ContactDescribed,
    ContactDetailsChanged,
    ContactDetailsConfirmed,
    HomeDescribed,
    SharingAgreed,
)
from app.domain.nobody_to_tell import nobody_left
from app.domain.people import is_parent, is_past_school_age, lack_of_capacity
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.children_and_families_act_2014 import (
    ASK_FOR_AN_EHC_NEEDS_ASSESSMENT,
    HONOUR_WHO_HOLDS_THE_RIGHTS,
    LET_SOMEBODY_ACT_FOR_WHO_CANNOT,
)
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.domain.second_person import second_person_refusal
from app.domain.step import PupilSteps


def decide_capacity(record: Record, entry: CapacityDecided, by: Author) -> Decision:
    """Say whether the young person can exercise these rights, and who acts for them if not; it counts from the end of school age on."""
    refusal = role_refusal(record, entry, by) or _unknown_contact(record, entry, entry.representative)
    return answered(record, entry, refusal, chain(_capacity_findings(record, entry), nobody_left(record, entry, by)))


def describe_care(record: Record, entry: CareDescribed, by: Author) -> Decision:
    """Say that an authority looks after the pupil from a day on, or no longer does."""
    refusal = (
        role_refusal(record, entry, by) or _no_authority(entry, entry.authority) or _unknown_contact(record, entry, entry.social_worker)
    )
    return answered(record, entry, refusal, chain(_care_findings(record, entry), nobody_left(record, entry, by)))


def describe_home(record: Record, entry: HomeDescribed, by: Author) -> Decision:
    """Say in which authority's area the pupil lives from a day on; it need not be the school's."""
    refusal = role_refusal(record, entry, by) or _no_authority(entry, entry.authority)
    return answered(record, entry, refusal, _unlisted(entry.authority))


def agree_sharing(record: Record, entry: SharingAgreed, by: Author) -> Decision:
    """Record whether a young person lets a contact know; before the end of compulsory school age there is nothing to agree to."""
    refusal = role_refusal(record, entry, by) or _unknown_contact(record, entry, entry.contact) or _not_yet_theirs(record, entry)
    return answered(record, entry, refusal, _sharing_findings(record, entry))


def note_changed_details(record: Record, entry: ContactDetailsChanged, by: Author) -> Decision:
    """Note that a contact is named or reached otherwise; how, stands outside the ledger."""
    return answered(record, entry, role_refusal(record, entry, by) or _unknown_contact(record, entry, entry.contact))


def confirm_details(record: Record, entry: ContactDetailsConfirmed, by: Author) -> Decision:
    """Confirm the newest change of a contact's details as genuine, so that the contact is sent things again at once.

    Whoever confirms is a second person to whoever made the change, and was so when it was made: somebody else, known to the school for
    24 hours by then, and proved where the school does not accept less.
    """
    refusal = role_refusal(record, entry, by) or _unknown_contact(record, entry, entry.contact) or _not_confirmable(record, entry, by)
    return answered(record, entry, refusal)


def _not_confirmable(record: Record, entry: ContactDetailsConfirmed, by: Author) -> Finding | None:
    change = newest_change(record, entry.contact, entry.occurred_on)
    if change is None or change.number != entry.change:
        missing = ("newest change of this contact's details",)
        return LEAVE_A_TRAIL.broken(entry=entry.type, change=entry.change, missing=missing, cure="look at how the contact is reached now")
    if is_confirmed(record, change, entry.occurred_on):
        return LEAVE_A_TRAIL.broken(entry=entry.type, change=entry.change, cure="nothing is left to confirm")
    if not entry.basis.strip():
        return LEAVE_A_TRAIL.broken(entry=entry.type, change=entry.change, missing=("basis",), cure="say how the change was checked")
    return second_person_refusal(record.school, change.author, by, change.recorded_at)


def _unknown_contact(
    record: Record,
    entry: CapacityDecided | CareDescribed | SharingAgreed | ContactDetailsChanged | ContactDetailsConfirmed,
    contact: UUID | None,
) -> Finding | None:
    if contact is None or any(known.contact == contact for _, known in record.each(ContactDescribed)):
        return None
    return LEAVE_A_TRAIL.broken(entry=entry.type, strangers=1, missing=("contact",), cure="describe the contact first")


def _no_authority(entry: CareDescribed | HomeDescribed, number: str | None) -> Finding | None:
    if number is None or (len(number) == 3 and number.isascii() and number.isdecimal()):
        return None
    return LEAVE_A_TRAIL.broken(entry=entry.type, missing=("number of an authority",))


def _not_yet_theirs(record: Record, entry: SharingAgreed) -> Finding | None:
    if is_past_school_age(record, entry.occurred_on):
        return None
    born = record.date_of_birth
    theirs_from = str(young_person_from(born)) if born else None
    return HONOUR_WHO_HOLDS_THE_RIGHTS.broken(
        agreed_on=str(entry.occurred_on), theirs_from=theirs_from, missing=("young person over compulsory school age",)
    )


def _capacity_findings(record: Record, entry: CapacityDecided) -> Iterator[Finding]:
    decided_on, born = str(entry.occurred_on), record.date_of_birth
    if not is_past_school_age(record, entry.occurred_on):
        yield LET_SOMEBODY_ACT_FOR_WHO_CANNOT.broken(
            decided_on=decided_on,
            counts_from=str(young_person_from(born)) if born else None,
            missing=("young person over compulsory school age",),
            cure="the parents act until then; look at it again when compulsory school age has ended",
        )
    if not entry.basis.strip():
        yield LET_SOMEBODY_ACT_FOR_WHO_CANNOT.broken(decided_on=decided_on, missing=("basis",))
    if entry.has_capacity and entry.representative is not None:
        yield LET_SOMEBODY_ACT_FOR_WHO_CANNOT.broken(
            decided_on=decided_on, has_capacity=True, cure="name nobody to act for somebody who has capacity"
        )
    elif not entry.has_capacity and is_past_school_age(record, entry.occurred_on) and entry.basis.strip():
        acts = "parents" if entry.representative is None else "representative"
        yield LET_SOMEBODY_ACT_FOR_WHO_CANNOT.kept(decided_on=decided_on, acts=acts)


def _care_findings(record: Record, entry: CareDescribed) -> Iterator[Finding]:
    described_on = str(entry.occurred_on)
    if not entry.is_looked_after:
        return
    if entry.authority is None:
        yield TREAT_CARERS_AS_PARENTS.broken(
            looked_after_from=described_on, missing=("number of the authority that looks after the pupil",)
        )
    else:
        yield from _unlisted(entry.authority)
    if entry.has_responsibility and entry.social_worker is None:
        yield TREAT_CARERS_AS_PARENTS.broken(looked_after_from=described_on, missing=("contact who speaks for the authority",))
    elif not (
        entry.has_responsibility or any(is_parent(record, known, entry.occurred_on) for known in record.contacts_on(entry.occurred_on))
    ):
        yield TREAT_CARERS_AS_PARENTS.broken(looked_after_from=described_on, missing=("person with responsibility or care",))
    else:
        yield TREAT_CARERS_AS_PARENTS.kept(looked_after_from=described_on)


def _sharing_findings(record: Record, entry: SharingAgreed) -> Iterator[Finding]:
    agreed_on = str(entry.occurred_on)
    if entry.agrees and lack_of_capacity(record, entry.occurred_on):
        yield LET_SOMEBODY_ACT_FOR_WHO_CANNOT.broken(agreed_on=agreed_on, missing=("capacity to agree",))
    else:
        yield HONOUR_WHO_HOLDS_THE_RIGHTS.kept(agreed_on=agreed_on, agrees=entry.agrees)


def _unlisted(number: str) -> Iterator[Finding]:
    if not is_known_authority(number):
        yield ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.broken(authority=number, missing=("authority of that number today",))


STEPS: Final[PupilSteps] = MappingProxyType(
    {
        CapacityDecided: decide_capacity,
        CareDescribed: describe_care,
        HomeDescribed: describe_home,
        SharingAgreed: agree_sharing,
        ContactDetailsChanged: note_changed_details,
        ContactDetailsConfirmed: confirm_details,
    }
)
