"""What a school chooses for itself: its settings, and who vouches for its staff. Named people choose, from today on."""

from datetime import date, datetime
from typing import Final

from app.domain.author import Author, AuthorKind
from app.domain.calendar import civil_day
from app.domain.codes import StaffRole
from app.domain.entries import Entry, IdentityProviderSet, SettingChanged, SettingName
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.school import School
from app.domain.second_person import second_person_for_a_setting

CHOOSERS: Final = frozenset({StaffRole.HEAD, StaffRole.SENCO})
NAMERS: Final = frozenset({StaffRole.HEAD, StaffRole.ADMINISTRATOR})
YES_OR_NO: Final = frozenset({SettingName.ASSERTED_SECOND_PERSON_ACCEPTED})


def choice_refusal(school: School, entry: SettingChanged, by: Author, second: Author | None, at: datetime) -> Finding | None:
    """Refuse a setting that neither head nor SENCO chooses, that would rewrite days gone by, or that weakens the rule alone.

    `at` is the school's present moment.
    """
    return (
        _role_today_refusal(school, entry, by, CHOOSERS, at)
        or _backdating_refusal(entry, civil_day(at))
        or _value_refusal(entry)
        or (_alone_refusal(school, by, second, at) if _weakens(school, entry) else None)
    )


def provider_refusal(school: School, entry: IdentityProviderSet, by: Author, second: Author | None, at: datetime) -> Finding | None:
    """Refuse an identity provider that neither head nor office names, or that replaces another without a second person's proof."""
    return (
        _role_today_refusal(school, entry, by, NAMERS, at)
        or _backdating_refusal(entry, civil_day(at))
        or (_alone_refusal(school, by, second, at) if school.has_identity_provider else None)
    )


def _role_today_refusal(school: School, entry: Entry, by: Author, roles: frozenset[StaffRole], at: datetime) -> Finding | None:
    today = civil_day(at)
    if by.kind is AuthorKind.STAFF and school.roles_of(by.id, today) & roles:
        return None
    needed = " or ".join(sorted(roles))
    return LEAVE_A_TRAIL.broken(entry=entry.type, author_kind=by.kind, needs=needed, on=str(today), missing=("role on the day",))


def _backdating_refusal(entry: Entry, today: date) -> Finding | None:
    if entry.occurred_on >= today:
        return None
    cure = "choose from today on; what was due before stays due"
    return LEAVE_A_TRAIL.broken(entry=entry.type, occurred_on=str(entry.occurred_on), today=str(today), cure=cure)


def _value_refusal(entry: SettingChanged) -> Finding | None:
    if entry.setting in YES_OR_NO and entry.value not in (0, 1):
        return LEAVE_A_TRAIL.broken(setting=entry.setting, value=entry.value, cure="say 1 for yes or 0 for no")
    return None


def _weakens(school: School, entry: SettingChanged) -> bool:
    is_accepted = school.setting(entry.setting, entry.occurred_on) == 1
    return entry.setting is SettingName.ASSERTED_SECOND_PERSON_ACCEPTED and entry.value == 1 and not is_accepted


def _alone_refusal(school: School, by: Author, second: Author | None, at: datetime) -> Finding | None:
    if second is None:
        return LEAVE_A_TRAIL.broken(missing=("second person",), cure="let another member of staff confirm it")
    return second_person_for_a_setting(school, by, second, at)
