"""The benchmarks run, and their floors do what they are said to do; how fast anything is, is no matter of a test."""

import re
from pathlib import Path

import asyncpg
import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from bench import bundling, compliance, rederivation
from bench.__main__ import parser_of_works
from bench.country import Made, Size, invent, tilted
from bench.load import UnexpectedAnswerError, drive, request_bytes
from bench.rounds import Rate, Row
from bench.stamps import FIRST, OWNER, SCHOOL, Stamp
from bench.times import Taken, Times
from bench.works import LIST, READ, WRITE, Scale, furnished, measured

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
TINY = Scale(schools=2, pupils_each=2, rounds=1, seconds=0.1, connections=2)
COUNTED = ("entry", "obligation", "idempotency", "notice", "notice_event", "delivery", "access")


async def rows(database: DatabaseUrls) -> dict[str, int]:
    connection = await asyncpg.connect(database.superuser)
    try:
        return {table: await connection.fetchval(f"select count(*) from {table}") for table in COUNTED}
    finally:
        await connection.close()


async def test_the_floor_makes_the_rows_that_a_concern_makes_and_both_are_measured(database: DatabaseUrls) -> None:
    """One start of the servers serves three looks: what is written, what a wrong answer does, and the report of a tiny run."""
    async with furnished(database, TINY) as (invented, floor, ours):
        counts = [await rows(database)]
        for server, requests in ((floor, WRITE.to_floor(invented)), (ours, WRITE.to_ours(invented))):
            await drive(server.port, requests, WRITE.status, connections=1, seconds=0)
            counts.append(await rows(database))
        before, after_floor, after_ours = counts
        made_by_floor = {table: after_floor[table] - before[table] for table in COUNTED}
        assert made_by_floor == {table: after_ours[table] - after_floor[table] for table in COUNTED}
        assert made_by_floor["entry"] == 1

        with pytest.raises(UnexpectedAnswerError, match=r"HTTP/1\.1 401"):
            await drive(ours.port, iter([request_bytes("GET", "/v1/schools/999000/pupils")]), b"200", connections=1, seconds=0)

        for work in (READ, WRITE, LIST):
            report = (await measured(work, invented, floor, ours, TINY)).report()
            assert report.startswith(f"{work.name} (target >= 0.")
            assert "ratio of throughput" in report
            assert "ratio of server CPU" in report


async def test_a_small_country_is_counted_and_derived_anew(database: DatabaseUrls) -> None:
    """The same as for all England, in little: what is measured is checked to be the same answer by other tests."""
    size = Size(pupils=60, obligations=900, entries=True, lives=2)
    before = await rows(database)
    made = await invent(database.superuser, size, clock.now().date())
    assert made.pupils >= size.pupils
    assert made.rows > made.obligations > 0
    written = {"obligation": before["obligation"] + made.rows, "entry": before["entry"] + await last_numbers(database, made)}
    assert await rows(database) == before | written
    for row in [*await compliance.run(database, made), *await rederivation.run(database, made, rounds=1)]:
        assert "ratio of CPU" in row.report()


async def last_numbers(database: DatabaseUrls, made: Made) -> int:
    connection = await asyncpg.connect(database.superuser)
    try:
        return int(await connection.fetchval("select sum(number) from ledger_head where school_id = any($1::uuid[])", made.schools))
    finally:
        await connection.close()


def test_every_bench_that_the_readme_names_is_there_with_its_options() -> None:
    named = re.findall(r"python -m bench ([a-z]+)", README)
    assert {"compliance", "rederive", "deliver", "bundle"} <= set(named)
    for work in named:
        assert parser_of_works().parse_args([work]).work == work
    assert [parser_of_works().parse_args([work, "--pupils", "7"]).pupils for work in ("compliance", "rederive")] == [7, 7]
    assert parser_of_works().parse_args([]).work == "all"


async def test_the_bench_of_bundles_packs_the_same_files_both_ways_and_tells_what_memory_one_takes() -> None:
    rows = await bundling.run(rounds=1, count=2, megabytes=1)
    assert [row.most for row in rows] == [3.0, None, None]
    assert all("ratio of CPU" in row.report() for row in rows)
    held = bundling.memory(1)
    assert held.most >= held.before > 0
    assert "bundle of 1 MB" in held.report()


def test_lives_are_weighed_so_that_they_come_to_the_mean_asked_for() -> None:
    counts = (2, 10, 40)
    for mean in (3.0, 10.0, 30.0):
        weights = tilted(counts, mean)
        assert sum(c * w for c, w in zip(counts, weights, strict=True)) / sum(weights) == pytest.approx(mean)


def test_a_stamp_prints_a_life_for_any_pupil_counting_from_the_pupils_first_number() -> None:
    stamp = Stamp.of(f"{SCHOOL} {OWNER}0001 100% {FIRST} and {FIRST + 12}")
    assert stamp.print("school", "owner-", 7) == "school owner-0001 100% 7 and 19"


def test_a_ratio_of_times_says_how_much_longer_or_for_a_rate_how_much_of_it() -> None:
    floor, ours = (Taken(gone_by=1.0, cpu=0.5),), (Taken(gone_by=2.0, cpu=2.0),)
    assert Times(work="work", floor=floor, ours=ours, most=1.5).ratios() == ([2.0], [4.0])
    assert Times(work="work", floor=floor, ours=ours, least=0.5, is_rate=True).ratios() == ([0.5], [0.25])


def test_a_ratio_is_the_floors_cost_over_ours_round_by_round() -> None:
    floor = (Rate(per_second=100.0, cpu_seconds=0.001), Rate(per_second=200.0, cpu_seconds=0.001))
    ours = (Rate(per_second=50.0, cpu_seconds=0.002), Rate(per_second=50.0, cpu_seconds=0.004))
    throughput, cpu = Row(work="work", target=0.5, floor=floor, ours=ours).ratios()
    assert (throughput, cpu) == ([0.5, 0.25], [0.5, 0.25])
