"""Who may be named behind a write over HTTP: people with a role, on the day of writing too, and nobody made up on the spot."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from tests.api.world import World, add_school, running

UPN = "F999999925001"


@pytest.fixture
async def world(database: DatabaseUrls, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        number = 999_000 + request.session.items.index(request.node) % 900
        yield await add_school(app, http, str(number))


@pytest.mark.parametrize("kind", ["client", "authority_officer", "import"])
async def test_a_client_names_people_alone_as_authors(world: World, kind: str) -> None:
    """Otherwise a vendor's client could record a plan of the authority's, or a roll, with no human behind it."""
    pupil = await world.pupil(UPN)
    for author in ({"kind": kind, "id": str(clock.new_id())}, {"kind": kind, "id": str(world.client_id)}):
        answer = await world.step(pupil, "ehc-plans", author=author, authority="999")
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "/author/kind"
    assert (await world.get(f"/pupils/{pupil}/record")).json()["status"] == "N"


async def test_the_office_records_a_plan_that_the_authority_made_and_a_teacher_does_not(world: World) -> None:
    pupil = await world.pupil(UPN)
    assert (await world.step(pupil, "ehc-plans", author="teacher", authority="999")).status_code == 409
    assert (await world.step(pupil, "ehc-plans", author="office", authority="999")).status_code == 201


async def test_a_telling_in_person_needs_a_member_of_staff(world: World) -> None:
    """A duty to tell would else count as kept though nobody was told."""
    pupil = await world.pupil(UPN)
    mother = await world.contact(pupil)
    await world.taken(pupil, "teaching-adaptations", tried="Phonics in a small group", effect="Little change", author="teacher")
    await world.taken(pupil, "sen-decisions", **A_DECISION)
    notice = (await world.get("/notices")).json()["items"][0]["id"]
    body = {"occurred_on": "2026-03-02", "how": "in_person"}
    answers = {
        who: (await world.post(f"/notices/{notice}/tellings", {**body, "author": author})).status_code
        for who, author in {
            "client": {"kind": "client", "id": str(world.client_id)},
            "mother": {"kind": "contact", "id": mother},
            "assistant": {"id": str(world.people["assistant"])},
            "teacher": {"id": str(world.people["teacher"])},
        }.items()
    }
    assert answers == {"client": 422, "mother": 409, "assistant": 409, "teacher": 201}


A_DECISION = {
    "judgement": "K",
    "difficulty": "Reads far below age",
    "provision_beyond_ordinary": "Daily precision teaching",
    "reason": "No catch-up after a term of aimed teaching",
    "considered": ["Reading ages"],
    "parents_view": "Worried",
    "pupils_view": "Wants to read alone",
    "review_on": "2026-06-01",
}


def choosing(world: World, who: str = "head", **facts: object) -> dict[str, object]:
    return {"author": {"id": str(world.people[who])}, "occurred_on": "2026-03-02", **facts}


async def test_a_setting_is_chosen_by_the_head_today_and_weakened_by_two(world: World) -> None:
    days = {"setting": "tell_within_days", "value": 366}
    assert (await world.post("/settings", choosing(world, "assistant", **days))).status_code == 409
    assert (await world.post("/settings", {**choosing(world, **days), "occurred_on": "2025-01-01"})).status_code == 409
    assert (await world.post("/settings", choosing(world, **days))).status_code == 201
    weaker = {"setting": "asserted_second_person_accepted", "value": 1}
    second = {"confirmed_by": {"id": str(world.people["senco"])}}
    assert (await world.post("/settings", choosing(world, **weaker))).status_code == 409
    assert (await world.post("/settings", choosing(world, **weaker, **second))).status_code == 409
    assert (await world.post("/clock", {"now": "2026-03-05T09:00:00Z"})).status_code == 200
    later = {**choosing(world, **weaker, **second), "occurred_on": "2026-03-05"}
    assert (await world.post("/settings", later)).status_code == 201
    assert (await world.get("")).json()["settings"]["asserted_second_person_accepted"]["value"] == 1


async def test_the_identity_provider_goes_into_the_ledger_with_its_public_keys_alone(world: World) -> None:
    jwks = {"keys": [{**A_KEY, "unread": "0" * 1000, "x5c": ["unread"]}], "unread": 1}
    body = choosing(world, issuer="https://login.example", jwks=jwks)

    async def put(body: dict[str, object]) -> int:
        return (await world.http.put(world.path("/identity-provider"), json=body, headers=world.headers())).status_code

    assert await put({**body, "author": {"id": str(world.people["teacher"])}}) == 409
    assert await put(body) == 200
    assert await put(body) == 409
    async with world.app.state.sessions.for_school(world.school_id) as session:
        opened = await world.app.state.casework.open(session)
    assert opened.now.identity_provider == {"issuer": "https://login.example", "jwks": {"keys": [A_KEY]}}
    assert opened.identity_provider is None
    last = max(opened.school.known, key=lambda recorded: recorded.number)
    assert (last.entry.type, last.author.id) == ("identity_provider.set", world.people["head"])


A_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "kid": "school-1",
    "alg": "ES256",
    "use": "sig",
}


async def test_who_no_longer_works_here_writes_nothing_more_even_of_days_gone_by(world: World) -> None:
    pupil, senco = await world.pupil(UPN), world.people["senco"]
    concern = {"raised_by": "teacher", "domain": "social", "words": "Alone at break.", "occurred_on": "2026-02-02"}
    assert (await world.step(pupil, "concerns", **concern)).status_code == 201
    for role in ("senco", "teacher"):
        body = {"role": role, "since": "2026-03-01"}
        assert (await world.post(f"/staff/{senco}/role-ends", body)).status_code == 201
    refused = await world.step(pupil, "concerns", **concern)
    assert (refused.status_code, refused.json()["findings"][0]["missing"]) == (409, ["role on the day of writing"])
    enrolment = {"upn": "V999999925002", "surname": "Example", "forename": "Ada", "date_of_birth": "2014-05-04"}
    body = {**enrolment, "occurred_on": "2025-09-01", "author": {"id": str(senco)}}
    assert (await world.post("/pupils", body)).status_code == 409


async def test_a_step_belongs_to_a_day_on_roll(world: World) -> None:
    pupil = await world.pupil(UPN)
    concern = {"raised_by": "teacher", "domain": "social", "words": "Alone at break."}
    before = await world.step(pupil, "concerns", **concern, occurred_on="2025-08-31")
    assert (before.status_code, before.json()["errors"][0]["pointer"]) == (422, "/occurred_on")
    late = await world.step(pupil, "concerns", **concern, occurred_on="2025-09-01")
    assert late.status_code == 201
    assert [f["rule"] for f in late.json()["findings"] if "role_known_since" in f["used"]] == ["leave-a-trail"]
    left = await world.step(pupil, "departures-from-roll", author="office", occurred_on="2026-02-01", reason="Moved away.")
    assert left.status_code == 201, left.text
    after = await world.step(pupil, "concerns", **concern)
    assert (after.status_code, after.json()["errors"][0]["pointer"]) == (422, "/occurred_on")


async def test_a_dry_run_about_a_contact_of_another_pupil_is_told_so_too(world: World) -> None:
    pupil, other = await world.pupil(UPN), await world.pupil("V999999925002")
    contact = await world.contact(other)
    body = {"author": {"id": str(world.people["office"])}, "occurred_on": "2026-03-02", "relationship": "aunt"}
    body |= {"parental_responsibility": False, "has_care": False}
    answers = [
        (await world.post(f"/pupils/{whose}/contacts/{contact}/facts", body, dry_run="true")).status_code for whose in (pupil, other)
    ]
    assert answers == [404, 200]


async def test_a_score_beyond_all_scales_is_refused(world: World) -> None:
    pupil = await world.pupil(UPN)
    facts = {"domain": "attainment", "measure": "Reading age", "comment": "Slow."}
    for score, status in ((1e308, 422), (-1_000_001, 422), (1_000_000, 201)):
        measured = [{"taken_on": "2026-01-10", "score": score}]
        assert (await world.step(pupil, "progress-checks", author="teacher", **facts, measurements=measured)).status_code == status


async def test_word_of_arrival_lies_between_the_notice_and_now_and_counts_once(world: World) -> None:
    pupil = await world.pupil(UPN)
    await world.contact(pupil)
    await world.taken(pupil, "sen-decisions", **A_DECISION)
    notice = (await world.get("/notices")).json()["items"][0]
    place = f"/notices/{notice['id']}/reports"
    for at in ("2026-03-01T09:00:00Z", "2026-03-02T23:59:59Z"):
        refused = await world.post(place, {"event": "delivered", "at": at})
        assert refused.status_code == 422, refused.text
    answers = await asyncio.gather(*(world.post(place, {"event": "delivered"}) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    entries = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    assert [entry["type"] for entry in entries].count("person.told") == 1
