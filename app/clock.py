"""Time and chance: everybody else is handed them from here, and none but this file asks the machine."""

import random
import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

_dice = random.SystemRandom()


def now() -> datetime:
    """Tell the present moment, aware and in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Tell seconds since an arbitrary moment; never goes back, so durations are measured with it."""
    return time.monotonic()


def thread_seconds() -> float:
    """Tell the processor seconds that the calling thread has used, since an arbitrary moment."""
    return time.thread_time()


def new_id() -> UUID:
    """Make a UUIDv7: ids made later sort later, to the millisecond."""
    return uuid7()


def random_bytes(count: int) -> bytes:
    """Draw `count` bytes that nobody can predict."""
    return secrets.token_bytes(count)


def jitter(low: float, high: float) -> float:
    """Draw a number between `low` and `high`, both inside, evenly."""
    return _dice.uniform(low, high)
