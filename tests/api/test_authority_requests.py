"""The authority's side: it sees what was sent to it and no more, takes it through a gate, and says that it has it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app import clock
from app.api.manners.byte_ranges import span_asked
from app.api.manners.problems import ApiError
from app.casework.releasing import Look, find, pieces, release
from app.db.blobs import LARGEST_RANGE, Blobs
from app.db.client_entrance import AuthorityEntrance
from app.db.embedded import DatabaseUrls
from app.db.entrance import ClientRevokedError, EntranceError, Scope
from app.db.kept_files import Kept
from app.domain.purposes import Purpose, Reader, purposes_of
from app.webhooks.sending.signing import digest_field
from tests.api.sending import DAY, OTHER, Authority, asked, authority, hex_digest, maker, prepared, sending, sent, submitted
from tests.api.world import NOW, World, add_school
from tests.webhooks.telling import run_sql_with

UPN, OTHER_UPN = "F999999925001", "V999999925002"
_urns = itertools.count(999_200)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def revoke(world: World, client_id: UUID) -> None:
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = $2 where id = $1", client_id, NOW)


async def test_the_list_names_school_state_days_and_digest_and_no_child(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    answer = await county.get()
    (item,) = answer.json()["items"]
    assert item.pop("bundle")["size"] > 10_000
    assert item == {
        "id": request,
        "school": world.urn,
        "state": "submitted",
        "requested_on": DAY,
        "submitted_at": item["submitted_at"],
        "deemed_on": DAY,
        "received_on": DAY,
    }
    assert pupil not in answer.text
    assert "Example" not in answer.text
    assert (await county.get(f"/{request}")).json()["id"] == request


async def test_a_schools_own_request_is_not_the_authoritys_to_see_before_its_evidence(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil, authority=county.code)
    assert (await county.get()).json()["items"] == []
    assert (await county.get(f"/{request}")).status_code == (await county.person(request)).status_code == 404
    bundle = await submitted(world, pupil, request)
    (waiting,) = (await county.get()).json()["items"]
    assert (waiting["id"], waiting["bundle"]) == (request, None)
    assert (await county.take(request)).status_code == 404
    assert await maker(world).make(world.school_id, bundle)
    assert (await county.take(request)).status_code == 200


async def test_the_list_comes_in_pages_and_by_state(world: World, county: Authority) -> None:
    _, first = await sent(world, UPN, authority=county.code)
    _, second = await sent(world, OTHER_UPN, authority=county.code)
    page = (await county.get(limit="1")).json()
    rest = (await county.get(cursor=page["next"])).json()
    assert [item["id"] for item in page["items"] + rest["items"]] == [first, second]
    digest = page["items"][0]["bundle"]["digest"]
    assert (await county.receipt(first, digest)).status_code == 201
    assert [item["id"] for item in (await county.get(state="received")).json()["items"]] == [first]
    assert [item["id"] for item in (await county.get(state="submitted")).json()["items"]] == [second]
    assert (await county.get(state="requested")).json()["items"] == []
    assert (await county.get(state="refused")).status_code == 422


async def test_two_authorities_and_two_schools_see_nothing_of_each_other(world: World, county: Authority) -> None:
    other_county = await authority(world, code=OTHER)
    other_school = await prepared(await add_school(world.app, world.http, str(next(_urns))))
    pupil, ours = await sent(world, UPN, authority=county.code)
    _, theirs = await sent(other_school, UPN, authority=other_county.code)
    both, _ = await sent(other_school, OTHER_UPN, authority=county.code)
    assert both
    assert {item["school"] for item in (await county.get()).json()["items"]} == {world.urn, other_school.urn}
    assert [item["id"] for item in (await other_county.get()).json()["items"]] == [theirs]
    assert (await county.get(code=other_county.code)).status_code == 404
    digest = (await county.get(f"/{ours}")).json()["bundle"]["digest"]
    for answer in (
        await other_county.get(f"/{ours}"),
        await other_county.take(ours),
        await other_county.receipt(ours, digest),
    ):
        assert answer.status_code == 404
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == []
    assert (await other_school.get(f"/pupils/{pupil}/ehc-requests/{ours}")).status_code == 404
    for path in (f"/pupils/{pupil}/record", "/pupils", f"/pupils/{pupil}/ehc-requests"):
        answer = await world.http.get(world.path(path), headers=county.headers())
        assert answer.status_code == 403, path


async def test_a_live_authority_with_the_same_number_sees_nothing_of_a_sandbox_school(world: World, county: Authority) -> None:
    live = await authority(world, code=county.code, sandbox=False)
    _, request = await sent(world, UPN, authority=county.code)
    assert (await live.get()).json()["items"] == []
    assert (await live.get(f"/{request}")).status_code == 404
    assert (await live.take(request)).status_code == 404
    assert len((await county.get()).json()["items"]) == 1


async def test_the_bundle_is_its_digest(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    answer = await county.take(request)
    digest = hex_digest(answer.content)
    assert answer.status_code == 200
    shown = {"digest": digest, "size": len(answer.content)}
    assert (await county.get()).json()["items"][0]["bundle"] == shown
    assert (await county.get(f"/{request}")).json()["bundle"] == {**shown, "edition": 1, "parts": [{"number": 1, **shown}]}
    assert answer.headers["etag"] == f'"{digest}"'
    assert answer.headers["repr-digest"] == answer.headers["content-digest"] == digest_field(bytes.fromhex(digest))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"] == f'attachment; filename="request-{request}.zip"'
    assert answer.headers["content-type"] == "application/zip"
    assert pupil not in str(answer.headers)
    unchanged = await county.take(request, {"If-None-Match": f'"other", {answer.headers["etag"]}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_ranges_put_together_are_the_bundle_and_one_look(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    size = (await county.get(f"/{request}")).json()["bundle"]["size"]
    half = size // 2
    first = await county.take(request, {"Range": f"bytes=0-{half - 1}"})
    assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-{half - 1}/{size}")
    assert "content-digest" not in first.headers
    digested = await county.take(request, {"Range": f"bytes=0-{half - 1}", "Want-Content-Digest": "sha-256=3"})
    assert digested.headers["content-digest"] == digest_field(bytes.fromhex(hex_digest(first.content)))
    assert digested.headers["repr-digest"] == first.headers["repr-digest"] != digested.headers["content-digest"]
    second = await county.take(request, {"Range": f"bytes={half}-", "If-Range": first.headers["etag"]})
    assert (second.status_code, second.headers["content-length"]) == (206, str(size - half))
    tail = await county.take(request, {"Range": "bytes=-22"})
    assert tail.content == second.content[-22:]
    whole = await county.take(request, {"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (whole.status_code, whole.content) == (200, first.content + second.content)
    (look,) = (await world.get(f"/pupils/{pupil}/accesses")).json()["items"]
    assert (look["request"], look["purpose"], look["organisation"]) == (request, "ehc-needs-assessment", "Invented")
    assert look["why"] == "To decide about, or carry out, an assessment of your child's needs."


@pytest.mark.parametrize("asked_for", ["bytes={size}-", "bytes=-0", "bytes=0-1,3-4"])
async def test_a_range_that_is_not_there_is_416_and_no_look(world: World, county: Authority, asked_for: str) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    size = (await county.get(f"/{request}")).json()["bundle"]["size"]
    answer = await county.take(request, {"Range": asked_for.format(size=size)})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == []


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, LARGEST_RANGE)),
        ("bytes=-3", (LARGEST_RANGE * 2 - 3, 3)),
        (f"bytes=-{LARGEST_RANGE * 9}", (0, LARGEST_RANGE)),
        (f"bytes=0-{LARGEST_RANGE}", (0, LARGEST_RANGE)),
        ("BYTES=1-2", (1, 2)),
        ("bytes=-", None),
        ("bytes=2-1", None),
        ("bytes=a-b", None),
        ("lines=0-1", None),
    ],
)
def test_a_range_is_cut_to_8_mb_and_one_without_sense_is_passed_over(header: str | None, span: tuple[int, int] | None) -> None:
    assert span_asked(header, LARGEST_RANGE * 2) == span


def test_a_range_of_an_empty_file_is_not_there() -> None:
    with pytest.raises(ApiError):
        span_asked("bytes=0-", 0)


async def test_without_a_known_purpose_nothing_is_let_out(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    assert (await county.get(f"/{request}/bundle/parts/1")).status_code == 422
    for purpose in ("curiosity", Purpose.EVIDENCE_PREPARATION.value):
        (fault,) = (await county.take(request, purpose=purpose)).json()["errors"]
        assert fault["pointer"] == "purpose"
        assert all(allowed.value in fault["detail"] for allowed in purposes_of(Reader.AUTHORITY))
        assert purpose not in fault["detail"]
    assert (await county.take(request, {"Officer-Reference": "x" * 101})).status_code == 422
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == []


async def test_a_new_person_or_a_later_hour_is_another_look(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    means = world.app.state.casework.means
    for person, minutes in (("a", 0), ("b", 0), ("a", 9), ("a", 18), ("a", 28)):
        object.__setattr__(means, "now", lambda minutes=minutes: NOW.replace(minute=minutes))
        assert (await county.take(request, {"Officer-Reference": person})).status_code == 200
    looks = (await world.get(f"/pupils/{pupil}/accesses")).json()["items"]
    spans = [(look["person"], look["first_at"][14:16], look["last_at"][14:16]) for look in looks]
    assert spans == [("a", "00", "18"), ("b", "00", "00"), ("a", "28", "28")]


async def test_the_look_is_committed_before_the_first_byte_leaves(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    looks_when_it_began: list[int] = []
    path = f"/v1/local-authorities/{county.code}/requests/{request}/bundle/parts/1"
    headers = [(name.lower().encode(), value.encode()) for name, value in county.headers().items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"purpose=ehc-needs-assessment", "headers": headers}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            looks_when_it_began.append(len((await world.get(f"/pupils/{pupil}/accesses")).json()["items"]))

    await world.app(scope, receive, send)
    assert looks_when_it_began == [1]


async def test_a_bundle_whose_file_is_lost_is_for_the_host_to_mend_and_no_look(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    held = await find(world.app.state.casework, _entrance(county), UUID(request))
    world.app.state.blobs.remove([held.file.name])
    answer = await county.take(request)
    assert (answer.status_code, answer.json()["act_by"]) == (503, "host")
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == []


async def test_a_revoked_client_is_stopped_at_its_next_range(world: World, county: Authority) -> None:
    _, request = await sent(world, UPN, authority=county.code)
    assert (await county.take(request, {"Range": "bytes=0-99"})).status_code == 206
    await revoke(world, county.client_id)
    stopped = await county.take(request, {"Range": "bytes=100-199"})
    assert stopped.status_code == 401
    assert "invalid_token" in stopped.headers["www-authenticate"]


def _entrance(county: Authority) -> AuthorityEntrance:
    scope = Scope("evidence:take")
    return AuthorityEntrance(authority=county.code, client_id=county.client_id, scope=scope, token_scopes=frozenset({scope}))


async def test_a_revoked_client_is_stopped_within_one_answer_after_8_mb(world: World, county: Authority) -> None:
    _, request = await sent(world, UPN, authority=county.code)
    casework, entrance, blobs = world.app.state.casework, _entrance(county), world.app.state.blobs
    held = await find(casework, entrance, UUID(request))
    file = await asyncio.to_thread(_put, blobs, world.school_id, LARGEST_RANGE * 2)
    look = Look(entrance=entrance, request_id=UUID(request), purpose=Purpose.EHC_NEEDS_ASSESSMENT)
    given = 0
    with pytest.raises(EntranceError) as stopped:
        async for chunk in pieces(blobs, file, (0, LARGEST_RANGE * 2), lambda: release(casework, look, held.sent)):
            given += len(chunk)
            if given == LARGEST_RANGE:
                await revoke(world, county.client_id)
    assert isinstance(stopped.value, ClientRevokedError)
    assert given == LARGEST_RANGE


def _put(blobs: Blobs, school_id: UUID, size: int) -> Kept:
    with blobs.putting(school_id, clock.new_id()) as file:
        for _ in range(size // 65536):
            file.write(bytes(65536))
    return file.kept


async def test_a_request_that_was_withdrawn_lets_nothing_out_any_more(world: World, county: Authority, database: DatabaseUrls) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    assert (await county.take(request, {"Range": "bytes=0-99"})).status_code == 206
    await run_sql_with(database, "update ehc_request set state = 'withdrawn' where id = $1", UUID(request))
    before = (await world.get(f"/pupils/{pupil}/accesses")).json()["items"]
    for answer in (await county.take(request, {"Range": "bytes=100-199"}), await county.take(request), await county.person(request)):
        assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")
    assert (await world.get(f"/pupils/{pupil}/accesses")).json()["items"] == before


async def test_a_receipt_of_the_same_day_needs_no_reason(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    digest = hex_digest((await county.take(request)).content)
    answer = await county.receipt(request, digest)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["deemed_on"], told["received_on"], told["reason"]) == (DAY, DAY, None)
    shown = (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()
    assert (shown["state"], shown["received_deemed"], shown["receipt_reference"]) == ("received", False, "officer-17")
    assert [(r["deemed"], r["author"]["kind"], r["digest"]) for r in shown["receipts"]] == [
        (True, "client", digest),
        (False, "authority_officer", digest),
    ]
    assert shown["receipts"][1]["number"] == told["ledger_number"]


async def test_another_day_needs_a_reason_and_moves_the_six_weeks(world: World, county: Authority) -> None:
    """SEND Regulations 2014, regulation 5(1): the weeks run from the day that the authority named."""
    await world.post("/clock", {"now": "2026-03-09T09:00:00Z"})
    pupil, request = await sent(world, UPN, authority=county.code)
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    without = await county.receipt(request, digest, received_on="2026-03-06")
    assert without.status_code == 422
    (fault,) = without.json()["errors"]
    assert (fault["pointer"], fault["rule"]) == ("/reason", "authority-decides-within-six-weeks")
    assert fault["citation"]
    told = (await county.receipt(request, digest, received_on="2026-03-06", reason="Came by post before.")).json()
    assert (told["deemed_on"], told["received_on"], told["reason"]) == ("2026-03-09", "2026-03-06", "Came by post before.")
    assert (await county.get(f"/{request}")).json()["received_on"] == "2026-03-06"
    owed = (await world.get(f"/pupils/{pupil}/obligations")).json()["items"]
    assert [item["due"] for item in owed if item["rule"] == "authority-decides-within-six-weeks"] == ["2026-04-17"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"digest": "0" * 64}, "/digest"),
        ({"digest": "0" * 63}, "/digest"),
        ({"received_on": "2026-03-06", "reason": "Tomorrow."}, "/received_on"),
        ({"officer": ""}, "/officer"),
        ({"pupil": "x"}, "/pupil"),
    ],
)
async def test_a_receipt_that_does_not_fit_changes_nothing(world: World, county: Authority, change: dict[str, str], pointer: str) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    answer = await county.receipt(request, **{"digest": digest, **change})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    shown = (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()
    assert (shown["state"], len(shown["receipts"])) == ("submitted", 1)


async def test_a_receipt_from_before_the_request_is_refused_by_the_rule(world: World, county: Authority) -> None:
    _, request = await sent(world, UPN, authority=county.code)
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    answer = await county.receipt(request, digest, received_on="2026-03-04", reason="Misread.")
    assert (answer.status_code, answer.json()["findings"][0]["rule"]) == (409, "authority-decides-within-six-weeks")


async def test_the_same_receipt_twice_or_twice_at_once_is_one(world: World, county: Authority) -> None:
    pupil, request = await sent(world, UPN, authority=county.code)
    digest = (await county.get(f"/{request}")).json()["bundle"]["digest"]
    answers = await asyncio.gather(*(county.receipt(request, digest, key="same") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    other = await county.receipt(request, digest, key="same", reason="Something else.")
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert len((await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()["receipts"]) == 2


async def test_a_receipt_carries_a_key(world: World, county: Authority) -> None:
    path = f"/v1/local-authorities/{county.code}/requests/{clock.new_id()}/receipts"
    headers = {name: value for name, value in county.headers().items() if name != "Idempotency-Key"}
    answer = await world.http.post(path, json={"digest": "0" * 64, "officer": "x"}, headers=headers)
    assert answer.json()["type"] == "/problems/idempotency-key-missing"
