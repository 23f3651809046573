"""Organisations, schools and clients are kept apart as they must be, and registered only where they fit."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest

from app.casework.registration import Opening, RegistrationRefusedError
from app.db import organisations
from app.db.organisations import OrganisationKind
from app.domain.codes import SchoolType
from app.domain.entries import SchoolDescribed
from app.keys.jwks import KeyUse, generate_key, public_jwk
from app.keys.sealing import secret_matches
from tests.api.doors import World, a_world

DAY = date(2020, 9, 1)


@pytest.fixture
async def world(database) -> AsyncIterator[World]:
    async with a_world(database.app) as world:
        yield world


def key_set(*names: str) -> bytes:
    return orjson.dumps({"keys": [{**public_jwk(generate_key(KeyUse.HEADS)), "kid": name} for name in names]})


async def opened(world: World, owner, urn: str, *, authority: str = "999", clock_begins: datetime | None = None):
    opening = Opening(
        organisation=owner,
        urn=urn,
        name="Invented",
        authority=authority,
        school_type=SchoolType.ACADEMY_MAINSTREAM,
        since=DAY,
        record_begins_on=DAY,
        clock_begins=clock_begins,
    )
    async with world.sessions.shared() as session:
        return await world.registry.school(session, opening)


async def test_a_secret_is_stored_only_as_scrypt_and_shown_once(world):
    client = await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read")
    async with world.sessions.shared() as session:
        kept = await organisations.find_client(session, client.id)
    assert kept is not None
    assert client.secret is not None
    assert kept.secret_hash is not None
    assert client.secret not in kept.secret_hash
    assert kept.secret_hash.startswith("scrypt$")
    assert secret_matches(client.secret, kept.secret_hash)


async def test_a_revoked_client_can_be_given_neither_secret_nor_keys(world):
    client = await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read")
    async with world.sessions.shared() as session:
        await world.registry.revoke_client(session, client.id)
        with pytest.raises(RegistrationRefusedError, match="revoked"):
            await world.registry.rotate_secret(session, client.id)
        with pytest.raises(RegistrationRefusedError, match="revoked"):
            await world.registry.add_keys(session, client.id, key_set("a"))


async def test_revoking_again_keeps_the_first_moment(world):
    client = await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read")
    moments = []
    for days in (0, 1):
        async with world.sessions.shared() as session:
            await organisations.revoke_client(session, client.id, at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))
            kept = await organisations.find_client(session, client.id)
            moments.append(kept.revoked_at if kept else None)
    assert moments == [datetime(2026, 1, 1, tzinfo=UTC)] * 2


async def test_keys_are_added_beside_the_old_ones_or_replace_them(world):
    client = await world.client(await world.organisation(OrganisationKind.VENDOR), "records:read", jwks=key_set("a"))
    async with world.sessions.shared() as session:
        beside = await world.registry.add_keys(session, client.id, key_set("a", "b"))
        alone = await world.registry.add_keys(session, client.id, key_set("c"), replace=True)
        kept = await organisations.find_client(session, client.id)
    assert (beside, alone) == (2, 1)
    assert kept is not None
    assert (kept.secret_hash, [key["kid"] for key in kept.jwks["keys"]]) == (None, ["c"])


@pytest.mark.parametrize("jwks", [b"", b"[]", b'{"keys":[]}', b'{"keys":[{"kty":"oct","k":"AA","kid":"a"}]}'])
async def test_keys_that_cannot_be_used_are_refused(world, jwks):
    vendor = await world.organisation(OrganisationKind.VENDOR)
    with pytest.raises(RegistrationRefusedError, match="key set"):
        await world.client(vendor, "records:read", jwks=jwks)


@pytest.mark.parametrize(
    ("kind", "is_sandbox", "scope"),
    [
        (OrganisationKind.VENDOR, True, "evidence:take"),
        (OrganisationKind.AUTHORITY, True, "records:read"),
        (OrganisationKind.SCHOOL, False, "clock:write"),
        (OrganisationKind.SCHOOL, True, "no:such"),
    ],
)
async def test_a_client_cannot_hold_what_is_not_for_its_kind(world, kind, is_sandbox, scope):
    owner = await world.organisation(kind, authority="999" if kind is OrganisationKind.AUTHORITY else None, is_sandbox=is_sandbox)
    with pytest.raises(RegistrationRefusedError, match=scope):
        await world.client(owner, scope)


async def test_a_client_without_any_scope_is_refused(world):
    with pytest.raises(RegistrationRefusedError, match="nothing at all"):
        await world.client(await world.organisation(OrganisationKind.VENDOR))


@pytest.mark.parametrize(
    ("kind", "authority", "is_sandbox"),
    [
        (OrganisationKind.AUTHORITY, None, True),
        (OrganisationKind.VENDOR, "999", True),
        (OrganisationKind.AUTHORITY, "999", False),
        (OrganisationKind.AUTHORITY, "123", True),
        (OrganisationKind.AUTHORITY, "99", True),
        (OrganisationKind.AUTHORITY, "٩٩٩", True),
    ],
)
async def test_an_organisation_has_an_authoritys_number_exactly_if_it_is_one_that_fits(world, kind, authority, is_sandbox):
    with pytest.raises(RegistrationRefusedError, match=r"authority|invented"):
        await world.organisation(kind, authority=authority, is_sandbox=is_sandbox)
    assert (await world.organisation(OrganisationKind.AUTHORITY, authority="123", is_sandbox=False)).authority == "123"


@pytest.mark.parametrize(
    ("urn", "kind", "is_sandbox", "authority"),
    [
        ("123457", OrganisationKind.SCHOOL, True, "999"),
        ("999457", OrganisationKind.SCHOOL, False, "123"),
        ("12345", OrganisationKind.SCHOOL, False, "123"),
        ("999457", OrganisationKind.SCHOOL, True, "123"),
        ("123457", OrganisationKind.SCHOOL, False, "999"),
        ("999457", OrganisationKind.VENDOR, True, "999"),
    ],
)
async def test_a_school_is_opened_only_where_it_fits_and_nothing_is_left_otherwise(world, urn, kind, is_sandbox, authority):
    owner = await world.organisation(kind, is_sandbox=is_sandbox)
    with pytest.raises(RegistrationRefusedError):
        await opened(world, owner, urn, authority=authority)
    async with world.sessions.shared() as session:
        assert await organisations.find_school(session, urn) is None


async def test_a_live_school_has_no_clock_of_its_own_and_no_urn_is_given_twice(world):
    owner = await world.organisation(OrganisationKind.SCHOOL, is_sandbox=False)
    with pytest.raises(RegistrationRefusedError, match="clock"):
        await opened(world, owner, "123458", authority="123", clock_begins=datetime(2014, 11, 3, tzinfo=UTC))
    await opened(world, owner, "123458", authority="123")
    with pytest.raises(RegistrationRefusedError, match="already"):
        await opened(world, owner, "123458", authority="123")


async def test_a_schools_ledger_begins_with_what_it_is(world):
    owner = await world.organisation(OrganisationKind.SCHOOL)
    made = await opened(world, owner, "999458", clock_begins=datetime(2014, 11, 3, 9, tzinfo=UTC))
    casework = world.app.state.casework
    async with world.sessions.for_school(made.school_id, read_only=True) as session:
        school = await casework.open(session)
    assert [type(recorded.entry) for recorded in school.school.entries] == [SchoolDescribed]
    assert (school.now.number, school.moment.date()) == (1, date(2014, 11, 3))
    assert abs(school.school.entries[0].recorded_at - datetime(2014, 11, 3, 9, tzinfo=UTC)) < timedelta(minutes=1)
