"""Bundles: which are to be made, for whom, and where their bytes lie once they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.db import work
from app.db.kept_files import Kept
from app.db.session import SchoolSession
from app.db.work import WorkKind
from app.domain.set_digest import digest_of_parts

MOST_PARTS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBundle:
    """A freeze that a bundle is to be made of: `frozen_at` is the last ledger number inside, `frozen_moment` the school's time.

    `profile` names what it is made for, with its version, and `cap` is the largest part in bytes that it allows.
    """

    id: UUID
    request_id: UUID
    authority: str
    frozen_at: int
    frozen_moment: datetime
    profile: str
    cap: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A bundle that is to be made, or made in another edition, split for parts of at most `cap` bytes; None is no limit.

    `edition` is the one to make, and `signed_head` is there from the first attempt that got so far. What was made before was deemed
    available then.
    """

    id: UUID
    request_id: UUID
    pupil_id: UUID
    authority: str
    frozen_at: int
    frozen_moment: datetime
    signed_head: str | None
    profile: str
    edition: int
    cap: int | None
    was_made_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a bundle: its number from 1, and the file, whose digest and size are the part's."""

    number: int
    file: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A bundle that was made; `digest` is that of its one part, or of the list of their digests, and `size` what they hold together."""

    id: UUID
    request_id: UUID
    pupil_id: UUID
    edition: int
    digest: bytes
    size: int
    parts: tuple[Part, ...]

    def part(self, number: int | None) -> Part | None:
        """Find a part by its number."""
        return next((part for part in self.parts if part.number == number), None)

    def file_name(self, number: int) -> str:
        """What a part is saved as; it names the request and no child."""
        count = len(self.parts)
        return f"request-{self.request_id}.zip" if count == 1 else f"request-{self.request_id}-{number}-of-{count}.zip"


async def insert(session: SchoolSession, new: NewBundle, *, now: datetime) -> bool:
    """Ask for a bundle to be made; False where the request has one already. `now` is the world's time."""
    row = await session.connection.fetchrow(
        "insert into bundle (school_id, id, request_id, authority, is_sandbox, state, frozen_at, frozen_moment, profile, edition, cap)"
        " select $1, $2, $3, $4, is_sandbox, 'waiting', $5, $6, $7, 1, $8::bigint from school where school_id = $1"
        " on conflict (school_id, request_id) do nothing returning id",
        session.school_id,
        new.id,
        new.request_id,
        new.authority,
        new.frozen_at,
        new.frozen_moment,
        new.profile,
        new.cap,
    )
    if row is not None:
        await work.ask(session, WorkKind.BUNDLE, new.id, now=now)
    return row is not None


_WANTED: Final = """
select b.id, b.request_id, r.pupil_id, b.authority, b.frozen_at, b.frozen_moment, b.signed_head, b.profile,
       b.edition + (b.wanted_cap is not null)::int as edition, coalesce(b.wanted_cap, b.cap) as cap,
       b.made_at is not null as was_made_before
  from bundle b join ehc_request r on r.school_id = b.school_id and r.id = b.request_id
 where b.school_id = $1 and b.id = $2 and (b.state <> 'ready' or b.wanted_cap is not null)
"""


async def find_wanted(session: SchoolSession, bundle_id: UUID) -> Wanted | None:
    """Find a bundle that is not made yet, or is to be split anew."""
    row = await session.connection.fetchrow(_WANTED, session.school_id, bundle_id)
    return None if row is None else Wanted(**dict(row.items()))


_SPLIT_ANEW: Final = """
update bundle set wanted_cap = $3
 where school_id = $1 and id = $2 and state = 'ready' and wanted_cap is null and (cap is null or cap > $3) returning id
"""


async def split_anew(session: SchoolSession, bundle_id: UUID, cap: int, now: datetime) -> bool:
    """Ask for another edition of a made bundle, in parts of at most `cap` bytes; `now` is the world's time.

    False, and nothing is asked for, when it is not made yet, was split for parts as small already, or is being split anew.
    """
    asked = await session.connection.fetchval(_SPLIT_ANEW, session.school_id, bundle_id, cap) is not None
    if asked:
        await work.reopen(session, WorkKind.BUNDLE, bundle_id, now=now)
    return asked


async def keep_head(session: SchoolSession, bundle_id: UUID, signed_head: str) -> str:
    """Keep the signed head of a freeze unless one is kept already, and give the one that is: a signature differs each time it is made."""
    kept: str = await session.connection.fetchval(
        "update bundle set signed_head = coalesce(signed_head, $3) where school_id = $1 and id = $2 returning signed_head",
        session.school_id,
        bundle_id,
        signed_head,
    )
    return kept


async def made(session: SchoolSession, ready: Ready, *, at: datetime) -> None:
    """Name the parts; `at` is the school's time, and its civil day the one on which the authority is deemed to have had the bundle."""
    await session.connection.execute(
        "update bundle set state = 'ready', edition = $3, digest = $4, size = $5, cap = coalesce(wanted_cap, cap), wanted_cap = null,"
        " made_at = coalesce(made_at, $6) where school_id = $1 and id = $2",
        *(session.school_id, ready.id, ready.edition, ready.digest, ready.size, at),
    )
    await session.connection.execute(
        "delete from bundle_part where school_id = $1 and bundle_id = $2 and edition = $3", session.school_id, ready.id, ready.edition
    )
    await session.connection.executemany(
        "insert into bundle_part (school_id, bundle_id, edition, number, blob_id, digest, size) values ($1, $2, $3, $4, $5, $6, $7)",
        [(session.school_id, ready.id, ready.edition, part.number, part.file.id, part.file.digest, part.file.size) for part in ready.parts],
    )


async def failed(session: SchoolSession, bundle_id: UUID) -> None:
    """Note that a bundle will not be made."""
    await session.connection.execute(
        "update bundle set state = 'failed' where school_id = $1 and id = $2 and state = 'waiting'", session.school_id, bundle_id
    )


async def failed_of(session: SchoolSession, request_id: UUID) -> list[UUID]:
    """The bundle of a request that will not be made as things stand, if it has one."""
    query = "select id from bundle where school_id = $1 and request_id = $2 and state = 'failed'"
    return [row["id"] for row in await session.connection.fetch(query, session.school_id, request_id)]


async def wanted_again(session: SchoolSession, bundle_id: UUID) -> None:
    """Note that a bundle which had failed is to be made after all."""
    await session.connection.execute(
        "update bundle set state = 'waiting' where school_id = $1 and id = $2 and state = 'failed'", session.school_id, bundle_id
    )


_READY: Final = """
select b.id, b.request_id, r.pupil_id, b.edition, b.digest, b.size
  from bundle b join ehc_request r on r.school_id = b.school_id and r.id = b.request_id
 where b.school_id = $1 and b.id = $2 and b.state = 'ready'
"""
_PARTS: Final = """
select p.number, f.id, f.digest, f.size, f.sealed_key
  from bundle_part p join blob f on f.school_id = p.school_id and f.id = p.blob_id
 where p.school_id = $1 and p.bundle_id = $2 and p.edition = $3
 order by p.number
"""


async def find_ready(session: SchoolSession, bundle_id: UUID) -> Ready | None:
    """Find a bundle that was made, with the parts of the edition that counts."""
    row = await session.connection.fetchrow(_READY, session.school_id, bundle_id)
    if row is None:
        return None
    return Ready(parts=await _parts(session, bundle_id, row["edition"]), **dict(row.items()))


_EDITIONS: Final = """
select edition, array_agg(digest order by number) as digests from bundle_part where school_id = $1 and bundle_id = $2 group by edition
"""


async def digests_of(session: SchoolSession, bundle_id: UUID) -> frozenset[bytes]:
    """Give the digests of all editions of a bundle, of which the authority may hold any."""
    rows = await session.connection.fetch(_EDITIONS, session.school_id, bundle_id)
    return frozenset(digest_of_parts(row["digests"]) for row in rows)


async def find_edition(session: SchoolSession, bundle_id: UUID, edition: int) -> Ready | None:
    """Find a bundle with the parts of one of its editions, whose files are kept when it is split anew; digest and size are of these."""
    row = await session.connection.fetchrow(_READY, session.school_id, bundle_id)
    parts = await _parts(session, bundle_id, edition)
    if row is None or not parts:
        return None
    digest = digest_of_parts([part.file.digest for part in parts])
    about = {**dict(row.items()), "edition": edition, "digest": digest, "size": sum(part.file.size for part in parts)}
    return Ready(parts=parts, **about)


async def _parts(session: SchoolSession, bundle_id: UUID, edition: int) -> tuple[Part, ...]:
    found = await session.connection.fetch(_PARTS, session.school_id, bundle_id, edition)
    return tuple(Part(number=number, file=Kept(school_id=session.school_id, **kept)) for number, kept in map(_numbered, found))


def _numbered(row: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    kept = dict(row.items())
    return kept.pop("number"), kept


async def attach_authority(session: SchoolSession, authority: str) -> list[UUID]:
    """Let the authority's own endpoints hear of this school where they wish to hear of requests; gives its organisations."""
    rows = await session.connection.fetch(_ATTACH, session.school_id, authority)
    return [row[0] for row in rows]


_ATTACH: Final = """
with wishing as (
  select s.id, s.organisation_id
    from subscription s join organisation o on o.id = s.organisation_id
    join directory d on d.school_id = $1 and d.is_sandbox = o.is_sandbox
   where o.kind = 'authority' and o.authority = $2 and s.state <> 'ended'
     and s.events && array['request.made', 'evidence.ready', 'evidence.bundle', 'subscription.disabled']
), attached as (
  insert into school_subscription (school_id, subscription_id, words, number) select $1, id, 'thin', 0 from wishing
  on conflict (school_id, subscription_id) do nothing
)
select distinct organisation_id from wishing
"""


async def may_receive(session: SchoolSession, organisation_id: UUID, authority: str) -> bool:
    """Whether an organisation is the authority with this number, and of the school's kind: sandbox and live never meet.

    One all of whose clients were revoked receives nothing.
    """
    found = await session.connection.fetchval(
        "select true from organisation o join directory d on d.school_id = $1 and d.is_sandbox = o.is_sandbox"
        " where o.id = $2 and o.kind = 'authority' and o.authority = $3"
        " and exists (select from client c where c.organisation_id = o.id and c.revoked_at is null)",
        session.school_id,
        organisation_id,
        authority,
    )
    return found is not None


async def is_attached(session: SchoolSession, subscription_id: UUID) -> bool:
    """Whether an endpoint hears of this school as one of an authority that was sent requests from it, and which has a client left."""
    found = await session.connection.fetchval(
        "select true from school_subscription ss join subscription s on s.id = ss.subscription_id"
        " join organisation o on o.id = s.organisation_id and o.kind = 'authority'"
        " join directory d on d.school_id = ss.school_id and d.is_sandbox = o.is_sandbox"
        " where ss.school_id = $1 and ss.subscription_id = $2"
        " and exists (select from client c where c.organisation_id = o.id and c.revoked_at is null)",
        session.school_id,
        subscription_id,
    )
    return found is not None
