"""When an endpoint that fails is left alone, for how long, and when it is disabled."""

from datetime import UTC, datetime, timedelta

import pytest

from app.db.circuits import Circuit
from app.webhooks.delivering.circuit import DISABLED_AFTER, JITTER, OPENS_AFTER, after_failure, after_success
from app.webhooks.delivering.schedule import JITTER as SCHEDULE_JITTER
from app.webhooks.delivering.schedule import WAITS

NOW = datetime(2015, 3, 27, 9, 0, tzinfo=UTC)
CLOSED = Circuit(state="active")


def failing(count: int, circuit: Circuit = CLOSED, *, now: datetime = NOW, jitter: float = 0.5) -> Circuit:
    for _ in range(count):
        circuit = after_failure(circuit, is_probe=circuit.is_open, now=now, jitter=jitter)
    return circuit


def test_the_eighth_failure_in_a_row_opens_it():
    assert OPENS_AFTER == 8
    assert not failing(7).is_open
    opened = failing(8)
    assert (opened.failures, opened.failing_since, opened.probe_at) == (8, NOW, NOW + timedelta(seconds=10))


def test_a_success_ends_the_row_and_closes_it():
    assert after_success(failing(7)) == CLOSED
    assert after_success(failing(20)) == CLOSED
    assert not failing(7, after_success(failing(7))).is_open


def test_only_probes_count_once_it_is_open():
    opened = failing(8)
    assert after_failure(opened, is_probe=False, now=NOW, jitter=0.5) == opened
    assert after_failure(opened, is_probe=True, now=NOW, jitter=0.5).failures == 9


def test_one_that_its_owner_had_tried_at_once_is_probed_again_soon_when_it_fails_still():
    tried = Circuit(state="active", probe_at=NOW)
    assert failing(1, tried).probe_at == NOW + timedelta(seconds=10)


def test_the_time_to_the_next_probe_doubles_up_to_a_quarter_of_an_hour():
    waits = []
    circuit = failing(8)
    for _ in range(9):
        waits.append((circuit.probe_at - NOW).total_seconds())
        circuit = failing(1, circuit)
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_jitter_moves_a_probe_by_a_tenth_either_way():
    early, late = failing(8, jitter=0.0), failing(8, jitter=0.999)
    assert early.probe_at == NOW + timedelta(seconds=10) * (1 - JITTER)
    assert NOW + timedelta(seconds=10.9) < late.probe_at < NOW + timedelta(seconds=11)


def test_a_probe_is_no_sooner_than_the_receiver_asked_for():
    opened = after_failure(failing(7), is_probe=False, now=NOW, jitter=0.5, asked=timedelta(minutes=7))
    assert opened.probe_at == NOW + timedelta(minutes=7)
    later = after_failure(opened, is_probe=False, now=NOW, jitter=0.5, asked=timedelta(minutes=9))
    assert later.probe_at == NOW + timedelta(minutes=9)


@pytest.mark.parametrize(("after", "state"), [(DISABLED_AFTER - timedelta(seconds=1), "active"), (DISABLED_AFTER, "disabled")])
def test_after_66_hours_without_a_success_it_is_disabled_and_probed_each_hour(after, state):
    circuit = failing(1, failing(8), now=NOW + after)
    assert circuit.state == state
    wait = timedelta(hours=1) if state == "disabled" else timedelta(seconds=20)
    assert circuit.probe_at == NOW + after + wait
    assert after_success(circuit) == CLOSED


def test_a_failure_long_ago_that_a_success_followed_disables_nothing():
    circuit = after_success(failing(8))
    assert failing(8, circuit, now=NOW + timedelta(days=30)).state == "active"


def test_an_endpoint_that_never_accepts_is_disabled_before_a_delivery_can_be_given_up():
    shortest = sum(WAITS, timedelta()) * (1 - SCHEDULE_JITTER)
    assert shortest - DISABLED_AFTER > timedelta(hours=1)


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_what_its_owner_stopped_stays_as_the_owner_left_it(state):
    assert after_success(Circuit(state=state, failures=3, failing_since=NOW)).state == state
    assert failing(9, Circuit(state=state), now=NOW).state == state
