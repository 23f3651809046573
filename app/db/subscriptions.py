"""Subscriptions: where an organisation wants to hear of events, and how each stands at a school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from app.db.grants import STANDS
from app.db.once import once
from app.db.session import SchoolSession, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """An endpoint, or a mailbox that has no `url`; a URL may hold a receiver's own token, so it belongs in no log.

    `failures` attempts failed in a row, from `failing_since` on; while `probe_at` is set, one attempt at a time is made, from then on.
    """

    id: UUID
    organisation_id: UUID
    url: str | None
    events: tuple[str, ...]
    state: str
    created_at: datetime
    kind: str = "push"
    failures: int = 0
    failing_since: datetime | None = None
    probe_at: datetime | None = None

    @property
    def choice(self) -> dict[str, object]:
        """What people choose of it; how attempts went is no part of it, so that a failure makes no version stale."""
        return {"id": self.id, "kind": self.kind, "url": self.url, "events": self.events, "state": self.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A subscription's standing at one school: how much is pushed, which member of staff chose it, and the last number given.

    `carries` is what it carries at this moment: words that were chosen for another address are not carried to the present one.
    """

    subscription_id: UUID
    words: str
    chosen_by: UUID | None
    number: int
    carries: str

    @property
    def choice(self) -> dict[str, object]:
        """What was chosen for it, which is all that a person changes."""
        return {"subscription": self.subscription_id, "words": self.words, "chosen_by": self.chosen_by}


_COLUMNS = "id, organisation_id, url, events, state, created_at, kind, failures, failing_since, probe_at"


async def insert(session: Session, new: Subscription, sealed_secrets: bytes | None) -> None:
    """Keep a new subscription; a mailbox has no secrets, for nothing is sent to it."""
    await session.connection.execute(
        "insert into subscription (id, organisation_id, url, events, state, created_at, kind, failures, sealed_secrets)"
        " values ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
        new.id,
        new.organisation_id,
        new.url,
        list(new.events),
        new.state,
        new.created_at,
        new.kind,
        sealed_secrets,
    )


@once
async def find(session: Session, subscription_id: UUID, *, lock: bool = False) -> Subscription | None:
    """Find a subscription of any organisation, ended ones too; with `lock`, nobody else changes it until the transaction ends."""
    query = f"select {_COLUMNS} from subscription where id = $1"  # noqa: S608
    row = await session.connection.fetchrow(f"{query} for update" if lock else query, subscription_id)
    return None if row is None else Subscription(**{**dict(row.items()), "events": tuple(row["events"])})


async def urls(session: Session, subscription_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Tell where some endpoints are; a mailbox is nowhere."""
    query = "select id, url from subscription where id = any($1::uuid[]) and url is not null"
    return {row["id"]: row["url"] for row in await session.connection.fetch(query, subscription_ids)}


async def list_of(session: Session, organisation_id: UUID, *, after: UUID | None, limit: int) -> list[Subscription]:
    """List an organisation's subscriptions in the order of their ids, ended ones too."""
    rows = await session.connection.fetch(
        f"select {_COLUMNS} from subscription where organisation_id = $1 and ($2::uuid is null or id > $2) order by id limit $3",  # noqa: S608
        organisation_id,
        after,
        limit,
    )
    return [Subscription(**{**dict(row.items()), "events": tuple(row["events"])}) for row in rows]


async def count_standing(session: Session, organisation_id: UUID) -> int:
    """Count an organisation's subscriptions that have not ended, and let nobody else add one until the transaction ends."""
    await session.connection.execute("select pg_advisory_xact_lock(hashtextextended('subscriptions ' || $1, 0))", str(organisation_id))
    query = "select count(*) from subscription where organisation_id = $1 and state <> 'ended'"
    return int(await session.connection.fetchval(query, organisation_id) or 0)


async def move(session: Session, subscription_id: UUID, state: str) -> None:
    """Pause a subscription, let it go on, or end it for good: what still waits for it is then withheld when its turn comes."""
    await session.connection.execute("update subscription set state = $2 where id = $1 and state <> 'ended'", subscription_id, state)


_KEEP = """
update subscription set url = $2, events = $3, state = $4, failures = $5, failing_since = $6, probe_at = $7
 where id = $1 and state <> 'ended'
"""


async def keep(session: Session, changed: Subscription) -> None:
    """Keep a subscription that was found with a lock, as it is now."""
    c = changed
    await session.connection.execute(_KEEP, c.id, c.url, list(c.events), c.state, c.failures, c.failing_since, c.probe_at)


async def sealed_secrets(session: Session, subscription_id: UUID, *, lock: bool = False) -> bytes:
    """Read the sealed secrets; with `lock`, nobody else changes them until the transaction ends. LookupError when there are none."""
    query = "select sealed_secrets from subscription where id = $1"
    sealed = await session.connection.fetchval(f"{query} for update" if lock else query, subscription_id)
    if not isinstance(sealed, bytes):
        raise LookupError("no such subscription")
    return sealed


async def keep_secrets(session: Session, subscription_id: UUID, sealed: bytes) -> None:
    """Keep the secrets after a rotation."""
    await session.connection.execute("update subscription set sealed_secrets = $2 where id = $1", subscription_id, sealed)


_SERVES = f"""
select exists (select from directory d join organisation o on o.id = $2
                where d.school_id = $1 and d.is_sandbox = o.is_sandbox
                  and ((d.organisation_id = $2 and exists (select from client c where c.organisation_id = $2 and c.revoked_at is null))
                       or exists (select from client_grant g join client c on c.id = g.client_id
                                   where g.school_id = $1 and c.organisation_id = $2 and c.revoked_at is null
                                     and {STANDS} and $3 = any(g.scopes))))
"""  # noqa: S608


@once
async def may_serve(session: SchoolSession, organisation_id: UUID, scope: str) -> bool:
    """Whether an organisation is the school's own, or has a client to which the school's grant of a scope stands at this moment.

    One all of whose clients were revoked serves nobody.
    """
    return bool(await session.connection.fetchval(_SERVES, session.school_id, organisation_id, scope))


_ATTACH = """
insert into school_subscription (school_id, subscription_id, words, chosen_by, number, words_to) values ($1, $2, $3, $4, 0, $5)
on conflict (school_id, subscription_id)
do update set words = excluded.words, chosen_by = excluded.chosen_by, words_to = excluded.words_to
returning subscription_id, words, chosen_by, number, words as carries
"""


async def attach(session: SchoolSession, subscription: Subscription, *, words: str, chosen_by: UUID | None) -> Attached:
    """Let a subscription hear of this school, or change how much it carries to where it is now; its numbers go on."""
    words_to = sha256((subscription.url or "").encode()).digest()
    row = await session.connection.fetchrow(_ATTACH, session.school_id, subscription.id, words, chosen_by, words_to)
    if row is None:
        raise LookupError("an upsert gives its row")
    return Attached(**dict(row.items()))


_ATTACHED = """
select ss.subscription_id, ss.words, ss.chosen_by, ss.number,
       case when ss.words_to is distinct from sha256(convert_to(coalesce(s.url, ''), 'UTF8')) then 'thin' else ss.words end as carries
  from school_subscription ss join subscription s on s.id = ss.subscription_id
 where ss.school_id = $1 and ($2::uuid[] is null or ss.subscription_id = any($2)) order by ss.subscription_id
"""


@once
async def attached(session: SchoolSession, subscription_ids: Sequence[UUID] | None = None, *, lock: bool = False) -> list[Attached]:
    """List how subscriptions stand at this school: those named, or all; with `lock`, nobody else changes them meanwhile."""
    query = f"{_ATTACHED} for update of ss" if lock else _ATTACHED
    rows = await session.connection.fetch(query, session.school_id, subscription_ids)
    return [Attached(**dict(row.items())) for row in rows]
