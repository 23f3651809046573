"""What a school chooses for itself: its settings, and who vouches for its staff. Named people choose, from today on."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.domain.author import Author, AuthorKind
from app.domain.calendar import civil_day, school_year_of
from app.domain.codes import StaffRole
from app.domain.days import DayKind
from app.domain.entries import DayUnit, Entry, IdentityProviderSet, SettingChanged, SettingName
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.school import School
from app.domain.second_person import second_person_for_a_setting

LARGEST_SETTING: Final = 366
"""No setting is a larger number, so that what is counted from one stays within the calendar."""
MOST_OFTEN: Final = 20
"""Progress is checked every so many days at most, or nobody is asked how often: each check is a duty towards every pupil on roll, and
a duty a day would bury those that matter. Our number, not the law's."""
CHOOSERS: Final = frozenset({StaffRole.HEAD, StaffRole.SENCO})
NAMERS: Final = frozenset({StaffRole.HEAD, StaffRole.ADMINISTRATOR})


class Measure(StrEnum):
    """What the value of a setting is a number of."""

    DAYS = "days"
    MINUTES = "minutes"
    PERCENT = "percent"
    YEARS = "years"
    YES_OR_NO = "yes_or_no"


MEASURES: Final[Mapping[SettingName, Measure]] = MappingProxyType(
    {
        **dict.fromkeys(SettingName, Measure.DAYS),
        SettingName.ORDINARY_MEETING_MINUTES: Measure.MINUTES,
        SettingName.DELIVERY_WARNING_PERCENT: Measure.PERCENT,
        SettingName.RETENTION_YEARS_WITH_SEN: Measure.YEARS,
        SettingName.RETENTION_YEARS_WITHOUT_SEN: Measure.YEARS,
        SettingName.ASSERTED_SECOND_PERSON_ACCEPTED: Measure.YES_OR_NO,
        SettingName.SECOND_PERSON_FOR_EVIDENCE: Measure.YES_OR_NO,
    }
)


def choice_refusal(school: School, entry: SettingChanged, by: Author, second: Author | None, at: datetime) -> Finding | None:
    """Refuse a setting that neither head nor SENCO chooses, that would rewrite days gone by, or that weakens the rule alone.

    `at` is the school's present moment.
    """
    return (
        _role_today_refusal(school, entry, by, CHOOSERS, at)
        or _backdating_refusal(entry, civil_day(at))
        or value_refusal(entry)
        or _unit_refusal(school, entry, civil_day(at))
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


def value_refusal(entry: SettingChanged) -> Finding | None:
    """Refuse a number that the setting cannot be, whoever chooses it."""
    if not 0 <= entry.value <= LARGEST_SETTING:
        return LEAVE_A_TRAIL.broken(setting=entry.setting, value=entry.value, cure=f"give a number from 0 to {LARGEST_SETTING}")
    if MEASURES[entry.setting] is Measure.YES_OR_NO and entry.value not in (0, 1):
        return LEAVE_A_TRAIL.broken(setting=entry.setting, value=entry.value, cure="say 1 for yes or 0 for no")
    if entry.setting is SettingName.CHECK_PROGRESS_WITHIN_DAYS and 0 < entry.value < MOST_OFTEN:
        cure = f"give at least {MOST_OFTEN} days, or 0 to count none; progress may be looked at more often all the same"
        return LEAVE_A_TRAIL.broken(setting=entry.setting, value=entry.value, cure=cure)
    return None


def _unit_refusal(school: School, entry: SettingChanged, today: date) -> Finding | None:
    """School days are counted by the calendar alone, so the present school year's must be there before anything is counted in them."""
    if entry.unit is not DayUnit.SCHOOL_DAYS:
        return None
    measure, missing = MEASURES[entry.setting], school.calendar.missing_in(school_year_of(today))
    if measure is not Measure.DAYS:
        return LEAVE_A_TRAIL.broken(setting=entry.setting, unit=entry.unit, cure=f"leave the unit out; this setting counts {measure}")
    cure = f"load first: {', '.join(missing)}"
    return LEAVE_A_TRAIL.broken(setting=entry.setting, unit=entry.unit, missing=missing, cure=cure) if missing else None


def _weakens(school: School, entry: SettingChanged) -> bool:
    """Whether a second person would be asked for less or count for less, files be erased sooner, or a changed address be used sooner."""
    held = school.setting(entry.setting, entry.occurred_on)
    if entry.setting is SettingName.ADDRESS_COOLING_OFF_DAYS:
        was_in_school_days = school.time_for(entry.setting, entry.occurred_on).of is DayKind.SCHOOL_DAYS
        return entry.value < held or (held > 0 and was_in_school_days and entry.unit is not DayUnit.SCHOOL_DAYS)
    if entry.setting is SettingName.ASSERTED_SECOND_PERSON_ACCEPTED:
        return entry.value == 1 and held != 1
    if entry.setting is SettingName.SECOND_PERSON_FOR_EVIDENCE:
        return entry.value == 0 and held != 0
    return MEASURES[entry.setting] is Measure.YEARS and entry.value < held


def _alone_refusal(school: School, by: Author, second: Author | None, at: datetime) -> Finding | None:
    if second is None:
        return LEAVE_A_TRAIL.broken(missing=("second person",), cure="let another member of staff confirm it")
    return second_person_for_a_setting(school, by, second, at)
