"""Guessing is slow: two comparisons at a time, and so many tries per key."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.api.manners.throttle import CheckerBusyError, SecretChecker, TokenBucket, place_of
from app.keys.sealing import hash_secret

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "gs_" + "A" * 43
STORED = hash_secret(SECRET, b"s" * 16)


@pytest.fixture
def checker():
    checker = SecretChecker(waiting=3)
    yield checker
    checker.close()


async def test_the_right_secret_matches_and_a_wrong_one_or_an_unknown_client_does_not(checker):
    assert await checker.matches(SECRET, STORED)
    assert not await checker.matches(SECRET + "A", STORED)
    assert not await checker.matches(SECRET, None)


async def test_not_even_the_secret_of_nobody_is_accepted_for_an_unknown_client(checker):
    assert not await checker.matches("nobody", None)


async def test_the_event_loop_goes_on_while_secrets_are_compared(checker):
    turns = 0
    comparing = asyncio.gather(*(checker.matches(SECRET, STORED) for _ in range(4)))
    while not comparing.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert comparing.result() == [True] * 4
    assert turns > 4


async def test_at_most_two_threads_compare(checker):
    await asyncio.gather(*(checker.matches(SECRET, STORED) for _ in range(5)))
    assert 1 <= sum(thread.name.startswith("secret-check") for thread in threading.enumerate()) <= 2


async def test_more_than_the_waiting_room_holds_is_turned_away_at_once_and_later_let_in(checker):
    answers = await asyncio.gather(*(checker.matches(SECRET, STORED) for _ in range(7)), return_exceptions=True)
    assert [isinstance(answer, CheckerBusyError) for answer in answers] == [False] * 5 + [True] * 2
    assert await checker.matches(SECRET, STORED)


def test_a_full_bucket_gives_its_burst_and_then_says_how_long_to_wait():
    bucket = TokenBucket(rate=0.5, burst=3)
    draws = [bucket.take("client-999", now=NOW) for _ in range(4)]
    assert [(draw.allowed, draw.remaining, draw.wait_seconds) for draw in draws] == [
        (True, 2, 0),
        (True, 1, 0),
        (True, 0, 0),
        (False, 0, 2),
    ]


@pytest.mark.parametrize(("seconds", "allowed"), [(1.9, False), (2.0, True), (60.0, True)])
def test_an_empty_bucket_gives_again_when_a_whole_token_has_run_in(seconds, allowed):
    bucket = TokenBucket(rate=0.5, burst=1)
    bucket.take("client-999", now=NOW)
    assert bucket.take("client-999", now=NOW + timedelta(seconds=seconds)).allowed is allowed


def test_a_refusal_costs_nothing():
    bucket = TokenBucket(rate=1, burst=1)
    bucket.take("client-999", now=NOW)
    for tenth in range(1, 10):
        assert not bucket.take("client-999", now=NOW + timedelta(seconds=tenth / 10)).allowed
    assert bucket.take("client-999", now=NOW + timedelta(seconds=1)).allowed


def test_a_bucket_never_holds_more_than_its_burst():
    bucket = TokenBucket(rate=100, burst=2)
    bucket.take("client-999", now=NOW)
    assert bucket.take("client-999", now=NOW + timedelta(days=1)).remaining == 1


def test_each_key_has_a_bucket_of_its_own():
    bucket = TokenBucket(rate=1, burst=1)
    assert bucket.take("client-999", now=NOW).allowed
    assert bucket.take("client-998", now=NOW).allowed


def test_a_dear_call_takes_more():
    bucket = TokenBucket(rate=1, burst=5)
    assert bucket.take("client-999", now=NOW, cost=4).remaining == 1
    assert bucket.take("client-999", now=NOW, cost=4).wait_seconds == 3


def test_a_clock_that_goes_back_refills_nothing_and_takes_nothing():
    bucket = TokenBucket(rate=1, burst=2)
    bucket.take("client-999", now=NOW)
    assert bucket.take("client-999", now=NOW - timedelta(hours=1)).remaining == 0
    assert not bucket.take("client-999", now=NOW).allowed


def test_the_memory_for_buckets_is_bounded_and_gives_up_the_one_idle_longest():
    bucket = TokenBucket(rate=0.001, burst=1, max_keys=2)
    for key in ("first", "second", "first", "third"):
        bucket.take(key, now=NOW)
    assert len(bucket) == 2
    assert not bucket.take("first", now=NOW).allowed
    assert bucket.take("second", now=NOW).allowed


def test_what_is_given_back_can_be_taken_again_and_never_more():
    bucket = TokenBucket(rate=0.001, burst=2)
    bucket.give_back("client-999")
    for _ in range(5):
        assert bucket.take("client-999", now=NOW).remaining == 1
        bucket.give_back("client-999")
        bucket.give_back("client-999")
    assert [bucket.take("client-999", now=NOW).allowed for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_an_ipv6_caller_has_one_bucket_for_all_the_addresses_of_its_site(host, place):
    assert place_of(host) == place
