"""The duty is met by telling and never by composing; the ledger of a notice holds each thing that happened to it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.casework.rederivation import rederive
from app.casework.tellings import Report
from app.db.embedded import DatabaseUrls
from app.domain.entries import Telling as How
from app.domain.notice_ledger import MEANINGS, Happening
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
LAST_DAY, DAY_AFTER = "2026-03-09", "2026-03-10"


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield await found.with_pupil()


async def the_notice(school: Telling) -> dict[str, Any]:
    (notice,) = await school.notices()
    return notice


async def the_obligation(school: Telling, on: str) -> dict[str, Any]:
    """Find what a notice says that it discharges, in the school's list of what is owed."""
    await rederive(school.world.app.state.casework, school.world.school_id)
    sought = (await the_notice(school))["obligation"]
    answer = await school.world.get("/obligations", rule=sought["rule"], as_at=on)
    assert answer.status_code == 200, answer.text
    listed = answer.json()["items"]
    (found,) = [one for one in listed if {name: one[name] for name in sought} == sought]
    return dict(found)


async def report(school: Telling, event: str) -> None:
    answer = await school.world.post(f"/notices/{(await the_notice(school))['id']}/reports", {"event": event})
    assert answer.status_code == 201, answer.text


async def stands(school: Telling) -> tuple[bool, str, str]:
    """Whether the person counts as told, and how the duty stands on its last day and the day after it."""
    return (
        (await the_notice(school))["told"],
        (await the_obligation(school, LAST_DAY))["state"],
        (await the_obligation(school, DAY_AFTER))["state"],
    )


async def test_the_duty_is_met_by_the_telling_alone_and_opens_again_when_it_comes_back(school: Telling) -> None:
    """Children and Families Act 2014, section 68: the parent must be informed; a letter that is only written informs nobody."""
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        untold = (False, "due", "broken")
        assert await stands(school) == untold
        await school.deliver()
        notice = await the_notice(school)
        assert (await school.world.get(f"/notices/{notice['id']}/words")).status_code == 200
        assert await stands(school) == untold
        for event, then in [
            ("sent", untold),
            ("delivered", (True, "kept", "kept")),
            ("bounced", untold),
            ("delivered", (True, "kept", "kept")),
        ]:
            await report(school, event)
            assert await stands(school) == then, event
    events = (await school.proof(notice["id"]))["events"]
    assert [(e["kind"], e["remark"]) for e in events] == [
        ("composed", None),
        ("queued", "to 1"),
        ("announced", "accepted"),
        ("fetched", "en-2"),
        ("sent", None),
        ("delivered", None),
        ("bounced", None),
        ("delivered", None),
    ]
    assert (await the_obligation(school, LAST_DAY))["met_by"] is not None


async def test_a_notice_names_its_law_and_the_obligation_that_telling_its_person_meets(school: Telling) -> None:
    await school.decide()
    notice = await the_notice(school)
    assert notice["obligation"] == {"rule": notice["rule"], "person": school.parent, "occasion": str(notice["about"])}
    owed = await the_obligation(school, LAST_DAY)
    assert (owed["pupil"], owed["due"], owed["citations"]) == (school.pupil, notice["due"], notice["citations"])
    assert any("section 68" in citation for citation in notice["citations"])


async def test_a_copy_that_a_young_person_agreed_to_meets_no_obligation(school: Telling) -> None:
    school.pupil = await school.world.pupil(a_upn(), born="2008-05-04")
    mother = await school.world.contact(school.pupil)
    themselves = {"kind": "pupil", "id": school.pupil}
    await school.world.taken(school.pupil, "sharing", contact=mother, agrees=True, author=themselves)
    await school.decide()
    owed = {notice["person"]: notice["obligation"] for notice in await school.notices()}
    assert owed.keys() == {school.pupil, mother}
    assert owed[mother] is None
    assert owed[school.pupil]["person"] == school.pupil  # type: ignore[index]


async def test_queued_says_to_how_many_subscriptions_it_is_owed_and_is_silent_where_there_are_none(school: Telling) -> None:
    await school.decide()
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.subscribe(receiver.port)
        await school.plan()
    told = {
        notice["matter"]: [(event["kind"], event["remark"]) for event in (await school.proof(str(notice["id"])))["events"]]  # type: ignore[attr-defined]
        for notice in await school.notices()
    }
    assert told == {"sen_provision": [("composed", None)], "plan": [("composed", None), ("queued", "to 2")]}


@pytest.mark.parametrize("how", ["in_person", "by_post"])
async def test_telling_by_hand_counts_as_told(school: Telling, how: str) -> None:
    await school.decide()
    body = {"author": {"id": str(school.world.people["senco"])}, "occurred_on": "2026-03-02", "how": how}
    answer = await school.world.post(f"/notices/{(await the_notice(school))['id']}/tellings", body)
    assert answer.status_code == 201, answer.text
    assert await stands(school) == (True, "kept", "kept")


async def test_what_is_withheld_is_not_told_and_the_ledger_says_why(school: Telling) -> None:
    async with receiving(answering(OK)) as receiver:
        await school.subscribe(receiver.port)
        await school.decide()
        facts = {"relationship": "mother", "parental_responsibility": False, "has_care": False}
        await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts)
        await school.deliver()
    notice = await the_notice(school)
    assert (notice["state"], notice["told"]) == ("withheld", False)
    events = (await school.proof(notice["id"]))["events"]
    assert [(e["kind"], e["remark"]) for e in events] == [("composed", None), ("queued", "to 1"), ("withheld", "not_to_be_told")]


def test_every_kind_of_event_has_a_meaning_and_every_report_and_telling_is_one() -> None:
    assert set(MEANINGS) == set(Happening)
    by_hand = {How.IN_PERSON.value, How.BY_POST.value}
    assert {*(report.value for report in Report), *by_hand} <= {kind.value for kind in Happening}


async def test_the_kinds_of_event_are_described_to_whoever_reads_the_interface(school: Telling) -> None:
    document = (await school.world.http.get("/openapi.json")).json()
    shapes = document["components"]["schemas"]
    assert set(shapes["Happening"]["enum"]) == {kind.value for kind in Happening}
    told = shapes["NoticeEventOut"]["properties"]["kind"]["description"]
    assert all(f"{kind}: {meaning}." in told for kind, meaning in MEANINGS.items())


async def test_after_two_records_were_joined_a_notice_names_the_obligation_of_the_kept_one(school: Telling) -> None:
    await school.decide()
    kept = await school.world.pupil(a_upn())
    assert (await school.world.post("/clock", {"now": "2026-03-04T09:00:00Z"})).status_code == 200
    people = {"author": {"id": str(school.world.people["head"])}, "confirmed_by": {"id": str(school.world.people["senco"])}}
    accepting = {"occurred_on": "2026-03-04", "setting": "asserted_second_person_accepted", "value": 1}
    assert (await school.world.post("/settings", people | accepting)).status_code == 201
    await school.world.taken(kept, "merges", confirmed_by=people["author"], other=school.pupil, reason="One child.")
    notice, owed = await the_notice(school), await the_obligation(school, LAST_DAY)
    assert (notice["pupil"], owed["pupil"], owed["person"]) == (kept, kept, school.parent)
    assert notice["obligation"] is not None


async def test_of_very_many_events_the_first_and_the_newest_are_shown(school: Telling) -> None:
    await school.decide()
    notice = await the_notice(school)
    fetched = (
        "insert into notice_event (school_id, notice_id, sequence, kind, at)"
        " select school_id, notice_id, sequence + i, 'fetched', at from notice_event, generate_series(1, $2::int) i where school_id = $1"
    )
    await run_sql_with(school.database, fetched, school.world.school_id, 999)
    shown = (await school.proof(notice["id"]))["events"]
    assert [event["kind"] for event in shown] == ["composed", *["fetched"] * 999]  # type: ignore[attr-defined]
    await school.world.get(f"/notices/{notice['id']}/words")
    newest = (await school.proof(notice["id"]))["events"]
    assert [event["kind"] for event in newest] == ["composed", *["fetched"] * 999]  # type: ignore[attr-defined]
    assert newest[-1]["words_digest"] is not None  # type: ignore[index]
