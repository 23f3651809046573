"""Entries about the school itself: its kind, its staff, its settings, and what was done to its ledger."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.codes import SchoolType, StaffRole
from app.domain.entries.entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDescribed(Entry):
    """What kind of school this is, whose area it lies in, and from which day its record is complete."""

    type: ClassVar[str] = "school.described"
    school_type: SchoolType
    authority: str
    record_begins_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven(Entry):
    """A member of staff holds a role from `occurred_on` until the day before `until`."""

    type: ClassVar[str] = "staff.role_given"
    staff: UUID
    role: StaffRole
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnded(Entry):
    """A member of staff no longer holds a role from `occurred_on` on."""

    type: ClassVar[str] = "staff.role_ended"
    staff: UUID
    role: StaffRole


class SettingName(StrEnum):
    """The settings that are ours and not the law's."""

    TELL_WITHIN_DAYS = "tell_within_days"
    ANSWER_CONCERN_WITHIN_DAYS = "answer_concern_within_days"
    REPORT_REVIEW_WITHIN_DAYS = "report_review_within_days"
    SHARE_MEETING_WITHIN_DAYS = "share_meeting_within_days"
    SHARE_ADVICE_WITHIN_DAYS = "share_advice_within_days"
    CHECK_PROGRESS_WITHIN_DAYS = "check_progress_within_days"
    TAKE_BASELINE_WITHIN_DAYS = "take_baseline_within_days"
    REASSESS_WITHIN_DAYS = "reassess_within_days"
    UPDATE_REPORT_WITHIN_DAYS = "update_report_within_days"
    PLAN_MOVE_BEFORE_DAYS = "plan_move_before_days"
    RETURN_CENSUS_WITHIN_DAYS = "return_census_within_days"
    DUE_SOON_BEFORE_DAYS = "due_soon_before_days"
    ADDRESS_COOLING_OFF_DAYS = "address_cooling_off_days"
    ORDINARY_MEETING_MINUTES = "ordinary_meeting_minutes"
    DELIVERY_WARNING_PERCENT = "delivery_warning_percent"
    RETENTION_YEARS_WITH_SEN = "retention_years_with_sen"
    RETENTION_YEARS_WITHOUT_SEN = "retention_years_without_sen"
    ASSERTED_SECOND_PERSON_ACCEPTED = "asserted_second_person_accepted"
    SECOND_PERSON_FOR_EVIDENCE = "second_person_for_evidence"


class DayUnit(StrEnum):
    """What the days of a setting are counted in; school days need the school's terms and bank holidays."""

    CALENDAR_DAYS = "calendar_days"
    SCHOOL_DAYS = "school_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged(Entry):
    """The school chose a setting, from `occurred_on` on; yes and no are 1 and 0, and days are counted in `unit`."""

    type: ClassVar[str] = "setting.changed"
    setting: SettingName
    value: int
    unit: DayUnit = DayUnit.CALENDAR_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProviderSet(Entry):
    """The school named who vouches for its staff; the keys themselves are kept beside the ledger, their ids here."""

    type: ClassVar[str] = "identity_provider.set"
    issuer: str
    key_ids: tuple[str, ...]


class WordsCarried(StrEnum):
    """How much a subscription carries: that a notice is ready, or its words too, which may name the child."""

    THIN = "thin"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsChosen(Entry):
    """The school let a subscription carry the words of its notices from here on, or no longer; the author is who chose it."""

    type: ClassVar[str] = "subscription.words_chosen"
    subscription: UUID
    words: WordsCarried


@dataclass(frozen=True, slots=True, kw_only=True)
class RollImported(Entry):
    """A file was loaded: which, with how many rows, and by whom is in the author."""

    type: ClassVar[str] = "roll.imported"
    job: UUID
    file_digest: str
    file_format: str
    pupils: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessesDigested(Entry):
    """The day's reads of children's papers, as one digest over the access table's rows of that day."""

    type: ClassVar[str] = "accesses.digested"
    digest: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryErased(Entry):
    """The content of an earlier entry was erased, for the reason given; its place in the chain remains."""

    type: ClassVar[str] = "entry.erased"
    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationsRederived(Entry):
    """All obligations of the school were derived anew, to the horizon named, under the rules version named."""

    type: ClassVar[str] = "obligations.rederived"
    horizon: date
    rules_version: str


class ErasureGround(StrEnum):
    """Why all that is held about a pupil may go."""

    RETENTION_ENDED = "retention_ended"
    RIGHT_TO_ERASURE = "right_to_erasure"
    COURT_ORDER = "court_order"
    HELD_IN_ERROR = "held_in_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilErased(Entry):
    """All that was held about one pupil was erased, on the word of one person and confirmed by another; the places in the chain remain.

    `along_with` are the records that had been joined to the pupil's, which went with it.
    """

    type: ClassVar[str] = "pupil.erased"
    erased: UUID
    ground: ErasureGround
    reason: str
    confirmed_by: UUID
    along_with: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRestored(Entry):
    """The ledger was restored from a backup and a new epoch began; what had been written after `last_number` may be lost."""

    type: ClassVar[str] = "ledger.restored"
    epoch: int
    last_number: int
    reason: str
