"""An erasure of a pupil leaves no word of what was held: not in the database, not among the files, not in the log."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.casework.pupil_erasure import Eraser
from app.casework.taking import Work
from app.db.blobs import Blobs, remove_unnamed
from app.db.embedded import DatabaseUrls
from app.db.kept_files import Kept
from app.db.ledger import Draft
from app.db.records import find_pupil, load_record
from app.db.scopes import SCOPES
from app.db.tables import metadata
from app.db.tables.kinds import Holds
from app.db.verify_ledger import Verdict, verify_ledger
from app.domain.author import Author, AuthorKind
from app.domain.entries import OF_PUPILS, Entry, HoldLifted, PupilEnrolled, PupilLeft, RecordMerged, kinds_of
from app.keys.heads import HeadStatement
from tests.api.world import NOW, TODAY, World, add_school, running, token_for
from tests.db.stores import blobs_in, blobs_out_of_reach, files_of
from tests.planting import WORD, files_with, planted, tables_with

BORN = "2013-07-17"
NUMBERS = ("F999999925001", "V999999925002")
_urns = count(999_001)


@dataclass
class Office:
    """A school, its database as a superuser sees it, and its files."""

    world: World
    database: DatabaseUrls
    blobs: Blobs
    server: asyncpg.Connection

    async def erase(self, pupil: str, **changes: object):
        body = {
            "author": {"id": str(self.world.people["head"])},
            "confirmed_by": {"id": str(self.world.people["senco"])},
            "ground": "right_to_erasure",
            "reason": "Asked for and weighed.",
        }
        return await self.world.post(f"/pupils/{pupil}/erasure", body | changes)

    async def verdict(self, signed: HeadStatement | None = None) -> Verdict:
        connection = await asyncpg.connect(self.database.app)
        try:
            return await verify_ledger(connection, self.world.school_id, signed=signed)
        finally:
            await connection.close()

    async def store(self, pupil: str, *entries: Entry) -> list[int]:
        """Store entries about a pupil with all that follows from them; gives their numbers."""
        casework, author = self.world.app.state.casework, Author(kind=AuthorKind.STAFF, id=self.world.people["senco"])
        async with casework.sessions.for_school(self.world.school_id) as session:
            await find_pupil(session, UUID(pupil), lock=True)
            opened = await casework.open(session)
            before = await load_record(session, opened.school, UUID(pupil))
            drafts = tuple(Draft(entry=entry, author=author, pupil_id=UUID(pupil)) for entry in entries)
            return [recorded.number for recorded in await casework.store(opened, [Work(drafts=drafts, before=before)])]


@pytest.fixture
async def office(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Office]:
    server = await asyncpg.connect(database.superuser)
    moment = [NOW - timedelta(days=3)]
    async with running(database, now=lambda: moment[0]) as (app, http):
        app.state.eraser = Eraser(url=database.erasure, blobs=blobs_in(tmp_path))
        world = await add_school(app, http, str(next(_urns)), at=moment[0])
        moment[0] = NOW
        world.token = await token_for(app, world.client_id, frozenset(SCOPES))
        setting = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
        chosen = {**setting, "occurred_on": TODAY.isoformat(), "setting": "asserted_second_person_accepted", "value": 1}
        accepted = await world.post("/settings", chosen)
        assert accepted.status_code == 201, accepted.text
        yield Office(world, database, app.state.eraser.blobs, server)
    await server.close()


async def enrol(office: Office, upn: str) -> str:
    return await office.world.pupil(upn, born=BORN, surname=WORD, forename=f"Ada {WORD}", occurred_on="2020-09-01")


async def fill(office: Office, pupil: str) -> None:
    """Write an entry of every kind and a row in every table that may hold something of a pupil, with the word in all that holds text."""
    world, school = office.world, office.world.school_id
    contact = await world.contact(pupil, name=f"Gita {WORD}")
    await office.server.execute(
        "update contact set phone = $2, address = $3, email = $4 where id = $1",
        UUID(contact),
        f"0 {WORD}",
        f"1 {WORD} Road",
        f"a@{WORD}.example",
    )
    await world.taken(pupil, "concerns", raised_by="parent", domain="attainment", words=f"Said of {WORD}.")
    kinds = [kind for module in OF_PUPILS for kind in kinds_of(module) if kind not in (PupilEnrolled, PupilLeft, RecordMerged, HoldLifted)]
    numbers = await office.store(pupil, *(planted(kind, UUID(contact)) for kind in kinds))
    held = next(number for number, kind in zip(numbers, kinds, strict=True) if kind.type == "hold.placed")
    await office.store(pupil, replace(planted(HoldLifted, UUID(contact)), hold=held))
    paper, part = (put(office, f"{name} about {WORD}.") for name in ("Evidence", "A report"))
    await _rows(office.server, school, pupil)
    await _files(office.server, school, pupil, paper, part)


def put(office: Office, words: str) -> Kept:
    with office.blobs.putting(office.world.school_id, clock.new_id()) as file:
        file.write(words.encode())
    return file.kept


async def _files(server: asyncpg.Connection, school: UUID, pupil: str, paper: Kept, part: Kept) -> None:
    """The rows of a paper, the redacted one made of it, a part of the bundle, and the request that the authority opened."""
    place, bundle = (school, UUID(pupil)), await server.fetchval("select id from bundle where school_id = $1", school)
    for kept in (paper, part):
        await server.execute(
            "insert into blob values ($1, $3, $2, $4, $5, $6, $7)", *place, kept.id, kept.digest, kept.size, kept.sealed_key, NOW
        )
    for redacts in (None, paper.id):
        await server.execute(
            "insert into paper (school_id, id, pupil_id, blob_id, media_type, title, redacts, handed_in_at, client_id)"
            " values ($1, $3, $2, $4, 'application/pdf', $6, $7, $5, $4)",
            *place, paper.id if redacts is None else part.id, paper.id, NOW, WORD, redacts,
        )  # fmt: skip
    await server.execute("insert into bundle_part values ($1, $2, 1, 1, $3, $4, $5)", school, bundle, part.id, part.digest, part.size)
    await server.execute(
        "insert into opened_request (school_id, id, pupil_id, request_id, authority, is_sandbox, reference, requester,"
        " received_on, state, sealed_about, officer, client_id, opened_at)"
        " select $1, id, $2, id, '999', true, $3, 'parent', $4, 'linked', $5, $3, id, $6"
        " from ehc_request where school_id = $1 and pupil_id = $2",
        *place, WORD, TODAY, WORD.encode(), NOW,
    )  # fmt: skip


async def _rows(server: asyncpg.Connection, school: UUID, pupil: str) -> None:
    """What the worker, an authority and an import would have written."""
    ids = [clock.new_id() for _ in range(6)]
    request, bundle, notice, delivery, job, client = ids
    place = (school, UUID(pupil))
    await server.execute(
        "insert into ehc_request (school_id, id, pupil_id, authority, is_sandbox, requester, state, requested_on, receipt_reference)"
        " values ($1, $3, $2, '999', true, 'school', 'received', $4, $5)", *place, request, TODAY, WORD,
    )  # fmt: skip
    await server.execute(
        "insert into bundle (school_id, id, request_id, authority, is_sandbox, state, frozen_at, frozen_moment, signed_head, profile,"
        " edition) values ($1, $2, $3, '999', true, 'ready', 1, $4, $5, 'national/1', 1)", school, bundle, request, NOW, WORD,
    )  # fmt: skip
    await server.execute(
        "insert into notice (school_id, id, pupil_id, person_id, person_kind, matter, about, rule, stage, due, state, composed_at)"
        " values ($1, $3, $2, $3, 'contact', 'plan', 1, 'rule', 'stage', $4, 'sent', $5)", *place, notice, TODAY, NOW,
    )  # fmt: skip
    await server.execute("insert into notice_event values ($1, $2, 1, 'sent', $3, null, $4)", school, notice, NOW, WORD)
    await server.execute("insert into notice_translation values ($1, $2, 'pl', '', $4, $4, $2, $3)", school, notice, NOW, WORD)
    await server.execute(
        "insert into delivery (school_id, id, subscription_id, number, event, pupil_id, notice_id, request_id, bundle_id, obligation_id,"
        " due, once, state, attempts, tried_before, next_at, created_at, edition, part)"
        " values ($1, $3, $3, 1, 'notice.ready', $2, $4, $5, $6, $3, $8, $9, 'waiting', 1, 0, $7, $7, 1, 1)",
        *place, delivery, notice, request, bundle, NOW, TODAY, WORD,
    )  # fmt: skip
    await server.execute("insert into delivery_attempt values ($1, $2, 1, $3, 'refused', 500, 3, $4)", school, delivery, NOW, WORD.encode())
    await server.execute(
        "insert into import_job (school_id, id, format, is_dry_run, state, file_digest, staff_id, assurance, client_id, counts,"
        " created_at) values ($1, $2, 'ctf', false, 'done', '', $2, 'asserted', $2, '{}', $3)", school, job, NOW,
    )  # fmt: skip
    await server.execute("insert into import_result values ($1, $3, 1, 7, $4, 'enrolled', 'x', $4, $2)", *place, job, WORD)
    await server.execute(
        "insert into access (school_id, id, pupil_id, request_id, client_id, person, purpose, first_at, last_at)"
        " values ($1, $3, $2, $4, $3, $5, 'ehc-needs-assessment', $6, $6)", *place, client, request, WORD, NOW,
    )  # fmt: skip


async def test_no_word_of_a_pupil_is_left_in_the_database_the_files_or_the_log_and_the_ledger_verifies(office, capfd):
    pupil = await enrol(office, NUMBERS[0])
    await fill(office, pupil)
    words = (WORD, NUMBERS[0], BORN)
    planted_in = await tables_with(office.server, *words, school=office.world.school_id)
    assert {"pupil.surname", "pupil.date_of_birth", "entry.body", "contact.address", "access.person", "bundle.signed_head"} <= planted_in
    assert {
        "notice_event.remark",
        "notice_translation.body",
        "delivery.once",
        "delivery_attempt.answer",
        "import_result.detail",
        "ehc_request.receipt_reference",
        "paper.title",
        "opened_request.reference",
        "opened_request.officer",
    } <= planted_in
    assert len(files_of(office.blobs)) == 2
    assert files_with(office.blobs.files.folder, *words) == set()
    before = await office.verdict()
    answer = await office.erase(pupil)
    assert (answer.status_code, answer.json()["is_new"]) == (201, True), answer.text
    assert await tables_with(office.server, *words, school=office.world.school_id) == set()
    assert files_of(office.blobs) == []
    logged = capfd.readouterr()
    assert not [word for word in words if word in logged.err + logged.out]
    signed = HeadStatement(school=office.world.school_id, epoch=before.epoch, number=before.number, link=before.link)
    after = await office.verdict(signed)
    assert (after.fault, after.number) == (None, before.number + 1)


async def test_a_store_out_of_reach_keeps_what_nobody_can_open_and_the_sweep_removes_it(office, monkeypatch):
    """The rows and the keys in them are gone; what is asked again gets the erasure that was."""
    pupil = await enrol(office, NUMBERS[0])
    await fill(office, pupil)
    office.world.app.state.eraser = replace(office.world.app.state.eraser, blobs=blobs_out_of_reach(monkeypatch))
    assert (await office.erase(pupil)).json()["is_new"] is True
    assert await office.server.fetchval("select count(*) from blob where school_id = $1", office.world.school_id) == 0
    assert len(files_of(office.blobs)) == 2
    later = clock.now() + timedelta(hours=25)
    assert await remove_unnamed(office.blobs, office.world.app.state.sessions, now=later) == 2
    assert files_of(office.blobs) == []


async def test_every_column_came_out_as_its_table_says(office):
    """`goes` has no row of the pupil left, `emptied` is null or empty, `neutral` is the same for every erased pupil but for the id."""
    pupil = await enrol(office, NUMBERS[0])
    await fill(office, pupil)
    school = office.world.school_id
    assert (await office.erase(pupil)).status_code == 201
    for table in metadata.sorted_tables:
        holds = table.info["holds"]
        if Holds.GOES in holds.values() and "pupil_id" in holds:
            query = f"select count(*) from {table.name} where school_id = $1 and pupil_id is not null"
            assert await office.server.fetchval(query, school) == 0, table.name
        for column in [name for name, held in holds.items() if held is Holds.EMPTIED]:
            of = "and pupil_id is not null" if table.name == "entry" else ""
            query = f"select count(*) from {table.name} where school_id = $1 and coalesce({column}::text, '') <> '' {of}"
            assert await office.server.fetchval(query, school) == 0, f"{table.name}.{column}"
    assert [
        name
        for name in ("notice_event", "notice_translation", "bundle", "bundle_part", "paper", "blob", "opened_request")
        if await office.server.fetchval(f"select count(*) from {name} where school_id = $1", school)
    ] == []
    row = await office.server.fetchrow("select * from pupil where id = $1", UUID(pupil))
    assert (row["upn"], row["surname"], row["forename"], row["date_of_birth"]) == (pupil, "", "", date(1900, 1, 1))
    assert (row["left_on"], row["status"], row["summary"]) == (TODAY, "N", "{}")


async def test_what_another_pupil_said_stays(office):
    pupil, other = await enrol(office, NUMBERS[0]), await office.world.pupil(NUMBERS[1])
    await office.world.taken(other, "concerns", raised_by="parent", domain="attainment", words="Reads slowly.")
    await fill(office, pupil)
    before = await office.world.get(f"/pupils/{other}/record")
    assert (await office.erase(pupil)).status_code == 201
    assert (await office.world.get(f"/pupils/{other}/record")).json()["entries"] == before.json()["entries"]


async def test_the_erased_pupil_is_on_no_list_and_takes_no_step(office):
    pupil = await enrol(office, NUMBERS[0])
    assert (await office.erase(pupil)).status_code == 201
    world = office.world
    assert [row["id"] for row in (await world.get("/pupils", leavers="true")).json()["items"]] == []
    assert (await world.get(f"/pupils/{pupil}")).status_code == 404
    assert (await world.get(f"/pupils/{pupil}/record")).status_code == 404
    assert (await world.step(pupil, "concerns", raised_by="parent", domain="attainment", words="Again.")).status_code == 410
    assert (await world.pupil(NUMBERS[0])) != pupil


async def test_asked_again_it_answers_with_the_erasure_that_was(office):
    pupil = await enrol(office, NUMBERS[0])
    first, again = await office.erase(pupil), await office.erase(pupil, reason="Another reason.")
    assert again.status_code == 201
    assert (again.json()["is_new"], again.json()["entry"]) == (False, first.json()["entry"])
    assert first.json()["entry"]["facts"]["along_with"] == []


async def test_what_was_joined_to_a_pupil_goes_with_it_and_not_by_itself(office):
    kept, other = await office.world.pupil(NUMBERS[1]), await enrol(office, NUMBERS[0])
    await office.world.taken(other, "concerns", raised_by="parent", domain="attainment", words=f"Said of {WORD}.")
    confirmed = {"id": str(office.world.people["head"])}
    await office.world.taken(kept, "merges", other=other, reason="One child.", confirmed_by=confirmed)
    assert (await office.erase(other)).status_code == 409
    erased = (await office.erase(kept)).json()["entry"]["facts"]
    assert (erased["erased"], erased["along_with"]) == (kept, [other])
    assert await tables_with(office.server, WORD, *NUMBERS, school=office.world.school_id) == set()
    assert (await office.verdict()).fault is None


async def test_the_school_says_by_whose_word_and_on_which_ground(office):
    pupil = await enrol(office, NUMBERS[0])
    entry = (await office.erase(pupil)).json()["entry"]
    people = office.world.people
    assert (entry["type"], entry["author"]["id"]) == ("pupil.erased", str(people["head"]))
    assert entry["facts"]["confirmed_by"] == str(people["senco"])
    assert (entry["facts"]["erased"], entry["facts"]["ground"]) == (pupil, "right_to_erasure")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"ground": "retention_ended"}, 409),
        ({"confirmed_by": "head"}, 409),
        ({"author": "teacher"}, 409),
        ({"reason": " "}, 422),
        ({"ground": "because"}, 422),
    ],
)
async def test_what_may_not_be_is_refused_and_nothing_is_gone(office, changes, status):
    pupil = await enrol(office, NUMBERS[0])
    named = {
        name: {"id": str(office.world.people[value])} if name in ("author", "confirmed_by") else value for name, value in changes.items()
    }
    assert (await office.erase(pupil, **named)).status_code == status
    assert (await office.world.get(f"/pupils/{pupil}")).json()["surname"] == WORD


async def test_a_hold_keeps_it_until_two_people_lift_it(office):
    pupil, world = await enrol(office, NUMBERS[0]), office.world
    hold = (await world.taken(pupil, "holds", reason="A claim was made."))["entries"][0]["number"]
    assert (await office.erase(pupil)).status_code == 409
    confirmed = {"id": str(world.people["head"])}
    assert (
        await world.step(pupil, "hold-ends", hold=hold, reason="Settled.", confirmed_by={"id": str(world.people["senco"])})
    ).status_code == 409
    await world.taken(pupil, "hold-ends", hold=hold, reason="Settled.", confirmed_by=confirmed)
    assert (await office.erase(pupil)).status_code == 201


async def test_while_a_roll_is_being_loaded_nobody_is_erased(office):
    pupil, school = await enrol(office, NUMBERS[0]), office.world.school_id
    job = clock.new_id()
    await office.server.execute(
        "insert into import_job (school_id, id, format, is_dry_run, state, sealed_file, file_digest, staff_id, assurance, client_id,"
        " counts, created_at) values ($1, $2, 'ctf', false, 'waiting', 'x', '', $2, 'asserted', $2, '{}', $3)",
        school, job, NOW,
    )  # fmt: skip
    assert (await office.erase(pupil)).status_code == 409
    await office.server.execute("update import_job set state = 'done', sealed_file = null where id = $1", job)
    assert (await office.erase(pupil)).status_code == 201


async def test_without_the_erasure_roles_login_the_service_says_who_erases(office):
    pupil = await enrol(office, NUMBERS[0])
    office.world.app.state.eraser = Eraser(url=None, blobs=office.blobs)
    answer = await office.erase(pupil)
    assert (answer.status_code, "command line" in answer.json()["detail"]) == (503, True)


async def test_the_list_of_those_whose_time_is_over(office):
    """The last day is inside: a file kept until 17 July 2038 is on the list of what ended before the 18th."""
    pupil, world = await enrol(office, NUMBERS[0]), office.world
    await world.taken(pupil, "departures-from-roll", reason="Moved.", author="head")
    last = "2038-07-17"
    assert (await world.get("/retention", before=last)).json()["items"] == []
    [row] = (await world.get("/retention", before="2038-07-18")).json()["items"]
    assert row == {"pupil": pupil, "left_on": TODAY.isoformat(), "retained_until": last, "held_by": None}
    hold = (await world.taken(pupil, "holds", reason="A claim was made."))["entries"][0]["number"]
    [row] = (await world.get("/retention", before="2038-07-18")).json()["items"]
    assert row["held_by"] == hold
    assert (await world.get("/retention")).json()["items"] == []
