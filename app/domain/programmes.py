"""Migrations from one regime to the next, as data: whom they move, in which days, what a decision holds, and under which rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.domain.codes import SCHOOL_ACTION_CODES, SenStatus, StaffRole
from app.domain.rule import InForce, Rule
from app.domain.rules.reading import TRANSITION_WINDOW
from app.domain.rules.transition_2014_2015 import (
    DECIDE_EACH_SCHOOL_ACTION_PUPIL,
    FINISH_THE_MOVE_BY_SEPTEMBER_2015,
    RECORD_THE_TRANSITION_DECISION,
    SET_A_TYPE_AFTER_SCHOOL_ACTION,
    TELL_OF_THE_TRANSITION_DECISION,
    USE_SEN_SUPPORT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRules:
    """The rules of a migration.

    `begins` is broken by a decision before the window and `finish` by one after it; `decide` is owed for each pupil by the window's last
    day and `tell` to each person to be told; `set_type` asks for a type of need before the spring census that follows.
    """

    begins: Rule
    decide: Rule
    record: Rule
    finish: Rule
    tell: Rule
    set_type: Rule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A migration. The window's first and last day are inside; it may have no last day, and then no decision is late.

    `deciders` may decide, and one of `reviewers` at least looked at the pupil; a review without any of `beside` is remarked on. A decision
    `holds` what it names or does not exist, and is remarked on where it neither has what it `weighs` nor says why not.
    """

    id: str
    from_codes: frozenset[SenStatus]
    to_codes: frozenset[SenStatus]
    window: InForce
    deciders: frozenset[StaffRole]
    reviewers: frozenset[StaffRole]
    beside: frozenset[StaffRole]
    holds: tuple[str, ...]
    weighs: tuple[str, ...]
    rules: ProgrammeRules

    def moves(self, came_from: SenStatus, to: SenStatus) -> bool:
        """Whether a decision of this programme leads from one status to the other."""
        return came_from in self.from_codes and to in self.to_codes


SCHOOL_ACTION: Final = Programme(
    id="school-action",
    from_codes=SCHOOL_ACTION_CODES,
    to_codes=frozenset({SenStatus.SEN_SUPPORT, SenStatus.NONE}),
    window=TRANSITION_WINDOW,
    deciders=frozenset({StaffRole.SENCO, StaffRole.HEAD}),
    reviewers=frozenset({StaffRole.TEACHER, StaffRole.SENCO, StaffRole.HEAD}),
    beside=frozenset({StaffRole.TEACHER}),
    holds=("reason", "needs_analysis", "ordinarily_available"),
    weighs=("pupils_view", "parents_view"),
    rules=ProgrammeRules(
        begins=USE_SEN_SUPPORT,
        decide=DECIDE_EACH_SCHOOL_ACTION_PUPIL,
        record=RECORD_THE_TRANSITION_DECISION,
        finish=FINISH_THE_MOVE_BY_SEPTEMBER_2015,
        tell=TELL_OF_THE_TRANSITION_DECISION,
        set_type=SET_A_TYPE_AFTER_SCHOOL_ACTION,
    ),
)

PROGRAMMES: Final[Mapping[str, Programme]] = MappingProxyType({SCHOOL_ACTION.id: SCHOOL_ACTION})
"""Those that are law or guidance; what is only proposed stands in app.domain.proposals."""
