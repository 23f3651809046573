"""The school, folded from its own entries: what kind it is, who holds which role when, and what it chose."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from app.domain.codes import SchoolType, SenStatus, StaffRole
from app.domain.days import Calendar, Count, DayKind, Reckoned, after
from app.domain.entries import (
    BankHolidaysLoaded,
    Entry,
    IdentityProviderSet,
    Recorded,
    RoleEnded,
    RoleGiven,
    SchoolDescribed,
    SettingChanged,
    SettingName,
    TermDated,
)
from app.domain.programmes import PROGRAMMES, Programme

E = TypeVar("E", bound=Entry)

SETTING_DEFAULTS: Final[Mapping[SettingName, int]] = MappingProxyType(
    {
        SettingName.TELL_WITHIN_DAYS: 7,
        SettingName.ANSWER_CONCERN_WITHIN_DAYS: 14,
        SettingName.REPORT_REVIEW_WITHIN_DAYS: 14,
        SettingName.SHARE_MEETING_WITHIN_DAYS: 14,
        SettingName.SHARE_ADVICE_WITHIN_DAYS: 14,
        SettingName.CHECK_PROGRESS_WITHIN_DAYS: 0,
        SettingName.TAKE_BASELINE_WITHIN_DAYS: 42,
        SettingName.REASSESS_WITHIN_DAYS: 122,
        SettingName.UPDATE_REPORT_WITHIN_DAYS: 30,
        SettingName.PLAN_MOVE_BEFORE_DAYS: 122,
        SettingName.RETURN_CENSUS_WITHIN_DAYS: 28,
        SettingName.DUE_SOON_BEFORE_DAYS: 3,
        SettingName.ADDRESS_COOLING_OFF_DAYS: 3,
        SettingName.ORDINARY_MEETING_MINUTES: 10,
        SettingName.DELIVERY_WARNING_PERCENT: 80,
        SettingName.RETENTION_YEARS_WITH_SEN: 31,
        SettingName.RETENTION_YEARS_WITHOUT_SEN: 25,
        SettingName.ASSERTED_SECOND_PERSON_ACCEPTED: 0,
        SettingName.SECOND_PERSON_FOR_EVIDENCE: 1,
    }
)
"""What holds until a school chooses otherwise. Our numbers, not the law's: statute gives no count of days for any of them.

To check progress within 0 days means that the school has not said how often; then nothing is counted. What falls due within 3 days is
told as due soon, so that on a Friday Monday is too; 0 has nothing told before it is overdue. A changed address rests for 3
days, so that even one changed on a Friday evening rests over a day on which somebody is at the office, and leaves four of the seven
days within which the parents are to be told; 0 lets it be used at once.
"""


KNOWN_FOR: Final = timedelta(hours=24)
"""How long a person or an identity provider must have been known at the school before they vouch; our number, so that nobody makes
a second person on the spot."""


def in_order(entries: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Put entries in the order in which they take effect: by the day they happened, then by ledger number."""
    return tuple(sorted(entries, key=lambda recorded: (recorded.entry.occurred_on, recorded.number)))


def corrected_by(recorded: Recorded) -> int | None:
    """The number of the earlier entry that this one supersedes; a number that is not earlier supersedes nothing."""
    earlier = recorded.supersedes
    return earlier if earlier is not None and earlier < recorded.number else None


def standing(entries: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """Leave out what a later entry supersedes, for good: correcting a correction does not bring the first version back."""
    known = tuple(entries)
    superseded = {corrected_by(recorded) for recorded in known if recorded.supersedes is not None}
    return known if not superseded else tuple(recorded for recorded in known if recorded.number not in superseded)


@dataclass(frozen=True)
class School:
    """A school as its entries tell it; `known` holds every school entry, superseded ones too, in order of effect.

    `left_out` are the numbers put aside while a correction is weighed; `programmes` are the migrations that its pupils go through.
    """

    known: tuple[Recorded, ...] = ()
    left_out: frozenset[int] = frozenset()
    programmes: tuple[Programme, ...] = tuple(PROGRAMMES.values())

    @classmethod
    def fold(cls, entries: Iterable[Recorded]) -> "School":
        """Fold the entries that have no pupil; those of pupils are passed over, and any order of input gives the same school."""
        return cls(in_order(recorded for recorded in entries if recorded.pupil is None))

    def known_at(self, number: int) -> "School":
        """The school as it was known when this ledger number was the last (inside)."""
        return replace(self, known=tuple(recorded for recorded in self.known if recorded.number <= number))

    def without(self, number: int) -> "School":
        """The school with one entry put aside; what that entry had superseded stays superseded."""
        return replace(self, left_out=self.left_out | {number})

    def entry(self, number: int) -> Recorded | None:
        """The standing entry of that number, None if there is none or it was superseded."""
        return next((recorded for recorded in self.entries if recorded.number == number), None)

    @cached_property
    def entries(self) -> tuple[Recorded, ...]:
        """The entries that stand, in order of effect."""
        return tuple(recorded for recorded in standing(self.known) if recorded.number not in self.left_out)

    @cached_property
    def last_number(self) -> int:
        """The highest ledger number known, 0 when there is none."""
        return max((recorded.number for recorded in self.known), default=0)

    def programme(self, id_: str) -> Programme | None:
        """The migration of that id, None if pupils here go through no such one."""
        return next((programme for programme in self.programmes if programme.id == id_), None)

    @cached_property
    def moved_codes(self) -> frozenset[SenStatus]:
        """The statuses that some migration moves pupils out of."""
        return frozenset(code for programme in self.programmes for code in programme.from_codes)

    @property
    def described(self) -> SchoolDescribed | None:
        """The newest description, None before the first."""
        return self._descriptions[0] if self._descriptions else None

    def described_on(self, day: date) -> SchoolDescribed | None:
        """The description in force on a day; a school may change its type."""
        return next((entry for entry in self._descriptions if entry.occurred_on <= day), None)

    @cached_property
    def _descriptions(self) -> tuple[SchoolDescribed, ...]:
        return tuple(entry for recorded in reversed(self.entries) if isinstance(entry := recorded.entry, SchoolDescribed))

    @property
    def school_type(self) -> SchoolType | None:
        """The type of school, None before it is described."""
        return self.described.school_type if self.described else None

    @property
    def authority(self) -> str | None:
        """The number of the local authority whose area the school lies in, None before it is described."""
        return self.described.authority if self.described else None

    @property
    def record_begins_on(self) -> date | None:
        """The first day from which the school's record claims to be complete, None before it is described."""
        return self.described.record_begins_on if self.described else None

    def roles_of(self, staff: UUID, on: date) -> frozenset[StaffRole]:
        """The roles held on a day; the first day of a role is inside, `until` and the day of an ending are not."""
        held: dict[StaffRole, date | None] = {}
        for recorded in self._roles.get(staff, ()):
            entry = recorded.entry
            if entry.occurred_on > on:
                break
            if isinstance(entry, RoleGiven):
                held[entry.role] = entry.until
            elif isinstance(entry, RoleEnded):
                held.pop(entry.role, None)
        return frozenset(role for role, until in held.items() if until is None or on < until)

    def staff_with(self, role: StaffRole, on: date) -> tuple[UUID, ...]:
        """Everybody who holds a role on a day, in order of id."""
        return tuple(sorted(staff for staff in self._roles if role in self.roles_of(staff, on)))

    def known_since(self, staff: UUID) -> datetime | None:
        """The moment at which this person's first standing role was written down, None for a stranger."""
        given = (recorded.recorded_at for recorded in self._roles.get(staff, ()) if isinstance(recorded.entry, RoleGiven))
        return min(given, default=None)

    def roles_known_since(self, staff: UUID, roles: frozenset[StaffRole], on: date) -> datetime | None:
        """The moment at which it was first written down that this person holds, by that day, one of these roles; None for never."""
        given = (r for r in self._roles.get(staff, ()) if isinstance(r.entry, RoleGiven) and r.entry.role in roles)
        return min((recorded.recorded_at for recorded in given if recorded.entry.occurred_on <= on), default=None)

    def setting(self, name: SettingName, on: date) -> int:
        """The value in force on a day: what the school chose, otherwise our default."""
        chosen = self._chosen(name, on)
        return SETTING_DEFAULTS[name] if chosen is None else chosen.value

    def number_of_setting(self, name: SettingName, on: date) -> int | None:
        """The number of the entry by which the school chose what is in force on a day, None where that is our default."""
        return next((number for number, entry in self._changed.get(name, ()) if entry.occurred_on <= on), None)

    def _chosen(self, name: SettingName, on: date) -> SettingChanged | None:
        return next((entry for _, entry in self._changed.get(name, ()) if entry.occurred_on <= on), None)

    @cached_property
    def _changed(self) -> Mapping[SettingName, tuple[tuple[int, SettingChanged], ...]]:
        """The changes of each setting with their numbers, newest first."""
        changed: dict[SettingName, tuple[tuple[int, SettingChanged], ...]] = {}
        for recorded, entry in self.each(SettingChanged):
            changed[entry.setting] = ((recorded.number, entry), *changed.get(entry.setting, ()))
        return changed

    def time_for(self, name: SettingName, on: date) -> Count:
        """The days that the school chose for something, or our default, in the kind of days it chose."""
        chosen = self._chosen(name, on)
        if chosen is None:
            return Count(SETTING_DEFAULTS[name], DayKind.CALENDAR_DAYS)
        return Count(chosen.value, DayKind(chosen.unit.value))

    def last_day(self, name: SettingName, day: date) -> Reckoned:
        """The last day, inside, of the time that the school gives itself for something; the day it begins is day 0."""
        return after(day, self.time_for(name, day), self.calendar)

    @cached_property
    def calendar(self) -> Calendar:
        """The terms and bank holidays that the school has loaded."""
        return Calendar(
            terms=tuple(entry for recorded in self.entries if isinstance(entry := recorded.entry, TermDated)),
            bank_holidays=tuple(entry for recorded in self.entries if isinstance(entry := recorded.entry, BankHolidaysLoaded)),
        )

    def each(self, kind: type[E]) -> Iterator[tuple[Recorded, E]]:
        """The standing entries of one kind with their content typed, in order of effect."""
        for recorded in self.entries:
            if isinstance(recorded.entry, kind):
                yield recorded, recorded.entry

    @cached_property
    def has_identity_provider(self) -> bool:
        """Whether the school ever named who vouches for its staff."""
        return any(isinstance(recorded.entry, IdentityProviderSet) for recorded in self.entries)

    def trusts_identity_provider(self, at: datetime) -> bool:
        """Whether proofs count at a moment: from 24 hours (inside) after the newest provider or set of keys was written down."""
        named = [recorded.recorded_at for recorded in self.entries if isinstance(recorded.entry, IdentityProviderSet)]
        return bool(named) and at - max(named) >= KNOWN_FOR

    @cached_property
    def _roles(self) -> dict[UUID, list[Recorded]]:
        roles: dict[UUID, list[Recorded]] = {}
        for recorded in self.entries:
            if isinstance(recorded.entry, RoleGiven | RoleEnded):
                roles.setdefault(recorded.entry.staff, []).append(recorded)
        return roles
