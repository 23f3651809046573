"""What a school sees of the work that is done for it, and how it lets what was given up be tried again."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.casework.rederivation import rederive
from app.casework.working import TERMS
from app.db import work
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.work import Claiming, Piece, WorkKind
from app.db.work_waiting import COUNTED
from tests.api.sending import asked, maker, sending, submitted
from tests.api.world import NOW, World, add_client, token_for

LEASE = timedelta(minutes=1)
_urns = itertools.count(999_860)
_serial = itertools.count(1)
Seen = dict[str, list[dict[str, object]]]


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


async def seen(world: World) -> Seen:
    answer = await world.get("/work")
    assert answer.status_code == 200, answer.text
    found: Seen = answer.json()
    return found


async def count(world: World, kind: WorkKind) -> dict[str, object]:
    (found,) = [counted for counted in (await seen(world))["counts"] if counted["kind"] == kind]
    return found


async def claim(world: World, kind: WorkKind, subject: UUID) -> Piece:
    now = world.app.state.casework.means.now()
    by = Claiming(held_by=clock.new_id(), now=now, until=now + LEASE, most_attempts=9)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        piece = await work.claim(session, kind, subject, by)
    assert piece is not None
    return piece


async def bury(world: World, kind: WorkKind, subject: UUID) -> None:
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await work.bury(session, kind, subject, "exhausted", now=NOW)


def later(world: World, by: timedelta) -> None:
    object.__setattr__(world.app.state.casework.means, "now", lambda: NOW + by)


async def hand_in(world: World) -> UUID:
    headers = {**world.headers(), "Content-Type": "text/csv"}
    content = "upn,surname,forename,date_of_birth\nX999999906001,Example,Ada,2001-10-09\n"
    params = {"staff": str(world.people["head"])}
    answer = await world.http.post(world.path("/imports"), content=content, params=params, headers=headers)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["id"])


async def test_every_kind_is_counted_and_what_no_worker_has_seen_yet_waits_too(world: World) -> None:
    """A new school was never derived, so its totals and clocks do not wait yet; when it is, they do."""
    found = {counted["kind"]: counted["waiting"] for counted in (await seen(world))["counts"]}
    assert found == {**dict.fromkeys(COUNTED, 0), "obligations": 1, "accesses": 1}
    await rederive(world.app.state.casework, world.school_id)
    found = {counted["kind"]: counted["waiting"] for counted in (await seen(world))["counts"]}
    assert found == {**dict.fromkeys(COUNTED, 0), "accesses": 1, "totals": 1, "clocks": 1}


async def test_a_roll_that_waits_and_one_that_is_loaded_are_told_apart_with_their_age_and_attempts(world: World) -> None:
    job = await hand_in(world)
    waits = {"kind": "import", "waiting": 1, "running": 0, "dead": 0, "oldest_seconds": 0, "attempts": 0}
    assert await count(world, WorkKind.IMPORT) == waits
    later(world, timedelta(seconds=90))
    piece = await claim(world, WorkKind.IMPORT, job)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await work.keep(session, piece, until=NOW + timedelta(seconds=90) + LEASE, progress={"stage": "reading"})
    assert await count(world, WorkKind.IMPORT) == {**waits, "waiting": 0, "running": 1, "oldest_seconds": 90, "attempts": 1}
    (shown,) = (await seen(world))["pieces"]
    assert (shown["state"], shown["subject"], shown["progress"], shown["reason"]) == ("running", str(job), {"stage": "reading"}, None)
    later(world, timedelta(seconds=90) + LEASE)
    assert await count(world, WorkKind.IMPORT) == {**waits, "oldest_seconds": 150, "attempts": 1}
    assert (await seen(world))["pieces"] == []


async def test_what_was_put_off_waits(world: World) -> None:
    job = await hand_in(world)
    piece = await claim(world, WorkKind.IMPORT, job)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await work.put_off(session, piece, NOW + timedelta(hours=1))
    found = await count(world, WorkKind.IMPORT)
    assert (found["waiting"], found["running"], found["attempts"]) == (1, 0, 1)


async def test_what_was_given_up_is_shown_with_its_reason_and_subject_and_no_longer_waits(world: World) -> None:
    await claim(world, WorkKind.TOTALS, world.school_id)
    await bury(world, WorkKind.TOTALS, world.school_id)
    found = await count(world, WorkKind.TOTALS)
    assert (found["waiting"], found["running"], found["dead"], found["oldest_seconds"]) == (0, 0, 1, None)
    (dead,) = (await seen(world))["pieces"]
    assert (dead["kind"], dead["subject"], dead["state"]) == ("totals", str(world.school_id), "dead")
    assert (dead["reason"], dead["attempts"], dead["given_up_at"]) == ("exhausted", 1, "2026-03-02T09:00:00Z")


async def test_the_school_lets_what_was_given_up_be_tried_again(world: World) -> None:
    """A bundle whose files could not be written, until somebody mends the disk."""
    pupil = await world.pupil("F999999925001")
    request = await asked(world, pupil)
    bundle = await submitted(world, pupil, request)
    await claim(world, WorkKind.BUNDLE, bundle)
    await bury(world, WorkKind.BUNDLE, bundle)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute("update bundle set state = 'failed' where id = $1", bundle)
    assert not await maker(world).make(world.school_id, bundle)
    answer = await world.post(f"/work/bundle/{bundle}/again", {})
    assert (answer.status_code, answer.json()) == (202, {"kind": "bundle", "subject": str(bundle), "state": "waiting"})
    assert (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()["bundle"]["state"] == "waiting"
    assert await maker(world).make(world.school_id, bundle)
    assert (await world.post(f"/work/bundle/{bundle}/again", {})).status_code == 404


@pytest.mark.parametrize("kind", [kind for kind in WorkKind if kind not in (WorkKind.IMPORT, WorkKind.BUNDLE)])
async def test_each_kind_of_work_on_the_school_can_be_asked_for_again(world: World, kind: WorkKind) -> None:
    await claim(world, kind, world.school_id)
    assert (await world.post(f"/work/{kind}/{world.school_id}/again", {})).status_code == 404
    await bury(world, kind, world.school_id)
    assert (await world.post(f"/work/{kind}/{world.school_id}/again", {})).status_code == 202
    assert (await claim(world, kind, world.school_id)).attempt == 1


async def test_an_import_that_was_given_up_is_handed_in_anew(world: World) -> None:
    job = await hand_in(world)
    await claim(world, WorkKind.IMPORT, job)
    await bury(world, WorkKind.IMPORT, job)
    answer = await world.post(f"/work/import/{job}/again", {})
    assert (answer.status_code, "hand it in again" in answer.json()["detail"]) == (409, True)
    assert [piece["state"] for piece in (await seen(world))["pieces"]] == ["dead"]


async def test_what_is_no_kind_of_work_or_no_piece_of_the_school_is_not_found(world: World) -> None:
    assert (await world.post(f"/work/mischief/{world.school_id}/again", {})).status_code == 422
    assert (await world.post(f"/work/totals/{clock.new_id()}/again", {})).status_code == 404


async def test_a_client_under_a_grant_sees_the_work_and_asks_for_none_again(world: World) -> None:
    _, client = await add_client(world.app, OrganisationKind.VENDOR)
    body = {"client_id": str(client), "scopes": ["schools:read", "schools:write"], "purpose": "Watching", "until": "2030-01-01"}
    assert (await world.post("/grants", {**body, "granted_by": str(world.people["head"])})).status_code == 201
    await bury_totals(world)
    world.token = await token_for(world.app, client, frozenset({"schools:read", "schools:write"}))
    assert (await count(world, WorkKind.TOTALS))["dead"] == 1
    answer = await world.post(f"/work/totals/{world.school_id}/again", {})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/no-grant")


async def bury_totals(world: World) -> None:
    await claim(world, WorkKind.TOTALS, world.school_id)
    await bury(world, WorkKind.TOTALS, world.school_id)


DELIVERY = """
insert into delivery (school_id, id, subscription_id, number, event, state, attempts, tried_before, next_at, created_at)
values ($1, gen_random_uuid(), $2, $3, 'notice.ready', $4, 1, 0, $5, $5)
"""


async def test_deliveries_are_counted_for_each_subscription_with_the_state_of_its_endpoint(world: World, database: DatabaseUrls) -> None:
    async with world.app.state.sessions.for_school(world.school_id) as session:
        made = clock.new_id()
        await session.connection.execute(
            "insert into subscription (id, organisation_id, kind, url, sealed_secrets, events, state, created_at, failures, failing_since,"
            " probe_at) values ($1, $2, 'push', 'https://example.com/hook', 'x', '{notice.ready}', 'active', $3, 9, $3, $4)",
            made,
            world.organisation_id,
            NOW,
            NOW + timedelta(minutes=5),
        )
        await session.connection.execute("insert into school_subscription values ($1, $2, 'thin', null, 4)", world.school_id, made)
        aged = [("waiting", timedelta(minutes=2)), ("waiting", timedelta(minutes=1)), ("dead", timedelta(days=4)), ("delivered", LEASE)]
        for number, (state, age) in enumerate(aged, start=1):
            await session.connection.execute(DELIVERY, world.school_id, made, number, state, NOW - age)
    (owed,) = (await seen(world))["deliveries"]
    assert (owed["subscription"], owed["kind"], owed["state"]) == (str(made), "push", "active")
    assert (owed["waiting"], owed["dead"], owed["oldest_seconds"]) == (2, 1, 120)
    assert (owed["failures"], owed["failing_since"], owed["probe_at"]) == (9, "2026-03-02T09:00:00Z", "2026-03-02T09:05:00Z")
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("delete from delivery where subscription_id = $1", made)
    await connection.close()


def test_each_kind_has_its_terms() -> None:
    assert set(TERMS) == set(WorkKind)
