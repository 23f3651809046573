"""The benchmark of deliveries runs; on a database of its own, since its keys are sealed for it alone."""

from app.db.embedded import DatabaseUrls
from bench import deliveries


async def test_deliveries_arrive_once_a_round_and_their_times_are_told(database: DatabaseUrls) -> None:
    size = deliveries.Size(schools=2, pupils_each=3, rounds=1, idle=3, loaded_s=0.5)
    rate, idle, loaded = await deliveries.run(database, size)
    assert "6 notices announced to one endpoint" in rate.report()
    assert "ratio of time" in rate.report()
    for row in (idle, loaded):
        assert isinstance(row, deliveries.Waits)
        assert all(waited > 0 for waited in row.milliseconds)
        assert "p95" in row.report()
    assert len(idle.milliseconds) == 3
