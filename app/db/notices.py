"""Notices and their proof: who was to be told what, and everything that became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.session import SchoolSession
from app.domain.notices import NoticeOwed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One matter for one person; `about` is the ledger number of the entry it tells of."""

    id: UUID
    pupil_id: UUID
    person_id: UUID
    person_kind: str
    matter: str
    about: int
    rule: str
    stage: str
    due: date | None
    state: str
    composed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeEvent:
    """One thing that happened to a notice, in its order from 1."""

    sequence: int
    kind: str
    at: datetime
    client_id: UUID | None = None
    remark: str | None = None


_COLUMNS = "id, pupil_id, person_id, person_kind, matter, about, rule, stage, due, state, composed_at"
_INSERT = f"insert into notice (school_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'composed', $11)"  # noqa: S608
_EVENT = """
insert into notice_event (school_id, notice_id, sequence, kind, at, client_id, remark)
select $1, $2, coalesce(max(sequence), 0) + 1, $3, $4, $5, $6 from notice_event where school_id = $1 and notice_id = $2
"""


async def compose(
    session: SchoolSession, owed: Sequence[NoticeOwed], pupil_id: UUID, *, new_id: Callable[[], UUID], now: datetime
) -> list[UUID]:
    """Write the notices that a step owes; `now` is the school's time."""
    ids = [new_id() for _ in owed]
    rows = [
        (
            session.school_id,
            id_,
            pupil_id,
            o.person.id,
            o.person.kind.value,
            o.matter.value,
            o.about,
            o.rule.id,
            o.stage,
            o.due,
            now,
        )
        for id_, o in zip(ids, owed, strict=True)
    ]
    await session.connection.executemany(_INSERT, rows)
    await session.connection.executemany(_EVENT, [(session.school_id, id_, "composed", now, None, None) for id_ in ids])
    return ids


async def find(session: SchoolSession, notice_id: UUID, *, lock: bool = False) -> Notice | None:
    """Find a notice of this school; with `lock`, nobody else changes it until the transaction ends."""
    query = f"select {_COLUMNS} from notice where school_id = $1 and id = $2"  # noqa: S608
    row = await session.connection.fetchrow(f"{query} for update" if lock else query, session.school_id, notice_id)
    return None if row is None else Notice(**dict(row.items()))


async def events_of(session: SchoolSession, notice_id: UUID) -> list[NoticeEvent]:
    """Read everything that happened to a notice, in order."""
    rows = await session.connection.fetch(
        "select sequence, kind, at, client_id, remark from notice_event where school_id = $1 and notice_id = $2 order by sequence",
        session.school_id,
        notice_id,
    )
    return [NoticeEvent(**dict(row.items())) for row in rows]


async def happened(
    session: SchoolSession, notice_id: UUID, kind: str, *, at: datetime, remark: str | None = None, state: str | None = None
) -> None:
    """Add to a notice's proof, and move its state where the event does; one event at a time, for each takes the next place."""
    await session.connection.execute("select from notice where school_id = $1 and id = $2 for update", session.school_id, notice_id)
    await session.connection.execute(_EVENT, session.school_id, notice_id, kind, at, session.client_id, remark)
    if state is not None:
        await session.connection.execute(
            "update notice set state = $3 where school_id = $1 and id = $2", session.school_id, notice_id, state
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesAsked:
    """Which notices a list shows; None leaves a filter out. They come in the order of their ids, after one of them."""

    state: str | None = None
    pupil_id: UUID | None = None
    after: UUID | None = None
    limit: int = 50


async def of_pupil(session: SchoolSession, pupil_id: UUID, states: Sequence[str]) -> list[Notice]:
    """Lock and list a pupil's notices that are in one of some states."""
    rows = await session.connection.fetch(
        f"select {_COLUMNS} from notice where school_id = $1 and pupil_id = $2 and state = any($3::text[]) order by id for update",  # noqa: S608
        session.school_id,
        pupil_id,
        states,
    )
    return [Notice(**dict(row.items())) for row in rows]


async def has_one(session: SchoolSession, person_id: UUID, about: int) -> bool:
    """Whether a person has a notice about an entry already, in whatever state."""
    return bool(
        await session.connection.fetchval(
            "select exists (select from notice where school_id = $1 and person_id = $2 and about = $3)",
            session.school_id,
            person_id,
            about,
        )
    )


_LIST = f"""
select {_COLUMNS} from notice
 where school_id = $1 and ($2::text is null or state = $2) and ($3::uuid is null or pupil_id = $3) and ($4::uuid is null or id > $4)
 order by id limit $5
"""  # noqa: S608


async def list_notices(session: SchoolSession, asked: NoticesAsked) -> list[Notice]:
    """List the school's notices."""
    a = asked
    rows = await session.connection.fetch(_LIST, session.school_id, a.state, a.pupil_id, a.after, a.limit)
    return [Notice(**dict(row.items())) for row in rows]
