"""Puts the API together."""

import asyncio
import hmac
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from app import clock, logs
from app.api import (
    access_requests,
    accesses,
    announcements,
    annual_reviews,
    area_compliance,
    authority_decisions,
    authority_deliveries,
    authority_openings,
    authority_requests,
    bundle_profile,
    calendar,
    census,
    changes,
    circumstances,
    compliance,
    contacts,
    contributions,
    corrections,
    cycles,
    ehc_requests,
    evaluations,
    grants,
    health,
    hot_reads,
    identification,
    imports,
    keeping,
    leases,
    ledger,
    mailbox,
    meetings,
    merging,
    metrics,
    next_steps,
    notices,
    obligations,
    official_steps,
    opened_requests,
    papers,
    people_documents,
    people_to_tell,
    pings,
    plans_of_authority,
    profiles,
    programmes,
    pupils,
    readiness,
    records,
    redelivery,
    reports,
    rules,
    school_duties,
    schools,
    specialists,
    staff,
    subscriptions,
    tokens,
    transfers,
    transitions,
    translations,
    vectors,
    work,
)
from app.api.evaluating import Evaluator
from app.api.guide import docs
from app.api.manners import openapi, problems
from app.api.manners.budgets import ADDRESSES, EVALUATIONS, IMPORTS, PAPERS, PINGS, READS, REQUESTS, WRITES, Budget, Budgets
from app.api.manners.callers import Callers
from app.api.manners.drawing import Drawing
from app.api.manners.edge import Edge
from app.api.manners.pages import Cursors
from app.api.manners.refusals import REFUSALS
from app.api.manners.throttle import SecretChecker
from app.api.manners.uploads import Uploads
from app.api.shown.obligation_shapes import Written
from app.api.shown.paper_limits import PAPERS_PER_MINUTE
from app.api.tokens import Issuer
from app.casework.authors import ProofReader
from app.casework.feed import Feed
from app.casework.keyring import Keyring
from app.casework.lookout import Lookout
from app.casework.pupil_erasure import Eraser
from app.casework.taking import Casework, Means
from app.db.blobs import open_blobs
from app.db.roles import check_app_role
from app.db.scopes import SCOPES
from app.db.session import Sessions, open_pool, until_it_answers
from app.db.sweep import Sweep
from app.db.wake import Bell, Waker, listen
from app.documents.papers.paper_desk import PaperDesk
from app.keys.sealing import Sealer, keys_from_text
from app.settings import Settings
from app.webhooks.receiving.pinging import Pinging
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.adapters import adapters
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from app.webhooks.telling.catalogue import catalogue

# Routes are tried in this order, so those of the daily steps come first, and then what is asked every morning.
ROUTERS: Final = (
    identification.router,
    cycles.router,
    obligations.router,
    health.router,
    metrics.router,
    tokens.router,
    vectors.router,
    rules.router,
    evaluations.router,
    schools.router,
    calendar.router,
    school_duties.router,
    staff.router,
    grants.router,
    pupils.router,
    contacts.router,
    circumstances.router,
    people_to_tell.router,
    imports.router,
    records.router,
    transitions.router,
    census.router,
    programmes.router,
    meetings.router,
    specialists.router,
    reports.router,
    corrections.router,
    plans_of_authority.router,
    authority_decisions.router,
    annual_reviews.router,
    notices.router,
    translations.router,
    subscriptions.router,
    pings.router,
    redelivery.router,
    authority_deliveries.router,
    mailbox.router,
    changes.router,
    ledger.router,
    work.router,
    ehc_requests.router,
    bundle_profile.router,
    contributions.router,
    papers.router,
    profiles.router,
    people_documents.router,
    opened_requests.router,
    authority_openings.router,
    leases.router,
    readiness.router,
    keeping.router,
    transfers.router,
    merging.router,
    accesses.router,
    access_requests.router,
    authority_requests.router,
    official_steps.router,
    compliance.router,
    area_compliance.router,
    next_steps.router,
)
PINGS_PER_MINUTE: Final = 5
ADDRESSES_PER_MINUTE: Final = 20
MOST_ADDRESSES_AT_ONCE: Final = 60
"""Enough for as many endpoints as an organisation may have."""
DESCRIPTION: Final = (
    "The SEN Support record of English schools: assess, plan, do, review; the move from School Action; parents told; evidence for EHC "
    "needs assessments. Every refusal names the provision behind it."
)


DATABASE_WITHIN_S: Final = 60.0
"""So long the start waits for a database that is away: one that was killed has to recover first."""


class NotConfiguredError(Exception):
    """The environment lacks something without which the API cannot run; the message names it."""


def create_app(settings: Settings | None = None, *, now: Callable[[], datetime] = clock.now) -> FastAPI:
    """Give the application; it reads the environment unless `settings` are given, and opens the database when it starts."""
    app = FastAPI(
        title="Graduated",
        version="0.1.0",
        summary="The SEN Support record of English schools as a service",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        generate_unique_id_function=openapi.operation_id,
        lifespan=lambda app: _running(app, settings or Settings(), now),
    )
    hot_reads.install(app)
    for router in ROUTERS:
        _lay_flat(app, router)
    app.webhooks.include_router(announcements.router)
    openapi.install(app, SCOPES)
    docs.install(app)
    problems.install(app, REFUSALS)
    app.add_middleware(Edge, new_id=clock.new_id, monotonic=clock.monotonic)
    return app


def _lay_flat(app: FastAPI, router: APIRouter) -> None:
    """Put a router's routes, which have their whole paths already, beside those of the app: nested they are matched twice, and slowly."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            route.unique_id = openapi.operation_id(route)
        app.router.routes.append(route)


def _budgets(settings: Settings) -> dict[str, Budget]:
    """Let a client save up ten seconds of requests, reads, writes or evaluations, and a tenth of an hour's imports."""
    return {
        READS: Budget(rate=settings.reads_per_second, burst=settings.reads_per_second * 10),
        WRITES: Budget(rate=settings.writes_per_second, burst=settings.writes_per_second * 10),
        REQUESTS: Budget(rate=settings.requests_per_second, burst=settings.requests_per_second * 10),
        EVALUATIONS: Budget(rate=settings.evaluations_per_second, burst=settings.evaluations_per_second * 10),
        IMPORTS: Budget(rate=settings.imports_per_hour / 3600, burst=max(1, settings.imports_per_hour // 10)),
        PAPERS: Budget(rate=PAPERS_PER_MINUTE / 60, burst=PAPERS_PER_MINUTE),
        PINGS: Budget(rate=PINGS_PER_MINUTE / 60, burst=PINGS_PER_MINUTE),
        ADDRESSES: Budget(rate=ADDRESSES_PER_MINUTE / 60, burst=MOST_ADDRESSES_AT_ONCE),
    }


@asynccontextmanager
async def _running(app: FastAPI, settings: Settings, now: Callable[[], datetime]) -> AsyncIterator[None]:
    logs.set_up(now, sys.stderr, settings.log_level)
    if settings.database_url is None or settings.database_sweep_url is None or settings.secrets_key is None:
        raise NotConfiguredError(
            "DATABASE_URL, DATABASE_SWEEP_URL and SECRETS_KEY must be set; `graduated serve` sets them for an embedded database"
        )
    keys = keys_from_text(settings.secrets_key.get_secret_value())
    await until_it_answers(settings.database_url, within_s=DATABASE_WITHIN_S)
    pool = await open_pool(settings.database_url)
    sweeping = await open_pool(settings.database_sweep_url, size=2)
    bell = Bell()
    checker = SecretChecker()
    sender = Sender(allowed=settings.egress_allow)
    waker = Waker(settings.database_url)
    app.state.evaluator = evaluator = Evaluator(clock.thread_seconds)
    app.state.drawing = drawing = Drawing()
    app.state.paper_desk = desk = PaperDesk()
    waking = [asyncio.create_task(waker.run()), asyncio.create_task(listen(settings.database_url, bell.ring))]
    try:
        async with pool.acquire() as connection:
            await check_app_role(connection)
        tools = _Tools(now=now, keys=keys, pool=pool, sweeping=sweeping, bell=bell, checker=checker, sender=sender, wake=waker.wake)
        await _furnish(app, settings, tools)
        yield
    finally:
        for task in waking:
            task.cancel()
        await asyncio.gather(*waking, return_exceptions=True)
        sender.close()
        checker.close()
        evaluator.close()
        desk.close()
        drawing.close()
        await sweeping.close()
        await pool.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tools:
    now: Callable[[], datetime]
    keys: tuple[bytes, ...]
    pool: "asyncpg.Pool[asyncpg.Record]"
    sweeping: "asyncpg.Pool[asyncpg.Record]"
    bell: Bell
    checker: SecretChecker
    sender: Sender
    wake: Callable[[], None]


async def _furnish(app: FastAPI, settings: Settings, tools: _Tools) -> None:
    """Give the routes what they work with."""
    now, pool, checker = tools.now, tools.pool, tools.checker
    sealer = Sealer(*tools.keys, random_bytes=clock.random_bytes)
    sessions = Sessions(pool)
    keyring = Keyring(sessions, sealer, now)
    await keyring.start()
    means = Means(
        now=now,
        dice=clock.random_bytes,
        new_id=clock.new_id,
        proofs=ProofReader(audience=settings.public_url, now=now),
        wake=tools.wake,
    )
    app.state.sessions = sessions
    app.state.sweep = Sweep(tools.sweeping)
    app.state.metrics_token = settings.metrics_token
    app.state.bell = tools.bell
    app.state.feed = Feed(sessions, app.state.sweep, Lookout(app.state.sweep, tools.bell.ear()))
    app.state.sealer = sealer
    app.state.keyring = keyring
    app.state.blobs = open_blobs(settings.files, sealer, clock.random_bytes)
    app.state.events = catalogue(app.state.blobs)
    app.state.eraser = Eraser(url=settings.database_erasure_url, blobs=app.state.blobs)
    app.state.casework = Casework(sessions, means)
    app.state.budgets = budgets = Budgets(_budgets(settings), now)
    app.state.callers = Callers(sessions, keyring, budgets, issuer=settings.public_url, now=now)
    app.state.issuer = Issuer(
        sessions=sessions, keyring=keyring, checker=checker, address=settings.public_url, now=now, new_id=clock.new_id
    )
    app.state.subscribing = Subscribing(sessions, means, sealer, adapters(tools.sender))
    app.state.pinging = Pinging(sessions, means, Signers(sealer, keyring), adapters(tools.sender))
    app.state.uploads = Uploads()
    app.state.shows_proposals = settings.show_proposals
    app.state.written = Written()
    app.state.cursors = Cursors(*(hmac.digest(key, b"graduated/cursors/1", "sha256") for key in tools.keys))
