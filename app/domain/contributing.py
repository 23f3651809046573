"""Asking people to contribute to the evidence, and what they give or decline; who is asked and answers nothing bars no request."""

from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.answer import answered
from app.domain.author import Author, AuthorKind
from app.domain.contributions import ContributionPart, ContributionState, out_of_place, parts_of
from app.domain.decision import Decision
from app.domain.entries import (
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    EhcAssessmentRequested,
    Entry,
    SpecialistInvolved,
)
from app.domain.people import WithheldReason, is_past_school_age, people_to_tell
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.children_and_families_act_2014 import HONOUR_WHO_HOLDS_THE_RIGHTS
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.domain.rules.local_practice import SHOW_WHAT_LOCAL_FORMS_ASK_FOR
from app.domain.step import PupilSteps

ANYBODYS: Final = frozenset(ContributorKind)
OF_WHOM: Final = MappingProxyType(
    {
        ContributionKind.TEACHERS_REPORT: frozenset({ContributorKind.STAFF}),
        ContributionKind.SENCOS_SUMMARY: frozenset({ContributorKind.STAFF}),
        ContributionKind.ATTENDANCE: frozenset({ContributorKind.STAFF}),
        ContributionKind.PARENTS_VIEW: frozenset({ContributorKind.CONTACT}),
        ContributionKind.PUPILS_VIEW: frozenset({ContributorKind.PUPIL}),
        ContributionKind.SPECIALISTS_REPORT: frozenset({ContributorKind.SPECIALIST, ContributorKind.CONTACT}),
    }
)
"""Whose a contribution of a kind can be; a specialist's report may have been commissioned, and be handed in, by a parent."""
CANNOT_FOLLOW: Final = MappingProxyType(
    {
        (None, ContributionDeclined): "only what was asked for is declined",
        (ContributionState.GIVEN, ContributionDeclined): "it was given; withdraw that entry if it should not stand",
        (ContributionState.DECLINED, ContributionDeclined): "it was declined already; correct that entry if it is wrong",
        (ContributionState.GIVEN, ContributionAsked): "it was given; ask for another contribution",
    }
)

ONCE_BARRED: Final = MappingProxyType(
    {
        WithheldReason.INFORMATION_RESTRICTED: "ask nobody who may not be informed; what this person gives unasked may be written down",
        WithheldReason.CONTACT_RESTRICTED: "let a named person settle whether this contact may be asked, and describe the contact anew",
    }
)


def ask_contribution(record: Record, entry: ContributionAsked, by: Author) -> Decision:
    """Ask somebody by a last day, inside; nobody is asked who may not be informed, and who else has no right to be is remarked on."""
    refusal = (
        role_refusal(record, entry, by) or _asks_nothing(record, entry) or _misplaced(record, entry) or _not_to_be_asked(record, entry)
    )
    return answered(record, entry, refusal, () if _may_know(record, entry) else (_told_without_right(record, entry),))


def give_contribution(record: Record, entry: ContributionGiven, by: Author) -> Decision:
    """Take what somebody contributes, asked or not, however late; the family may write their own, staff pass on what others gave."""
    refusal = role_refusal(record, entry, by) or _gives_nothing(entry) or _misplaced(record, entry) or _anothers(entry.contributor, by)
    return answered(record, entry, refusal)


def decline_contribution(record: Record, entry: ContributionDeclined, by: Author) -> Decision:
    """Take it that somebody who was asked will not contribute, with a reason or without."""
    refusal = role_refusal(record, entry, by) or _out_of_place(record, entry)
    contributor = next((part.contributor for part in _others(record, entry) if not isinstance(part, ContributionDeclined)), None)
    if refusal is None and contributor is not None:
        refusal = _anothers(contributor, by)
    return answered(record, entry, refusal)


def bar_to_asking(record: Record, contributor: Contributor, on: date) -> WithheldReason | None:
    """What keeps somebody from being asked, or reminded, on a day: an order or decision about a contact; None where nothing does."""
    contact = next((known for known in record.contacts_on(on) if known.contact == _contact_of(contributor)), None)
    if contact is None or not (contact.information_restricted or contact.contact_restricted):
        return None
    return WithheldReason.INFORMATION_RESTRICTED if contact.information_restricted else WithheldReason.CONTACT_RESTRICTED


def _asks_nothing(record: Record, entry: ContributionAsked) -> Finding | None:
    if not entry.asks.strip():
        return SHOW_WHAT_LOCAL_FORMS_ASK_FOR.broken(kind=entry.kind, missing=("what is asked for",))
    if entry.due < entry.occurred_on:
        cure = "give a last day that is not before the day of asking"
        return SHOW_WHAT_LOCAL_FORMS_ASK_FOR.broken(asked_on=str(entry.occurred_on), due=str(entry.due), cure=cure)
    asked = (made for _, made in record.each(EhcAssessmentRequested) if made.occurred_on <= entry.occurred_on)
    if entry.request is not None and all(made.request != entry.request for made in asked):
        return LEAVE_A_TRAIL.broken(entry=entry.type, missing=("request made by that day",))
    return None


def _gives_nothing(entry: ContributionGiven) -> Finding | None:
    if not entry.papers and not (entry.words or "").strip():
        return SHOW_WHAT_LOCAL_FORMS_ASK_FOR.broken(kind=entry.kind, missing=("words or papers",))
    if entry.dated_on is not None and entry.dated_on > entry.occurred_on:
        given, dated = str(entry.occurred_on), str(entry.dated_on)
        return LEAVE_A_TRAIL.broken(entry=entry.type, given_on=given, dated_on=dated, cure="a report is not given before the day it bears")
    ids, digests = {paper.id for paper in entry.papers}, {paper.sha256 for paper in entry.papers}
    if min(len(ids), len(digests)) < len(entry.papers):
        return LEAVE_A_TRAIL.broken(entry=entry.type, papers=len(entry.papers), cure="name each paper once")
    return None


def _misplaced(record: Record, entry: ContributionAsked | ContributionGiven) -> Finding | None:
    """Refuse a contribution that is somebody else's under the same id, that cannot be theirs, or whose entry cannot stand here."""
    others = [part for part in _others(record, entry) if not isinstance(part, ContributionDeclined)]
    if any((part.kind, part.contributor) != (entry.kind, entry.contributor) for part in others):
        return LEAVE_A_TRAIL.broken(entry=entry.type, cure="that contribution is of another kind or of somebody else; take a new id")
    if entry.contributor.kind not in OF_WHOM.get(entry.kind, ANYBODYS):
        cure = "name whose it is: " + " or ".join(sorted(OF_WHOM[entry.kind]))
        return SHOW_WHAT_LOCAL_FORMS_ASK_FOR.broken(kind=entry.kind, contributor=entry.contributor.kind, cure=cure)
    return (None if others else _unknown(record, entry)) or _out_of_place(record, entry)


def _unknown(record: Record, entry: ContributionAsked | ContributionGiven) -> Finding | None:
    """Refuse somebody whom the record does not know on the day; whoever was asked is known from then on."""
    missing = _missing_of(record, entry, entry.contributor)
    return None if missing is None else LEAVE_A_TRAIL.broken(entry=entry.type, contributor=entry.contributor.kind, missing=(missing,))


def _missing_of(record: Record, entry: Entry, contributor: Contributor) -> str | None:
    day = entry.occurred_on
    match contributor:
        case Contributor(kind=ContributorKind.STAFF, person=person, involvement=None) if person is not None:
            return None if record.school.roles_of(person, day) else "contributor's role on the day"
        case Contributor(kind=ContributorKind.CONTACT, person=person, involvement=None) if person is not None:
            return None if any(contact.contact == person for contact in record.contacts_on(day)) else "contact described by that day"
        case Contributor(kind=ContributorKind.SPECIALIST, person=None, involvement=number) if number is not None:
            involved = record.standing_for(number)
            is_there = involved is not None and isinstance(involved.entry, SpecialistInvolved) and involved.entry.occurred_on <= day
            return None if is_there else "specialist involved by that day"
        case Contributor(kind=ContributorKind.PUPIL, person=None, involvement=None):
            return None
        case _:
            return "who contributes"


def _not_to_be_asked(record: Record, entry: ContributionAsked) -> Finding | None:
    """Refuse to ask a contact whom an order or decision keeps from being informed; asking tells what it is asked for."""
    reason = bar_to_asking(record, entry.contributor, entry.occurred_on)
    return None if reason is None else TREAT_CARERS_AS_PARENTS.broken(withheld=reason, cure=ONCE_BARRED[reason])


def _may_know(record: Record, entry: ContributionAsked) -> bool:
    contact = _contact_of(entry.contributor)
    return contact is None or people_to_tell(record, entry.occurred_on).may_be_told(contact)


def _told_without_right(record: Record, entry: ContributionAsked) -> Finding:
    is_past = is_past_school_age(record, entry.occurred_on)
    rule = HONOUR_WHO_HOLDS_THE_RIGHTS if is_past else TREAT_CARERS_AS_PARENTS
    return rule.broken(asked_on=str(entry.occurred_on), missing=("right to be told on that day",))


def _contact_of(contributor: Contributor) -> UUID | None:
    return contributor.person if contributor.kind is ContributorKind.CONTACT else None


def _out_of_place(record: Record, entry: ContributionPart) -> Finding | None:
    """Refuse what cannot follow what was before its day, and what would leave something later without its ground."""
    before = [part for part in _others(record, entry) if part.occurred_on <= entry.occurred_on]
    after = [part for part in _others(record, entry) if part.occurred_on > entry.occurred_on]
    found = out_of_place((*before, entry, *after))
    if found is None:
        return None
    place, state = found
    if place != len(before):
        return LEAVE_A_TRAIL.broken(entry=entry.type, on=str(entry.occurred_on), cure="an entry of a later day could not follow this one")
    return LEAVE_A_TRAIL.broken(entry=entry.type, state=state, cure=CANNOT_FOLLOW[state, type(entry)])


def _others(record: Record, entry: ContributionPart) -> tuple[ContributionPart, ...]:
    parts = (recorded.entry for recorded in parts_of(record, entry.contribution))
    return tuple(part for part in parts if isinstance(part, ContributionPart))


def _anothers(contributor: Contributor, by: Author) -> Finding | None:
    """Refuse an author of the family who answers for somebody else; staff pass on what they were given."""
    is_theirs = {
        AuthorKind.CONTACT: contributor.kind is ContributorKind.CONTACT and contributor.person == by.id,
        AuthorKind.PUPIL: contributor.kind is ContributorKind.PUPIL,
    }
    if is_theirs.get(by.kind, True):
        return None
    cure = "let whoever contributes write it, or a member of staff who was given it"
    return LEAVE_A_TRAIL.broken(author_kind=by.kind, contributor=contributor.kind, cure=cure)


STEPS: Final[PupilSteps] = MappingProxyType(
    {ContributionAsked: ask_contribution, ContributionGiven: give_contribution, ContributionDeclined: decline_contribution}
)
