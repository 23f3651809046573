"""A bundle is written in parts that an authority can take, and split anew where it cannot; each part is a bag of its own."""

import itertools
import json
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from uuid import UUID

import asyncpg
import bagit
import pytest

from app.casework.erasure import Wanted as Erasing
from app.casework.erasure import erase_entry
from app.db import bundles
from app.db.bundles import Wanted
from app.db.embedded import DatabaseUrls
from app.documents.bundle.verify import Verdict, verify_bundle
from tests.api.handing_in import kept, redact
from tests.api.sending import Authority, asked, authority, maker, sending, submission, submitted
from tests.api.world import NOW, World
from tests.documents.papers import a_pdf

UPN = "F999999925001"
_urns = itertools.count(999_340)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


async def with_papers(world: World, *contents: bytes) -> tuple[str, list[str]]:
    """A pupil about whom these papers were contributed, one contribution each; gives the pupil and the papers."""
    pupil, papers = await world.pupil(UPN), []
    for content in contents:
        papers.append(str((await kept(world, pupil, content))["id"]))
        about = {"what": "pupils_view", "contributor": {"kind": "pupil"}, "author": {"kind": "pupil", "id": pupil}}
        await world.taken(pupil, "contributions/given", **about, papers=papers[-1:])
    return pupil, papers


async def parts(county: Authority, request: str) -> list[bytes]:
    shown = (await county.get(f"/{request}")).json()["bundle"]["parts"]
    return [(await county.part(request, part["number"])).content for part in shown]


async def verdict(world: World, taken: list[bytes], folder: Path) -> Verdict:
    paths = [folder / f"{number}.zip" for number in range(len(taken))]
    for path, content in zip(paths, taken, strict=True):
        path.write_bytes(content)
    (folder / "keys.json").write_bytes((await world.http.get("/.well-known/bundle-keys.json")).content)
    return verify_bundle(paths, folder / "keys.json")


def opened(taken: list[bytes]) -> list[dict[str, bytes]]:
    found = []
    for content in taken:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            found.append({name.partition("/")[2]: archive.read(name) for name in archive.namelist()})
    return found


async def made(world: World) -> tuple[str, UUID]:
    pupil = await world.pupil(UPN)
    request = await asked(world, pupil)
    bundle = await submitted(world, pupil, request)
    assert await maker(world).make(world.school_id, bundle)
    return request, bundle


async def split(world: World, bundle: UUID, cap: int) -> bool:
    async with world.app.state.casework.sessions.for_school(world.school_id) as session:
        return await bundles.split_anew(session, bundle, cap, NOW)


async def wanted(world: World, bundle: UUID) -> Wanted | None:
    async with world.app.state.casework.sessions.for_school(world.school_id) as session:
        return await bundles.find_wanted(session, bundle)


async def test_a_bundle_is_split_anew_once_and_only_for_smaller_parts_than_it_has(world: World) -> None:
    _, bundle = await made(world)
    assert await wanted(world, bundle) is None
    assert await split(world, bundle, 1_000_000) is True
    asked_for = await wanted(world, bundle)
    assert asked_for is not None
    assert (asked_for.edition, asked_for.cap) == (2, 1_000_000)
    assert await split(world, bundle, 900_000) is False
    assert await maker(world).make(world.school_id, bundle)
    assert await wanted(world, bundle) is None
    assert [await split(world, bundle, cap) for cap in (2_000_000, 1_000_000, 999_999)] == [False, False, True]


async def test_a_bundle_that_is_not_made_yet_is_not_split_anew(world: World) -> None:
    pupil = await world.pupil(UPN)
    bundle = await submitted(world, pupil, await asked(world, pupil))
    assert await split(world, bundle, 1_000_000) is False


async def test_papers_go_out_in_parts_that_strangers_accept_and_anew_in_others_without_another_receipt(
    world: World, county: Authority, tmp_path: Path
) -> None:
    contents = [a_pdf(pages=pages) for pages in (1, 2, 3)]
    pupil, _ = await with_papers(world, *contents)
    request = await asked(world, pupil)
    bundle = await submitted(world, pupil, request)
    assert await maker(world).make(world.school_id, bundle)
    (whole,) = opened(await parts(county, request))
    assert [whole[f"data/papers/{number:03d}-pupils-view.pdf"] for number in (1, 2, 3)] == contents
    assert await split(world, bundle, 100_000)
    assert await maker(world).make(world.school_id, bundle)
    taken = await parts(county, request)
    assert len(taken) > 2
    found = await verdict(world, taken, tmp_path)
    assert found.ok, found.sentence
    for number, content in enumerate(taken, start=1):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            archive.extractall(tmp_path / "bags")
        assert bagit.Bag(str(tmp_path / "bags" / f"bundle-{request}-{number}-of-{len(taken)}")).is_valid()
    assert len((await world.get(f"/pupils/{pupil}/ehc-requests/{request}")).json()["receipts"]) == 1


async def test_what_was_blacked_out_or_left_out_stays_at_the_school(world: World, county: Authority, tmp_path: Path) -> None:
    first = a_pdf(pages=2)
    pupil, (paper,) = await with_papers(world, first)
    assert (await redact(world, pupil, paper)).status_code == 201
    concern = await world.taken(pupil, "concerns", raised_by="teacher", domain="social", words="Fights with Oscar Othername.")
    request = await asked(world, pupil)
    left_out = [{"number": concern["ledger_number"], "reason": "It tells of another child."}]
    told = await world.taken(pupil, f"ehc-requests/{request}/submissions", **submission(world), left_out=left_out)
    assert await maker(world).make(world.school_id, UUID(told["references"]["bundle"]))
    taken = await parts(county, request)
    (files,) = opened(taken)
    assert (await verdict(world, taken, tmp_path)).ok
    (listed,) = json.loads(files["data/set.json"])["papers"]
    assert listed["redacted"] is True
    assert files[listed["file"]] != first
    assert not [name for name, content in files.items() if first in content or b"Othername" in content]
    assert b"It tells of another child." in files["data/record.html"]


async def test_a_paper_that_is_not_in_the_store_as_it_was_makes_no_bundle(world: World, county: Authority, database: DatabaseUrls) -> None:
    pupil, _ = await with_papers(world, a_pdf())
    bundle = await submitted(world, pupil, await asked(world, pupil))
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("update blob set digest = sha256('other') where school_id = $1", world.school_id)
    await connection.close()
    assert await maker(world).make(world.school_id, bundle) is False


async def test_with_a_cap_from_its_profile_a_bundle_is_in_parts_from_the_first(
    world: World, county: Authority, database: DatabaseUrls
) -> None:
    pupil, _ = await with_papers(world, a_pdf())
    request = await asked(world, pupil)
    bundle = await submitted(world, pupil, request)
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("update bundle set cap = 100000 where school_id = $1", world.school_id)
    await connection.close()
    assert await maker(world).make(world.school_id, bundle)
    told = [json.loads(files["data/set.json"]) for files in opened(await parts(county, request))]
    assert len(told) > 1
    assert {one["cap"] for one in told} == {100_000}


async def test_once_a_redaction_is_erased_nobody_knows_what_is_fit_so_the_paper_stays(
    world: World, county: Authority, database: DatabaseUrls
) -> None:
    first, other = a_pdf(pages=2), a_pdf(pages=3)
    pupil, (paper, _) = await with_papers(world, first, other)
    redaction = (await redact(world, pupil, paper)).json()["ledger_number"]
    connection = await asyncpg.connect(database.erasure)
    wanted = Erasing(school_id=world.school_id, number=redaction, reason="Asked for.", by=world.people["head"])
    assert await erase_entry(world.app.state.casework, connection, wanted)
    await connection.close()
    request = await asked(world, pupil)
    assert await maker(world).make(world.school_id, await submitted(world, pupil, request))
    (files,) = opened(await parts(county, request))
    assert [files[one["file"]] for one in json.loads(files["data/set.json"])["papers"]] == [other]
    assert first not in files.values()


async def test_what_was_corrected_still_goes_out_as_first_written_and_so_may_be_left_out(
    world: World, county: Authority, tmp_path: Path
) -> None:
    pupil = await world.pupil(UPN)
    await world.pupil("V999999925002", surname="Sample", forename="Ben")
    said = {"raised_by": "teacher", "domain": "attainment"}
    first = (await world.taken(pupil, "concerns", **said, words="She sat with Ben Sample."))["ledger_number"]
    await world.taken(pupil, "concerns", **said, words="She sat with a friend.", corrects=first)
    request = await asked(world, pupil)
    path = f"ehc-requests/{request}/submissions"
    refused = await world.step(pupil, path, **submission(world))
    assert (refused.status_code, refused.json()["findings"][0]["used"]["entries"]) == (409, str(first))
    left_out = [{"number": first, "reason": "It tells of another child."}]
    sent = await world.taken(pupil, path, **submission(world), left_out=left_out)
    assert await maker(world).make(world.school_id, UUID(sent["references"]["bundle"]))  # type: ignore[index]
    taken = await parts(county, request)
    found = await verdict(world, taken, tmp_path)
    assert found.ok, found.sentence
    assert not any(b"Ben Sample" in content or b"Sample" in content for content in opened(taken)[0].values())


async def test_what_stays_at_the_school_anyway_cannot_be_left_out_of_the_evidence(world: World) -> None:
    """A bundle lists what was left out of it, so it would name an entry that nobody finds in it."""
    pupil = await world.pupil(UPN)
    reached = {"name": "Gita Specimen", "channel": "email", "email": "gita@specimen.example"}
    held = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
    contact = (await world.taken(pupil, "contacts", reached=reached, **held))["ledger_number"]
    request = await asked(world, pupil)
    left_out = [{"number": contact, "reason": "It is private."}]
    refused = await world.step(pupil, f"ehc-requests/{request}/submissions", **submission(world), left_out=left_out)
    assert (refused.status_code, refused.json()["findings"][0]["used"]) == (409, {"left_out": contact})
