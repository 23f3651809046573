"""The floors: bare routes that do the same reading and writing with no caller, no tenant, no law and no answer beyond the row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app import clock
from app.settings import Settings

POOL_SIZE: Final = 8
READ: Final = """
select id, upn, surname, forename, date_of_birth, sex, year_group, left_on, last_number as ledger_number, summary as standing
  from pupil where school_id = $1 and id = $2
"""
LIST: Final = """
select json_build_object('obligations', coalesce(json_agg(o), '[]'))::text
  from (select id, pupil_id, person_id, rule, who, force, shape, occasion, arises_on, opens_on, due, met_on, met_by, ended_on, excused_by,
               departed_by, missing
          from obligation where school_id = $1 and known_until is null order by coalesce(due, arises_on), id limit 50) o
"""
WRITE: Final = (Path(__file__).parent / "write_floor.sql").read_text()
DIGEST: Final = bytes(32)


async def read(request: Request) -> Response:
    """Read one row by its key."""
    ids = request.path_params
    row = await request.app.state.pool.fetchrow(READ, UUID(ids["school"]), UUID(ids["pupil"]))
    shown = dict(row.items())
    shown["standing"] = orjson.Fragment(shown["standing"])
    return Response(orjson.dumps(shown, default=str), media_type="application/json")


async def listed(request: Request) -> Response:
    """List fifty obligations of a school as JSON that is built in SQL."""
    body = await request.app.state.pool.fetchval(LIST, UUID(request.path_params["school"]))
    return Response(body.encode(), media_type="application/json")


async def write(request: Request) -> Response:
    """Make the rows that one concern makes, all in one statement."""
    ids, sent = request.path_params, orjson.loads(await request.body())
    now = datetime.now(UTC)
    facts = orjson.dumps({"raised_by": sent["raised_by"], "contact": None, "domain": sent["domain"], "words": sent["words"]}).decode()
    row = await request.app.state.pool.fetchrow(
        WRITE,
        UUID(ids["school"]),
        UUID(ids["pupil"]),
        date.fromisoformat(sent["occurred_on"]),
        now,
        UUID(sent["author"]["id"]),
        DIGEST,
        facts,
        clock.new_id(),
        request.headers["idempotency-key"],
    )
    return Response(orjson.dumps({"number": row["number"]}), status_code=201, media_type="application/json")


async def _without_a_round_trip(_connection: object) -> None:
    """Leave the connection as it is, as ours does."""


@asynccontextmanager
async def _with_pool(app: Starlette) -> AsyncIterator[None]:
    url = Settings().database_owner_url
    async with asyncpg.create_pool(url, min_size=POOL_SIZE, max_size=POOL_SIZE, reset=_without_a_round_trip) as pool:
        app.state.pool = pool
        yield


def create_floor() -> Starlette:
    """Give the floors as one app, which reads as the owner, to whom no policy applies."""
    routes = [
        Route("/{school}/obligations", listed),
        Route("/{school}/{pupil}", read),
        Route("/{school}/{pupil}/concerns", write, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=_with_pool)
