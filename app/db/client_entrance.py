"""Whether a client may do a thing that is no school's at this moment: its own state and scopes, and the authority it acts for."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from app.db.entrance import ClientRevokedError, EntranceError, Scope, ScopeMissingError


class NotThisAuthorityError(EntranceError):
    """The client is not one of this local authority's."""


class NotThisTrustError(EntranceError):
    """The client is not one of this trust's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientStanding:
    """What the database says of a client that was not revoked: authority, trust and side are those of its organisation, mostly neither."""

    scopes: list[str]
    authority: str | None
    trust: UUID | None
    is_sandbox: bool


_STANDING: Final = """
select c.scopes, case when o.kind = 'authority' then o.authority end as authority,
       case when o.kind = 'trust' then o.id end as trust, o.is_sandbox
  from client c join organisation o on o.id = c.organisation_id
 where c.id = $1 and c.revoked_at is null
"""


async def standing_of(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", client_id: UUID) -> ClientStanding | None:
    """Read how a client stands in this transaction; None when it is unknown or revoked."""
    row = await connection.fetchrow(_STANDING, client_id)
    return None if row is None else ClientStanding(**dict(row.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEntrance:
    """What a client asks to do where no school and no authority is concerned."""

    client_id: UUID
    scope: Scope
    token_scopes: frozenset[str]

    def admit(self, standing: ClientStanding | None) -> ClientStanding:
        """Let the client in or raise the error that says why not."""
        if standing is None:
            raise ClientRevokedError
        if self.scope not in self.token_scopes or self.scope not in standing.scopes:
            raise ScopeMissingError(self.scope)
        return standing


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityEntrance:
    """What a client asks to do for a local authority, named by its three-digit code: the scope it needs, and what its token carries."""

    authority: str
    client_id: UUID
    scope: Scope
    token_scopes: frozenset[str]

    def admit(self, standing: ClientStanding | None) -> ClientStanding:
        """Let a client of this very authority in or raise the error that says why not."""
        client = ClientEntrance(client_id=self.client_id, scope=self.scope, token_scopes=self.token_scopes).admit(standing)
        if client.authority != self.authority:
            raise NotThisAuthorityError
        return client


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustEntrance:
    """What a client asks to do for a trust, named by its organisation's id: the scope it needs, and what its token carries."""

    trust: UUID
    client_id: UUID
    scope: Scope
    token_scopes: frozenset[str]

    def admit(self, standing: ClientStanding | None) -> ClientStanding:
        """Let a client of this very trust in or raise the error that says why not."""
        client = ClientEntrance(client_id=self.client_id, scope=self.scope, token_scopes=self.token_scopes).admit(standing)
        if client.trust != self.trust:
            raise NotThisTrustError
        return client
