"""How much a client may ask: of a school a budget for reads, one for writes, one for rolls handed in; one for evaluations; one of all."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final
from uuid import UUID

from app.api.manners.problems import retry_later
from app.api.manners.throttle import Draw, TokenBucket

READS = "reads"
WRITES = "writes"
IMPORTS = "imports"
PAPERS = "papers"
EVALUATIONS = "evaluations"
PINGS = "pings"
"""Of an organisation, whichever of its clients asks: each is a request that goes out at a caller's wish."""
ADDRESSES = "addresses"
"""Of a client: each address that it names is looked up at once, at name servers of its own choice."""
MOST_WAITING: Final = 16
"""So many of a client's requests may wait for something to come: each looks again whenever anything is written anywhere."""
REQUESTS = "requests"
"""Of whatever kind, of all schools together, those included that do not exist: else a sweep through all numbers would have no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So many requests at once (`burst`), refilled at `rate` a second."""

    rate: float
    burst: int


class Budgets:
    """Draws on the budgets of one process; with several API processes a client has so many times as much."""

    def __init__(self, budgets: Mapping[str, Budget], now: Callable[[], datetime]) -> None:
        self._budgets = budgets
        self._buckets = {name: TokenBucket(rate=budget.rate, burst=budget.burst) for name, budget in budgets.items()}
        self._now = now
        self._waiting: Counter[UUID] = Counter()

    @contextmanager
    def waiting(self, client_id: UUID, seconds: float) -> Iterator[None]:
        """Count a request that may wait for so many seconds, for as long as it is here. Raises ApiError with 429."""
        if not seconds:
            yield
            return
        if self._waiting[client_id] >= MOST_WAITING:
            raise retry_later("too-many-requests", 1, f"{MOST_WAITING} requests of this client wait already; ask without `wait`.")
        self._waiting[client_id] += 1
        try:
            yield
        finally:
            self._waiting[client_id] -= 1
            self._waiting += Counter()

    def draw(self, kind: str, client_id: UUID, tenant: str) -> dict[str, str]:
        """Take one request from what a client may ask in all and of a tenant, and give the headers that say what is left of the latter.

        Raises ApiError with 429.
        """
        now = self._now()
        self._take(REQUESTS, str(client_id), "of all schools together", now)
        return self._headers(kind, self._take(kind, f"{client_id} {tenant}", f"for {kind} here", now))

    def draw_ping(self, organisation_id: UUID) -> None:
        """Take one ping from what an organisation may send. Raises ApiError with 429."""
        self._take(PINGS, str(organisation_id), "for pings", self._now())

    def draw_address(self, client_id: UUID) -> None:
        """Take one address from what a client may have looked up. Raises ApiError with 429."""
        self._take(ADDRESSES, str(client_id), "for addresses", self._now())

    def _take(self, kind: str, key: str, words: str, now: datetime) -> Draw:
        drawn = self._buckets[kind].take(key, now=now)
        if not drawn.allowed:
            refusal = retry_later("too-many-requests", ceil(drawn.wait_seconds), f"The budget {words} is used up for now.")
            refusal.headers.update(self._headers(kind, drawn))
            raise refusal
        return drawn

    def _headers(self, kind: str, drawn: Draw) -> dict[str, str]:
        budget = self._budgets[kind]
        return {
            "RateLimit-Policy": f'"{kind}";q={budget.burst};w={ceil(budget.burst / budget.rate)}',
            "RateLimit": f'"{kind}";r={drawn.remaining};t={ceil((budget.burst - drawn.remaining) / budget.rate)}',
        }


def kind_of(method: str, path: str) -> str:
    """Say on which budget a request draws."""
    if method in ("GET", "HEAD"):
        return READS
    if path == "/v1/evaluations":
        return EVALUATIONS
    if path.endswith("/papers"):
        return PAPERS
    return IMPORTS if path.endswith("/imports") else WRITES
