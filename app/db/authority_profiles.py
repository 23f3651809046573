"""What authorities expect, as organisations loaded it: kept by version, and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from app.db.session import Session
from app.domain.profile import Profile

Body = dict[str, object]
_ADAPTER: Final = TypeAdapter(Profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A profile that an organisation loaded: which one, by its id and name, by which client, and when."""

    profile: Profile
    organisation_id: UUID
    organisation: str
    client_id: UUID
    loaded_at: datetime


def body_of(profile: Profile) -> Body:
    """Give the JSON body of a profile, whole, as it is kept and as a bundle carries it."""
    body: Body = _ADAPTER.dump_python(profile, mode="json")
    return body


def profile_from(body: Mapping[str, object]) -> Profile:
    """Rebuild a profile from its JSON body; raises pydantic's ValidationError, a ValueError, for what is none."""
    return _ADAPTER.validate_python(body)


_LOADED: Final = """
select p.profile, p.organisation_id, o.name as organisation, p.client_id, p.loaded_at
  from authority_profile p join organisation o on o.id = p.organisation_id
"""
_NEWEST: Final = "not exists (select from authority_profile n where n.is_sandbox = p.is_sandbox and n.id = p.id and n.version > p.version)"
_BY_ID: Final = 'p.id collate "C"'
_IN_FORCE: Final = "(p.profile ->> 'since')::date <= $3 and ((p.profile ->> 'until') is null or $3 <= (p.profile ->> 'until')::date)"


async def find(session: Session, id_: str, version: int, *, is_sandbox: bool) -> Loaded | None:
    """Find one version of a profile that was loaded on this side."""
    query = f"{_LOADED} where p.is_sandbox = $1 and p.id = $2 and p.version = $3"
    row = await session.connection.fetchrow(query, is_sandbox, id_, version)
    return None if row is None else _loaded(row)


async def newest(session: Session, id_: str, *, is_sandbox: bool) -> Loaded | None:
    """Find the newest version of a profile, in force or not."""
    query = f"{_LOADED} where p.is_sandbox = $1 and p.id = $2 order by p.version desc limit 1"
    row = await session.connection.fetchrow(query, is_sandbox, id_)
    return None if row is None else _loaded(row)


async def in_force(session: Session, id_: str, *, is_sandbox: bool, on: date) -> Loaded | None:
    """Find the newest version of a profile that is in force on a day."""
    query = f"{_LOADED} where p.is_sandbox = $1 and p.id = $2 and {_IN_FORCE} order by p.version desc limit 1"
    row = await session.connection.fetchrow(query, is_sandbox, id_, on)
    return None if row is None else _loaded(row)


async def of_authority(session: Session, authority: str, *, is_sandbox: bool, on: date) -> Loaded | None:
    """Find what an authority itself loaded as its own, of what is in force on a day the one loaded last."""
    own = "p.is_sandbox = $1 and p.profile ->> 'authority' = $2"
    query = f"{_LOADED} where {own} and {_IN_FORCE} order by p.loaded_at desc, p.id, p.version desc limit 1"
    row = await session.connection.fetchrow(query, is_sandbox, authority, on)
    return None if row is None else _loaded(row)


async def list_newest(session: Session, *, is_sandbox: bool, after: str | None, limit: int) -> list[Loaded]:
    """List the newest version of each profile that was loaded on this side, in the order of their ids."""
    query = f"{_LOADED} where p.is_sandbox = $1 and ($2::text is null or {_BY_ID} > $2) and {_NEWEST} order by {_BY_ID} limit $3"
    return [_loaded(row) for row in await session.connection.fetch(query, is_sandbox, after, limit)]


async def count_ids(session: Session, organisation_id: UUID) -> int:
    """Count the profiles of an organisation, each once whatever its versions; nobody else loads one until the transaction ends."""
    await session.connection.execute("select pg_advisory_xact_lock(hashtextextended('authority profiles', 0))")
    query = "select count(distinct id) from authority_profile where organisation_id = $1"
    return int(await session.connection.fetchval(query, organisation_id) or 0)


async def insert(session: Session, new: Loaded, *, is_sandbox: bool) -> None:
    """Keep a version of a profile, for good."""
    await session.connection.execute(
        "insert into authority_profile (is_sandbox, id, version, organisation_id, client_id, profile, loaded_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        is_sandbox,
        new.profile.id,
        new.profile.version,
        new.organisation_id,
        new.client_id,
        body_of(new.profile),
        new.loaded_at,
    )


def _loaded(row: asyncpg.Record) -> Loaded:
    return Loaded(**{**dict(row.items()), "profile": profile_from(row["profile"])})
