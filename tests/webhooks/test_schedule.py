"""When a delivery is tried again, and when no more."""

from datetime import UTC, datetime, timedelta

import pytest

from app.webhooks.delivering.schedule import MOST_ATTEMPTS, Verdict, next_attempt, retry_after, verdict
from app.webhooks.sending.attempt import Answer, FailReason, SendFailedError

NOW = datetime(2015, 3, 27, 9, 0, tzinfo=UTC)


def answer(status: int, retry_after: str | None = None) -> Answer:
    return Answer(status=status, retry_after=retry_after, body_cut=b"", duration_ms=3)


def whole_story(jitter: float) -> list[timedelta]:
    waits, attempt, now = [], 1, NOW
    while (at := next_attempt(attempt, answered=SendFailedError(FailReason.CONNECT), jitter=jitter, now=now)) is not None:
        waits.append(at - now)
        attempt, now = attempt + 1, at
    return waits


def test_twelve_attempts_are_spread_over_about_75_hours():
    waits = whole_story(jitter=0.5)
    assert len(waits) == MOST_ATTEMPTS - 1 == 11
    assert timedelta(hours=74) < sum(waits, timedelta()) < timedelta(hours=76)
    assert waits == sorted(waits)


def test_jitter_moves_a_wait_by_a_tenth_either_way():
    least, middle, most = whole_story(0.0), whole_story(0.5), whole_story(0.999999)
    assert all(low < mid < high for low, mid, high in zip(least, middle, most, strict=True))
    assert least[-1] == middle[-1] * 0.9
    assert most[-1] < middle[-1] * 1.1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Verdict.ACCEPTED),
        (202, Verdict.ACCEPTED),
        (299, Verdict.ACCEPTED),
        (302, Verdict.TRY_AGAIN),
        (400, Verdict.TRY_AGAIN),
        (404, Verdict.TRY_AGAIN),
        (409, Verdict.TRY_AGAIN),
        (410, Verdict.GONE),
        (429, Verdict.TRY_AGAIN),
        (500, Verdict.TRY_AGAIN),
        (599, Verdict.TRY_AGAIN),
    ],
)
def test_acceptance_is_2xx_and_only_gone_is_final(status, expected):
    assert verdict(answer(status)) is expected
    again = next_attempt(1, answered=answer(status), jitter=0.5, now=NOW)
    assert (again is not None) is (expected is Verdict.TRY_AGAIN)


@pytest.mark.parametrize("reason", list(FailReason))
def test_an_attempt_without_an_answer_is_tried_again(reason):
    assert verdict(SendFailedError(reason)) is Verdict.TRY_AGAIN


@pytest.mark.parametrize(("attempt", "is_last"), [(11, False), (12, True), (13, True)])
def test_after_the_twelfth_attempt_there_is_none(attempt, is_last):
    assert (next_attempt(attempt, answered=answer(500, "5"), jitter=0.5, now=NOW) is None) is is_last


@pytest.mark.parametrize(
    ("written", "waited"),
    [
        ("120", timedelta(seconds=120)),
        (" 120 ", timedelta(seconds=120)),
        ("Fri, 27 Mar 2015 09:10:00 GMT", timedelta(minutes=10)),
        ("86400", timedelta(hours=24)),
        ("86401", timedelta(hours=24)),
        ("9" * 5000, timedelta(hours=24)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=24)),
        ("0", timedelta(seconds=4.5)),
        ("Thu, 26 Mar 2015 09:00:00 GMT", timedelta(seconds=4.5)),
        ("-5", timedelta(seconds=4.5)),
        ("soon", timedelta(seconds=4.5)),
        ("²", timedelta(seconds=4.5)),
        ("Fri, 99 Mar 2015 09:10:00 GMT", timedelta(seconds=4.5)),
        ("", timedelta(seconds=4.5)),
        ("Fri, 27 Mar 2015 09:10:00 +99999999999999999999", timedelta(seconds=4.5)),
        (f"1 Jan 1{'0' * 300} 00:00:00", timedelta(seconds=4.5)),
    ],
)
def test_retry_after_lengthens_the_first_wait_up_to_a_day_and_never_shortens_it(written, waited):
    assert next_attempt(1, answered=answer(503, written), jitter=0.0, now=NOW) == NOW + waited


def test_retry_after_is_never_undercut_and_those_told_the_same_do_not_return_together():
    early = next_attempt(1, answered=answer(429, "600"), jitter=0.0, now=NOW)
    late = next_attempt(1, answered=answer(429, "600"), jitter=0.9, now=NOW)
    assert NOW + timedelta(seconds=600) == early < late <= NOW + timedelta(seconds=660)


def test_a_retry_after_shorter_than_the_schedule_changes_nothing():
    assert next_attempt(8, answered=answer(503, "60"), jitter=0.5, now=NOW) == NOW + timedelta(hours=10)


@pytest.mark.parametrize("written", ["0", "Thu, 26 Mar 2015 09:00:00 GMT"])
def test_a_moment_already_past_asks_for_no_wait(written):
    assert retry_after(written, NOW) == timedelta(0)
