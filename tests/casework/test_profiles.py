"""Which profile is meant: by id, by version, by the authority that is addressed, or the national one where nobody says."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

import asyncpg
import pytest

from app import clock
from app.casework.profiles import ProfileUnknownError, profile_named
from app.db import authority_profiles
from app.db.authority_profiles import Loaded, body_of, profile_from
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.domain.profile import Profile
from app.domain.profiles import SHIPPED
from app.domain.profiles.national import NATIONAL
from tests.api.world import NOW, add_client, running
from tests.domain.test_profiles import LOADED

_names = count(1)
ON = date(2026, 3, 2)


class Shelf:
    """Profiles put there without a client, and asked for in a transaction of their own."""

    def __init__(self, app: object) -> None:
        self.app = app

    async def put(self, *profiles: Profile, is_sandbox: bool = True, at: datetime = NOW) -> None:
        organisation, client = await add_client(self.app, OrganisationKind.AUTHORITY, authority="999", sandbox=is_sandbox)
        async with self.app.state.sessions.shared() as session:
            for minutes, profile in enumerate(profiles):
                loaded = Loaded(
                    profile=profile,
                    organisation_id=organisation,
                    organisation="Invented",
                    client_id=client,
                    loaded_at=at + timedelta(minutes=minutes),
                )
                await authority_profiles.insert(session, loaded, is_sandbox=is_sandbox)

    async def named(self, name: str | None, authority: str | None = None, *, is_sandbox: bool = True, on: date = ON) -> Profile:
        async with self.app.state.sessions.shared() as session:
            return await profile_named(session, name, authority=authority, is_sandbox=is_sandbox, on=on)


@pytest.fixture
async def shelf(database: DatabaseUrls) -> AsyncIterator[Shelf]:
    async with running(database) as (app, _):
        yield Shelf(app)


def versions(*since: date, authority: str | None = None) -> list[Profile]:
    name = f"named-{clock.new_id()}"[:50]
    return [replace(LOADED, id=name, version=n, since=day, authority=authority) for n, day in enumerate(since, start=1)]


@pytest.mark.parametrize("profile", [*SHIPPED.values(), LOADED], ids=lambda profile: profile.id)
def test_a_profile_comes_back_from_its_json_as_it_was(profile: Profile) -> None:
    assert profile_from(body_of(profile)) == profile


async def test_a_shipped_profile_is_named_with_or_without_its_version(shelf: Shelf) -> None:
    for id_, profile in SHIPPED.items():
        assert await shelf.named(id_) is profile
        assert await shelf.named(f"{id_}/1") is profile


@pytest.mark.parametrize(
    "name", ["", "nowhere", "national/2", "national/", "national/01", "national/1/1", "national/x", "/1", "a\x00b", "national/9999999999"]
)
async def test_a_name_that_means_nothing_is_unknown(shelf: Shelf, name: str) -> None:
    with pytest.raises(ProfileUnknownError):
        await shelf.named(name)


async def test_an_id_means_its_newest_version_in_force(shelf: Shelf) -> None:
    first, second, third = versions(date(2025, 1, 1), date(2026, 3, 2), date(2026, 3, 3))
    await shelf.put(first, second, third)
    assert await shelf.named(first.id) == second
    assert await shelf.named(first.id, on=date(2026, 3, 3)) == third
    assert await shelf.named(f"{first.id}/3") == third
    assert await shelf.named(first.id, on=date(2024, 12, 31)) == third


async def test_without_a_name_it_is_the_authoritys_own_that_is_in_force(shelf: Shelf) -> None:
    own = versions(date(2025, 1, 1), date(2026, 6, 1), authority="991")
    await shelf.put(*own)
    assert await shelf.named(None, "991") == own[0]
    assert await shelf.named(None, "991", on=date(2026, 6, 1)) == own[1]
    assert await shelf.named(None, "991", on=date(2024, 12, 31)) is NATIONAL


async def test_of_two_of_one_authority_the_one_loaded_last_counts(shelf: Shelf) -> None:
    (earlier,), (later,) = versions(date(2025, 1, 1), authority="992"), versions(date(2025, 1, 1), authority="992")
    await shelf.put(later, at=NOW + timedelta(days=1))
    await shelf.put(earlier)
    assert await shelf.named(None, "992") == later


async def test_what_has_ended_is_not_the_authoritys_own_any_more(shelf: Shelf) -> None:
    (ended,) = versions(date(2025, 1, 1), authority="993")
    await shelf.put(replace(ended, until=ON))
    assert (await shelf.named(None, "993")).id == ended.id
    assert await shelf.named(None, "993", on=ON + timedelta(days=1)) is NATIONAL


@pytest.mark.parametrize(
    "statement", ["update authority_profile set version = 9", "delete from authority_profile", "truncate authority_profile"]
)
async def test_a_version_that_was_loaded_is_neither_changed_nor_taken_back(shelf: Shelf, statement: str) -> None:
    (one,) = versions(date(2025, 1, 1))
    await shelf.put(one)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with shelf.app.state.sessions.shared() as session:
            await session.connection.execute(statement)
    assert await shelf.named(one.name) == one


async def test_neither_authority_nor_name_nor_side_gives_the_national_one(shelf: Shelf) -> None:
    (own,) = versions(date(2025, 1, 1), authority="994")
    await shelf.put(own)
    assert await shelf.named(None) is NATIONAL
    assert await shelf.named(None, "995") is NATIONAL
    assert await shelf.named(None, "994", is_sandbox=False) is NATIONAL
    with pytest.raises(ProfileUnknownError):
        await shelf.named(own.id, is_sandbox=False)
