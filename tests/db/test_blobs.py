"""The file store: a file is there whole or not at all, is read in ranges, and is swept when no row names it."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.db.blobs import LARGEST_RANGE, BlobMissingError, Blobs, blob_name, remove_unnamed
from app.db.session import Sessions
from tests.db.builders import MOMENT, make_school, pool_of

SCHOOL = UUID("01932b4e-5f00-7000-8000-0000000000d1")


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def put(blobs: Blobs, content: bytes, name: str | None = None) -> str:
    name = name or blob_name(SCHOOL, uuid4())
    with blobs.putting(name) as file:
        file.write(content)
    return name


async def read(blobs: Blobs, name: str, start: int, length: int) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(name, start, length)])


async def test_what_was_put_is_read_by_range_in_small_pieces(blobs: Blobs) -> None:
    content = os.urandom(700_000)
    name = put(blobs, content)
    pieces = [chunk async for chunk in blobs.read(name, 10, 600_000)]
    assert b"".join(pieces) == content[10:600_010]
    assert max(map(len, pieces)) <= 256 << 10
    assert blobs.has(name, 700_000)
    assert not blobs.has(name, 700_001)
    assert (blobs.folder / name).stat().st_mode & 0o077 == 0


async def test_no_range_is_larger_than_8_mb_or_begins_before_the_file(blobs: Blobs) -> None:
    name = put(blobs, b"abc")
    for start, length in ((0, LARGEST_RANGE + 1), (-1, 1), (0, -1)):
        with pytest.raises(ValueError, match="8 MB"):
            await read(blobs, name, start, length)


async def test_bytes_that_are_not_there_are_missed(blobs: Blobs) -> None:
    with pytest.raises(BlobMissingError):
        await read(blobs, put(blobs, b"abc"), 1, 3)
    with pytest.raises(BlobMissingError):
        await read(blobs, blob_name(SCHOOL, uuid4()), 0, 1)


def test_a_file_that_was_not_finished_leaves_nothing(blobs: Blobs) -> None:
    name = blob_name(SCHOOL, uuid4())
    with pytest.raises(ZeroDivisionError), blobs.putting(name) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert list(blobs.folder.rglob("*.part")) == []
    assert not blobs.has(name, 4)


def test_a_file_is_never_put_under_a_name_that_is_being_written(blobs: Blobs) -> None:
    name = blob_name(SCHOOL, uuid4())
    with blobs.putting(name) as file:
        file.write(b"first")
        with pytest.raises(FileExistsError), blobs.putting(name):
            raise AssertionError("two writers of one file")
    assert blobs.has(name, 5)


@pytest.mark.parametrize("name", ["../secrets.key", f"{SCHOOL}/../x", f"{SCHOOL}", "a/b", f"{SCHOOL}/{SCHOOL}\n"])
def test_a_name_cannot_lead_out_of_the_folder(blobs: Blobs, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a blob"):
        blobs.has(name, 1)


_REQUEST = """
insert into ehc_request (school_id, id, pupil_id, authority, is_sandbox, requester, state, requested_on)
values ($1, $2, $3, '999', true, 'school', 'submitted', $4)
"""
_BUNDLE = """
insert into bundle (school_id, id, request_id, authority, is_sandbox, state, frozen_at, frozen_moment, blob)
values ($1, $2, $3, '999', true, 'ready', 1, $4, $5)
"""


async def test_the_sweep_takes_what_no_row_names_after_24_hours_and_nothing_else(database, blobs: Blobs) -> None:
    async with pool_of(database.app) as pool:
        sessions = Sessions(pool)
        school = await make_school(sessions)
        named, orphan, young = (put(blobs, b"x", blob_name(school.id, uuid4())) for _ in range(3))
        begun = blobs.folder / f"{blob_name(school.id, uuid4())}.part"
        begun.write_bytes(b"half")
        stranger = blobs.folder / "README"
        stranger.write_text("not ours")
        request = uuid4()
        async with sessions.for_school(school.id) as session:
            await session.connection.execute(_REQUEST, school.id, request, school.pupils[0], MOMENT.date())
            await session.connection.execute(_BUNDLE, school.id, uuid4(), request, MOMENT, named)
        old = (MOMENT - timedelta(hours=24, seconds=1)).timestamp()
        for path in (blobs.folder / named, blobs.folder / orphan, begun, stranger):
            os.utime(path, (old, old))
        just = (MOMENT - timedelta(hours=24)).timestamp()
        os.utime(blobs.folder / young, (just, just))
        assert await remove_unnamed(blobs, sessions, now=MOMENT) == 2
        left = {path.relative_to(blobs.folder).as_posix() for path in blobs.folder.rglob("*") if path.is_file()}
        assert left == {named, young, "README"}
