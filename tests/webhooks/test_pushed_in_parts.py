"""A bundle is pushed part by part: what was accepted is not sent again, and a part too large leads to smaller ones, never to a loop."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from app.casework.pushing import DEFAULT_CAP, announce_bundle
from app.db import authority_profiles, bundles
from app.db.authority_profiles import Loaded
from app.db.embedded import DatabaseUrls
from app.documents.bundle.verify import verify_bundle
from app.domain.profile import Papers
from app.domain.profiles.national import NATIONAL
from app.domain.set_digest import digest_of_parts
from tests.api.sending import asked, maker, submitted
from tests.api.world import NOW
from tests.webhooks.pushing import Heard, Pushing, pushing_from
from tests.webhooks.receivers import Behaviour, answering, heard, receiving
from tests.webhooks.telling import run_sql_with

UPN = "F999999925001"
ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 6\r\n\r\n10 MB!"
WRONG_TYPE = b"HTTP/1.1 415 Unsupported Media Type\r\nContent-Length: 0\r\n\r\n"
SMALL = 20_000
Headers = dict[str, str]
_urns = itertools.count(999_600)
_profiles = itertools.count(1)


@pytest.fixture
async def pushing(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Pushing]:
    async with pushing_from(database, tmp_path, str(next(_urns))) as found:
        yield found


def by(choose: Callable[[Headers], bytes], into: Heard) -> Behaviour:
    """Answer each request as its headers ask for."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await heard(reader)
            into.append(request)
            writer.write(choose(request[1]))
            await writer.drain()

    return behave


async def frozen(pushing: Pushing, *, cap: int | None = None, allowed: int | None = SMALL) -> tuple[str, UUID]:
    """Submit evidence split for `cap`, for an authority whose profile takes files of `allowed` bytes; gives request and bundle."""
    profile = replace(NATIONAL, id=f"small-{next(_profiles)}", version=1, papers=Papers(largest_file=allowed))
    async with pushing.world.app.state.sessions.shared() as session:
        of = {"organisation_id": pushing.county.organisation_id, "organisation": "", "client_id": pushing.county.client_id}
        await authority_profiles.insert(session, Loaded(profile=profile, loaded_at=NOW, **of), is_sandbox=True)
    pupil = await pushing.world.pupil(UPN)
    await pushing.world.taken(pupil, "concerns", raised_by="teacher", domain="attainment", words="Finds reading hard.")
    request = await asked(pushing.world, pupil, authority=pushing.county.code)
    bundle = await submitted(pushing.world, pupil, request)
    await run_sql_with(pushing.database, "update bundle set profile = $2, cap = $3 where id = $1", bundle, f"{profile.id}/1", cap)
    return request, bundle


async def made(pushing: Pushing, bundle: UUID) -> bool:
    return await maker(pushing.world).make(pushing.world.school_id, bundle)


async def shown(pushing: Pushing, request: str) -> dict[str, object]:
    found: dict[str, object] = (await pushing.county.get(f"/{request}")).json()["bundle"]
    return found


def ends(logged: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(item["state"], item["reason"]) for item in logged]


async def all_delivered(pushing: Pushing, *, rounds: int = 12, from_: timedelta = timedelta()) -> list[dict[str, object]]:
    for number in range(rounds):
        logged = await pushing.deliver(after=from_ + timedelta(hours=number))
    return logged


async def verdict(pushing: Pushing, folder: Path, parts: list[bytes]) -> bool:
    """Check what was pushed as a stranger does."""
    files = [folder / f"{number}.zip" for number in range(len(parts))]
    for file, part in zip(files, parts, strict=True):
        file.write_bytes(part)
    keys = folder / "keys.json"
    keys.write_bytes((await pushing.world.http.get("/.well-known/bundle-keys.json")).content)
    return verify_bundle(files, keys).ok


async def test_each_part_is_a_delivery_that_says_which_it_is_and_of_what(pushing: Pushing, tmp_path: Path) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        request, bundle = await frozen(pushing, cap=SMALL)
        assert await made(pushing, bundle)
        logged = await all_delivered(pushing)
    told = await shown(pushing, request)
    digests = [sha256(body).digest() for _, _, body in heard]
    assert len(digests) > 1
    assert [(part["number"], part["digest"]) for part in told["parts"]] == list(enumerate((digest.hex() for digest in digests), start=1))
    assert told["digest"] == digest_of_parts(digests).hex()
    assert {item["state"] for item in logged} == {"delivered"}
    for number, (_, headers, _) in enumerate(heard, start=1):
        assert headers["graduated-part"] == f"{number} of {len(heard)}"
        assert (headers["graduated-request"], headers["graduated-edition"]) == (request, "1")
        assert headers["graduated-bundle-digest"] == told["digest"]
        assert headers["content-disposition"] == f'attachment; filename="request-{request}-{number}-of-{len(heard)}.zip"'
    assert len({headers["webhook-id"] for _, headers, _ in heard}) == len(heard)
    for number, digest in enumerate(digests, start=1):
        assert sha256((await pushing.county.part(request, number)).content).digest() == digest
    assert (await pushing.county.part(request, len(digests) + 1)).status_code == 404
    assert await verdict(pushing, tmp_path, [body for _, _, body in heard])
    assert not await verdict(pushing, tmp_path, [body for _, _, body in heard[1:]])
    assert (await pushing.county.receipt(request, told["digest"])).status_code == 201


async def test_what_the_endpoint_answers_is_no_receipt(pushing: Pushing) -> None:
    """A program that took the files is not the authority saying that it has the request."""
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        request, bundle = await frozen(pushing, cap=SMALL)
        assert await made(pushing, bundle)
        await all_delivered(pushing)
    assert (await pushing.county.get(f"/{request}")).json()["state"] == "submitted"
    assert (await pushing.county.get(state="received")).json()["items"] == []


async def test_after_a_failure_it_goes_on_with_the_part_that_failed(pushing: Pushing) -> None:
    heard: Heard = []
    broken = {"2": 2}

    def failing_twice(headers: Headers) -> bytes:
        number = headers["graduated-part"].split(" ")[0]
        broken[number] = broken.get(number, 0) - 1
        return BUSY if broken[number] >= 0 else ACCEPTED

    async with receiving(by(failing_twice, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        _, bundle = await frozen(pushing, cap=SMALL)
        assert await made(pushing, bundle)
        logged = await all_delivered(pushing)
    numbers = [headers["graduated-part"].split(" ")[0] for _, headers, _ in heard]
    assert numbers == ["1", "2", "2", *[str(number) for number in range(2, len(logged) + 1)]]
    assert [item["attempts"] for item in logged[:3]] == [1, 3, 1]
    assert {item["state"] for item in logged} == {"delivered"}


async def test_a_part_too_large_is_split_as_the_profile_says_and_sent_anew(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(by(lambda headers: TOO_LARGE if headers["graduated-edition"] == "1" else ACCEPTED, heard)) as receiver:
        subscription, _ = await pushing.subscribe(receiver.port, "evidence.bundle")
        request, bundle = await frozen(pushing)
        assert await made(pushing, bundle)
        first = await shown(pushing, request)
        (refused,) = await all_delivered(pushing)
        assert (refused["state"], refused["reason"], refused["attempts"]) == ("dead", "split_anew", 1)
        assert (refused["log"][0]["outcome"], refused["log"][0]["status"]) == ("refused", 413)
        assert await made(pushing, bundle)
        logged = await all_delivered(pushing, from_=timedelta(days=1))
    told = await shown(pushing, request)
    assert (first["edition"], told["edition"]) == (1, 2)
    assert len(told["parts"]) > len(first["parts"]) == 1
    assert ends(logged) == [("dead", "split_anew"), *[("delivered", None)] * len(told["parts"])]
    assert [item["number"] for item in logged] == list(range(1, len(logged) + 1))
    assert [(item["edition"], item["part"]) for item in logged] == [(1, 1), *((2, part["number"]) for part in told["parts"])]
    path = f"/v1/local-authorities/{pushing.county.code}/deliveries/{refused['id']}"
    looked = (await pushing.world.http.get(path, headers=pushing.county.headers())).json()
    assert looked["log"][0]["answer"] == "10 MB!"
    assert [sha256(body).hexdigest() for _, _, body in heard[1:]] == [part["digest"] for part in told["parts"]]
    owned = (await pushing.world.http.get(f"/v1/subscriptions/{subscription}", headers=pushing.county.headers())).json()
    assert owned["state"] == "active"
    for digest, status in ((first["digest"], 201), (told["digest"], 201), ("0" * 64, 422)):
        assert (await pushing.county.receipt(request, digest)).status_code == status


async def test_what_answers_413_to_everything_is_asked_twice_and_no_more(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(TOO_LARGE, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        _, bundle = await frozen(pushing)
        assert await made(pushing, bundle)
        for day in range(5):
            logged = await all_delivered(pushing, rounds=3, from_=timedelta(days=day))
            assert await made(pushing, bundle) is (day == 0)
    assert len(heard) == 2
    assert ends(logged) == [("dead", "split_anew"), *[("dead", "receiver_too_small")] * (len(logged) - 1)]
    assert len(logged) > 2


async def test_what_is_small_enough_already_is_not_split_for_a_receiver_that_takes_nothing(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(WRONG_TYPE, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        request, bundle = await frozen(pushing, allowed=None)
        assert await made(pushing, bundle)
        (logged,) = await all_delivered(pushing)
        assert not await made(pushing, bundle)
    assert (len(heard), logged["state"], logged["reason"]) == (1, "dead", "receiver_refuses_type")
    assert (await shown(pushing, request))["size"] <= DEFAULT_CAP


async def test_the_thin_word_still_says_where_to_fetch_it(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(by(lambda headers: TOO_LARGE if "graduated-part" in headers else ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.ready", "evidence.bundle")
        _, bundle = await frozen(pushing, cap=SMALL)
        assert await made(pushing, bundle)
        logged = await all_delivered(pushing)
    assert [(item["event"], item["state"]) for item in logged[:2]] == [("evidence.ready", "delivered"), ("evidence.bundle", "dead")]
    assert {item["reason"] for item in logged[1:]} == {"receiver_too_small"}
    assert len(heard) == 2


async def test_an_endpoint_that_took_the_whole_is_not_sent_what_was_split_for_another(pushing: Pushing) -> None:
    large, small, slow = Heard(), Heard(), Heard()
    async with (
        receiving(answering(ACCEPTED, large)) as takes_all,
        receiving(by(lambda headers: TOO_LARGE if headers["graduated-edition"] == "1" else ACCEPTED, small)) as takes_little,
        receiving(answering(BUSY, slow)) as busy,
    ):
        for receiver in (takes_all, takes_little, busy):
            await pushing.subscribe(receiver.port, "evidence.bundle")
        request, bundle = await frozen(pushing)
        assert await made(pushing, bundle)
        whole = await shown(pushing, request)
        await pushing.deliver()
        assert await made(pushing, bundle)
        busy.behaviour = answering(ACCEPTED, slow)
        await all_delivered(pushing, from_=timedelta(days=1))
    digest = whole["parts"][0]["digest"]
    assert [sha256(body).hexdigest() for _, _, body in large] == [digest]
    assert [sha256(body).hexdigest() for _, _, body in slow] == [digest, digest]
    assert [headers["graduated-edition"] for _, headers, _ in small] == ["1", *["2"] * len((await shown(pushing, request))["parts"])]


async def test_what_was_split_for_one_is_there_for_the_next_that_needs_it(pushing: Pushing) -> None:
    """The second endpoint fails until the first has had it split; no third edition is made."""
    first, second = Heard(), Heard()

    def little(headers: Headers) -> bytes:
        return TOO_LARGE if headers["graduated-edition"] == "1" else ACCEPTED

    async with receiving(by(little, first)) as one, receiving(answering(BUSY, second)) as other:
        for receiver in (one, other):
            await pushing.subscribe(receiver.port, "evidence.bundle")
        request, bundle = await frozen(pushing)
        assert await made(pushing, bundle)
        await pushing.deliver()
        assert await made(pushing, bundle)
        other.behaviour = by(little, second)
        await all_delivered(pushing, from_=timedelta(days=1))
        assert not await made(pushing, bundle)
    parts = [part["digest"] for part in (await shown(pushing, request))["parts"]]
    assert [sha256(body).hexdigest() for _, _, body in first[1:]] == parts
    assert [sha256(body).hexdigest() for _, _, body in second[2:]] == parts


async def test_two_that_refuse_the_same_edition_are_sent_the_same_next_one(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(by(lambda headers: TOO_LARGE if headers["graduated-edition"] == "1" else ACCEPTED, heard)) as receiver:
        for _ in range(2):
            await pushing.subscribe(receiver.port, "evidence.bundle")
        request, bundle = await frozen(pushing)
        assert await made(pushing, bundle)
        await pushing.deliver()
        assert await made(pushing, bundle)
        await all_delivered(pushing)
        assert not await made(pushing, bundle)
    parts = [part["digest"] for part in (await shown(pushing, request))["parts"]]
    assert sorted(sha256(body).hexdigest() for _, _, body in heard[2:]) == sorted(parts * 2)


async def test_what_is_announced_or_made_again_is_not_pushed_again(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.ready", "evidence.bundle")
        _, bundle = await frozen(pushing, cap=SMALL)
        assert await made(pushing, bundle)
        before = await all_delivered(pushing)
        casework, school = pushing.world.app.state.casework, pushing.world.school_id
        for _ in range(2):
            async with casework.sessions.for_school(school) as session:
                ready = await bundles.find_ready(session, bundle)
                assert ready is not None
                await announce_bundle(session, casework.means, pushing.county.code, ready)
        await run_sql_with(pushing.database, "update bundle set state = 'waiting' where id = $1", bundle)
        await run_sql_with(pushing.database, "update work set state = 'waiting', next_at = created_at where subject = $1", bundle)
        assert await made(pushing, bundle)
        assert len(await all_delivered(pushing, from_=timedelta(days=1))) == len(before)
    assert len(heard) == len(before)


async def test_a_resend_that_somebody_asks_for_sends_that_part_again(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        _, bundle = await frozen(pushing, cap=SMALL)
        assert await made(pushing, bundle)
        logged = await all_delivered(pushing)
        path = pushing.world.path(f"/deliveries/{logged[1]['id']}/resends")
        assert (await pushing.world.http.post(path, headers=pushing.world.headers())).status_code in (200, 201, 202)
        await all_delivered(pushing, rounds=2, from_=timedelta(days=1))
    assert len(heard) == len(logged) + 1
    (_, once, body), (_, twice, again) = heard[1], heard[-1]
    assert (once["webhook-id"], body) == (twice["webhook-id"], again)


async def test_a_part_of_an_edition_that_is_split_already_leads_to_no_further_one(pushing: Pushing) -> None:
    """Somebody asks for the large part again, and the receiver has not grown."""
    heard: Heard = []
    async with receiving(by(lambda headers: TOO_LARGE if headers["graduated-edition"] == "1" else ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.bundle")
        _, bundle = await frozen(pushing)
        assert await made(pushing, bundle)
        (large,) = await pushing.deliver()
        assert await made(pushing, bundle)
        before = await all_delivered(pushing)
        path = pushing.world.path(f"/deliveries/{large['id']}/resends")
        await pushing.world.http.post(path, headers=pushing.world.headers())
        after = await all_delivered(pushing, rounds=3, from_=timedelta(days=1))
        assert not await made(pushing, bundle)
    assert len(after) == len(before)
    assert (after[0]["state"], after[0]["reason"]) == ("dead", "receiver_too_small")
    assert len(heard) == len(before) + 1
