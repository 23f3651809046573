"""One pupil's record: the entries, folded. Status, needs, cycles and contacts are derived from them and held nowhere else."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeVar, cast
from uuid import UUID

from app.domain.codes import SenStatus
from app.domain.cycle import Cycle, cycles_of
from app.domain.entries import (
    ContactDescribed,
    Entry,
    Erased,
    PersonTold,
    PupilEnrolled,
    PupilLeft,
    Recorded,
    RecordMerged,
    TellingUndone,
)
from app.domain.periods import NeedPeriod, StatusPeriod, need_periods, status_periods
from app.domain.school import School, corrected_by, in_order, standing

E = TypeVar("E", bound=Entry)
A = TypeVar("A")


@dataclass(frozen=True)
class Record:
    """A pupil's record.

    `known` holds every entry of the pupil, superseded ones too, in order of effect. `until` is the last day looked at, None for all;
    `left_out` are the numbers put aside while a correction is weighed.
    """

    school: School
    pupil: UUID
    known: tuple[Recorded, ...] = ()
    until: date | None = None
    left_out: frozenset[int] = frozenset()

    @classmethod
    def fold(cls, school: School, entries: Iterable[Recorded], pupil: UUID) -> "Record":
        """Fold the entries of this pupil and of records joined to it; others are passed over, and any order of input gives the same."""
        return cls(school, pupil, in_order(read_along(entries, pupil)))

    def as_at(self, day: date) -> "Record":
        """The record as it was true at the end of a day, by all that is known now; looking further back than before narrows it."""
        return replace(self, until=day if self.until is None else min(day, self.until))

    def known_at(self, number: int) -> "Record":
        """The record as it was known when this ledger number was the last (inside), school included."""
        known = read_along((recorded for recorded in self.known if recorded.number <= number), self.pupil)
        return replace(self, school=self.school.known_at(number), known=known)

    def without(self, number: int) -> "Record":
        """The record with one entry put aside; what that entry had superseded stays superseded."""
        return replace(self, left_out=self.left_out | {number})

    @cached_property
    def entries(self) -> tuple[Recorded, ...]:
        """The entries that stand, in order of effect."""
        known = standing(self.known)
        return tuple(recorded for recorded in known if self._is_seen(recorded)) if self.until or self.left_out else known

    def _is_seen(self, recorded: Recorded) -> bool:
        return recorded.number not in self.left_out and (self.until is None or recorded.entry.occurred_on <= self.until)

    @property
    def merged_into(self) -> UUID | None:
        """The pupil whose record this one was joined to and is read along with, None while it stands by itself."""
        return self._merging.other if self._merging else None

    @property
    def merged_on(self) -> date | None:
        """The day on which this record was joined to another, None while it stands by itself."""
        return self._merging.occurred_on if self._merging else None

    @cached_property
    def _merging(self) -> RecordMerged | None:
        """Whatever day is looked at: two records are of one child on every day."""
        own = (r.entry for r in reversed(standing(self.known)) if r.pupil == self.pupil)
        return next((entry for entry in own if isinstance(entry, RecordMerged) and not entry.is_kept), None)

    @cached_property
    def last_number(self) -> int:
        """The highest ledger number of this pupil, superseded ones too, 0 when there is none."""
        return max((recorded.number for recorded in self.known), default=0)

    def all(self, kind: type[Entry]) -> tuple[Recorded, ...]:
        """The standing entries of one kind, in order of effect."""
        return self._by_kind.get(kind, ())

    def each(self, kind: type[E]) -> Iterator[tuple[Recorded, E]]:
        """The standing entries of one kind with their content typed, in order of effect."""
        for recorded in self._by_kind.get(kind, ()):
            if isinstance(recorded.entry, kind):
                yield recorded, recorded.entry

    @cached_property
    def _by_kind(self) -> dict[type[Entry], tuple[Recorded, ...]]:
        kinds: dict[type[Entry], list[Recorded]] = {}
        for recorded in self.entries:
            kinds.setdefault(type(recorded.entry), []).append(recorded)
        return {kind: tuple(found) for kind, found in kinds.items()}

    def entry(self, number: int) -> Recorded | None:
        """The standing entry of that number, None if there is none or it was superseded."""
        return self._by_number.get(number)

    def standing_for(self, number: int) -> Recorded | None:
        """The entry that now stands where this number stood: itself, or the last of its corrections; None once withdrawn."""
        corrections = {earlier: recorded for recorded in self.known if (earlier := corrected_by(recorded)) is not None}
        original = next((recorded for recorded in self.known if recorded.number == number), None)
        found = original
        while found is not None and found.number in corrections:
            found = corrections[found.number]
        if found is None or original is None or self.entry(found.number) is None:
            return None
        return found if type(found.entry) is type(original.entry) else None

    @cached_property
    def _by_number(self) -> dict[int, Recorded]:
        return {recorded.number: recorded for recorded in self.entries}

    def has_erased(self, *kinds: type[Entry]) -> bool:
        """Whether content of one of these kinds (of any, if none is named) was erased, so that what hangs on it is not known."""
        types = {kind.type for kind in kinds}
        return any(not types or entry.erased_type in types for _, entry in self.each(Erased))

    @cached_property
    def _enrolment(self) -> tuple[Recorded, PupilEnrolled] | None:
        return next(reversed(tuple(self.each(PupilEnrolled))), None)

    @property
    def enrolment(self) -> PupilEnrolled | None:
        """The newest enrolment, None before the first."""
        return self._enrolment[1] if self._enrolment else None

    @property
    def date_of_birth(self) -> date | None:
        """The date of birth by the newest enrolment."""
        return self.enrolment.date_of_birth if self.enrolment else None

    @property
    def enrolled_on(self) -> date | None:
        """The day of the newest enrolment."""
        return self.enrolment.occurred_on if self.enrolment else None

    @cached_property
    def left_on(self) -> date | None:
        """The first day off roll, None while on roll or when the pupil came back."""
        left = next(reversed(self.all(PupilLeft)), None)
        came = self._enrolment[0] if self._enrolment else None
        if left is None or (came and _effect(came) > _effect(left)):
            return None
        return left.entry.occurred_on

    @cached_property
    def statuses(self) -> tuple[StatusPeriod, ...]:
        """The statuses end to end: the first day inside, the day of the next outside."""
        return status_periods(self.entries)

    @property
    def status(self) -> SenStatus:
        """The newest status; no SEN where nothing was ever said."""
        return self.statuses[-1].status if self.statuses else SenStatus.NONE

    @property
    def status_since(self) -> date | None:
        """The day on which the newest status began, None where nothing was ever said."""
        return self.statuses[-1].since if self.statuses else None

    def status_on(self, day: date) -> SenStatus:
        """The status on a day; no SEN where nothing was said yet."""
        return next((period.status for period in self.statuses if period.covers(day)), SenStatus.NONE)

    @property
    def open_withdrawn(self) -> StatusPeriod | None:
        """The status that some migration moves and that still stands, which is a transition not yet decided."""
        newest = self.statuses[-1] if self.statuses else None
        return newest if newest and newest.status in self.school.moved_codes else None

    @cached_property
    def need_periods(self) -> tuple[NeedPeriod, ...]:
        """Every need there was, ended or standing, by first day and rank."""
        return need_periods(self.entries, self.statuses)

    @property
    def needs(self) -> tuple[NeedPeriod, ...]:
        """The needs without a last day, or, in a record looked at as at a day, those that stood on it; by rank."""
        if self.until is not None:
            return self.needs_on(self.until)
        return _by_rank(need for need in self.need_periods if need.until is None)

    def needs_on(self, day: date) -> tuple[NeedPeriod, ...]:
        """The needs that stood on a day, by rank."""
        return _by_rank(need for need in self.need_periods if need.covers(day))

    @cached_property
    def cycles(self) -> tuple[Cycle, ...]:
        """The cycles in order of their numbers."""
        return cycles_of(self.entries)

    @property
    def last_cycle(self) -> Cycle | None:
        """The cycle with the highest number, reviewed or not."""
        return self.cycles[-1] if self.cycles else None

    @property
    def current_cycle(self) -> Cycle | None:
        """The last cycle, unless it was reviewed."""
        return self.last_cycle if self.last_cycle and self.last_cycle.review is None else None

    def contacts_on(self, day: date) -> tuple[ContactDescribed, ...]:
        """The newest description of each contact that held on a day, in order of their ids."""
        newest = {entry.contact: entry for _, entry in self.each(ContactDescribed) if entry.occurred_on <= day}
        return tuple(newest[contact] for contact in sorted(newest))

    def tellings(self, about: int) -> tuple[Recorded, ...]:
        """The tellings about an entry that were not undone after they were written."""
        return self._tellings.get(about, ())

    @cached_property
    def _tellings(self) -> Mapping[int, tuple[Recorded, ...]]:
        undone: dict[UUID, int] = {}
        for recorded, undoing in self.each(TellingUndone):
            undone[undoing.notice] = max(recorded.number, undone.get(undoing.notice, 0))
        tellings: dict[int, tuple[Recorded, ...]] = {}
        for recorded, told in self.each(PersonTold):
            if told.notice is None or recorded.number > undone.get(told.notice, 0):
                tellings[told.about] = (*tellings.get(told.about, ()), recorded)
        return tellings

    def once(self, ask: Callable[..., A], *about: Hashable) -> A:
        """Answer a question about the record once and keep the answer: what was recorded never changes, so neither does that."""
        question = (ask, *about)
        if question not in self._answers:
            self._answers[question] = ask(self, *about)
        return cast(A, self._answers[question])

    @cached_property
    def _answers(self) -> dict[Hashable, object]:
        return {}


def read_along(entries: Iterable[Recorded], pupil: UUID) -> tuple[Recorded, ...]:
    """Keep the entries of one pupil and of every record that was joined to it and was not parted again."""
    given = tuple(entries)
    merging = [r for r in given if isinstance(r.entry, RecordMerged)]
    if not merging:
        return tuple(recorded for recorded in given if recorded.pupil == pupil)
    stands = {recorded.number for recorded in standing(given)}
    joins = [(r.pupil, e.other) for r in merging if r.number in stands and isinstance(e := r.entry, RecordMerged) and e.is_kept]
    joined, found = frozenset[UUID | None](), frozenset[UUID | None]({pupil})
    while found != joined:
        joined = found
        found |= {other for kept, other in joins if kept in joined}
    return tuple(recorded for recorded in given if recorded.pupil in joined)


def _effect(recorded: Recorded) -> tuple[date, int]:
    return recorded.entry.occurred_on, recorded.number


def _by_rank(needs: Iterable[NeedPeriod]) -> tuple[NeedPeriod, ...]:
    return tuple(sorted(needs, key=lambda need: (need.rank, need.since, need.number)))
