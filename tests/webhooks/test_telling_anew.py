"""What becomes of a notice that may not go out: given up with what it told of, taken up when the right is back, or passed on."""

import json
from collections.abc import AsyncIterator

import pytest

from app.casework.rederivation import rederive
from app.db.embedded import DatabaseUrls
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, a_upn, is_bare, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
MOTHER = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
BARRED = {"information_restricted": True, "restriction_basis": "Invented order"}
LAST_FRIDAY_IN_JUNE = "2026-06-26"
TO_PARENTS = "inform-parents-of-sen-provision"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


async def describe(school: Telling, **facts: object) -> None:
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **{**MOTHER, **facts})


async def states(school: Telling) -> list[tuple[object, object]]:
    return [(notice["person_kind"], notice["state"]) for notice in await school.notices()]


async def move_to(school: Telling, day: str) -> None:
    assert (await school.world.post("/clock", {"now": f"{day}T09:00:00Z"})).status_code == 200


async def duty(school: Telling, person: str, as_at: str) -> str:
    await rederive(school.world.app.state.casework, school.world.school_id)
    answer = await school.world.get(f"/pupils/{school.pupil}/obligations", rule=TO_PARENTS, as_at=as_at)
    return next((owed["state"] for owed in answer.json()["items"] if owed["person"] == person), "none")


@pytest.mark.parametrize("subscribed", [True, False])
async def test_a_notice_of_what_was_corrected_is_given_up_at_once(school: Telling, subscribed: bool) -> None:
    async with receiving(answering(OK)) as receiver:
        if subscribed:
            await school.subscribe(receiver.port)
        await school.decide()
        (old,) = await school.notices()
        await school.decide(corrects=old["about"], reason="The reading age was that of another test")
        assert await states(school) == [("contact", "withheld"), ("contact", "composed")]
        composed = (await school.world.get("/notices", state="composed")).json()["items"]
        assert [notice["about"] > old["about"] for notice in composed] == [True]
        last = (await school.proof(old["id"]))["events"][-1]
        assert (last["kind"], last["remark"]) == ("withheld", "superseded")


async def test_a_notice_that_had_arrived_stays_told_when_its_entry_is_corrected(school: Telling) -> None:
    await school.decide()
    (old,) = await school.notices()
    assert (await school.world.post(f"/notices/{old['id']}/reports", {"event": "delivered"})).status_code in (200, 201)
    await school.decide(corrects=old["about"], reason="The reading age was that of another test")
    assert [state for _, state in await states(school)] == ["delivered", "composed"]


async def test_a_right_that_comes_back_lets_the_notice_out_and_the_duty_stands(school: Telling) -> None:
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        (notice,) = await school.notices()
        await move_to(school, "2026-03-03")
        await describe(school, occurred_on="2026-03-03", **BARRED)
        await school.deliver()
        assert (await states(school), [is_bare(body) for *_, body in heard]) == ([("contact", "withheld")], [True])
        await move_to(school, "2026-03-05")
        await describe(school, occurred_on="2026-03-05")
        assert await states(school) == [("contact", "composed")]
        assert [await duty(school, school.parent, day) for day in ("2026-03-12", "2026-03-13")] == ["due", "broken"]
        assert [d["state"] for d in await school.deliver()] == ["withheld", "delivered"]
    assert [json.loads(body).get("notice") for *_, body in heard] == [None, notice["id"]]
    kinds = [event["kind"] for event in (await school.proof(notice["id"]))["events"]]
    assert kinds == ["composed", "queued", "withheld", "taken_up", "queued", "announced"]


async def test_who_was_told_in_the_meantime_is_not_sent_it_again(school: Telling) -> None:
    await school.decide()
    (notice,) = await school.notices()
    author = {"author": {"id": str(school.world.people["senco"])}, "occurred_on": "2026-03-02", "how": "in_person"}
    assert (await school.world.post(f"/notices/{notice['id']}/tellings", author)).status_code == 201
    await run_sql_with(school.database, "update notice set state = 'withheld' where id = $1::uuid", notice["id"])
    await describe(school)
    assert await states(school) == [("contact", "withheld")]


@pytest.mark.parametrize(
    ("sent_on", "told", "after"),
    [
        (LAST_FRIDAY_IN_JUNE, ["delivered"], [("contact", "composed")]),
        ("2026-06-27", ["withheld", "delivered"], [("contact", "withheld"), ("pupil", "composed")]),
    ],
)
async def test_the_young_person_is_told_when_the_rights_passed_before_the_parents_were(
    school: Telling, sent_on: str, told: list[str], after: list[tuple[str, str]]
) -> None:
    """Sixteen on 1 September 2025; the rights are the parents' up to the last Friday in June 2026, inside."""
    school.pupil = await school.world.pupil(a_upn(), born="2009-09-01")
    for name in ("Gita Specimen", "Gustav Specimen"):
        school.parent = await school.world.contact(school.pupil, name)
    heard: list[tuple[str, dict[str, str], bytes]] = []
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port)
        await move_to(school, "2026-06-25")
        await school.decide(occurred_on="2026-06-25", provision_starts_on="2026-06-25", review_on="2026-11-01")
        await move_to(school, sent_on)
        for _ in range(3):
            await school.deliver()
    kinds = [(kind, state) for kind, state in await states(school)]
    assert sorted(set(kinds)) == after
    assert len(kinds) == (2 if sent_on == LAST_FRIDAY_IN_JUNE else 3)
    assert sorted({d["state"] for d in await school.deliveries()}) == sorted(told)
    assert [await duty(school, person, "2026-07-03") for person in (school.parent, school.pupil)] == ["none", "broken"]
