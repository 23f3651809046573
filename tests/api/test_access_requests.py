"""Somebody asks to see a record: the clock, the look for exemptions, the copy with what is held back, and who fetched it."""

from collections.abc import AsyncIterator

import pytest

from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

UPN = "F999999925001"


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


async def asked(world: World, pupil: str, mother: str) -> int:
    taken = await world.taken(pupil, "access-requests", author="head", right="subject_access", person=mother, in_writing=True)
    return int(str(taken["ledger_number"]))


async def test_a_copy_is_made_after_the_look_for_exemptions_and_leaves_a_trace(world: World) -> None:
    pupil = await world.pupil(UPN)
    mother = str(await world.contact(pupil))
    open_words = await world.taken(pupil, "concerns", raised_by="teacher", domain="attainment", words="Reads slowly.")
    held = await world.taken(pupil, "concerns", raised_by="teacher", domain="emotional", words="Told in confidence.")
    number = await asked(world, pupil, mother)
    early = await world.get(f"/pupils/{pupil}/access-requests/{number}/copy")
    assert early.status_code == 409
    assert early.json()["findings"][0]["rule"] == "review-exemptions-before-release"
    flagged = [{"number": held["ledger_number"], "exemption": "another_person"}]
    await world.taken(pupil, "exemption-reviews", asked=number, flagged=flagged)
    answer = await world.get(f"/pupils/{pupil}/access-requests/{number}/copy")
    assert answer.status_code == 200, answer.text
    copy = answer.json()
    numbers = {entry["number"] for entry in copy["entries"]}
    assert open_words["ledger_number"] in numbers
    assert held["ledger_number"] not in numbers
    assert copy["withheld"] == flagged
    assert "Told in confidence" not in answer.text
    assert UPN not in answer.text
    looks = (await world.get(f"/pupils/{pupil}/accesses")).json()["items"]
    assert [look["purpose"] for look in looks] == ["access-request"]


async def test_nothing_goes_to_a_person_who_may_not_be_told(world: World) -> None:
    pupil = await world.pupil(UPN)
    barred = str(await world.contact(pupil, information_restricted=True, restriction_basis="Order of 3 March"))
    number = await asked(world, pupil, barred)
    await world.taken(pupil, "exemption-reviews", asked=number)
    answer = await world.get(f"/pupils/{pupil}/access-requests/{number}/copy")
    assert answer.status_code == 409
    assert answer.json()["findings"][0]["used"]["withheld"] == "information_restricted"


async def test_nothing_goes_to_somebody_who_turned_out_to_be_nobody_around_the_pupil(world: World) -> None:
    pupil = await world.pupil(UPN)
    stranger = str(await world.contact(pupil))
    number = await asked(world, pupil, stranger)
    await world.taken(pupil, "exemption-reviews", asked=number)
    assert (await world.get(f"/pupils/{pupil}/access-requests/{number}/copy")).status_code == 200
    entries = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    [described] = [entry["number"] for entry in entries if entry["type"] == "contact.described"]
    await world.taken(pupil, "withdrawals", corrects=described, reason="Another family's address.")
    answer = await world.get(f"/pupils/{pupil}/access-requests/{number}/copy")
    assert answer.status_code == 409
    assert answer.json()["findings"][0]["missing"] == ["person in the record"]


async def test_what_is_held_back_is_held_back_in_every_wording_it_had(world: World) -> None:
    pupil = await world.pupil(UPN)
    number = await asked(world, pupil, str(await world.contact(pupil)))
    said = {"raised_by": "teacher", "domain": "emotional"}
    first = await world.taken(pupil, "concerns", **said, words="Told in confidence.")
    second = await world.taken(pupil, "concerns", **said, words="Told in confidence at home.", corrects=first["ledger_number"])
    last = await world.taken(pupil, "withdrawals", corrects=second["ledger_number"], reason="Told in confidence by an aunt.")
    for flagged in (first, second, last):
        flags = [{"number": flagged["ledger_number"], "exemption": "another_person"}]
        await world.taken(pupil, "exemption-reviews", asked=number, flagged=flags)
        answer = await world.get(f"/pupils/{pupil}/access-requests/{number}/copy")
        assert [held["number"] for held in answer.json()["withheld"]] == [one["ledger_number"] for one in (first, second, last)]
        assert "in confidence" not in answer.text


async def test_a_number_too_large_for_any_ledger_is_refused(world: World) -> None:
    pupil = await world.pupil(UPN)
    assert (await world.get(f"/pupils/{pupil}/access-requests/{2**53}/copy")).status_code == 422
    assert (await world.get(f"/pupils/{pupil}/access-requests/{2**53 - 1}/copy")).status_code == 409


async def test_a_request_is_paused_extended_and_answered_by_its_clock(world: World) -> None:
    pupil = await world.pupil(UPN)
    number = await asked(world, pupil, str(await world.contact(pupil)))
    await world.taken(pupil, "access-pauses", author="head", asked=number, awaited="identity")
    (paused,) = [i for i in (await world.get(f"/pupils/{pupil}/obligations")).json()["items"] if "subject-access" in i["rule"]]
    assert (paused["state"], paused["missing"]) == ("not_known", ["identity awaited since 2026-03-02"])
    await world.taken(pupil, "access-resumptions", author="head", asked=number)
    await world.taken(pupil, "access-extensions", author="head", asked=number, months=1, reason="Many papers.")
    await world.taken(pupil, "exemption-reviews", asked=number)
    await world.taken(pupil, "access-answers", author="head", asked=number, export_digest="0" * 64)
    (kept,) = [i for i in (await world.get(f"/pupils/{pupil}/obligations")).json()["items"] if "subject-access" in i["rule"]]
    assert (kept["state"], kept["due"]) == ("kept", "2026-05-02")


async def test_a_complaint_about_data_is_taken_and_acknowledged(world: World) -> None:
    pupil = await world.pupil(UPN)
    made = await world.taken(pupil, "data-complaints", author="head", person=str(await world.contact(pupil)))
    await world.taken(pupil, "data-complaint-acknowledgements", author="head", complaint=made["ledger_number"])
    again = await world.step(pupil, "data-complaint-acknowledgements", author="head", complaint=1)
    assert again.status_code == 409
