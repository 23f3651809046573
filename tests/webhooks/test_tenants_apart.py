"""What one school's receivers see never depends on what happens at another: by push, out of a mailbox, and in the feed."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import asyncpg
import pytest

from app.db.deliveries import EVIDENCE_BUNDLE, SUBSCRIBABLE
from app.db.embedded import DatabaseUrls
from app.webhooks.delivering.preparing import WITHHELD
from app.webhooks.telling.catalogue import catalogue
from tests.conftest import moved_to, run_sql
from tests.webhooks.tenants import SHARED, Seen, Stage, ids_in, played, view

A, B = "999810", "999820"
WORD_OF_A, WORD_OF_B = "Thistledown", "Quillfeather"
RECORDED = {"pupil.enrolled", "contact.described", "sen.decided", "plan.agreed", "ehc_assessment.requested", "evidence.submitted"}
SCHOOL_A = (A, WORD_OF_A, 41_000, 2)
SCHOOL_B = (B, WORD_OF_B, 42_000, 3)


@dataclass
class Plays:
    """The same months three times: each school alone, and both beside each other; and the ids that were a school's alone then."""

    alone: dict[str, Stage]
    together: Stage
    ids: dict[str, set[str]]


@pytest.fixture(scope="module")
def databases(cluster: DatabaseUrls, template: str) -> Iterator[list[DatabaseUrls]]:
    names = [f"test_{os.getpid()}_{os.urandom(4).hex()}" for _ in range(3)]
    run_sql(cluster.superuser, *(f"create database {name} owner graduated_owner template {template}" for name in names))
    yield [moved_to(cluster, name) for name in names]
    run_sql(cluster.superuser, *(f"drop database {name} with (force)" for name in names))


@pytest.fixture(scope="module")
def plays(databases: list[DatabaseUrls], tmp_path_factory: pytest.TempPathFactory) -> Plays:
    return asyncio.run(all_played(databases, [tmp_path_factory.mktemp(name) for name in ("a", "b", "both")]))


async def all_played(databases: list[DatabaseUrls], folders: list[Path]) -> Plays:
    alone = {A: await played(databases[0], folders[0], SCHOOL_A), B: await played(databases[1], folders[1], SCHOOL_B)}
    together = await played(databases[2], folders[2], SCHOOL_A, SCHOOL_B)
    return Plays(alone=alone, together=together, ids=await ids_of_each(together))


async def ids_of_each(found: Stage) -> dict[str, set[str]]:
    """Read every id in every row of each school, and leave out what both know: the subscriptions and clients that they share."""
    connection = await asyncpg.connect(found.database.superuser)
    columns = await connection.fetch("select table_name from information_schema.columns where column_name = 'school_id'")
    ids: dict[str, set[str]] = defaultdict(set)
    for tenant in found.tenants:
        for (table,) in map(tuple, columns):
            rows = await connection.fetch(f"select * from {table} where school_id = $1", tenant.world.school_id)
            ids[tenant.world.urn] |= ids_in(rows)
    await connection.close()
    both = ids[A] & ids[B]
    assert both == set(found.shared) | {str(found.takers["vendor"].client_id)} | of_county(found, both)
    return {urn: mine - both for urn, mine in ids.items()}


def of_county(found: Stage, both: set[str]) -> set[str]:
    """The authority's three subscriptions, which attach themselves to every school that sends to it, and the client that told both."""
    rest = both - set(found.shared) - {str(found.takers["vendor"].client_id)}
    assert str(found.takers["county"].client_id) in rest
    assert len(rest) == 4
    return rest


def is_shared(seen: Seen) -> bool:
    return seen.receiver.split(" ", 1)[1].split(" ")[0] in SHARED and not seen.receiver.endswith((A, B))


def kinds_by(found: Stage, urn: str, way: str) -> set[str]:
    return {seen.kind for seen in found.seen if seen.urn == urn and seen.receiver.startswith(way)}


@pytest.mark.parametrize("urn", [A, B])
async def test_every_kind_of_event_really_occurs(plays: Plays, urn: str) -> None:
    assert set(catalogue(plays.together.world.app.state.blobs)) == set(SUBSCRIBABLE)
    for found in (plays.alone[urn], plays.together):
        assert kinds_by(found, urn, "push") == {*SUBSCRIBABLE, WITHHELD}
        assert kinds_by(found, urn, "mailbox") == {*SUBSCRIBABLE, WITHHELD} - {EVIDENCE_BUNDLE}
        assert kinds_by(found, urn, "feed") >= RECORDED


@pytest.mark.parametrize("urn", [A, B])
async def test_what_is_seen_of_a_school_does_not_depend_on_the_other(plays: Plays, urn: str) -> None:
    alone, beside = view(plays.alone[urn], urn), view(plays.together, urn)
    assert [each[:4] for each in alone] == [each[:4] for each in beside]
    for one, other in zip(alone, beside, strict=True):
        assert one[4] == other[4], difference(one[4], other[4])


@pytest.mark.parametrize(("urn", "other", "word"), [(A, B, WORD_OF_B), (B, A, WORD_OF_A)])
async def test_nothing_of_the_other_school_reaches_a_schools_own_receivers(plays: Plays, urn: str, other: str, word: str) -> None:
    mine = [seen for seen in plays.together.seen if seen.receiver.endswith(urn)]
    assert {seen.urn for seen in mine} == {urn}
    assert len({seen.receiver for seen in mine}) == 8
    assert leaked(mine, plays.ids[other], other, word) == set()


@pytest.mark.parametrize(("urn", "other", "word"), [(A, B, WORD_OF_B), (B, A, WORD_OF_A)])
async def test_who_hears_of_both_is_told_of_each_by_itself(plays: Plays, urn: str, other: str, word: str) -> None:
    both = [seen for seen in plays.together.seen if is_shared(seen)]
    assert {seen.urn for seen in both} == {A, B}
    assert leaked([seen for seen in both if seen.urn == urn], plays.ids[other], other, word) == set()


@pytest.mark.parametrize(("urn", "word"), [(A, WORD_OF_A), (B, WORD_OF_B)])
async def test_the_words_that_are_looked_for_are_there_to_be_found(plays: Plays, urn: str, word: str) -> None:
    """Else the searches above would find nothing wherever they looked."""
    mine = [seen for seen in plays.together.seen if seen.urn == urn]
    found = leaked(mine, plays.ids[urn], urn, word)
    assert {word, urn} <= found
    assert len(found) > 20


@pytest.mark.parametrize("urn", [A, B])
async def test_numbers_run_without_gaps_for_each_subscription(plays: Plays, urn: str) -> None:
    connection = await asyncpg.connect(plays.together.database.superuser)
    school = next(tenant.world.school_id for tenant in plays.together.tenants if tenant.world.urn == urn)
    rows = await connection.fetch("select subscription_id, number, state from delivery where school_id = $1 order by 1, 2", school)
    await connection.close()
    by_subscription: dict[object, list[int]] = defaultdict(list)
    for row in rows:
        by_subscription[row["subscription_id"]].append(row["number"])
    assert len(by_subscription) == 12
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_subscription.values())


def difference(one: str, other: str) -> tuple[str, str]:
    """Where two long texts part, and a little around it."""
    at = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return one[max(0, at - 100) : at + 60], other[max(0, at - 100) : at + 60]


def leaked(seen: list[Seen], ids: set[str], urn: str, word: str) -> set[str]:
    """Which of a school's ids, its number and its word stand in some messages."""
    text = "\n".join(each.text for each in seen)
    return {each for each in (*ids, urn, word) if each in text}
