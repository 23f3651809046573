"""Transactions with their tenant set: of one school, of one authority, of one trust, or of none of them."""

import asyncio
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from app.db.client_entrance import AuthorityEntrance, TrustEntrance, standing_of
from app.db.entrance import STANDING_COLUMNS, Entrance, standing_from

AWAY: Final = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError)
"""How a database fails that is not there, or not there yet."""
ANSWERS_WITHIN_S: Final = 5.0
LOOKS_AGAIN_S: Final = 0.2
_ENTER: Final = "select * from app_enter_school($1, $2)"


@dataclass(frozen=True, slots=True)
class Session:
    """An open transaction in which no school's rows are visible; one that remembers what it read keeps it in `seen` (app/db/once.py)."""

    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
    seen: dict[Hashable, object] | None = field(default=None, kw_only=True, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SchoolSession(Session):
    """An open transaction in which one school's rows are visible; `client_id` is None when the worker acts."""

    school_id: UUID
    client_id: UUID | None = None
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class AuthoritySession(Session):
    """An open transaction in which the requests sent to one authority are visible, those of its own side: sandbox or live."""

    authority: str
    is_sandbox: bool


@dataclass(frozen=True, slots=True)
class TrustSession(Session):
    """An open transaction in which the totals of a trust's schools are visible."""

    trust: UUID


def _json(value: object) -> str:
    return orjson.dumps(value, default=_as_text).decode()


def _as_text(value: object) -> str:
    """Write ids as the driver gives them, and bytes as PostgreSQL reads them where a row is made of JSON."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value))


async def _speak_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec("jsonb", encoder=_json, decoder=orjson.loads, schema="pg_catalog")


async def until_it_answers(url: str, *, within_s: float) -> None:
    """Wait for a database that is away for a moment, as while it recovers; raises what stood in the way when the time is over."""
    time = asyncio.get_running_loop().time
    end = time() + within_s
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=ANSWERS_WITHIN_S)
        except AWAY:
            if time() >= end:
                raise
            await asyncio.sleep(LOOKS_AGAIN_S)
        else:
            await connection.close()
            return


async def open_pool(url: str, *, size: int = 8) -> "asyncpg.Pool[asyncpg.Record]":
    """Open a pool of at most `size` connections; a statement that waits 5 s for a lock fails, so nothing queues for ever."""
    settings = {"lock_timeout": "5s", "statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s"}
    return await asyncpg.create_pool(url, min_size=1, max_size=size, init=_speak_json, reset=_keep_as_it_is, server_settings=settings)


async def _keep_as_it_is(_connection: object) -> None:
    """Spare the round trip that would undo session settings: there are none, since a tenant is set within a transaction alone."""


class Sessions:
    """Opens transactions on the application's pool; each commits when its block ends well and leaves nothing otherwise."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @asynccontextmanager
    async def enter(self, entrance: Entrance, *, read_only: bool = False) -> AsyncIterator[SchoolSession]:
        """Open a school's transaction for a client, whose state, scope and grant are read inside it.

        Raises the errors of `app.db.entrance` when the client may not do this at this moment.
        """
        async with self.enter_with(entrance, _ENTER, read_only=read_only) as (session, _):
            yield session

    @asynccontextmanager
    async def enter_with(
        self, entrance: Entrance, statement: str, *arguments: object, read_only: bool = False
    ) -> AsyncIterator[tuple[SchoolSession, Sequence[Any]]]:
        """As `enter`, by a statement that enters the school for $1 and $2; its row says how the client stands, then what else it read."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=read_only):
            row = await connection.fetchrow(statement, entrance.urn, entrance.client_id, *arguments)
            values = () if row is None else tuple(row.values())
            admitted = entrance.admit(None if row is None else standing_from(values))
            yield SchoolSession(connection, admitted.school_id, entrance.client_id, admitted.is_own), values[STANDING_COLUMNS:]

    @asynccontextmanager
    async def for_school(self, school_id: UUID, *, read_only: bool = False) -> AsyncIterator[SchoolSession]:
        """Open a school's transaction for work that we owe it ourselves."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=read_only):
            await connection.execute("select app_set_school($1)", school_id)
            yield SchoolSession(connection, school_id)

    @asynccontextmanager
    async def enter_authority(self, entrance: AuthorityEntrance, *, read_only: bool = True) -> AsyncIterator[AuthoritySession]:
        """Open an authority's transaction for a client, whose state, scope, authority and side are read inside it.

        Raises the errors of `app.db.entrance` when the client may not do this at this moment.
        """
        async with self._pool.acquire() as connection, connection.transaction(readonly=read_only):
            standing = entrance.admit(await standing_of(connection, entrance.client_id))
            await connection.execute("select app_set_authority($1, $2)", entrance.authority, standing.is_sandbox)
            yield AuthoritySession(connection, entrance.authority, standing.is_sandbox)

    @asynccontextmanager
    async def enter_trust(self, entrance: TrustEntrance, *, read_only: bool = True) -> AsyncIterator[TrustSession]:
        """Open a trust's transaction for a client, whose state, scope and trust are read inside it.

        Raises the errors of `app.db.entrance` when the client may not do this at this moment.
        """
        async with self._pool.acquire() as connection, connection.transaction(readonly=read_only):
            entrance.admit(await standing_of(connection, entrance.client_id))
            await connection.execute("select app_set_trust($1)", entrance.trust)
            yield TrustSession(connection, entrance.trust)

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[Session]:
        """Open a transaction on what all schools share; no school's rows are visible."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield Session(connection)

    async def ask(self, statement: str, *arguments: object) -> asyncpg.Record | None:
        """Run one statement that sets its own tenant; it is a transaction by itself, so the tenant ends with it."""
        return await self._pool.fetchrow(statement, *arguments)

    async def answers(self) -> bool:
        """Whether the database answers within a second."""
        try:
            async with asyncio.timeout(1), self._pool.acquire() as connection:
                return await connection.fetchval("select true") is True
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
