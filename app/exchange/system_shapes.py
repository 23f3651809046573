"""The shapes in which schools' management systems hold SEN status and needs, read into one history as a roll's rows have it.

What was seen of Wonde, Arbor, Assembly and feeds of the Groupcall kind; a value that nobody knows is told of and left out, never guessed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.domain.codes import NeedType, SenStatus

Shape = Mapping[str, object]
A_DAY: Final = timedelta(days=1)


class System(StrEnum):
    """The systems whose shapes are known."""

    WONDE = "wonde"
    ARBOR = "arbor"
    ASSEMBLY = "assembly"
    GROUPCALL = "groupcall"


@dataclass(frozen=True, slots=True, order=True)
class HeldStatus:
    """A status from a day on, until the next begins; no day where the system tells only what holds now."""

    starts_on: date | None
    status: SenStatus


@dataclass(frozen=True, slots=True)
class HeldNeed:
    """A type of need with its rank and its days, both inside; no last day while it stands."""

    need_type: NeedType
    rank: int
    starts_on: date | None
    ends_on: date | None = None


@dataclass(slots=True)
class History:
    """What a system holds of one pupil. `unread` names the places whose value is no known code, never the value."""

    statuses: list[HeldStatus] = field(default_factory=list)
    needs: list[HeldNeed] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


_IN_WORDS: Final[Mapping[str, SenStatus]] = MappingProxyType(
    {
        "no special educational need": SenStatus.NONE,
        "no sen": SenStatus.NONE,
        "sen support": SenStatus.SEN_SUPPORT,
        "education, health and care plan": SenStatus.EHC_PLAN,
        "ehc plan": SenStatus.EHC_PLAN,
        "school action": SenStatus.SCHOOL_ACTION,
        "school action plus": SenStatus.SCHOOL_ACTION_PLUS,
        "statement": SenStatus.STATEMENT,
    }
)


def history_of(system: System, shape: Shape) -> History:
    """Read one pupil's shape as the system gives it. An old code stays the old code, and nothing becomes SEMH that was BESD."""
    history = History()
    _READERS[system](shape, history)
    history.statuses.sort(key=lambda held: held.starts_on or date.min)
    history.needs.sort(key=lambda held: (held.rank, held.starts_on or date.min))
    return history


def _wonde(shape: Shape, history: History) -> None:
    """One status in words or as a code, without a day; needs were not seen."""
    details = _inner(_inner(shape, "extended_details"), "data")
    _add_status(history, "extended_details.data.sen_status", details.get("sen_status"), None)


def _arbor(shape: Shape, history: History) -> None:
    """Assignments with their days, the last one inside; where nothing follows by the day after, there is no SEN from then on."""
    rows = sorted(_rows(shape, "senStatusAssignments"), key=lambda row: str(row.get("startDate")))
    ended: date | None = None
    for place, row in enumerate(rows):
        at = f"senStatusAssignments[{place}]"
        starts_on = _day(history, f"{at}.startDate", row.get("startDate"))
        _add_gap(history, ended, starts_on)
        _add_status(history, f"{at}.senStatus.code", _inner(row, "senStatus").get("code"), starts_on)
        ended = _day(history, f"{at}.endDate", row.get("endDate"))
    _add_gap(history, ended, None)


def _add_gap(history: History, ended: date | None, next_on: date | None) -> None:
    if ended is not None and (next_on is None or next_on > ended + A_DAY):
        history.statuses.append(HeldStatus(ended + A_DAY, SenStatus.NONE))


def _assembly(shape: Shape, history: History) -> None:
    """One category, whose absence says that there is none, and needs with a priority and a first day."""
    category = shape.get("sen_category")
    _add_status(history, "sen_category", SenStatus.NONE.value if category is None else category, None)
    for place, row in enumerate(_rows(shape, "sen_needs")):
        at = f"sen_needs[{place}]"
        _add_need(history, at, (row.get("sen_need_code"), row.get("priority"), row.get("start_date"), None))


def _groupcall(shape: Shape, history: History) -> None:
    """A history of types with their days; the status was not seen."""
    for place, row in enumerate(_rows(shape, "StudentSENTypeHistory")):
        at = f"StudentSENTypeHistory[{place}]"
        _add_need(history, at, (row.get("NeedTypeCode"), row.get("Rank"), row.get("NeedStartDate"), row.get("NeedEndDate")))


_READERS: Final[Mapping[System, Callable[[Shape, History], None]]] = MappingProxyType(
    {System.WONDE: _wonde, System.ARBOR: _arbor, System.ASSEMBLY: _assembly, System.GROUPCALL: _groupcall}
)


def _add_status(history: History, at: str, value: object, starts_on: date | None) -> None:
    status = _status(value)
    if status is not None:
        history.statuses.append(HeldStatus(starts_on, status))
    elif value is not None:
        history.unread.append(at)


def _add_need(history: History, at: str, row: tuple[object, object, object, object]) -> None:
    code, rank, first, last = row
    starts_on, ends_on = _day(history, f"{at}.start", first), _day(history, f"{at}.end", last)
    number = int(str(rank)) if str(rank).isdecimal() else 0
    if str(code).upper() not in set(NeedType) or number < 1:
        history.unread.append(at)
        return
    history.needs.append(HeldNeed(NeedType(str(code).upper()), number, starts_on, ends_on))


def _status(value: object) -> SenStatus | None:
    text = " ".join(str(value).split())
    return SenStatus(text.upper()) if text.upper() in set(SenStatus) else _IN_WORDS.get(text.lower())


def _day(history: History, at: str, value: object) -> date | None:
    """Read the day of an ISO date or moment as it stands there, without a change of zone."""
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        history.unread.append(at)
        return None


def _inner(shape: Shape, name: str) -> Shape:
    value = shape.get(name)
    return value if isinstance(value, Mapping) else {}


def _rows(shape: Shape, name: str) -> Iterator[Shape]:
    value = shape.get(name)
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (row for row in value if isinstance(row, Mapping))
