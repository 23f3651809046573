"""An invented country of schools, pupils and what is owed to them, copied into the real tables as fast as PostgreSQL takes it."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

import asyncpg

from app.casework.taking import horizon_of
from app.db.chain import Header, canonical, commitment_to, entry_digest, first_link, next_link
from app.db.codec import body_of
from app.domain.rules import RULES_VERSION
from bench.england import KINDS, Drawn, KindOfSchool, draw_school
from bench.stamps import BY, OBLIGATION, OWNER, Line, Pressed, a_school, copy_line, opening_of, press

LIVES_OF_A_KIND: Final = 40
SCHOOLS_AT_ONCE: Final = 200
MOMENT: Final = timedelta(microseconds=1)
SCHOOL_COLUMNS: Final = ("school_id", "urn", "name", "authority", "is_sandbox", "clock_ahead", "horizon", "rules_version", "created_at")
HEAD_COLUMNS: Final = ("school_id", "epoch", "number", "school_number", "link", "recorded_at")
PUPIL_COLUMNS: Final = (
    *("upn", "surname", "forename", "school_id", "id", "date_of_birth", "last_number", "status", "status_since"),
    "summary",
)
ENTRY_COLUMNS: Final = (
    *("school_id", "number", "pupil_id", "type", "occurred_on", "recorded_at", "author_kind", "author_id", "assurance"),
    *("commitment", "digest", "link", "salt", "body"),
)
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "school": SCHOOL_COLUMNS,
    "ledger_head": HEAD_COLUMNS,
    "pupil": PUPIL_COLUMNS,
    "entry": ENTRY_COLUMNS,
    "obligation": OBLIGATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much to invent: pupils with special educational needs, and obligations known now, of whose mean the lives are drawn.

    With `entries` the ledgers are written too, chained as the service does.
    """

    pupils: int
    obligations: int
    entries: bool = False
    lives: int = LIVES_OF_A_KIND
    seed: int = 20_260


@dataclass(slots=True, kw_only=True)
class Made:
    """What came of it."""

    today: date
    schools: list[UUID] = field(default_factory=list)
    pupils: int = 0
    obligations: int = 0
    rows: int = 0

    def report(self) -> str:
        """Say how big the country is."""
        return (
            f"{len(self.schools):,} schools, {self.pupils:,} pupils, {self.obligations:,} obligations known now"
            f" and {self.rows - self.obligations:,} earlier versions of them"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """The lives to draw from for one kind of school, and how often each is drawn."""

    on_support: tuple[Pressed, ...]
    with_plan: tuple[Pressed, ...]
    weights: tuple[float, ...]

    def of(self, dice: Random, drawn: Drawn) -> list[Pressed]:
        """Draw the lives of a school's pupils."""
        on_support = dice.choices(self.on_support, weights=self.weights, k=drawn.on_support) if drawn.on_support else []
        return on_support + (dice.choices(self.with_plan, k=drawn.with_plan) if drawn.with_plan else [])


def lives_of(kind: KindOfSchool, size: Size, today: date) -> Lives:
    """Invent the lives of one kind of school, long and short ones weighted so that the mean of what is owed is the one asked for."""
    dice, school = Random(f"{size.seed} {kind.school_type.value}"), a_school(kind.school_type)
    count = max(2, size.lives * kind.schools // KINDS[0].schools)
    on_support = tuple(press(school, dice, today, with_plan=False) for _ in range(count))
    with_plan = tuple(press(school, dice, today, with_plan=True) for _ in range(max(1, count // 4)))
    mean = size.obligations / size.pupils * (kind.on_support + kind.with_plan) / kind.on_support
    return Lives(on_support=on_support, with_plan=with_plan, weights=tilted([life.current for life in on_support], mean))


def tilted(counts: Sequence[int], mean: float) -> tuple[float, ...]:
    """Weigh counts, the more the greater or the smaller they are, so that they come to a mean; one out of reach is come close to."""
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean(counts, _weights(counts, middle)) < mean else (low, middle)
    return _weights(counts, low)


def _weights(counts: Sequence[int], tilt: float) -> tuple[float, ...]:
    most = max(tilt * count for count in counts)
    return tuple(math.exp(tilt * count - most) for count in counts)


def _mean(counts: Sequence[int], weights: Sequence[float]) -> float:
    return sum(c * w for c, w in zip(counts, weights, strict=True)) / sum(weights)


async def invent(superuser: str, size: Size, today: date) -> Made:
    """Fill a migrated database that holds no school yet; its indexes are taken off while it is filled."""
    connection = await asyncpg.connect(superuser, command_timeout=None)
    try:
        await connection.execute("set synchronous_commit = off")
        await connection.execute("set session_replication_role = replica")
        indexes = await connection.fetch(_INDEXES)
        for index in indexes:
            await connection.execute(f"drop index {index['name']}")
        made = Made(today=today)
        for tables in _batches(size, made):
            for table, lines in tables.items():
                if lines:
                    await connection.copy_to_table(table, source=_bytes_of(lines), columns=TABLES[table])
        await connection.execute("set maintenance_work_mem = '512MB'")
        for index in indexes:
            await connection.execute(index["definition"])
        await connection.execute("vacuum (analyze)")
        await connection.execute("checkpoint")
        return made
    finally:
        await connection.close()


_INDEXES: Final = """
select i.indexname as name, i.indexdef as definition from pg_indexes i
 where i.schemaname = 'public' and i.tablename in ('obligation', 'entry', 'pupil')
   and not exists (select from pg_constraint c where c.conname = i.indexname)
"""


async def _bytes_of(lines: list[str]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line.encode()
    await asyncio.sleep(0)


def _batches(size: Size, made: Made) -> Iterator[Mapping[str, list[str]]]:
    """Write schools until there are pupils enough, some hundred schools at a time."""
    dice = Random(size.seed)
    lives = {kind.school_type: lives_of(kind, size, made.today) for kind in KINDS}
    while made.pupils < size.pupils:
        tables: dict[str, list[str]] = {table: [] for table in TABLES}
        for _ in range(SCHOOLS_AT_ONCE):
            if made.pupils < size.pupils:
                drawn = draw_school(dice)
                _add_school(tables, made, drawn, lives[drawn.kind.school_type].of(dice, drawn), with_entries=size.entries)
        yield tables


def _add_school(tables: Mapping[str, list[str]], made: Made, drawn: Drawn, lives: Sequence[Pressed], *, with_entries: bool) -> None:
    school, place = UUID(f"0b000000-0000-7000-8000-{len(made.schools):012x}"), len(made.schools)
    made.schools.append(school)
    writing = Writing(school=school, began=datetime.combine(made.today, time(3), UTC), tables=tables, link=first_link(school))
    opening = opening_of(drawn.kind.school_type)
    for entry in opening:
        writing.append(None, entry.type, entry.occurred_on, canonical(body_of(entry)), with_entries=with_entries)
    for life in lives:
        owner, first = f"{OWNER[:2]}{made.pupils:06x}{OWNER[8:]}", writing.number + 1
        made.pupils, made.rows, made.obligations = made.pupils + 1, made.rows + life.rows, made.obligations + life.current
        for line in life.lines:
            writing.append(f"{owner}0000", line.type, line.occurred_on, _printed(line, owner, first), with_entries=with_entries)
        named = f"X999{made.pupils:09}\tExample\tAda {made.pupils}\t"
        tables["pupil"].append(f"{named}{life.standing.print(str(school), owner, first)}\n")
        tables["obligation"].append(life.obligations.print(str(school), owner, first))
    row = (school, f"999{place:06}", "Invented School", "999", True, 0, horizon_of(made.today), RULES_VERSION, writing.began)
    tables["school"].append(f"{copy_line(row)}\n")
    head = (school, 1, writing.number, len(opening), _bytea(writing.link), writing.moment)
    tables["ledger_head"].append("\t".join(map(str, head)) + "\n")


def _printed(line: Line, owner: str, first: int) -> bytes:
    return line.body.print("", owner, first).encode()


@dataclass(slots=True, kw_only=True)
class Writing:
    """The end of one school's ledger while it is written."""

    school: UUID
    began: datetime
    tables: Mapping[str, list[str]]
    link: bytes
    number: int = 0

    @property
    def moment(self) -> datetime:
        return self.began + self.number * MOMENT

    def append(self, pupil: str | None, type_: str, day: date, body: bytes, *, with_entries: bool) -> None:
        """Take the next number, and write and chain the entry where entries are asked for."""
        self.number += 1
        if not with_entries:
            return
        salt = self.number.to_bytes(32)
        commitment = commitment_to(salt, body)
        header = Header(
            school=self.school,
            number=self.number,
            pupil=None if pupil is None else UUID(pupil),
            type=type_,
            occurred_on=day,
            recorded_at=self.moment,
            author=BY,
            client=None,
            commitment=commitment,
        )
        digest = entry_digest(header.to_bytes())
        self.link = next_link(self.link, digest)
        who = (BY.kind.value, BY.id, BY.assurance.value)
        sealed = "\t".join(map(_bytea, (commitment, digest, self.link, salt)))
        row = copy_line((self.school, self.number, pupil, type_, day, self.moment, *who))
        self.tables["entry"].append(f"{row}\t{sealed}\t{copy_line((body,))}\n")


def _bytea(value: bytes) -> str:
    return f"\\\\x{value.hex()}"
