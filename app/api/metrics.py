"""How all schools' work stands, for the operator's Prometheus: counts and ages alone, and no school, person or address in a label."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.callers import bearer_token
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError, unauthenticated
from app.casework.waiting import asking
from app.db.sweep import Sweep
from app.db.work_seen import Count

router = APIRouter(tags=["Health"])
AN_EXAMPLE: Final = (
    "# HELP graduated_work_waiting Pieces of work that nobody has in hand.\n# TYPE graduated_work_waiting gauge\n"
    'graduated_work_waiting{kind="import"} 0.0\n'
)
AS_TEXT: Final[dict[int | str, dict[str, object]]] = {
    200: {"description": "Gauges in the text form of Prometheus.", "content": {"text/plain": {"example": AN_EXAMPLE}}}
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing(Collector):
    """What was counted at one moment."""

    now: datetime
    work: list[Count]
    deliveries: dict[str, tuple[int, datetime | None]]
    subscriptions: list[asyncpg.Record]

    def collect(self) -> Iterable[Metric]:
        """Give the gauges, in a fixed order."""
        yield from self._of_work()
        yield from self._of_deliveries()
        named = ((row["kind"], row["state"], row["count"]) for row in self.subscriptions)
        gauge = GaugeMetricFamily("graduated_subscriptions", "Endpoints and mailboxes by state.", labels=("kind", "state"))
        for kind, state, count in named:
            gauge.add_metric((kind, state), count)
        yield gauge

    def _of_work(self) -> Iterator[Metric]:
        told = (
            ("waiting", "Pieces of work that nobody has in hand.", [count.waiting for count in self.work]),
            ("running", "Pieces of work that a worker has in hand.", [count.running for count in self.work]),
            ("dead", "Pieces of work that were given up.", [count.dead for count in self.work]),
            ("oldest_seconds", "Age of the oldest piece that is not done.", [self._age(count.oldest_at) for count in self.work]),
            ("attempts", "The most attempts that a piece which is not done has had.", [count.attempts for count in self.work]),
        )
        for name, sentence, values in told:
            gauge = GaugeMetricFamily(f"graduated_work_{name}", sentence, labels=("kind",))
            for count, value in zip(self.work, values, strict=True):
                gauge.add_metric((count.kind,), value)
            yield gauge

    def _of_deliveries(self) -> Iterator[Metric]:
        gauge = GaugeMetricFamily("graduated_deliveries", "Deliveries that wait, and those that were given up.", labels=("state",))
        for state in ("waiting", "dead"):
            gauge.add_metric((state,), self.deliveries.get(state, (0, None))[0])
        yield gauge
        oldest = self._age(self.deliveries.get("waiting", (0, None))[1])
        yield GaugeMetricFamily("graduated_deliveries_oldest_seconds", "Age of the oldest delivery that waits.", value=oldest)

    def _age(self, since: datetime | None) -> float:
        return 0.0 if since is None else max(0.0, (self.now - since).total_seconds())


@router.get("/metrics", response_class=Response, responses=AS_TEXT, openapi_extra=may_answer("unauthenticated", "not-found"))
async def read_metrics(request: Request) -> Response:
    """Give what the operator watches, to whoever bears the token in METRICS_TOKEN; without that setting there is nothing here."""
    expected: SecretStr | None = request.app.state.metrics_token
    if expected is None:
        raise ApiError("not-found")
    if not hmac.compare_digest(bearer_token(request).encode(), expected.get_secret_value().encode()):
        raise unauthenticated("The token is not the one for metrics.", error="invalid_token")
    sweep: Sweep = request.app.state.sweep
    now = asking(request.app.state.casework)
    standing = Standing(
        now=now.now,
        work=await sweep.counts(now),
        deliveries=await sweep.deliveries_standing(),
        subscriptions=await sweep.subscriptions(),
    )
    registry = CollectorRegistry()
    registry.register(standing)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
