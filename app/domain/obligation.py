"""A rule fallen on somebody: who owes what by when, and what discharged it. The state on a day is derived from the dates alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.rule import Force, Rule


class Shape(StrEnum):
    """How an obligation falls due."""

    DATED = "dated"
    COUNTED = "counted"
    RECURRING = "recurring"
    CONTINUOUS = "continuous"


class State(StrEnum):
    """Where an obligation stands on a day."""

    NOT_DUE = "not_due"
    DUE = "due"
    KEPT = "kept"
    KEPT_LATE = "kept_late"
    BROKEN = "broken"
    EXCUSED = "excused"
    DEPARTED = "departed"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One duty owed on one occasion.

    `person` is the contact or pupil the duty is owed to where it is owed per person. `arises_on` is the first day it is owed, `opens_on`
    the first day something is expected to be done about it where that is later, `due` the last day on which it is kept in time (inside),
    None where a duty runs continuously: then every day of the gap breaks it.
    `met_on` and `met_by` tell the day and the ledger number of the entry that discharged it. `ended_on` is the day from which it was no
    longer owed. `excused_by` and `departed_by` are the entries that excuse it or record the reason for departing from guidance.
    """

    rule: Rule
    shape: Shape
    occasion: str
    arises_on: date
    due: date | None
    opens_on: date | None = None
    person: UUID | None = None
    met_on: date | None = None
    met_by: int | None = None
    ended_on: date | None = None
    excused_by: int | None = None
    departed_by: int | None = None
    missing: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, UUID | None, str]:
        """What identifies it within a pupil's record, whatever its dates."""
        return (self.rule.id, self.person, self.occasion)

    @property
    def ended_unmet(self) -> bool:
        """Whether it was no longer owed before it was met or broken."""
        return self.met_on is None and self.ended_on is not None and (self.due is None or self.ended_on <= self.due)

    def state_on(self, day: date) -> State | None:
        """Tell the state at the end of this day; None where it was not owed at all on the day or had ended unmet."""
        if day < self.arises_on:
            return None
        if self.missing:
            return State.NOT_KNOWN
        return next((state for state, holds in STATES if holds(self, day)), None)


def _is_met(o: Obligation, day: date) -> bool:
    return o.met_on is not None and o.met_on <= day


def _in_time(o: Obligation) -> bool:
    return o.met_on is not None and (o.met_on <= o.arises_on if o.due is None else o.met_on <= o.due)


def _is_past(o: Obligation, day: date) -> bool:
    return o.due is None or day > o.due


def _has_ended(o: Obligation, day: date) -> bool:
    return o.ended_on is not None and o.ended_on <= day and (o.due is None or o.ended_on <= o.due)


STATES: tuple[tuple[State | None, Callable[[Obligation, date], bool]], ...] = (
    (State.EXCUSED, lambda o, day: o.excused_by is not None),
    (State.KEPT, lambda o, day: _is_met(o, day) and _in_time(o)),
    (State.KEPT_LATE, _is_met),
    (State.DEPARTED, lambda o, day: o.departed_by is not None and o.rule.force is Force.SHOULD),
    (None, _has_ended),
    (State.BROKEN, _is_past),
    (State.NOT_DUE, lambda o, day: o.opens_on is not None and day < o.opens_on),
    (State.DUE, lambda o, day: True),
)
