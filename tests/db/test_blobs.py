"""The file store: a file is there whole or not at all, encrypted, is read in ranges, and is swept when nothing names it."""

import asyncio
import os
import stat
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from obstore.store import MemoryStore

from app.db import kept_files
from app.db.blobs import (
    LARGEST_RANGE,
    BlobDamagedError,
    BlobError,
    BlobMissingError,
    BlobOutOfReachError,
    Blobs,
    is_there,
    remove_unnamed,
    whole,
)
from app.db.file_stores import FileStoreError, open_store
from app.db.kept_files import Kept
from app.db.session import Sessions
from app.keys.sealing import Sealer
from app.keys.segments import SEGMENT_BYTES, TAG_BYTES, sealed_size
from tests.db.builders import MOMENT, TestSchool, make_school, pool_of
from tests.db.stores import blobs_in, blobs_out_of_reach, blobs_over, files_of

SCHOOL = UUID("01932b4e-5f00-7000-8000-0000000000d1")
SIZES = (0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 5 * SEGMENT_BYTES, 5 * SEGMENT_BYTES + 17)


@pytest.fixture(params=["folder", "provider"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return blobs_in(tmp_path / "blobs") if request.param == "folder" else blobs_over(MemoryStore())


@pytest.fixture
def local(tmp_path: Path) -> Blobs:
    return blobs_in(tmp_path / "blobs")


def put(blobs: Blobs, content: bytes, school_id: UUID = SCHOOL) -> Kept:
    with blobs.putting(school_id, uuid4()) as file:
        file.write(content)
    return file.kept


def path_of(blobs: Blobs, kept: Kept) -> Path:
    assert blobs.files.folder is not None
    return blobs.files.folder / kept.name


async def read(blobs: Blobs, kept: Kept, start: int, length: int) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(kept, start, length)])


async def all_of(blobs: Blobs, kept: Kept) -> bytes:
    return b"".join([chunk async for chunk in whole(blobs, kept)])


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_put_is_given_whole_in_small_pieces(blobs: Blobs, size: int) -> None:
    content = os.urandom(size)
    kept = put(blobs, content)
    assert (kept.digest, kept.size) == (sha256(content).digest(), size)
    assert await all_of(blobs, kept) == content
    pieces = list(blobs.chunks(kept))
    assert b"".join(pieces) == content
    assert max(map(len, pieces), default=0) <= SEGMENT_BYTES


@pytest.mark.parametrize(
    ("start", "length"), [(10, 600_000), (0, 1), (SEGMENT_BYTES - 1, 2), (SEGMENT_BYTES, SEGMENT_BYTES), (2_000_000, 0)]
)
async def test_what_was_put_is_read_by_range(blobs: Blobs, start: int, length: int) -> None:
    content = os.urandom(2_000_000)
    assert await read(blobs, put(blobs, content), start, length) == content[start : start + length]


async def test_bytes_are_the_same_however_they_were_written(blobs: Blobs) -> None:
    content = os.urandom(3 * SEGMENT_BYTES + 5)
    with blobs.putting(SCHOOL, uuid4()) as file:
        for start in range(0, len(content), 1000):
            file.write(content[start : start + 1000])
    assert await all_of(blobs, file.kept) == content


async def test_a_range_is_read_without_the_rest(local: Blobs) -> None:
    """All but the second segment is overwritten, and the second is still given."""
    content = os.urandom(4 * SEGMENT_BYTES)
    kept = put(local, content)
    sealed = bytearray(path_of(local, kept).read_bytes())
    first, second = SEGMENT_BYTES + TAG_BYTES, 2 * (SEGMENT_BYTES + TAG_BYTES)
    path_of(local, kept).write_bytes(bytes(first) + sealed[first:second] + bytes(len(sealed) - second))
    assert await read(local, kept, SEGMENT_BYTES + 5, 100) == content[SEGMENT_BYTES + 5 : SEGMENT_BYTES + 105]


async def test_no_range_is_larger_than_8_mb_or_begins_before_the_file(blobs: Blobs) -> None:
    kept = put(blobs, b"abc")
    for start, length in ((0, LARGEST_RANGE + 1), (-1, 1), (0, -1)):
        with pytest.raises(ValueError, match="8 MB"):
            await read(blobs, kept, start, length)


async def test_bytes_that_are_not_there_are_missed(blobs: Blobs) -> None:
    kept = put(blobs, b"abc")
    with pytest.raises(BlobMissingError):
        await read(blobs, kept, 1, 3)
    blobs.remove([kept.name])
    with pytest.raises(BlobMissingError):
        await read(blobs, kept, 0, 1)
    with pytest.raises(BlobMissingError):
        list(blobs.chunks(kept))
    assert not await is_there(blobs, kept)


async def test_a_file_is_there_in_its_whole_size_alone(local: Blobs) -> None:
    kept = put(local, b"abc")
    assert await is_there(local, kept)
    assert not local.has(replace(kept, size=4))


def test_what_lies_in_a_folder_is_for_us_alone_and_says_nothing(local: Blobs) -> None:
    kept = put(local, b"A word that says much. " * 50_000)
    path = path_of(local, kept)
    for place, mode in ((path, 0o600), (path.parent, 0o700), (path.parent.parent, 0o700)):
        assert stat.S_IMODE(place.stat().st_mode) == mode, place
    assert b"word" not in path.read_bytes()
    assert path.stat().st_size == sealed_size(kept.size)


def test_the_same_bytes_lie_there_differently_each_time(local: Blobs) -> None:
    first, second = put(local, b"abc" * 1000), put(local, b"abc" * 1000)
    assert first.digest == second.digest
    assert path_of(local, first).read_bytes() != path_of(local, second).read_bytes()


def test_a_file_is_on_the_disk_with_its_name_before_it_is_named(local: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library asks for no fsync, and a row that is committed must not name a file that a power cut takes away."""
    synced: list[Path] = []
    really = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").resolve())
        really(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    with local.putting(SCHOOL, uuid4()) as file:
        file.write(b"abc")
        assert synced == []
    path = path_of(local, file.kept)
    assert synced == [path, path.parent, path.parent.parent]


@pytest.mark.parametrize("written", [b"half", b"h" * 3_000_000])
def test_a_file_that_was_not_finished_leaves_nothing(local: Blobs, written: bytes) -> None:
    with pytest.raises(ZeroDivisionError), local.putting(SCHOOL, uuid4()) as file:
        file.write(written)
        raise ZeroDivisionError
    assert files_of(local) == []
    with pytest.raises(LookupError):
        _ = file.kept


@pytest.mark.parametrize(
    "name", ["../secrets.key", f"{SCHOOL}/../x", f"{SCHOOL}", "a/b", f"{SCHOOL}/{SCHOOL}\n", f"{SCHOOL}/{SCHOOL}#../x"]
)
def test_a_name_cannot_lead_out_of_the_folder(local: Blobs, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a blob"):
        local.remove([name])


def _flipped(sealed: bytes) -> bytes:
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def _cut(sealed: bytes) -> bytes:
    return sealed[: 2 * (SEGMENT_BYTES + TAG_BYTES)]


def _short(sealed: bytes) -> bytes:
    return sealed[:-1]


def _swapped(sealed: bytes) -> bytes:
    place = SEGMENT_BYTES + TAG_BYTES
    return sealed[place : 2 * place] + sealed[:place] + sealed[2 * place :]


def _repeated(sealed: bytes) -> bytes:
    place = SEGMENT_BYTES + TAG_BYTES
    return sealed[:place] * 2 + sealed[2 * place :]


@pytest.mark.parametrize("harm", [_flipped, _cut, _short, _swapped, _repeated])
async def test_a_file_that_was_harmed_is_named_and_gives_no_wrong_byte(local: Blobs, harm) -> None:
    content = os.urandom(2 * SEGMENT_BYTES + 100)
    kept = put(local, content)
    path_of(local, kept).write_bytes(harm(path_of(local, kept).read_bytes()))
    for giving in (whole(local, kept), _later(local.chunks(kept))):
        given = b""
        with pytest.raises(BlobError):
            async for chunk in giving:
                given += chunk
        assert given == content[: len(given)]
        assert len(given) < len(content)


async def _later(chunks: Iterator[bytes]):
    for chunk in chunks:
        yield chunk


async def test_every_single_flipped_bit_is_found(local: Blobs) -> None:
    kept = put(local, b"abcdefgh")
    sealed = path_of(local, kept).read_bytes()
    for bit in range(len(sealed) * 8):
        harmed = bytearray(sealed)
        harmed[bit // 8] ^= 1 << bit % 8
        path_of(local, kept).write_bytes(harmed)
        with pytest.raises(BlobDamagedError):
            await all_of(local, kept)


async def test_a_file_cannot_be_put_in_the_place_of_another(local: Blobs) -> None:
    """Neither by its bytes, nor with its sealed key, nor by a row that tells another size."""
    one, other = put(local, b"a" * 100), put(local, b"b" * 100)
    path_of(local, one).write_bytes(path_of(local, other).read_bytes())
    for posing in (one, replace(one, sealed_key=other.sealed_key)):
        with pytest.raises(BlobDamagedError):
            await all_of(local, posing)
    long = put(local, b"c" * (SEGMENT_BYTES + 100))
    with pytest.raises(BlobDamagedError):
        await all_of(local, replace(long, size=SEGMENT_BYTES))


async def test_a_file_whose_key_no_key_at_hand_opens_is_not_given(local: Blobs) -> None:
    kept = put(local, b"abc")
    stranger = Blobs(local.files, Sealer(b"\1" * 32, random_bytes=os.urandom), os.urandom)
    with pytest.raises(BlobDamagedError):
        await all_of(stranger, kept)


async def test_a_provider_that_does_not_answer_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    far = blobs_out_of_reach(monkeypatch)
    kept = Kept(school_id=SCHOOL, id=uuid4(), digest=b"", size=3, sealed_key=b"")
    assert not await is_there(far, kept)
    with pytest.raises(BlobOutOfReachError):
        far.has(kept)
    with pytest.raises(FileStoreError), far.putting(SCHOOL, uuid4()) as file:
        file.write(b"abc")


def test_a_folder_is_found_by_its_url_and_its_path(tmp_path: Path) -> None:
    assert open_store((tmp_path / "with space").as_uri()).folder == tmp_path / "with space"
    assert open_store(tmp_path / "deep" / "er").folder == tmp_path / "deep" / "er"


def test_a_folder_that_cannot_be_made_and_a_url_that_leads_nowhere_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file stands where the folder should")
    for where in (tmp_path / "file", "az://container", "nonsense://x"):
        with pytest.raises(FileStoreError):
            open_store(where)


async def test_no_more_is_held_in_memory_of_a_large_file_than_of_a_small_one(local: Blobs) -> None:
    """48 MB, of which less than 8 are held at once, whether written, read in threads or read by range."""

    def write() -> Kept:
        with local.putting(SCHOOL, uuid4()) as file:
            for _ in range(48):
                file.write(megabyte)
        return file.kept

    async def read_all(kept: Kept) -> int:
        return sum([len(chunk) async for chunk in whole(local, kept)])

    megabyte = os.urandom(1 << 20)
    tracemalloc.start()
    try:
        kept = write()
        assert sum(map(len, local.chunks(kept))) == await read_all(kept) == 48 << 20
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


_REQUEST = """
insert into ehc_request (school_id, id, pupil_id, authority, is_sandbox, requester, state, requested_on)
values ($1, $2, $3, '999', true, 'school', 'submitted', $4)
"""
_BUNDLE = """
insert into bundle (school_id, id, request_id, authority, is_sandbox, state, frozen_at, frozen_moment, profile, edition)
values ($1, $2, $3, '999', true, 'ready', 1, $4, 'national/1', 1)
"""
_PART = "insert into bundle_part (school_id, bundle_id, edition, number, blob_id, digest, size) values ($1, $2, 1, 1, $3, '', 1)"
_PAPER = """
insert into paper (school_id, id, pupil_id, blob_id, media_type, title, handed_in_at, client_id)
values ($1, $2, $3, $4, 'application/pdf', 'A report', $5, $2)
"""
JUST = MOMENT - timedelta(hours=24)
BEFORE = MOMENT - timedelta(hours=24, seconds=1)


async def _keep(sessions: Sessions, school: TestSchool, kept: Kept, at: datetime) -> Kept:
    async with sessions.for_school(school.id) as session:
        return await kept_files.keep(session, kept, pupil_id=school.pupils[0], at=at)


async def _blobs_left(sessions: Sessions, school: TestSchool) -> frozenset[str]:
    async with sessions.for_school(school.id) as session:
        return await kept_files.names(session)


async def test_the_sweep_takes_what_nothing_names_after_24_hours_and_nothing_else(database, local: Blobs) -> None:
    """A file without a row, one begun and never ended, and a row with its file that neither a paper nor a part of a bundle names."""
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        school = await make_school(sessions)
        paper, part, idle, idle_young, orphan, young = (put(local, str(n).encode(), school.id) for n in range(6))
        for kept, at in ((paper, BEFORE), (part, BEFORE), (idle, BEFORE), (idle_young, JUST)):
            await _keep(sessions, school, kept, at)
        begun = path_of(local, orphan).with_name(f"{uuid4()}#1")
        begun.write_bytes(b"half")
        stranger = path_of(local, orphan).parent.parent / "README"
        stranger.write_text("not ours")
        request, bundle = uuid4(), uuid4()
        async with sessions.for_school(school.id) as session:
            run = session.connection.execute
            await run(_REQUEST, school.id, request, school.pupils[0], MOMENT.date())
            await run(_BUNDLE, school.id, bundle, request, MOMENT)
            await run(_PART, school.id, bundle, part.id)
            await run(_PAPER, school.id, uuid4(), school.pupils[0], paper.id, MOMENT)
        for path in (*(path_of(local, kept) for kept in (paper, part, idle, idle_young, orphan)), begun, stranger):
            os.utime(path, (BEFORE.timestamp(), BEFORE.timestamp()))
        os.utime(path_of(local, young), (JUST.timestamp(), JUST.timestamp()))
        assert await remove_unnamed(local, sessions, now=MOMENT) == 3
        assert set(files_of(local)) == {*(path_of(local, kept) for kept in (paper, part, idle_young, young)), stranger}
        assert await _blobs_left(sessions, school) == {paper.name, part.name, idle_young.name}
        assert await remove_unnamed(local, sessions, now=MOMENT) == 0


async def test_the_same_bytes_are_kept_once_for_a_pupil_and_the_later_file_is_swept(database, local: Blobs) -> None:
    """What is named again is young again, so that no sweep takes it between its naming and its use."""
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        school = await make_school(sessions)
        first, again = put(local, b"same", school.id), put(local, b"same", school.id)
        assert await _keep(sessions, school, first, BEFORE) == first
        stands = await _keep(sessions, school, again, JUST)
        assert stands == first
        assert await all_of(local, stands) == b"same"
        for kept in (first, again):
            os.utime(path_of(local, kept), (BEFORE.timestamp(), BEFORE.timestamp()))
        assert await remove_unnamed(local, sessions, now=MOMENT) == 1
        assert files_of(local) == [path_of(local, first)]
        async with sessions.for_school(school.id) as session:
            rows = await session.connection.fetch("select school_id, id, digest, size, sealed_key from blob")
        assert [Kept(**dict(row.items())) for row in rows] == [first]


async def test_a_sweep_takes_nothing_that_is_being_named_meanwhile(database, local: Blobs) -> None:
    """The sweep waits for the transaction that names an old file again, then finds it young; it breaks no key on the way."""
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        school = await make_school(sessions)
        first, again = put(local, b"same", school.id), put(local, b"same", school.id)
        await _keep(sessions, school, first, BEFORE)
        os.utime(path_of(local, first), (BEFORE.timestamp(), BEFORE.timestamp()))
        async with sessions.for_school(school.id) as session:
            stands = await kept_files.keep(session, again, pupil_id=school.pupils[0], at=MOMENT)
            sweep = asyncio.create_task(remove_unnamed(local, sessions, now=MOMENT))
            while not await pool.fetchval("select exists (select from pg_locks where not granted)"):
                await asyncio.sleep(0.01)
            await session.connection.execute(_PAPER, school.id, uuid4(), school.pupils[0], stands.id, MOMENT)
        assert await sweep == 0
        assert await all_of(local, stands) == b"same"
        assert await _blobs_left(sessions, school) == {first.name}
