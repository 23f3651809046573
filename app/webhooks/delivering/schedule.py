"""Says when a delivery is tried again, and when no more: twelve attempts over about 75 hours."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from app.webhooks.sending.attempt import Answer, SendFailedError

Outcome = Answer | SendFailedError

# From the end of one attempt to the next: together 74 hours, 56 minutes and 5 seconds before jitter.
WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=18),
    timedelta(hours=22, minutes=30),
)
MOST_ATTEMPTS = len(WAITS) + 1
JITTER = 0.1
LONGEST_RETRY_AFTER = timedelta(hours=24)


class Verdict(StrEnum):
    """What an attempt came to."""

    ACCEPTED = "accepted"
    TRY_AGAIN = "try_again"
    GONE = "gone"


def verdict(answered: Outcome) -> Verdict:
    """Judge an attempt: 2xx is acceptance, 410 ends the subscription's wish to hear, and all else is tried again.

    A redirect, a 400 or a 401 is tried again too: they come from receivers set up wrongly, which people mend within hours, and
    what would be lost is a letter that the law requires. What a part of a bundle that is too large leads to is judged in `recording`.
    """
    if isinstance(answered, SendFailedError):
        return Verdict.TRY_AGAIN
    if 200 <= answered.status <= 299:
        return Verdict.ACCEPTED
    return Verdict.GONE if answered.status == 410 else Verdict.TRY_AGAIN


def next_attempt(attempt: int, *, answered: Outcome, jitter: float, now: datetime) -> datetime | None:
    """Give the moment of the next attempt after the `attempt`-th (from 1), or None when accepted, gone or exhausted.

    Each wait is stretched by -10 % to +10 % as `jitter` goes from 0 up to, not including, 1. A Retry-After is never undercut: it
    lengthens the wait, to 24 hours at most and with up to 10 % on top, and never adds attempts. `now` is aware.
    """
    if verdict(answered) is not Verdict.TRY_AGAIN or attempt >= MOST_ATTEMPTS:
        return None
    wait = WAITS[attempt - 1] * (1 - JITTER + 2 * JITTER * jitter)
    asked = retry_after(answered.retry_after, now) if isinstance(answered, Answer) else None
    if asked is not None:
        wait = max(wait, asked * (1 + JITTER * jitter))
    return now + wait


def retry_after(written: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After in seconds or as an HTTP date (RFC 9110 10.2.3), held between nothing and 24 hours; None if unreadable."""
    if written is None:
        return None
    text = written.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return min(max(moment - now, timedelta(0)), LONGEST_RETRY_AFTER)
