"""The second pair of eyes on what leaves the school: somebody else, not of yesterday, and proved to be who they are."""

from datetime import datetime, timedelta
from typing import Final

from app.domain.author import Assurance, Author, AuthorKind
from app.domain.calendar import civil_day
from app.domain.entries import SettingName
from app.domain.rule import Finding
from app.domain.rules.records_and_privacy import LEAVE_A_TRAIL
from app.domain.school import School

KNOWN_FOR: Final = timedelta(hours=24)
"""How long somebody must have been known at the school; our number, so that nobody makes a second person on the spot."""


def second_person_refusal(school: School, first: Author, second: Author, at: datetime) -> Finding | None:
    """Refuse a second person who is the first, a stranger or too new (24 hours exactly are enough), without a role, or not proved."""
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
    return _proof_refusal(school, second, at)


def _proof_refusal(school: School, second: Author, at: datetime) -> Finding | None:
    accepts_asserted = school.setting(SettingName.ASSERTED_SECOND_PERSON_ACCEPTED, civil_day(at)) == 1
    if second.assurance is Assurance.PROVED or accepts_asserted:
        return None
    return LEAVE_A_TRAIL.broken(assurance=second.assurance, missing=("proof of who the second person is",))
