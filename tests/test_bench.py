"""The benchmarks run, and their floors do what they are said to do; how fast anything is, is no matter of a test."""

import asyncpg
import pytest

from app.db.embedded import DatabaseUrls
from bench.load import UnexpectedAnswerError, drive, request_bytes
from bench.rounds import Rate, Row
from bench.works import READ, WRITE, Scale, furnished, measured

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

        for work in (READ, WRITE):
            report = (await measured(work, invented, floor, ours, TINY)).report()
            assert report.startswith(f"{work.name} (target >= 0.")
            assert "ratio of throughput" in report
            assert "ratio of server CPU" in report


def test_a_ratio_is_the_floors_cost_over_ours_round_by_round() -> None:
    floor = (Rate(per_second=100.0, cpu_seconds=0.001), Rate(per_second=200.0, cpu_seconds=0.001))
    ours = (Rate(per_second=50.0, cpu_seconds=0.002), Rate(per_second=50.0, cpu_seconds=0.004))
    throughput, cpu = Row(work="work", target=0.5, floor=floor, ours=ours).ratios()
    assert (throughput, cpu) == ([0.5, 0.25], [0.5, 0.25])
