"""Organisations, the directory of schools, and clients with their secrets and keys; shared by all schools."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg

from app.db.session import Session


class OrganisationKind(StrEnum):
    """The kinds of organisation that have clients here."""

    SCHOOL = "school"
    TRUST = "trust"
    VENDOR = "vendor"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Who a client belongs to; `authority` is the three-digit code of a local authority and None for all others."""

    id: UUID
    kind: OrganisationKind
    name: str
    authority: str | None
    is_sandbox: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A school as the directory lists it."""

    urn: str
    school_id: UUID
    organisation_id: UUID
    authority: str
    name: str
    is_sandbox: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A program of an organisation: what it may ask for, and how it proves itself; `jwks` is a public key set."""

    id: UUID
    organisation: Organisation
    name: str
    scopes: tuple[str, ...]
    secret_hash: str | None
    jwks: dict[str, object] | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClient:
    """What is needed to register a client; it proves itself by a secret, by keys, or by either."""

    id: UUID
    organisation_id: UUID
    name: str
    scopes: tuple[str, ...]
    secret_hash: str | None = None
    jwks: dict[str, object] | None = None


_ORGANISATION: Final = "select id, kind, name, authority, is_sandbox from organisation"
_LISTED: Final = "select urn, school_id, organisation_id, authority, name, is_sandbox from directory"
_CLIENT: Final = """
select c.id, c.name, c.scopes, c.secret_hash, c.jwks, c.revoked_at, c.organisation_id,
       o.kind, o.name as organisation_name, o.authority, o.is_sandbox
  from client c join organisation o on o.id = c.organisation_id
"""


async def create_organisation(session: Session, new: Organisation, *, at: datetime) -> None:
    """Write an organisation."""
    await session.connection.execute(
        "insert into organisation (id, kind, name, authority, is_sandbox, created_at) values ($1, $2, $3, $4, $5, $6)",
        new.id,
        new.kind.value,
        new.name,
        new.authority,
        new.is_sandbox,
        at,
    )


async def find_organisation(session: Session, organisation_id: UUID) -> Organisation | None:
    """Find an organisation by its id."""
    row = await session.connection.fetchrow(f"{_ORGANISATION} where id = $1", organisation_id)
    return None if row is None else _organisation(row)


async def list_organisations(session: Session) -> tuple[Organisation, ...]:
    """Give every organisation, oldest first."""
    return tuple(_organisation(row) for row in await session.connection.fetch(f"{_ORGANISATION} order by created_at, id"))


async def find_school(session: Session, urn: str) -> Listed | None:
    """Look a school up in the directory."""
    row = await session.connection.fetchrow(f"{_LISTED} where urn = $1", urn)
    return None if row is None else Listed(**dict(row.items()))


async def list_schools(session: Session) -> tuple[Listed, ...]:
    """Give the whole directory in order of URN."""
    return tuple(Listed(**dict(row.items())) for row in await session.connection.fetch(f"{_LISTED} order by urn"))


async def is_empty(session: Session) -> bool:
    """Whether nobody has ever been registered here."""
    return not await session.connection.fetchval("select exists (select from organisation)")


async def create_client(session: Session, new: NewClient, *, at: datetime) -> None:
    """Write a client."""
    await session.connection.execute(
        "insert into client (id, organisation_id, name, scopes, secret_hash, jwks, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
        new.id,
        new.organisation_id,
        new.name,
        list(new.scopes),
        new.secret_hash,
        new.jwks,
        at,
    )


async def find_client(session: Session, client_id: UUID) -> Client | None:
    """Find a client, revoked or not, with its organisation."""
    row = await session.connection.fetchrow(f"{_CLIENT} where c.id = $1", client_id)
    return None if row is None else _client(row)


async def list_clients(session: Session) -> tuple[Client, ...]:
    """Give every client, revoked ones too, oldest first."""
    return tuple(_client(row) for row in await session.connection.fetch(f"{_CLIENT} order by c.created_at, c.id"))


async def replace_secret(session: Session, client_id: UUID, secret_hash: str) -> bool:
    """Let a client prove itself by this secret and no earlier one; False when there is no such client or it was revoked."""
    return await _changed(session, "update client set secret_hash = $2 where id = $1 and revoked_at is null", client_id, secret_hash)


async def replace_keys(session: Session, client_id: UUID, jwks: dict[str, object]) -> bool:
    """Let a client prove itself by these keys and no earlier ones; False when there is no such client or it was revoked."""
    return await _changed(session, "update client set jwks = $2 where id = $1 and revoked_at is null", client_id, jwks)


async def revoke_client(session: Session, client_id: UUID, *, at: datetime) -> bool:
    """End a client for good, tokens in hand included; False when there is no such client. Done again, the first moment stands."""
    return await _changed(session, "update client set revoked_at = coalesce(revoked_at, $2) where id = $1", client_id, at)


async def _changed(session: Session, statement: str, client_id: UUID, value: object) -> bool:
    return bool(await session.connection.fetchval(f"{statement} returning true", client_id, value))


def _organisation(row: asyncpg.Record) -> Organisation:
    return Organisation(**{**dict(row.items()), "kind": OrganisationKind(row["kind"])})


def _client(row: asyncpg.Record) -> Client:
    organisation = Organisation(
        id=row["organisation_id"],
        kind=OrganisationKind(row["kind"]),
        name=row["organisation_name"],
        authority=row["authority"],
        is_sandbox=row["is_sandbox"],
    )
    return Client(
        id=row["id"],
        organisation=organisation,
        name=row["name"],
        scopes=tuple(row["scopes"]),
        secret_hash=row["secret_hash"],
        jwks=row["jwks"],
        revoked_at=row["revoked_at"],
    )
