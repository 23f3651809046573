"""A bundle is written in parts that an authority can take, and split anew where it cannot; each part is a bag of its own."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from app.db import bundles
from app.db.bundles import Wanted
from app.db.embedded import DatabaseUrls
from tests.api.sending import Authority, asked, authority, maker, sending, submitted
from tests.api.world import NOW, World

UPN = "F999999925001"
_urns = itertools.count(999_340)


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


@pytest.fixture
async def county(world: World) -> Authority:
    return await authority(world)


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
