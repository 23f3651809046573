"""The state table of SEN status: which status may follow which, by which entry, and nothing else may."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.domain.citation import Citation, children_and_families_act, code_of_practice
from app.domain.codes import SenStatus
from app.domain.entries import EhcPlanCeased, EhcPlanIssued, Entry, Recorded, SenDecided, StatusImported, SupportEnded, TransitionDecided
from app.domain.periods import status_given_by
from app.domain.programmes import Programme
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules.transition_2014_2015 import (
    DECIDE_EACH_SCHOOL_ACTION_PUPIL,
    MOVE_STATUS_ONLY_AS_ALLOWED,
    TRANSFER_STATEMENTS_BY_APRIL_2018,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A way from one status to another: the kind of entry that takes it, on what condition, and where that is written."""

    needs: type[Entry]
    condition: str
    cites: tuple[Citation, ...]


_LOOKED_AT_AGAIN = DECIDE_EACH_SCHOOL_ACTION_PUPIL.cites
_K_AFTER_REVIEW = Move(
    needs=TransitionDecided, condition="individual review with reasons; more than the ordinary offer", cites=_LOOKED_AT_AGAIN
)
_N_AFTER_REVIEW = Move(needs=TransitionDecided, condition="individual review; the ordinary offer is enough", cites=_LOOKED_AT_AGAIN)
_PLAN_ISSUED = Move(needs=EhcPlanIssued, condition="the authority's final plan is received", cites=(children_and_families_act("37"),))
_CEASED = (children_and_families_act("45"),)
_STATEMENT_ENDED = TRANSFER_STATEMENTS_BY_APRIL_2018.cites

N, K, E = SenStatus.NONE, SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN
A, P, S = SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS, SenStatus.STATEMENT

MOVES: Final[Mapping[tuple[SenStatus, SenStatus], Move]] = MappingProxyType(
    {
        (A, K): _K_AFTER_REVIEW,
        (A, N): _N_AFTER_REVIEW,
        (A, E): _PLAN_ISSUED,
        (P, K): _K_AFTER_REVIEW,
        (P, N): _N_AFTER_REVIEW,
        (P, E): _PLAN_ISSUED,
        (S, E): Move(needs=EhcPlanIssued, condition="the transfer review is complete", cites=_STATEMENT_ENDED),
        (S, K): Move(
            needs=EhcPlanCeased, condition="the authority ceased the statement; more than the ordinary offer", cites=_STATEMENT_ENDED
        ),
        (S, N): Move(
            needs=EhcPlanCeased, condition="the authority ceased the statement; the ordinary offer is enough", cites=_STATEMENT_ENDED
        ),
        (K, N): Move(needs=SupportEnded, condition="a review found that the ordinary offer is enough", cites=(code_of_practice("6.54"),)),
        (K, E): _PLAN_ISSUED,
        (N, K): Move(needs=SenDecided, condition="a named person decides, with reasons", cites=(code_of_practice("6.43"),)),
        (N, E): _PLAN_ISSUED,
        (E, K): Move(needs=EhcPlanCeased, condition="the authority ceased the plan; more than the ordinary offer", cites=_CEASED),
        (E, N): Move(needs=EhcPlanCeased, condition="the authority ceased the plan; the ordinary offer is enough", cites=_CEASED),
    }
)

STAYS: Final[Mapping[SenStatus, Move]] = MappingProxyType(
    {N: Move(needs=SenDecided, condition="a named person decides that there is no need, with reasons", cites=(code_of_practice("6.43"),))}
)
"""The decision that leaves a status as it was, and is recorded all the same."""


def leads(came_from: SenStatus, to: SenStatus, kind: type[Entry], programmes: Iterable[Programme] = ()) -> bool:
    """Whether an entry of this kind leads from one status to another, by the table or by a migration, or is the decision to stay."""
    move = STAYS.get(came_from) if came_from is to else MOVES.get((came_from, to))
    if move is not None and issubclass(kind, move.needs):
        return True
    return issubclass(kind, TransitionDecided) and any(programme.moves(came_from, to) for programme in programmes)


def move_refusal(record: Record, entry: Entry, to: SenStatus) -> Finding | None:
    """Refuse a move that the table does not hold, on the entry's day or in what a later entry of the record makes of it."""
    came_from = record.status_on(entry.occurred_on)
    programmes = record.school.programmes
    if not leads(came_from, to, type(entry), programmes):
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(
            came_from=came_from,
            to=to,
            by=entry.type,
            on=str(entry.occurred_on),
            cure="take a step that leads on from the status of that day",
        )
    following = _next_status_entry(record, entry)
    if following is None or isinstance(following.entry, StatusImported):
        return None
    onward = status_given_by(following.entry)
    if onward is None or leads(to, onward, type(following.entry), programmes):
        return None
    return MOVE_STATUS_ONLY_AS_ALLOWED.broken(
        came_from=to,
        to=onward,
        by=following.entry.type,
        on=str(following.entry.occurred_on),
        cure=f"entry {following.number} would no longer follow; withdraw it first",
    )


def _next_status_entry(record: Record, entry: Entry) -> Recorded | None:
    later = (recorded for recorded in record.entries if recorded.entry.occurred_on > entry.occurred_on)
    return next((recorded for recorded in later if status_given_by(recorded.entry) is not None), None)
