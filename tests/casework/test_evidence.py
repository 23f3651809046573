"""A frozen record becomes one bundle that anybody can check, whatever is broken off on the way."""

import asyncio
import itertools
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import asyncpg
import bagit
import pytest

from app.casework.working import TERMS
from app.db.blobs import Blobs, Putting
from app.db.embedded import DatabaseUrls
from app.db.work import WorkKind
from app.documents.bundle.bundling import BundleMaker
from app.documents.bundle.verify import verify_bundle
from tests.api.sending import DAY, Authority, asked, authority, maker, sending, sent, submission, submitted
from tests.api.world import NOW, World
from tests.db.stores import blobs_in

LEASE, MOST_ATTEMPTS = TERMS[WorkKind.BUNDLE].lease, TERMS[WorkKind.BUNDLE].most_attempts
UPN, OTHER_UPN = "F999999925001", "V999999925002"
_urns = itertools.count(999_300)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def taken(county: Authority, request: str, folder: Path) -> Path:
    file = folder / "taken.zip"
    file.write_bytes((await county.take(request)).content)
    return file


async def standing(world: World, pupil: str, request: str) -> dict[str, object]:
    return (await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()


async def as_superuser(database: DatabaseUrls, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(database.superuser)
    await connection.execute(statement, *arguments)
    await connection.close()


def later(world: World, by: timedelta) -> None:
    object.__setattr__(world.app.state.casework.means, "now", lambda: NOW + by)


async def ready_to_make(
    world: World, upn: str = UPN, *, before: Callable[[World, str], Awaitable[None]] | None = None
) -> tuple[str, str, UUID]:
    pupil = await world.pupil(upn)
    if before is not None:
        await before(world, pupil)
    request = await asked(world, pupil)
    return pupil, request, await submitted(world, pupil, request)


async def test_what_the_authority_took_is_accepted_by_our_verifier_and_by_bagit(world: World, county: Authority, tmp_path: Path) -> None:
    _, request = await sent(world, UPN)
    file = await taken(county, request, tmp_path)
    keys = tmp_path / "keys.json"
    keys.write_bytes((await world.http.get("/.well-known/bundle-keys.json")).content)
    verdict = verify_bundle([file], keys)
    assert verdict.ok, verdict.sentence
    assert request in verdict.sentence
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path / "bag")
    assert bagit.Bag(str(tmp_path / "bag" / f"bundle-{request}")).is_valid()


async def test_a_flipped_byte_in_what_was_taken_is_not_accepted(world: World, county: Authority, tmp_path: Path) -> None:
    _, request = await sent(world, UPN)
    content = bytearray((await county.take(request)).content)
    content[len(content) // 2] ^= 1
    (tmp_path / "broken.zip").write_bytes(content)
    (tmp_path / "keys.json").write_bytes((await world.http.get("/.well-known/bundle-keys.json")).content)
    assert not verify_bundle([tmp_path / "broken.zip"], tmp_path / "keys.json").ok


async def test_a_bundle_holds_this_pupils_entries_up_to_the_freeze_and_of_others_digests_alone(world: World, county: Authority) -> None:
    other = await world.pupil(OTHER_UPN, surname="Strangerson")
    await world.taken(other, "concerns", raised_by="teacher", domain="social", words="Quarrels with everybody.")
    pupil, request, bundle = await ready_to_make(world)
    await world.taken(pupil, "concerns", raised_by="teacher", domain="social", words="Written after the freeze.")
    assert await maker(world).make(world.school_id, bundle)
    content = (await county.take(request)).content
    for foreign in (b"Strangerson", b"Quarrels", b"Written after", other.encode(), OTHER_UPN.encode()):
        assert foreign not in content
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if "/data/entries/" in name]
        kinds = [json.loads(archive.read(name))["header"]["type"] for name in names]
        chain = json.loads(archive.read(f"bundle-{request}/data/chain.json"))
    assert kinds == ["pupil.enrolled", "ehc_assessment.requested"]
    assert len(chain["digests"]) == chain["frozen_at"] == (await standing(world, pupil, request))["bundle"]["frozen_at"]


async def test_what_is_the_familys_or_the_schools_own_stays_at_the_school(world: World, county: Authority) -> None:
    _, request, bundle = await ready_to_make(world, before=_private)
    assert await maker(world).make(world.school_id, bundle)
    content = (await county.take(request)).content
    for private in (b"Order-of-March", b"Inquiry-of-May", b"contact.described", b"access.asked", b"hold.placed"):
        assert private not in content


async def _private(world: World, pupil: str) -> None:
    """An order against a contact, a request to see the record, and a hold."""
    mother = await world.contact(pupil, contact_restricted=True, restriction_basis="Order-of-March")
    await world.taken(pupil, "access-requests", author="head", right="subject_access", person=mother, in_writing=True)
    await world.taken(pupil, "holds", reason="Inquiry-of-May")


async def test_two_workers_make_one_bundle(world: World) -> None:
    pupil, request, bundle = await ready_to_make(world)
    made = await asyncio.gather(*(maker(world).make(world.school_id, bundle) for _ in range(3)))
    assert sorted(made) == [False, False, True]
    assert len((await standing(world, pupil, request))["receipts"]) == 1
    assert await maker(world).make(world.school_id, bundle) is False


async def test_a_worker_that_is_broken_off_leaves_the_bundle_to_the_next_when_its_claim_ends(world: World, county: Authority) -> None:
    pupil, request, bundle = await ready_to_make(world)
    first = asyncio.create_task(maker(world).make(world.school_id, bundle))
    while not list(world.app.state.blobs.files.folder.rglob("*")):
        await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert first.cancelled()
    assert await maker(world).make(world.school_id, bundle) is False
    assert (await standing(world, pupil, request))["bundle"]["state"] == "waiting"
    later(world, LEASE)
    assert await maker(world).make(world.school_id, bundle)
    assert (await county.take(request)).status_code == 200
    assert len((await standing(world, pupil, request))["receipts"]) == 1


@dataclass(frozen=True)
class Overtaken(Blobs):
    """A store so slow that another worker takes the claim while the file is being written."""

    overtake: Callable[[], None]

    @contextmanager
    def putting(self, school_id: UUID, blob_id: UUID) -> Iterator[Putting]:
        self.overtake()
        with Blobs.putting(self, school_id, blob_id) as file:
            yield file


async def test_a_claim_that_ran_out_hands_nothing_over(world: World, database: DatabaseUrls) -> None:
    """The first worker is so slow that a second has taken its claim; only the second's file is named."""
    pupil, request, bundle = await ready_to_make(world)
    claim = as_superuser(database, "update work set held_by = gen_random_uuid() where subject = $1", bundle)
    blobs = world.app.state.blobs
    slow = Overtaken(blobs.files, blobs.sealer, blobs.random_bytes, lambda: asyncio.run(claim))
    assert await BundleMaker(world.app.state.casework, world.app.state.keyring, slow).make(world.school_id, bundle) is False
    assert (await standing(world, pupil, request))["bundle"]["digest"] is None


def broken_maker(world: World, folder: Path) -> BundleMaker:
    """A maker in whose store a file stands where the school's folder should."""
    blobs = blobs_in(folder / "broken")
    (folder / "broken" / str(world.school_id)).write_text("")
    return BundleMaker(world.app.state.casework, world.app.state.keyring, blobs)


async def test_what_fails_is_tried_again_and_at_last_given_up(world: World, county: Authority, tmp_path: Path) -> None:
    pupil, request, bundle = await ready_to_make(world)
    broken = broken_maker(world, tmp_path)
    assert await broken.make(world.school_id, bundle) is False
    assert await maker(world).make(world.school_id, bundle) is False
    assert (await standing(world, pupil, request))["bundle"]["state"] == "waiting"
    for attempt in range(2, MOST_ATTEMPTS + 1):
        later(world, timedelta(days=attempt))
        await broken.make(world.school_id, bundle)
    assert (await standing(world, pupil, request))["bundle"]["state"] == "failed"
    assert (await county.get(f"/{request}")).json()["bundle"] is None
    assert (await standing(world, pupil, request))["received_on"] is None


async def test_a_failure_that_passes_is_forgotten(world: World, tmp_path: Path) -> None:
    pupil, request, bundle = await ready_to_make(world)
    broken = broken_maker(world, tmp_path)
    assert await broken.make(world.school_id, bundle) is False
    later(world, timedelta(seconds=10))
    assert await maker(world).make(world.school_id, bundle)
    assert (await standing(world, pupil, request))["bundle"]["state"] == "ready"


async def test_a_bundle_made_anew_has_the_same_bytes_but_for_its_signature(world: World, county: Authority, database: DatabaseUrls) -> None:
    """What is inside is signed once; ECDSA gives another signature each time, so a second signing would show in the chain."""
    _, request, bundle = await ready_to_make(world)
    assert await maker(world).make(world.school_id, bundle)
    first = (await county.take(request)).content
    await as_superuser(database, "update bundle set state = 'waiting' where id = $1", bundle)
    await as_superuser(database, "update work set state = 'waiting', next_at = $2 where subject = $1", bundle, NOW)
    assert await maker(world).make(world.school_id, bundle)
    second = (await county.take(request)).content
    parts = [{name: archive.read(name) for name in archive.namelist()} for archive in map(_opened, (first, second))]
    assert [name for name in parts[0] if parts[0][name] != parts[1][name]] == [f"bundle-{request}/tagmanifest-sha256.txt.jws"]
    assert (list(parts[0]), len(first)) == (list(parts[1]), len(second))


def _opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(content))


async def test_a_ledger_that_was_tampered_with_is_made_no_bundle_of(world: World, database: DatabaseUrls) -> None:
    pupil, request, bundle = await ready_to_make(world)
    await as_superuser(database, "update entry set occurred_on = '2020-01-01' where pupil_id = $1 and type = 'pupil.enrolled'", UUID(pupil))
    assert await maker(world).make(world.school_id, bundle) is False
    assert (await standing(world, pupil, request))["bundle"]["digest"] is None


async def test_a_submission_withdrawn_before_the_bundle_was_made_sends_nothing(world: World, county: Authority) -> None:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    taken = await world.taken(pupil, f"ehc-requests/{request}/submissions", **submission(world))
    await world.taken(pupil, "withdrawals", corrects=taken["ledger_number"], reason="Sent in error.", occurred_on=DAY)
    assert await maker(world).make(world.school_id, UUID(taken["references"]["bundle"])) is False
    assert (await standing(world, pupil, request))["bundle"]["state"] == "failed"
    assert (await county.take(request)).status_code == 404
