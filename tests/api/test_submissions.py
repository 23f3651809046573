"""What a school settles before evidence leaves it: who else is named, what is left out, who confirms or waives, and for what profile."""

import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest

from app.casework import evidence
from app.casework.evidence import LookedAwayError
from app.db.embedded import DatabaseUrls
from tests.api.sending import DAY, asked, sending, submission
from tests.api.world import World

UPN, OTHER_UPN = "F999999925001", "V999999925002"
TELLS = "Worked beside Ben Sample, who helped."
_urns = itertools.count(999_400)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


async def a_request_that_names_another(world: World) -> tuple[str, str, str, int]:
    """The pupil, another pupil, the request and the number of the concern in which the other is named."""
    pupil = await world.pupil(UPN)
    other = await world.pupil(OTHER_UPN, surname="Sample", forename="Ben")
    concern = await world.taken(pupil, "concerns", raised_by="teacher", domain="attainment", words=TELLS)
    return pupil, other, await asked(world, pupil), concern["ledger_number"]


async def submit(world: World, pupil: str, request: str, **wishes: object) -> tuple[int, dict[str, object]]:
    answer = await world.step(pupil, f"ehc-requests/{request}/submissions", **submission(world), **wishes)
    return answer.status_code, answer.json()


async def recorded(world: World, pupil: str) -> dict[str, object]:
    found = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    return next(entry["facts"] for entry in found if entry["type"] == "evidence.submitted")


async def test_evidence_that_names_another_pupil_is_refused_and_says_where_without_the_name(world: World) -> None:
    pupil, other, request, concern = await a_request_that_names_another(world)
    status, problem = await submit(world, pupil, request)
    finding = problem["findings"][0]
    assert (status, finding["rule"]) == (409, "review-exemptions-before-release")
    assert (finding["used"]["pupils"], finding["used"]["entries"], finding["used"]["papers"]) == (other, str(concern), "")
    assert "Sample" not in str(problem)


async def test_it_goes_out_once_somebody_says_why_and_the_record_holds_the_reason(world: World) -> None:
    pupil, other, request, concern = await a_request_that_names_another(world)
    status, _ = await submit(world, pupil, request, others_named_because="The parents asked for it.")
    named = (await recorded(world, pupil))["others_named"]
    assert (status, named["pupils"], named["entries"]) == (201, [other], [concern])
    assert named["reason"] == "The parents asked for it."


async def test_a_reason_for_some_is_none_for_whoever_is_written_of_since(world: World) -> None:
    pupil, other, request, _ = await a_request_that_names_another(world)
    third = await world.pupil("J999999925003", surname="Third", forename="Cai")
    because = {"others_named_because": "The parents asked for it.", "others_named": [other]}
    await world.taken(pupil, "concerns", raised_by="teacher", domain="attainment", words="She helps Cai Third.")
    status, problem = await submit(world, pupil, request, **because)
    assert (status, set(problem["findings"][0]["used"]["pupils"].split(", "))) == (409, {other, third})
    assert (await submit(world, pupil, request, **{**because, "others_named": [other, third]}))[0] == 201


async def test_it_goes_out_once_the_entry_is_left_out(world: World) -> None:
    pupil, _, request, concern = await a_request_that_names_another(world)
    status, taken = await submit(world, pupil, request, left_out=[{"number": concern, "reason": "It tells of another child."}])
    facts = await recorded(world, pupil)
    assert (status, facts["others_named"]) == (201, None)
    assert facts["left_out"] == [{"number": concern, "reason": "It tells of another child."}]
    remarks = {finding["rule"]: finding for finding in taken["findings"]}
    assert remarks["review-exemptions-before-release"]["used"] == {"left_out": 1, "others_named": 0}


async def test_the_reason_why_an_entry_is_left_out_is_searched_too(world: World) -> None:
    """It goes out in the place of what it says nothing of."""
    pupil, other, request, concern = await a_request_that_names_another(world)
    status, problem = await submit(world, pupil, request, left_out=[{"number": concern, "reason": "It tells of Ben Sample."}])
    used = problem["findings"][0]["used"]
    assert (status, used["pupils"], used["entries"]) == (409, other, str(concern))


async def test_an_entry_of_another_record_cannot_be_left_out(world: World) -> None:
    pupil, _, request, _ = await a_request_that_names_another(world)
    status, problem = await submit(world, pupil, request, left_out=[{"number": 1, "reason": "It tells of another child."}])
    assert (status, problem["findings"][0]["rule"]) == (409, "review-exemptions-before-release")


async def test_a_dry_run_looks_just_as_closely(world: World) -> None:
    pupil, _, request, _ = await a_request_that_names_another(world)
    body = {"author": {"id": str(world.people["senco"])}, **submission(world)}
    refused = await world.post(f"/pupils/{pupil}/ehc-requests/{request}/submissions", body, dry_run="true")
    assert refused.status_code == 409
    shown = await world.post(
        f"/pupils/{pupil}/ehc-requests/{request}/submissions", {**body, "others_named_because": "Agreed."}, dry_run="true"
    )
    assert (shown.status_code, shown.json()["would_append"][0]["facts"]["others_named"]["reason"]) == (200, "Agreed.")


async def test_without_a_second_person_nothing_leaves_unless_the_school_waived_it(world: World) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    alone = {"occurred_on": DAY}
    refused = await world.step(pupil, f"ehc-requests/{request}/submissions", **alone)
    assert (refused.status_code, refused.json()["findings"][0]["missing"]) == (409, ["second person"])
    by = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    chosen = {"occurred_on": DAY, "setting": "second_person_for_evidence", "value": 0}
    assert (await world.post("/settings", {"author": by["author"], **chosen})).status_code == 409
    waived = await world.post("/settings", {**by, **chosen})
    assert waived.status_code == 201
    await world.taken(pupil, f"ehc-requests/{request}/submissions", **alone)
    facts = await recorded(world, pupil)
    assert (facts["confirmed_by"], facts["waived_by"]) == (None, waived.json()["ledger_number"])


async def test_what_was_submitted_under_a_waiver_is_answered_again_though_the_school_took_it_back(world: World) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    by = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    for value in (0, 1):
        chosen = {"occurred_on": DAY, "setting": "second_person_for_evidence", "value": value}
        assert (await world.post("/settings", {**by, **chosen})).status_code == 201
        body = {"author": {"id": str(world.people["senco"])}, "occurred_on": DAY}
        submitted = await world.post(f"/pupils/{pupil}/ehc-requests/{request}/submissions", body, {"Idempotency-Key": "once"})
        assert submitted.status_code == 201, submitted.text


async def test_a_second_person_who_is_named_counts_beside_a_waiver(world: World) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    by = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    await world.post("/settings", {**by, "occurred_on": DAY, "setting": "second_person_for_evidence", "value": 0})
    assert (await submit(world, pupil, request))[0] == 201
    facts = await recorded(world, pupil)
    assert (facts["confirmed_by"], facts["waived_by"]) == (str(world.people["head"]), None)


async def test_the_profile_is_the_national_one_or_that_which_was_named(world: World) -> None:
    for upn, wished, kept in ((UPN, {}, "national/1"), (OTHER_UPN, {"profile": "cycles-and-costs"}, "cycles-and-costs/1")):
        pupil = await world.pupil(upn)
        request = await asked(world, pupil)
        assert (await submit(world, pupil, request, **wished))[0] == 201
        assert (await recorded(world, pupil))["profile"] == kept


async def test_the_answer_lists_the_gaps_by_the_profile_and_nothing_waits_for_them(world: World) -> None:
    """Children and Families Act 2014, section 36(1) and (8): no local wish is a condition of a request."""
    pupil = await world.pupil(UPN)
    status, answer = await submit(world, pupil, await asked(world, pupil), profile="cycles-and-costs")
    (found,) = [one for one in answer["findings"] if one["rule"] == "show-what-local-forms-ask-for"]
    assert (status, found["force"], found["used"]["profile"]) == (201, "local", "cycles-and-costs/1")
    assert {"two-reviewed-cycles", "provision-map", "signatures"} <= set(found["missing"])


async def test_a_profile_that_does_not_exist_is_said_where_it_was_named(world: World) -> None:
    pupil = await world.pupil(UPN)
    status, problem = await submit(world, pupil, await asked(world, pupil), profile="of-nobody")
    assert (status, problem["errors"][0]["pointer"]) == (422, "/profile")


async def test_what_was_written_while_others_were_looked_for_is_looked_at_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the freeze somebody writes of another child: it is looked at anew, and refused."""
    pupil = await world.pupil(UPN)
    await world.pupil(OTHER_UPN, surname="Sample", forename="Ben")
    request = await asked(world, pupil)
    freeze: Callable[..., object] = evidence.submit
    looks: list[int] = []

    async def later(*arguments: object, **facts: object) -> object:
        looks.append(int(str(facts["looked_at"])))
        if len(looks) == 1:
            await world.taken(pupil, "concerns", raised_by="teacher", domain="attainment", words=TELLS)
        return await freeze(*arguments, **facts)  # type: ignore[misc]

    monkeypatch.setattr(evidence, "submit", later)
    status, problem = await submit(world, pupil, request)
    assert (status, problem["findings"][0]["rule"], len(looks)) == (409, "review-exemptions-before-release", 2)


async def test_a_record_that_never_rests_is_for_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)

    async def moved(*_: object, **__: object) -> None:
        raise LookedAwayError

    monkeypatch.setattr(evidence, "submit", moved)
    answer = await world.step(pupil, f"ehc-requests/{request}/submissions", **submission(world))
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")
    assert UUID(request)
