"""What keeps guessing slow and cheap to refuse: token buckets, and scrypt in two threads of its own."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, IPv6Network, ip_address

from app.keys.sealing import hash_secret, secret_matches

AT_ONCE = 2
ONE_SITE = 64
"""So many leading bits of an IPv6 address name a site; the rest, its user chooses freely."""


class CheckerBusyError(Exception):
    """So many secrets wait to be checked that this one should be tried again later."""


class SecretChecker:
    """Compares client secrets two at a time in threads of its own, with at most `waiting` behind them."""

    def __init__(self, waiting: int = 64) -> None:
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="secret-check")
        self._limit = AT_ONCE + waiting
        self._present = 0
        # An unknown client id is compared with this, so that it takes as long as a known one.
        self._nobody = hash_secret("nobody", b"no client at all")

    async def matches(self, secret: str, stored: str | None) -> bool:
        """Whether the secret is the stored one; None (no such client) costs the same and is False. Raises CheckerBusyError."""
        if self._present >= self._limit:
            raise CheckerBusyError
        self._present += 1
        try:
            same = await asyncio.get_running_loop().run_in_executor(self._threads, secret_matches, secret, stored or self._nobody)
        finally:
            self._present -= 1
        return same and stored is not None

    def close(self) -> None:
        """Let running comparisons end and drop those that wait."""
        self._threads.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Draw:
    """The answer of a bucket: whether to go on, whole tokens left, and seconds until the next try can succeed (0 when allowed)."""

    allowed: bool
    remaining: int
    wait_seconds: float


class TokenBucket:
    """`burst` tokens per key, refilled at `rate` a second; beyond `max_keys` the key idle longest is forgotten, hence full again."""

    def __init__(self, rate: float, burst: int, *, max_keys: int = 10_000) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._max_keys = max_keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, key: str, *, now: datetime, cost: float = 1.0) -> Draw:
        """Take `cost` tokens if there are so many; a refusal takes none, and a clock that went back refills nothing."""
        moment = now.timestamp()
        level, last = self._levels.get(key, (self._burst, moment))
        level = min(self._burst, level + max(0.0, moment - last) * self._rate)
        allowed = level >= cost
        if allowed:
            level -= cost
        self._levels[key] = (level, max(moment, last))
        self._levels.move_to_end(key)
        if len(self._levels) > self._max_keys:
            self._levels.popitem(last=False)
        return Draw(allowed, int(level), 0.0 if allowed else (cost - level) / self._rate)

    def give_back(self, key: str, cost: float = 1.0) -> None:
        """Undo a draw that turned out to be none of the kind that is counted."""
        if key in self._levels:
            level, last = self._levels[key]
            self._levels[key] = (min(self._burst, level + cost), last)


def place_of(host: str) -> str:
    """Name the place that a caller's address stands for: itself for IPv4, its site for IPv6, and what is no address as it is."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), ONE_SITE), strict=False))
