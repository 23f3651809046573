"""An authority that asked for it is sent a thin word, or the bundle's own bytes, behind the same gate as a pull."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import standardwebhooks

from app.api.announcements import EvidenceReadyOut, RequestMadeOut
from app.db.blobs import Blobs
from app.db.embedded import DatabaseUrls
from app.documents.bundle.verify import verify_bundle
from tests.api.sending import OTHER, asked, asked_by_parent, authority, maker, sent, submitted
from tests.api.world import NOW
from tests.db.stores import files_of
from tests.webhooks.pushing import Heard, Pushing, pushing_from
from tests.webhooks.receivers import answering, receiving

UPN = "F999999925001"
ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
_urns = itertools.count(999_400)


@pytest.fixture
async def pushing(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Pushing]:
    async with pushing_from(database, tmp_path, str(next(_urns))) as found:
        yield found


def verified(secret: str, headers: dict[str, str], payload: bytes) -> None:
    """Check as the reference library does, with a clock of our own; it raises when the signature does not hold."""
    hook = standardwebhooks.Webhook(secret)
    signed = hook.sign(headers["webhook-id"], NOW, payload.decode())
    assert signed in headers["webhook-signature"].split(" ")


async def test_the_word_names_the_request_and_no_child(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        _, secret = await pushing.subscribe(receiver.port, "evidence.ready")
        pupil, request = await sent(pushing.world, UPN, authority=pushing.county.code)
        (logged,) = await pushing.deliver()
    assert (logged["event"], logged["state"]) == ("evidence.ready", "delivered")
    ((_, headers, body),) = heard
    verified(secret, headers, body)
    told = json.loads(body)
    assert EvidenceReadyOut.model_validate(told).model_dump(mode="json") == told
    bundle = (await pushing.county.get(f"/{request}")).json()["bundle"]
    assert (told["request"], told["digest"], told["size"], told["number"]) == (request, bundle["digest"], bundle["size"], 1)
    assert told["path"] == f"/v1/local-authorities/{pushing.county.code}/requests/{request}"
    assert pupil.encode() not in body
    assert await pushing.looks(pupil) == []


async def test_a_word_of_a_parents_request_goes_out_at_once_and_of_the_schools_with_its_evidence(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        _, secret = await pushing.subscribe(receiver.port, "request.made")
        pupil = await pushing.world.pupil(UPN)
        alone = await asked_by_parent(pushing.world, pupil)
        await pushing.deliver()
        theirs = await asked(pushing.world, pupil)
        assert len(await pushing.deliver()) == 1
        for request in (alone, theirs):
            await submitted(pushing.world, pupil, request)
        logged = await pushing.deliver()
    assert [(item["event"], item["state"]) for item in logged] == [("request.made", "delivered")] * 2
    for number, (request, (_, headers, body)) in enumerate(zip((alone, theirs), heard, strict=True), start=1):
        verified(secret, headers, body)
        told = json.loads(body)
        assert RequestMadeOut.model_validate(told).model_dump(mode="json") == told
        assert (told["request"], told["number"]) == (request, number)
        assert (await pushing.world.http.get(told["path"], headers=pushing.county.headers())).json()["id"] == request
        assert pupil.encode() not in body
    assert await pushing.looks(pupil) == []


async def test_the_gate_is_asked_for_the_word_of_a_request_too(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        subscription, _ = await pushing.subscribe(receiver.port, "request.made")
        await asked_by_parent(pushing.world, await pushing.world.pupil(UPN))
        await moved_to_another_authority(pushing, subscription)
        (logged,) = await pushing.deliver()
    assert (logged["state"], heard) == ("withheld", [])


async def test_the_bundle_itself_is_streamed_with_digest_and_signature_and_is_a_look(pushing: Pushing, tmp_path: Path) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        subscription, secret = await pushing.subscribe(receiver.port, "evidence.bundle")
        pupil, request = await sent(pushing.world, UPN, authority=pushing.county.code)
        (logged,) = await pushing.deliver()
    assert (logged["event"], logged["state"], logged["subscription"]) == ("evidence.bundle", "delivered", subscription)
    ((_, headers, body),) = heard
    field = f"sha-256=:{base64.b64encode(sha256(body).digest()).decode()}:"
    assert headers["content-digest"] == headers["repr-digest"] == field
    verified(secret, headers, field.encode())
    assert (headers["content-type"], headers["graduated-request"]) == ("application/zip", request)
    assert pupil not in str(headers)
    assert body == (await pushing.county.take(request)).content
    (tmp_path / "pushed.zip").write_bytes(body)
    (tmp_path / "keys.json").write_bytes((await pushing.world.http.get("/.well-known/bundle-keys.json")).content)
    assert verify_bundle([tmp_path / "pushed.zip"], tmp_path / "keys.json").ok
    pushed, pulled = await pushing.looks(pupil)
    assert (pushed["purpose"], pushed["organisation"], pushed["client"], pushed["request"]) == ("pushed", "Invented", None, request)
    assert pulled["purpose"] == "ehc-needs-assessment"


async def test_what_was_pushed_is_receipted_as_what_was_pulled(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        _, request = await sent(pushing.world, UPN, authority=pushing.county.code)
        await pushing.deliver()
    assert (await pushing.county.receipt(request, sha256(heard[0][2]).hexdigest())).status_code == 201


async def test_a_push_that_was_refused_is_tried_again_with_the_same_bytes_and_id(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(REFUSED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        pupil, _ = await sent(pushing.world, UPN, authority=pushing.county.code)
        (refused,) = await pushing.deliver()
        assert refused["state"] == "waiting"
        receiver.behaviour = answering(ACCEPTED, heard)
        (accepted,) = await pushing.deliver(after=timedelta(minutes=1))
    assert (accepted["state"], [attempt["outcome"] for attempt in accepted["log"]]) == ("delivered", ["refused", "accepted"])
    (_, first, body), (_, second, again) = heard
    assert (body, first["webhook-id"], first["content-digest"]) == (again, second["webhook-id"], second["content-digest"])
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert len(await pushing.looks(pupil)) == 1


async def test_a_receiver_that_goes_away_in_the_middle_is_sent_the_whole_again(pushing: Pushing) -> None:
    async def goes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2000)

    heard: Heard = []
    async with receiving(goes) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        _, request = await sent(pushing.world, UPN, authority=pushing.county.code)
        (broken,) = await pushing.deliver()
        assert broken["state"] == "waiting"
        receiver.behaviour = answering(ACCEPTED, heard)
        (done,) = await pushing.deliver(after=timedelta(minutes=1))
    assert done["state"] == "delivered"
    assert len(heard[0][2]) == (await pushing.county.get(f"/{request}")).json()["bundle"]["size"]


async def test_another_authoritys_endpoint_hears_nothing(pushing: Pushing) -> None:
    heard: Heard = []
    others = [
        await authority(pushing.world, code=OTHER),
        await authority(pushing.world, code=pushing.county.code, sandbox=False),
    ]
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        for other in others:
            await pushing.subscribe(receiver.port, "evidence.ready", "evidence.bundle", by=other)
        await sent(pushing.world, UPN, authority=pushing.county.code)
        assert await pushing.deliver() == []
    assert heard == []


async def ended(pushing: Pushing, subscription: str) -> None:
    answer = await pushing.world.http.delete(f"/v1/subscriptions/{subscription}", headers=pushing.county.headers(**{"If-Match": "*"}))
    assert answer.status_code == 204


async def moved_to_another_authority(pushing: Pushing, subscription: str) -> None:
    """The organisation is no longer the one that the request was sent to."""
    async with pushing.world.app.state.sessions.shared() as session:
        await session.connection.execute("update organisation set authority = '799' where id = $1", pushing.county.organisation_id)


@pytest.mark.parametrize("change", [ended, moved_to_another_authority])
async def test_the_gate_is_asked_at_the_moment_of_sending(pushing: Pushing, change: Callable[[Pushing, str], Awaitable[None]]) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        subscription, _ = await pushing.subscribe(receiver.port, "evidence.ready", "evidence.bundle")
        pupil, _ = await sent(pushing.world, UPN, authority=pushing.county.code)
        await change(pushing, subscription)
        await pushing.deliver()
        logged = await pushing.deliver()
    assert [item["state"] for item in logged] == ["withheld", "withheld"]
    assert heard == []
    assert await pushing.looks(pupil) == []


async def test_of_what_is_wanted_no_longer_the_numbers_alone_go_out(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        subscription, _ = await pushing.subscribe(receiver.port, "evidence.ready", "evidence.bundle")
        pupil, _ = await sent(pushing.world, UPN, authority=pushing.county.code)
        path, headers = f"/v1/subscriptions/{subscription}", pushing.county.headers(**{"If-Match": "*"})
        assert (await pushing.world.http.patch(path, json={"events": ["notice.ready"]}, headers=headers)).status_code == 200
        await pushing.deliver()
        logged = await pushing.deliver()
    assert [(item["state"], item["reason"]) for item in logged] == [("withheld", "not_wanted")] * 2
    told = [json.loads(body) for _, _, body in heard]
    assert sorted((each["type"], each["number"]) for each in told) == [("delivery.withheld", 1), ("delivery.withheld", 2)]
    assert {name for each in told for name in each} == {"id", "type", "number", "school", "subscription"}
    assert await pushing.looks(pupil) == []


async def test_nothing_is_owed_before_the_bundle_is_there(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.ready", "evidence.bundle")
        pupil = await pushing.world.pupil(UPN)
        request = await asked(pushing.world, pupil, authority=pushing.county.code)
        bundle = await submitted(pushing.world, pupil, request)
        assert await pushing.deliver() == []
        assert await maker(pushing.world).make(pushing.world.school_id, bundle)
        first = await pushing.deliver()
        both = await pushing.deliver()
    assert [item["state"] for item in first] == ["delivered", "waiting"]
    assert [item["event"] for item in both if item["state"] == "delivered"] == ["evidence.ready", "evidence.bundle"]


async def test_a_lost_file_is_an_attempt_that_failed_and_no_look(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        pupil, _ = await sent(pushing.world, UPN, authority=pushing.county.code)
        blobs: Blobs = pushing.world.app.state.blobs
        (file,) = files_of(blobs)
        file.unlink()
        (logged,) = await pushing.deliver()
    assert (logged["state"], logged["log"][0]["outcome"]) == ("waiting", "fault")
    assert heard == []
    assert await pushing.looks(pupil) == []


async def test_a_harmed_file_is_an_attempt_that_failed_and_none_of_it_is_accepted(pushing: Pushing) -> None:
    """It has its size, so it is begun; its first segment is not what was put, and the connection is dropped before any byte of it."""
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        await sent(pushing.world, UPN, authority=pushing.county.code)
        (file,) = files_of(pushing.world.app.state.blobs)
        whole = file.read_bytes()
        file.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        (failed,) = await pushing.deliver()
        assert (failed["state"], failed["log"][0]["outcome"]) == ("waiting", "fault")
        assert heard == []
        file.write_bytes(whole)
        (mended,) = await pushing.deliver(after=timedelta(hours=1))
    assert mended["state"] == "delivered"
    assert len(heard) == 1
