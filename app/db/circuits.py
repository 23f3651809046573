"""How endpoints do, kept beside each subscription: written where an attempt failed, and by the success that ends a row of failures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """How an endpoint does: `failures` in a row, since when; while `probe_at` is set one probe at a time goes out, from then on."""

    state: str
    failures: int = 0
    failing_since: datetime | None = None
    probe_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether all but probes are held back."""
        return self.probe_at is not None

    @property
    def is_disabled(self) -> bool:
        """Whether it failed for so long that its owner is told, and that failures count no more."""
        return self.state == "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A circuit, locked until the transaction ends, and whose endpoint it is."""

    organisation_id: UUID
    circuit: Circuit


IS_TRIED: Final = """(s.kind = 'push' or s.state = 'ended')
   and (s.state = 'ended' or s.state = 'active' and s.probe_at is null or s.state in ('active', 'disabled') and s.probe_at <= {now})"""
"""For a statement: whether a worker takes up at a moment what is owed to subscription `s`, if only to withhold it from one that ended."""
_LOCK = """
select id, organisation_id, state, failures, failing_since, probe_at from subscription
 where id = any($1::uuid[]) or (id = any($2::uuid[]) and (failures > 0 or probe_at is not null or state = 'disabled'))
 order by id for update
"""
_KEEP = "update subscription set state = $2, failures = $3, failing_since = $4, probe_at = $5 where id = $1"
_HOLD = "update subscription set probe_at = $2 where id = $1 and probe_at < $2"


async def lock(session: Session, *, failed: Sequence[UUID], accepted: Sequence[UUID]) -> dict[UUID, Found]:
    """Lock the circuits of endpoints that failed, and of those that accepted after failures; a healthy one is not touched."""
    rows = await session.connection.fetch(_LOCK, failed, accepted)
    return {
        row["id"]: Found(
            organisation_id=row["organisation_id"],
            circuit=Circuit(state=row["state"], failures=row["failures"], failing_since=row["failing_since"], probe_at=row["probe_at"]),
        )
        for row in rows
    }


async def keep(session: Session, subscription_id: UUID, circuit: Circuit) -> None:
    """Keep a circuit that was locked."""
    c = circuit
    await session.connection.execute(_KEEP, subscription_id, c.state, c.failures, c.failing_since, c.probe_at)


async def hold_probe(session: Session, subscription_id: UUID, until: datetime) -> None:
    """Let nobody else begin a probe of an endpoint before a moment."""
    await session.connection.execute(_HOLD, subscription_id, until)
