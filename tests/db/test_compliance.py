"""Counts in SQL are those that the domain's states give, for any day and ledger number, and indexes alone answer them."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import asyncpg
import pytest

from app import clock
from app.db import compliance
from app.db.compliance import totals_of
from app.db.embedded import DatabaseUrls
from app.db.obligations import CONTENT
from app.db.session import Sessions
from app.db.sweep import Sweep
from app.domain.obligation import Obligation, Shape
from app.domain.rules import RULES
from tests.db.builders import TestSchool, make_school, pool_of

FIRST = date(2026, 3, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(12)]
SOME_RULES = list(RULES.values())[:6]
COLUMNS = ("school_id", "id", "pupil_id", *CONTENT, "rules_version", "known_from", "known_until")


@dataclass(frozen=True, kw_only=True)
class Version:
    """An obligation as known from one ledger number (inside) until another (outside)."""

    owed: Obligation
    known_from: int
    known_until: int | None

    def is_known_at(self, number: int | None) -> bool:
        if number is None:
            return self.known_until is None
        return self.known_from <= number and (self.known_until is None or self.known_until > number)


def a_version(dice: Random) -> Version:
    def maybe(value: object) -> object:
        return value if dice.random() < 0.4 else None

    def some_day() -> date:
        return dice.choice(DAYS)

    owed = Obligation(
        rule=dice.choice(SOME_RULES),
        shape=Shape.DATED,
        occasion="1",
        arises_on=some_day(),
        due=maybe(some_day()),
        opens_on=maybe(some_day()),
        met_on=maybe(some_day()),
        ended_on=maybe(some_day()),
        excused_by=7 if dice.random() < 0.1 else None,
        departed_by=8 if dice.random() < 0.1 else None,
        missing=("a fact",) if dice.random() < 0.1 else (),
    )
    known_from = dice.randint(1, 20)
    return Version(owed=owed, known_from=known_from, known_until=maybe(known_from + dice.randint(1, 9)))


def row(school: TestSchool, version: Version) -> tuple[object, ...]:
    o = version.owed
    content = (o.rule.id, o.person, o.occasion, o.rule.who.value, o.rule.force.value, o.shape.value, o.arises_on, o.opens_on, o.due)
    outcome = (o.met_on, o.met_by, o.ended_on, o.excused_by, o.departed_by, list(o.missing))
    return (school.id, clock.new_id(), school.pupils[0], *content, *outcome, "none", version.known_from, version.known_until)


def counted(versions: list[Version], day: date, number: int | None) -> Counter[tuple[str, str]]:
    known = [version.owed for version in versions if version.is_known_at(number)]
    return Counter((owed.rule.id, state.value) for owed in known if (state := owed.state_on(day)) is not None)


@dataclass(frozen=True, kw_only=True)
class Filled:
    urls: DatabaseUrls
    sessions: Sessions
    schools: tuple[tuple[TestSchool, list[Version]], ...]


@pytest.fixture
async def filled(database: DatabaseUrls) -> AsyncIterator[Filled]:
    """Two schools with 400 versions each, drawn the same way at every run."""
    async with pool_of(database.app) as pool:
        sessions, dice = Sessions(pool), Random(50)
        schools = [(await make_school(sessions), [a_version(dice) for _ in range(400)]) for _ in range(2)]
        owner = await asyncpg.connect(database.owner)
        for school, versions in schools:
            await owner.copy_records_to_table("obligation", records=[row(school, v) for v in versions], columns=COLUMNS)
        yield Filled(urls=database, sessions=sessions, schools=tuple(schools))
        await owner.execute("truncate obligation")
        await owner.close()


async def test_the_totals_of_a_school_are_what_its_obligations_give_one_by_one(filled: Filled) -> None:
    school, versions = filled.schools[0]
    async with filled.sessions.for_school(school.id) as session:
        for day in (FIRST - timedelta(days=1), *DAYS, DAYS[-1] + timedelta(days=1)):
            for number in (None, 0, 5, 10, 29, 30):
                totals = await totals_of(session, day=day, known_at=number)
                assert {(t.rule, t.state): t.count for t in totals} == counted(versions, day, number)
                assert all((RULES[t.rule].force.value, RULES[t.rule].who.value) == (t.force, t.who) for t in totals)


async def test_the_sweep_counts_each_school_by_itself_in_one_statement(filled: Filled) -> None:
    async with pool_of(filled.urls.sweep) as pool:
        for day in DAYS:
            rows = await Sweep(pool).compliance(day)
            for school, versions in filled.schools:
                found = {(r["rule"], r["state"]): r["count"] for r in rows if r["school_id"] == school.id and r["state"] is not None}
                assert found == counted(versions, day, None)


async def test_no_page_of_the_table_is_read_to_count_what_is_known_now(filled: Filled) -> None:
    """The indexes hold all that a state is made of; a plan that could not do without the table would scan it."""
    owner = await asyncpg.connect(filled.urls.owner)
    try:
        await owner.execute("vacuum analyze obligation")
        await owner.execute("set enable_seqscan = off")
        await owner.execute("set enable_bitmapscan = off")
        statement = compliance.EVERYWHERE.replace("$1", f"date '{FIRST}'")
        plan = [line[0] for line in await owner.fetch(f"explain {statement}")]
    finally:
        await owner.close()
    scans = [line.split(" on ")[0].strip(" ->") for line in plan if "Scan" in line]
    assert scans == ["Index Only Scan using ix_obligation_counted", "Index Only Scan using ix_obligation_not_known"]
