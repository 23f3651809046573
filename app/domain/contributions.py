"""Where each contribution to the evidence stands on a day, as the entries about it tell: pending, given, declined or late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from app.domain.entries import (
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    ContributionKind,
    Contributor,
    Entry,
    PaperNamed,
    Recorded,
)
from app.domain.record import Record

ContributionPart = ContributionAsked | ContributionGiven | ContributionDeclined
PART_KINDS: Final = (ContributionAsked, ContributionGiven, ContributionDeclined)
P = TypeVar("P", bound=Entry)


class ContributionState(StrEnum):
    """How far a contribution has come; late is pending once the last day to give it has passed."""

    PENDING = "pending"
    GIVEN = "given"
    DECLINED = "declined"
    LATE = "late"


MOVES: Final[Mapping[tuple[ContributionState | None, type[Entry]], ContributionState]] = MappingProxyType(
    {
        (None, ContributionAsked): ContributionState.PENDING,
        (None, ContributionGiven): ContributionState.GIVEN,
        (ContributionState.PENDING, ContributionAsked): ContributionState.PENDING,
        (ContributionState.PENDING, ContributionGiven): ContributionState.GIVEN,
        (ContributionState.PENDING, ContributionDeclined): ContributionState.DECLINED,
        (ContributionState.GIVEN, ContributionGiven): ContributionState.GIVEN,
        (ContributionState.DECLINED, ContributionAsked): ContributionState.PENDING,
        (ContributionState.DECLINED, ContributionGiven): ContributionState.GIVEN,
    }
)
"""What each kind of entry makes of each state; a pair that is not here cannot happen. Time alone makes what is pending late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One contribution on a day. `asked`, `given` and `declined` are the numbers of the entries that count, None where there is none.

    `due` is the last day, inside, by the newest asking; `is_late` says that it was first given after that day, or still is not.
    `given_on` is the day of what stands, which may replace something given earlier, and `dated_on` the one it bears itself.
    """

    id: UUID
    kind: ContributionKind
    contributor: Contributor
    state: ContributionState
    is_late: bool = False
    asked: int | None = None
    asked_on: date | None = None
    asks: str | None = None
    due: date | None = None
    request: UUID | None = None
    given: int | None = None
    given_on: date | None = None
    dated_on: date | None = None
    words: str | None = None
    papers: tuple[PaperNamed, ...] = ()
    declined: int | None = None
    declined_on: date | None = None
    reason: str | None = None


def standing_of(record: Record, on: date) -> tuple[Contribution, ...]:
    """Say where each contribution stands at the end of a day, those first that were asked for or given first."""
    return record.once(_standing_of, on)


def awaited_on(record: Record, on: date) -> tuple[Contribution, ...]:
    """The contributions that are pending or late on a day, those due first before the others."""
    open_ = (found for found in standing_of(record, on) if found.state in (ContributionState.PENDING, ContributionState.LATE))
    return tuple(sorted(open_, key=lambda found: (found.due or on, found.id)))


def _standing_of(record: Record, on: date) -> tuple[Contribution, ...]:
    found = (_folded(id_, parts, on) for id_, parts in _by_id(record.as_at(on)).items())
    return tuple(contribution for contribution in found if contribution is not None)


def parts_of(record: Record, contribution: UUID) -> tuple[Recorded, ...]:
    """The standing entries about one contribution, in order of effect."""
    return _by_id(record).get(contribution, ())


def contribution_of(entry: Entry) -> UUID | None:
    """The contribution that an entry is about, None where it is about none."""
    return entry.contribution if isinstance(entry, PART_KINDS) else None


def state_after(parts: Iterable[Entry]) -> ContributionState | None:
    """The state that entries in order of effect lead to; one that cannot follow those before it changes nothing."""
    state = None
    for part in parts:
        state = MOVES.get((state, type(part)), state)
    return state


def out_of_place(parts: Iterable[Entry]) -> tuple[int, ContributionState | None] | None:
    """The place of the first entry, in order of effect, that cannot follow those before it, and the state that bars it."""
    state = None
    for place, part in enumerate(parts):
        if (state, type(part)) not in MOVES:
            return place, state
        state = MOVES[state, type(part)]
    return None


def left_hanging(remaining: Record, gone: Recorded) -> Recorded | None:
    """The first entry about the same contribution that could not stand once `gone` is put aside, as `remaining` does."""
    contribution = contribution_of(gone.entry)
    parts = () if contribution is None else parts_of(remaining, contribution)
    found = out_of_place(recorded.entry for recorded in parts)
    return None if found is None else parts[found[0]]


def _by_id(record: Record) -> Mapping[UUID, tuple[Recorded, ...]]:
    found: dict[UUID, list[Recorded]] = {}
    for recorded in record.entries:
        contribution = contribution_of(recorded.entry)
        if contribution is not None:
            found.setdefault(contribution, []).append(recorded)
    return {contribution: tuple(parts) for contribution, parts in found.items()}


def _folded(contribution: UUID, parts: tuple[Recorded, ...], on: date) -> Contribution | None:
    """None where what is left tells neither what is contributed nor by whom, because that was erased."""
    state = state_after(recorded.entry for recorded in parts)
    told = next((part for part in (recorded.entry for recorded in parts) if isinstance(part, ContributionAsked | ContributionGiven)), None)
    if told is None or state is None:
        return None
    asked, given = _last(parts, ContributionAsked), _last(parts, ContributionGiven)
    declined = _last(parts, ContributionDeclined) if state is ContributionState.DECLINED else None
    is_late = state is not ContributionState.DECLINED and asked is not None and _answered_on(parts, on) > asked[1].due
    return Contribution(
        id=contribution,
        kind=told.kind,
        contributor=told.contributor,
        state=ContributionState.LATE if is_late and state is ContributionState.PENDING else state,
        is_late=is_late,
        asked=asked[0] if asked else None,
        asked_on=asked[1].occurred_on if asked else None,
        asks=asked[1].asks if asked else None,
        due=asked[1].due if asked else None,
        request=asked[1].request if asked else None,
        given=given[0] if given else None,
        given_on=given[1].occurred_on if given else None,
        dated_on=given[1].dated_on if given else None,
        words=given[1].words if given else None,
        papers=given[1].papers if given else (),
        declined=declined[0] if declined else None,
        declined_on=declined[1].occurred_on if declined else None,
        reason=declined[1].reason if declined else None,
    )


def _last(parts: Iterable[Recorded], kind: type[P]) -> tuple[int, P] | None:
    found = [(recorded.number, recorded.entry) for recorded in parts if isinstance(recorded.entry, kind)]
    return found[-1] if found else None


def _answered_on(parts: tuple[Recorded, ...], on: date) -> date:
    """The day of the first giving since it was last asked for, and `on` while there is none."""
    asked = max((place for place, recorded in enumerate(parts) if isinstance(recorded.entry, ContributionAsked)), default=-1)
    since = (recorded.entry for recorded in parts[asked + 1 :])
    return next((entry.occurred_on for entry in since if isinstance(entry, ContributionGiven)), on)
