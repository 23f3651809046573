"""The second pair of eyes on what leaves the school: somebody else, not of yesterday, and proved to be who they are."""

from datetime import datetime

from app.domain.author import Assurance, Author, AuthorKind
from app.domain.calendar import civil_day
from app.domain.entries import SettingName
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.school import KNOWN_FOR, School


def second_person_refusal(school: School, first: Author, second: Author, at: datetime) -> Finding | None:
    """Refuse a second person who is unfit, or is not proved to be who they are where the school does not accept a mere assertion."""
    return unfit_second_person(school, first, second, at) or _proof_refusal(school, second, at)


def second_person_for_a_setting(school: School, first: Author, second: Author, at: datetime) -> Finding | None:
    """Refuse a second person for what the second person itself rests on: always proved where the school has an identity provider."""
    refusal = unfit_second_person(school, first, second, at)
    if refusal is None and school.has_identity_provider and second.assurance is not Assurance.PROVED:
        return LEAVE_A_TRAIL.broken(assurance=second.assurance, missing=("proof of who the second person is",))
    return refusal


def unfit_second_person(school: School, first: Author, second: Author, at: datetime) -> Finding | None:
    """Refuse a second person who is the first, a stranger or too new (24 hours exactly are enough), or without a role."""
    since = school.known_since(second.id)
    if second.kind is not AuthorKind.STAFF or since is None:
        return LEAVE_A_TRAIL.broken(missing=("second person among the staff",))
    if second.id == first.id:
        return LEAVE_A_TRAIL.broken(missing=("second person other than the first",))
    if not school.roles_of(second.id, civil_day(at)):
        return LEAVE_A_TRAIL.broken(missing=("second person's role on the day",))
    if at - since < KNOWN_FOR:
        return LEAVE_A_TRAIL.broken(
            known_since=since.isoformat(), known_for_hours=24, cure="let somebody confirm whom the school knows longer"
        )
    return None


def _proof_refusal(school: School, second: Author, at: datetime) -> Finding | None:
    accepts_asserted = school.setting(SettingName.ASSERTED_SECOND_PERSON_ACCEPTED, civil_day(at)) == 1
    if second.assurance is Assurance.PROVED or accepts_asserted:
        return None
    return LEAVE_A_TRAIL.broken(assurance=second.assurance, missing=("proof of who the second person is",))
