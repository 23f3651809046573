"""Notices and their proof: who was to be told what, and everything that became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.db.once import once
from app.db.session import SchoolSession
from app.domain.notice_ledger import Happening
from app.domain.notices import NoticeOwed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One matter for one person; `about` is the ledger number of the entry it tells of.

    The channel, format and language are what the contact wishes for now.
    """

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
    channel: str | None
    format: str | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """Which words went out; `words_digest` is SHA-256 of the body, to the byte."""

    format: str
    language: str
    words_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeEvent:
    """One thing that happened to a notice, in its order from 1; format, language and digest are those of words that went out."""

    sequence: int
    kind: str
    at: datetime
    client_id: UUID | None = None
    remark: str | None = None
    format: str | None = None
    language: str | None = None
    words_digest: bytes | None = None


_COLUMNS = "id, pupil_id, person_id, person_kind, matter, about, rule, stage, due, state, composed_at"
_INSERT = f"insert into notice (school_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'composed', $11)"  # noqa: S608
_READ = """
select n.id, n.pupil_id, n.person_id, n.person_kind, n.matter, n.about, n.rule, n.stage, n.due, n.state, n.composed_at,
       c.channel, c.format, c.language
  from notice n
  left join contact c on c.school_id = $1 and c.id = n.person_id
 where n.school_id = $1 and """
_EVENT = """
insert into notice_event (school_id, notice_id, sequence, kind, at, client_id, remark, format, language, words_digest)
select $1, $2, coalesce(max(sequence), 0) + 1, $3, $4, $5, $6, $7, $8, $9 from notice_event where school_id = $1 and notice_id = $2
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
    await _add_to_all(session, ids, Happening.COMPOSED, at=now)
    return ids


async def queued(session: SchoolSession, ids: Sequence[UUID], *, to: int, at: datetime) -> None:
    """Note on notices of this transaction's own, or under its lock, that they came to be owed to so many subscriptions."""
    await _add_to_all(session, ids, Happening.QUEUED, at=at, remark=f"to {to}")


async def _add_to_all(session: SchoolSession, ids: Sequence[UUID], kind: Happening, *, at: datetime, remark: str | None = None) -> None:
    rows = [(session.school_id, id_, kind.value, at, None, remark, None, None, None) for id_ in ids]
    await session.connection.executemany(_EVENT, rows)


@once
async def find(session: SchoolSession, notice_id: UUID, *, lock: bool = False) -> Notice | None:
    """Find a notice of this school; with `lock`, nobody else changes it until the transaction ends."""
    query = f"{_READ} n.id = $2"
    row = await session.connection.fetchrow(f"{query} for update of n" if lock else query, session.school_id, notice_id)
    return None if row is None else Notice(**dict(row.items()))


async def find_all(session: SchoolSession, ids: Sequence[UUID]) -> list[Notice]:
    """Find notices of this school, in no order."""
    rows = await session.connection.fetch(f"{_READ} n.id = any($2::uuid[])", session.school_id, ids)
    return [Notice(**dict(row.items())) for row in rows]


_OWED = """
select n.id from notice n
 where n.school_id = $1 and n.id = any($2::uuid[])
   and exists (select from obligation o
                where o.school_id = $1 and o.pupil_id = n.pupil_id and o.known_until is null
                  and o.rule = n.rule and o.person_id = n.person_id and o.occasion = n.about::text)
"""


async def owed_among(session: SchoolSession, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these notices an obligation asks for; a copy that somebody agreed to is owed to nobody."""
    return frozenset(row["id"] for row in await session.connection.fetch(_OWED, session.school_id, ids))


MOST_SHOWN = 1_000
_EVENTS_OF = """
select sequence, kind, at, client_id, remark, format, language, words_digest from notice_event
 where school_id = $1 and notice_id = $2
   and (sequence = 1 or sequence > (select max(sequence) from notice_event where school_id = $1 and notice_id = $2) - $3::int)
 order by sequence
"""


async def events_of(session: SchoolSession, notice_id: UUID) -> list[NoticeEvent]:
    """Read what happened to a notice, in order: all of it, but of more than a thousand events the first and the newest.

    Each fetch of words is one, and each that was refused: whoever asks every second for what is withheld makes very many of them.
    """
    rows = await session.connection.fetch(_EVENTS_OF, session.school_id, notice_id, MOST_SHOWN - 1)
    return [NoticeEvent(**dict(row.items())) for row in rows]


async def happened(
    session: SchoolSession,
    notice_id: UUID,
    kind: Happening,
    *,
    at: datetime,
    remark: str | None = None,
    state: str | None = None,
    words: HandedOut | None = None,
) -> None:
    """Add to a notice's proof, and move its state where the event does; one event at a time, for each takes the next place."""
    await session.connection.execute("select from notice where school_id = $1 and id = $2 for update", session.school_id, notice_id)
    said = (None, None, None) if words is None else (words.format, words.language, words.words_digest)
    await session.connection.execute(_EVENT, session.school_id, notice_id, kind.value, at, session.client_id, remark, *said)
    if state is not None:
        await session.connection.execute(
            "update notice set state = $3, look_again_on = null where school_id = $1 and id = $2", session.school_id, notice_id, state
        )


_LOCK_ALL = "select from notice where school_id = $1 and id = any($2::uuid[]) order by id for update"
_EVENTS = """
insert into notice_event (school_id, notice_id, sequence, kind, at, client_id, remark)
select $1, t.notice_id, coalesce(l.last, 0) + row_number() over (partition by t.notice_id order by t.place), t.kind, $2, $3, t.remark
  from unnest($4::uuid[], $5::text[], $6::text[]) with ordinality as t (notice_id, kind, remark, place)
  join notice n on n.school_id = $1 and n.id = t.notice_id
 cross join lateral (select max(e.sequence) as last from notice_event e where e.school_id = $1 and e.notice_id = t.notice_id) l
"""


async def happened_to(session: SchoolSession, told: Sequence[tuple[UUID, Happening, str]], *, at: datetime) -> None:
    """Add an event and its remark to the proof of each of some notices, in their order; no state moves by it."""
    ids, kinds, remarks = [each[0] for each in told], [each[1].value for each in told], [each[2] for each in told]
    await session.connection.execute(_LOCK_ALL, session.school_id, ids)
    await session.connection.execute(_EVENTS, session.school_id, at, session.client_id, ids, kinds, remarks)


async def look_again(session: SchoolSession, notice_id: UUID, *, on: date | None) -> None:
    """Keep the day on which a notice is to be looked at again, until its state moves; None when no day changes anything by itself."""
    await session.connection.execute(
        "update notice set look_again_on = $3 where school_id = $1 and id = $2 and look_again_on is distinct from $3",
        session.school_id,
        notice_id,
        on,
    )


async def pupils_to_look_at(session: SchoolSession, today: date) -> list[UUID]:
    """List the pupils with notices that are to be looked at again by a day, inside, of the school's own clock."""
    query = "select distinct pupil_id from notice where school_id = $1 and look_again_on <= $2 order by pupil_id"
    return [row[0] for row in await session.connection.fetch(query, session.school_id, today)]


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
        f"{_READ} n.pupil_id = $2 and n.state = any($3::text[]) order by n.id for update of n",
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
{_READ} ($2::text is null or n.state = $2) and ($3::uuid is null or n.pupil_id = $3) and ($4::uuid is null or n.id > $4)
 order by n.id limit $5
"""


async def list_notices(session: SchoolSession, asked: NoticesAsked) -> list[Notice]:
    """List the school's notices."""
    a = asked
    rows = await session.connection.fetch(_LIST, session.school_id, a.state, a.pupil_id, a.after, a.limit)
    return [Notice(**dict(row.items())) for row in rows]
