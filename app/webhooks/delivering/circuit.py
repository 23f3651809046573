"""Says when an endpoint that fails is left alone: tried by one probe at a time, and disabled at last, with the probes going on."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from app.db.circuits import Circuit

OPENS_AFTER: Final = 8
"""Failures in a row. One delivery that alone always fails needs hours for as many, and any other's success ends the count."""
FIRST_PROBE: Final = timedelta(seconds=10)
LONGEST_BETWEEN_PROBES: Final = timedelta(minutes=15)
BETWEEN_PROBES_WHEN_DISABLED: Final = timedelta(hours=1)
DISABLED_AFTER: Final = timedelta(hours=66)
"""The twelve attempts at a delivery take at the least 67 hours and 27 minutes. An endpoint that has failed all the while is disabled
before, when failures cease to count, so that what it missed still waits for it: a delivery dies of its own fault alone."""
JITTER: Final = 0.1


def after_success(circuit: Circuit) -> Circuit:
    """Close it: whatever waits may go, and an endpoint that was disabled is active again."""
    return Circuit(state="active" if circuit.is_disabled else circuit.state)


def after_failure(circuit: Circuit, *, is_probe: bool, now: datetime, jitter: float, asked: timedelta | None = None) -> Circuit:
    """Count a failure; the eighth in a row opens it, and after 66 hours without a success a failed probe disables it.

    Once it is open only probes count, for the others were under way already. The time to the next probe doubles from 10 seconds to
    15 minutes and is an hour when disabled, stretched by -10 % to +10 % as `jitter` goes from 0 to 1; it is no shorter than what the
    receiver `asked` for.
    """
    asked = asked or timedelta(0)
    if circuit.probe_at is not None and not is_probe:
        return replace(circuit, probe_at=max(circuit.probe_at, now + asked))
    since = circuit.failing_since or now
    failed = replace(circuit, failures=circuit.failures + 1, failing_since=since)
    if failed.state == "active" and now - since >= DISABLED_AFTER:
        failed = replace(failed, state="disabled")
    if failed.failures < OPENS_AFTER and not (circuit.is_open or failed.is_disabled):
        return failed
    wait = time_to_probe(failed) * (1 - JITTER + 2 * JITTER * jitter)
    return replace(failed, probe_at=now + max(wait, asked))


def time_to_probe(circuit: Circuit) -> timedelta:
    """Give the time from a failure to the next probe, before jitter."""
    if circuit.is_disabled:
        return BETWEEN_PROBES_WHEN_DISABLED
    doublings = min(max(circuit.failures - OPENS_AFTER, 0), 10)
    return min(FIRST_PROBE * (1 << doublings), LONGEST_BETWEEN_PROBES)
