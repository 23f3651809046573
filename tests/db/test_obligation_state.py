"""The state of an obligation in SQL, for whole lists, is the state that the domain's table gives, in every combination of dates."""

from collections.abc import Iterator
from datetime import date
from itertools import product

import asyncpg

from app.db.embedded import DatabaseUrls
from app.db.obligations import STATE
from app.domain.obligation import Obligation, Shape
from app.domain.rule import Force
from app.domain.rules import RULES

D1, D2, D3 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
DAYS = (D1, D2, D3)
MAYBE = (None, *DAYS)
MUST = next(rule for rule in RULES.values() if rule.force is Force.MUST)
SHOULD = next(rule for rule in RULES.values() if rule.force is Force.SHOULD)


def combinations() -> Iterator[Obligation]:
    for rule, due, met, ended, opens, excused, departed, missing in product(
        (MUST, SHOULD), MAYBE, MAYBE, MAYBE, MAYBE, (None, 7), (None, 8), ((), ("a fact",))
    ):
        yield Obligation(
            rule=rule,
            shape=Shape.DATED,
            occasion="1",
            arises_on=D2,
            opens_on=opens,
            due=due,
            met_on=met,
            met_by=None if met is None else 5,
            ended_on=ended,
            excused_by=excused,
            departed_by=departed,
            missing=missing,
        )


async def test_sql_and_domain_agree_on_every_combination(database: DatabaseUrls) -> None:
    owed = list(combinations())
    columns = "arises_on, opens_on, due, met_on, ended_on, excused_by, departed_by, force, missing"
    query = f"""
    select {STATE} as state
      from (select i, a, o, d, m, e, x, p, f, case when g then array['a fact'] else '{{}}'::text[] end
              from unnest($1::int[], $3::date[], $4::date[], $5::date[], $6::date[], $7::date[], $8::bigint[], $9::bigint[], $10::text[],
                          $11::boolean[]) as listed (i, a, o, d, m, e, x, p, f, g)) as row (i, {columns})
     order by i
    """
    given = [
        (o.arises_on, o.opens_on, o.due, o.met_on, o.ended_on, o.excused_by, o.departed_by, o.rule.force.value, bool(o.missing))
        for o in owed
    ]
    connection = await asyncpg.connect(database.app)
    try:
        for day in DAYS:
            rows = await connection.fetch(query, list(range(len(owed))), day, *(list(column) for column in zip(*given, strict=True)))
            told = [row["state"] for row in rows]
            expected = [None if (state := o.state_on(day)) is None else state.value for o in owed]
            assert told == expected
    finally:
        await connection.close()
    assert len(owed) == 4096
