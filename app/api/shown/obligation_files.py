"""Obligations as files for other programs: a table for spreadsheets, and tasks for calendars (RFC 5545). Neither names a child."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import asyncpg
from icalendar import Calendar, Todo, vDate, vText

from app.domain.obligation import State
from app.domain.rules import RULES
from app.exchange.spreadsheets import table

COLUMNS: Final = (
    *("pupil", "person", "rule", "duty", "citations", "who", "force", "shape", "occasion", "state"),
    *("arises_on", "opens_on", "due", "met_on", "met_by", "ended_on", "missing"),
)
PRODUCT: Final = "-//Graduated//Obligations//EN"
DONE: Final = frozenset({State.KEPT, State.KEPT_LATE})
LET_GO: Final = frozenset({State.EXCUSED, State.DEPARTED})
A_TABLE: Final = f"{','.join(COLUMNS)}\r\n"
A_CALENDAR: Final = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Graduated//Obligations//EN\r\nEND:VCALENDAR\r\n"


def table_of(rows: Sequence[asyncpg.Record]) -> str:
    """Write obligations as CSV, one to a line."""
    return table(COLUMNS, (_line(row) for row in rows))


def _line(row: asyncpg.Record) -> list[str | int | None]:
    duty, citations = _told(row["rule"])
    said: dict[str, str | int | None] = {
        **{name: row[name] if isinstance(row[name], int) else _text(row[name]) for name in COLUMNS if name in row},
        "pupil": _text(row["pupil_id"]),
        "person": _text(row["person_id"]),
        "duty": duty,
        "citations": citations,
        "missing": "; ".join(row["missing"]),
    }
    return [said[name] for name in COLUMNS]


def calendar_of(rows: Sequence[asyncpg.Record], *, urn: str, moment: datetime) -> str:
    """Write obligations as tasks; `moment` is when this was so, on the school's clock."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for row in rows:
        calendar.add_component(_task(row, urn, moment))
    written: bytes = calendar.to_ical()
    return written.decode()


def _task(row: asyncpg.Record, urn: str, moment: datetime) -> Todo:
    duty, citations = _told(row["rule"])
    whose = f"pupil {row['pupil_id']}" if row["pupil_id"] else "the school"
    task = Todo()
    task.add("uid", f"{uid_of(row, urn)}@graduated")
    task.add("dtstamp", moment)
    task.add("summary", vText(duty))
    task.add("description", vText(f"{row['rule']}: {row['state']}; owed by {row['who']} for {whose}. {citations}"))
    task.add("categories", [row["rule"], row["state"]])
    begins = row["opens_on"] or row["arises_on"]
    task.add("dtstart", vDate(min(begins, row["due"] or begins)))
    if row["due"] is not None:
        task.add("due", vDate(row["due"]))
    task.add("status", _status(State(row["state"])))
    return task


def uid_of(row: asyncpg.Record, urn: str) -> str:
    """Identify an obligation by what it is, so that it keeps its name whatever changes about it, and the name tells nobody anything."""
    what = (urn, row["pupil_id"], row["person_id"], row["rule"], row["occasion"])
    return sha256("\n".join(str(part) for part in what).encode()).hexdigest()[:40]


def _status(state: State) -> str:
    if state in DONE:
        return "COMPLETED"
    return "CANCELLED" if state in LET_GO else "NEEDS-ACTION"


def _told(rule_id: str) -> tuple[str, str]:
    rule = RULES.get(rule_id)
    return (rule.duty, "; ".join(rule.sources)) if rule else (rule_id, "")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
