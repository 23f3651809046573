"""Over HTTP: a pupil goes to another school with file and record, and two records of one child are joined and parted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from itertools import count

import pytest

from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.scopes import SCOPES
from app.exchange.ctf import read_ctf
from app.webhooks.sending.signing import digest_field
from tests.api.world import NOW, TODAY, World, add_client, add_school, running, token_for

UPNS = ("F999999925001", "V999999925002")
_urns = count(999_500)


@pytest.fixture
async def world(database: DatabaseUrls) -> AsyncIterator[World]:
    """A school that accepts a second person without proof, whose staff it has known for three days."""
    moment = [NOW - timedelta(days=3)]
    async with running(database, now=lambda: moment[0]) as (app, http):
        world = await add_school(app, http, str(next(_urns)), at=moment[0])
        moment[0] = NOW
        world.token = await token_for(app, world.client_id, frozenset(SCOPES))
        people = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
        chosen = {"occurred_on": TODAY.isoformat(), "setting": "asserted_second_person_accepted", "value": 1}
        assert (await world.post("/settings", people | chosen)).status_code == 201
        yield world


def by_two(world: World, **facts: object) -> dict[str, object]:
    return {"confirmed_by": {"id": str(world.people["head"])}, **facts}


FILE = {"source": "999/9999", "destination": "998/9998", "number": 3, "person": "office-3"}


async def test_a_transfer_file_goes_out_by_name_with_its_digest_and_who_asked_is_noted(world):
    pupil = await world.pupil(UPNS[0])
    answer = await world.post(f"/pupils/{pupil}/common-transfer-files", FILE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    assert answer.headers["content-disposition"] == 'attachment; filename="9999999_CTF_9989998_003.xml"'
    assert answer.headers["repr-digest"] == digest_field(sha256(answer.content).digest())
    roll = read_ctf(BytesIO(answer.content), on=TODAY)
    assert [found.upn.value for found in roll.pupils] == [UPNS[0]]
    [looked] = (await world.get(f"/pupils/{pupil}/accesses")).json()["items"]
    assert (looked["purpose"], looked["person"]) == ("common-transfer-file", "office-3")


async def test_no_grant_reaches_to_a_file_with_a_upn_in_it(world):
    pupil = await world.pupil(UPNS[0])
    _, vendor = await add_client(world.app, OrganisationKind.VENDOR)
    own = world.token
    grant = {"client_id": str(vendor), "scopes": ["records:read"], "purpose": "Reading.", "until": "2030-01-01"}
    assert (await world.post("/grants", {**grant, "granted_by": str(world.people["head"])})).status_code == 201
    world.token = await token_for(world.app, vendor, frozenset({"records:read"}))
    assert (await world.get(f"/pupils/{pupil}/record")).status_code == 200
    assert (await world.post(f"/pupils/{pupil}/common-transfer-files", FILE)).status_code == 403
    world.token = own


@pytest.mark.parametrize("changes", [{"source": "99/9"}, {"destination": "LLLL"}, {"number": 0}, {"destination_urn": "12"}])
async def test_a_file_to_nowhere_is_not_written(world, changes):
    pupil = await world.pupil(UPNS[0])
    assert (await world.post(f"/pupils/{pupil}/common-transfer-files", FILE | changes)).status_code == 422
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == []


async def test_a_pupil_leaves_the_record_is_sent_and_receipted(world):
    pupil = await world.pupil(UPNS[0])
    await world.taken(pupil, "departures-from-roll", reason="Moved.", author="head", to_laestab="998/9998")
    shown = (await world.get(f"/pupils/{pupil}/obligations", rule="send-the-record-on")).json()["items"]
    assert [(owed["state"], "bank holidays 2026" in owed["missing"]) for owed in shown] == [("not_known", True)]
    sent = await world.taken(pupil, "record-sendings", to_laestab="998/9998", parts=["common_transfer_file", "educational_record"])
    number = sent["entries"][0]["number"]
    shown = (await world.get(f"/pupils/{pupil}/obligations", rule="send-the-record-on")).json()["items"]
    assert [(owed["state"], owed["met_by"]) for owed in shown] == [("kept", number)]
    await world.taken(pupil, "record-receipts", sent=number, reference="R-17")
    assert (await world.step(pupil, "record-receipts", sent=number, reference="R-17")).status_code == 409


async def two(world: World) -> tuple[str, str]:
    """A child twice on roll: the second time with an A that was never decided, a contact and a concern."""
    kept, other = await world.pupil(UPNS[0]), await world.pupil(UPNS[1])
    await world.contact(other, name="Gita Specimen")
    await world.taken(other, "concerns", raised_by="parent", domain="attainment", words="Reads slowly.")
    return kept, other


async def numbers(world: World, pupil: str) -> list[int]:
    return sorted(entry["number"] for entry in (await world.get(f"/pupils/{pupil}/record")).json()["entries"])


async def test_the_kept_record_reads_the_others_entries_and_the_other_points_to_it(world):
    kept, other = await two(world)
    ours, theirs = await numbers(world, kept), await numbers(world, other)
    merged = await world.taken(kept, "merges", **by_two(world, other=other, reason="One child."))
    assert [entry["facts"]["is_kept"] for entry in merged["entries"]] == [False, True]
    assert await numbers(world, kept) == sorted([*ours, *theirs, *(entry["number"] for entry in merged["entries"])])
    for answer in (
        await world.get(f"/pupils/{other}/record"),
        await world.step(other, "concerns", raised_by="parent", domain="attainment", words="Again."),
    ):
        assert (answer.status_code, kept in answer.json()["detail"]) == (409, True)
    assert [row["id"] for row in (await world.get("/pupils", leavers="true")).json()["items"]] == [kept]
    contacts = (await world.get(f"/pupils/{kept}/contacts")).json()["items"]
    assert [contact["reached"]["name"] if "reached" in contact else contact["name"] for contact in contacts] == ["Gita Specimen"]


async def test_what_the_other_owed_is_owed_by_the_kept_one_from_now_on(world):
    kept, other = await two(world)

    async def owed(pupil: str) -> list[str]:
        rows = (await world.get(f"/pupils/{pupil}/obligations", rule="answer-a-parents-concern")).json()["items"]
        return [row["state"] for row in rows]

    assert (await owed(kept), await owed(other)) == ([], ["due"])
    await world.taken(kept, "merges", **by_two(world, other=other, reason="One child."))
    assert (await owed(kept), await owed(other)) == (["due"], [])
    [concern] = [e for e in (await world.get(f"/pupils/{kept}/record")).json()["entries"] if e["type"] == "concern.raised"]
    await world.taken(kept, "concern-answers", concern=concern["number"], answer="We see it too.")
    assert await owed(kept) == ["kept"]


async def test_joined_by_mistake_they_are_parted_again(world):
    kept, other = await two(world)
    ours, theirs = await numbers(world, kept), await numbers(world, other)
    await world.taken(kept, "merges", **by_two(world, other=other, reason="One child."))
    parted = await world.taken(kept, "merge-ends", **by_two(world, other=other, reason="Twins."))
    assert [entry["type"] for entry in parted["entries"]] == ["entry.withdrawn", "entry.withdrawn"]
    withdrawn = {entry["number"] for entry in parted["entries"]}
    assert [n for n in await numbers(world, kept) if n not in withdrawn] == ours
    assert [n for n in await numbers(world, other) if n not in withdrawn] == theirs
    await world.taken(other, "concerns", raised_by="parent", domain="attainment", words="Again.")
    assert (await world.step(kept, "merge-ends", **by_two(world, other=other, reason="Twins."))).status_code == 409


async def told_of(world: World, pupil: str) -> dict[str, object]:
    """Give the one notice that waits about a pupil; a decision is taken first."""
    facts = {"judgement": "K", "difficulty": "Reading.", "provision_beyond_ordinary": "Taught reading.", "reason": "The gap stays."}
    await world.taken(pupil, "sen-decisions", **facts, considered=["progress"], review_on="2026-06-01")
    [notice] = (await world.get("/notices", pupil=pupil)).json()["items"]
    return notice


async def test_a_notice_of_the_other_goes_on_by_what_the_kept_record_says(world):
    kept, other = await two(world)
    notice = await told_of(world, other)
    await world.taken(kept, "merges", **by_two(world, other=other, reason="One child."))
    assert [row["id"] for row in (await world.get("/notices", pupil=kept)).json()["items"]] == [notice["id"]]
    assert (await world.get(f"/notices/{notice['id']}/words")).status_code == 200
    facts = {"relationship": "parent", "parental_responsibility": True, "has_care": True, "information_restricted": True}
    await world.taken(kept, f"contacts/{notice['person']}/facts", author="head", **facts, restriction_basis="Order of 3 March")
    assert (await world.get(f"/notices/{notice['id']}/words")).status_code == 409


async def test_a_notice_of_the_other_is_told_in_the_kept_record_and_goes_back_when_they_are_parted(world):
    kept, other = await two(world)
    notice = await told_of(world, other)
    await world.taken(kept, "merges", **by_two(world, other=other, reason="One child."))
    answer = await world.post(f"/notices/{notice['id']}/reports", {"event": "delivered"}, {"Idempotency-Key": "told-1"})
    assert (answer.status_code, answer.json()["state"]) == (201, "delivered")
    await world.taken(kept, "merge-ends", **by_two(world, other=other, reason="Twins."))
    assert (await world.get("/notices", pupil=kept)).json()["items"] == []
    assert [row["id"] for row in (await world.get("/notices", pupil=other)).json()["items"]] == [notice["id"]]


async def test_a_contact_of_the_other_is_changed_where_the_record_goes_on(world):
    kept, other = await two(world)
    await world.taken(kept, "merges", **by_two(world, other=other, reason="One child."))
    [contact] = (await world.get(f"/pupils/{kept}/contacts")).json()["items"]
    details = {"name": "Gita Example", "channel": "none", "language": "en"}
    headers = world.headers(**{"If-Match": contact["version"]})
    closed = await world.http.put(world.path(f"/pupils/{other}/contacts/{contact['id']}"), json=details, headers=headers)
    assert (closed.status_code, kept in closed.json()["detail"]) == (409, True)
    answer = await world.http.put(world.path(f"/pupils/{kept}/contacts/{contact['id']}"), json=details, headers=headers)
    assert answer.status_code == 200, answer.text
    [changed] = (await world.get(f"/pupils/{kept}/contacts")).json()["items"]
    assert (changed["name"], changed["version"]) == ("Gita Example", answer.json()["version"])
    await world.taken(kept, "merge-ends", **by_two(world, other=other, reason="Twins."))
    assert [found["name"] for found in (await world.get(f"/pupils/{other}/contacts")).json()["items"]] == ["Gita Example"]


async def test_the_same_request_again_joins_nothing_more(world):
    kept, other = await two(world)
    body = {"author": {"id": str(world.people["senco"])}, "occurred_on": TODAY.isoformat(), **by_two(world, other=other, reason="One.")}
    first = await world.post(f"/pupils/{kept}/merges", body, {"Idempotency-Key": "merge-1"})
    again = await world.post(f"/pupils/{kept}/merges", body, {"Idempotency-Key": "merge-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["entries"] == first.json()["entries"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"other": "kept"}, 409), ({"other": "nobody"}, 404), ({"confirmed_by": "senco"}, 409), ({"author": "teacher"}, 409)],
)
async def test_what_cannot_be_joined_is_refused(world, changes, status):
    kept, other = await two(world)
    named = {"kept": kept, "nobody": str(world.school_id)}.get(changes.get("other"), other)
    facts: dict[str, object] = by_two(world, other=named, reason="One.")
    if "confirmed_by" in changes:
        facts["confirmed_by"] = {"id": str(world.people["senco"])}
    answer = await world.step(kept, "merges", **facts, author=changes.get("author", "senco"))
    assert answer.status_code == status, answer.text
    assert (await world.get(f"/pupils/{other}/record")).status_code == 200


async def test_a_dry_run_joins_nothing(world):
    kept, other = await two(world)
    body = {"author": {"id": str(world.people["senco"])}, "occurred_on": TODAY.isoformat(), **by_two(world, other=other, reason="One.")}
    answer = await world.post(f"/pupils/{kept}/merges", body, dry_run="true")
    assert (answer.status_code, len(answer.json()["would_append"])) == (200, 2)
    assert (await world.get(f"/pupils/{other}/record")).status_code == 200
