"""Nothing is sent where a contact has only just moved to: it waits some days, or until a second person made sure, and then goes out."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from app.casework.looking_again import take_up_again
from app.casework.waiting import asking
from app.db.embedded import DatabaseUrls
from app.db.work import WorkKind
from tests.webhooks.receivers import answering, answering_in_turn, receiving
from tests.webhooks.telling import Telling, is_bare, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
MOVED = {"name": "Gita Specimen", "channel": "email", "email": "moved@specimen.example"}
CHANGED_ON, LAST, FREE = "2026-03-05", "2026-03-08", "2026-03-09"
"""Three days from a Thursday on, which is day 0; the last is inside."""


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    """A school that accepts a second person without proof, on a day when it has known its staff for three."""
    async with telling(database) as made:
        await move_to(made, CHANGED_ON)
        people = {"author": {"id": str(made.world.people["head"])}, "confirmed_by": {"id": str(made.world.people["senco"])}}
        accepted = {"occurred_on": CHANGED_ON, "setting": "asserted_second_person_accepted", "value": 1}
        assert (await made.world.post("/settings", people | accepted)).status_code == 201
        yield await made.with_pupil()


async def move_to(school: Telling, day: str) -> None:
    assert (await school.world.post("/clock", {"now": f"{day}T09:00:00Z"})).status_code == 200


def contact_path(school: Telling, rest: str = "") -> str:
    return f"/pupils/{school.pupil}/contacts/{school.parent}{rest}"


async def change_address(school: Telling, **changes: object) -> dict[str, object]:
    headers = school.world.headers(**{"If-Match": "*"})
    answer = await school.world.http.put(school.world.path(contact_path(school)), json={**MOVED, **changes}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def confirm(school: Telling, change: object, by: str = "office", on: str = CHANGED_ON) -> dict[str, object]:
    route = f"contacts/{school.parent}/confirmations"
    return await school.world.taken(school.pupil, route, change=change, basis="Rang the old number", author=by, occurred_on=on)


async def look_again(school: Telling) -> None:
    """What the worker does when it comes round."""
    for school_id in await found(school):
        await take_up_again(school.world.app.state.casework, school_id)


async def found(school: Telling) -> list[UUID]:
    """The schools where the worker would find notices to look at."""
    return [at for at, _ in await school.sweep.work(WorkKind.NOTICES, asking(school.world.app.state.casework))]


async def is_looked_at(school: Telling) -> bool:
    return school.world.school_id in await found(school)


async def words(school: Telling, notice: object) -> int:
    return (await school.world.get(f"/notices/{notice}/words")).status_code


async def in_the_log(school: Telling) -> list[tuple[object, object]]:
    return [(d["state"], d["reason"]) for d in await school.deliver()]


async def test_what_waits_for_the_days_to_pass_goes_out_by_itself_when_they_have(school: Telling) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await change_address(school)
        await school.decide(occurred_on=CHANGED_ON, provision_starts_on=CHANGED_ON)
        assert await in_the_log(school) == [("withheld", "address_changed")]
        (notice,) = await school.notices()
        assert (notice["state"], await words(school, notice["id"])) == ("withheld", 409)
        await move_to(school, LAST)
        await look_again(school)
        assert await in_the_log(school) == [("withheld", "address_changed")]
        assert not await is_looked_at(school)
        await move_to(school, FREE)
        assert await is_looked_at(school)
        await asyncio.gather(*(look_again(school) for _ in range(3)))
        await look_again(school)
        assert not await is_looked_at(school)
        assert await in_the_log(school) == [("withheld", "address_changed"), ("delivered", None)]
    assert [is_bare(body) for *_, body in heard] == [True, False]
    assert json.loads(heard[1][2])["notice"] == notice["id"]
    kinds = [(event["kind"], event["remark"]) for event in (await school.proof(notice["id"]))["events"]]
    assert kinds == [
        ("composed", None),
        ("queued", "to 1"),
        ("withheld", "address_changed"),
        ("withheld", "address_changed"),
        ("taken_up", None),
        ("queued", "to 1"),
        ("announced", "accepted"),
    ]
    assert await words(school, notice["id"]) == 200


async def test_an_address_changed_between_two_attempts_withholds_the_second(school: Telling) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering_in_turn(BUSY, OK, into=heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide(occurred_on=CHANGED_ON, provision_starts_on=CHANGED_ON)
        assert await in_the_log(school) == [("waiting", None)]
        await change_address(school)
        await run_sql_with(school.database, "update delivery set next_at = created_at where school_id = $1", school.world.school_id)
        assert await in_the_log(school) == [("withheld", "address_changed")]
    assert [is_bare(body) for *_, body in heard] == [False, True]


async def test_a_change_that_is_confirmed_lets_everything_out_at_once_and_the_next_begins_anew(school: Telling) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        changed = await change_address(school)
        await school.decide(occurred_on=CHANGED_ON, provision_starts_on=CHANGED_ON)
        await school.deliver()
        (notice,) = await school.notices()
        cooling = changed["cooling_off"]
        assert {**cooling, "change": None} == {"change": None, "changed_on": CHANGED_ON, "until": LAST, "missing": []}
        taken = await confirm(school, cooling["change"])
        assert taken["entries"][0]["author"]["id"] == str(school.world.people["office"])
        assert await in_the_log(school) == [("withheld", "address_changed"), ("delivered", None)]
        assert await words(school, notice["id"]) == 200
        again = await change_address(school, email="again@specimen.example")
        assert again["cooling_off"]["change"] > cooling["change"]
        assert await words(school, notice["id"]) == 409


async def test_the_contacts_show_which_change_is_waited_for_and_until_when(school: Telling) -> None:
    async def shown() -> dict[str, object]:
        (contact,) = (await school.world.get(f"/pupils/{school.pupil}/contacts")).json()["items"]
        return contact["cooling_off"]

    assert await shown() is None
    changed = await change_address(school)
    assert await shown() == changed["cooling_off"]
    assert (await change_address(school))["cooling_off"] == changed["cooling_off"]
    await confirm(school, changed["cooling_off"]["change"])
    assert await shown() is None


async def test_a_new_language_or_format_makes_nobody_wait(school: Telling) -> None:
    same = {"email": "gita@specimen.example"}
    assert (await change_address(school, **same, language="pl", format="html"))["cooling_off"] is None
    await school.decide(occurred_on=CHANGED_ON, provision_starts_on=CHANGED_ON)
    (notice,) = await school.notices()
    assert await words(school, notice["id"]) == 200


@pytest.mark.parametrize(("by", "status"), [("teacher", 409), ("assistant", 409), ("senco", 201)])
async def test_who_may_confirm_an_address_is_who_answers_for_it(school: Telling, by: str, status: int) -> None:
    change = (await change_address(school))["cooling_off"]["change"]
    body = {"change": change, "basis": "Rang the old number", "occurred_on": CHANGED_ON}
    answer = await school.world.step(school.pupil, f"contacts/{school.parent}/confirmations", **body, author=by)
    assert answer.status_code == status, answer.text


async def test_nobody_confirms_for_a_contact_of_another_pupil(school: Telling) -> None:
    change = (await change_address(school))["cooling_off"]["change"]
    body = {"change": change, "basis": "Rang the old number", "occurred_on": CHANGED_ON}
    answer = await school.world.step(school.pupil, f"contacts/{school.pupil}/confirmations", **body, author="head")
    assert answer.status_code in (404, 409)


async def test_a_right_that_comes_back_while_the_address_is_new_waits_for_it(school: Telling) -> None:
    """What barred the notice at first is over; what bars it now ends on a known day, on which it is looked at again."""
    facts = {"relationship": "mother", "parental_responsibility": True, "has_care": True, "occurred_on": CHANGED_ON}
    await school.decide(occurred_on=CHANGED_ON, provision_starts_on=CHANGED_ON)
    (notice,) = await school.notices()
    barred = {"information_restricted": True, "restriction_basis": "Invented order"}
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts, **barred)
    assert await words(school, notice["id"]) == 409
    await change_address(school)
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts)
    assert (await school.notices())[0]["state"] == "withheld"
    await move_to(school, FREE)
    await look_again(school)
    assert (await school.notices())[0]["state"] == "composed"


async def test_who_was_told_meanwhile_is_not_looked_at_for_ever(school: Telling) -> None:
    await change_address(school)
    await school.decide(occurred_on=CHANGED_ON, provision_starts_on=CHANGED_ON)
    (notice,) = await school.notices()
    assert await words(school, notice["id"]) == 409
    author = {"author": {"id": str(school.world.people["senco"])}, "occurred_on": CHANGED_ON, "how": "in_person"}
    assert (await school.world.post(f"/notices/{notice['id']}/tellings", author)).status_code == 201
    await move_to(school, FREE)
    assert not await is_looked_at(school)
    assert (await school.notices())[0]["state"] == "told"
