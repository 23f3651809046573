"""Signing keys are made once, rotated with overlap, and never stored in the clear."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.casework.keyring import KNOWN_BEFORE_IT_SIGNS, TOKEN_LIFETIME, Keyring, KeysUnreadableError, NoKeySignsError, rotate
from app.db import keys
from app.db.session import Sessions, open_pool
from app.keys.claims import AccessClaims, TokenRefusedError
from app.keys.jwks import KeyUse
from app.keys.jws import VerifiedTokens, sign_access_token
from app.keys.sealing import Sealer

JWS_USES = tuple(use for use in KeyUse if use is not KeyUse.WEBHOOKS)
ISSUER = "https://graduated.example"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SEALER = Sealer(b"s" * 32, random_bytes=clock.random_bytes)


class StoppedClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def now() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def sessions(database) -> AsyncIterator[Sessions]:
    pool = await open_pool(database.app, size=4)
    await pool.execute("update signing_key set signs_until = 'epoch', published_until = 'epoch'")
    yield Sessions(pool)
    await pool.close()


@pytest.fixture
async def keyring(sessions, now) -> Keyring:
    """A ring over fresh keys; those of earlier tests are over and done with."""
    async with sessions.shared() as session:
        for use in KeyUse:
            await rotate(session, use, SEALER, now=START - KNOWN_BEFORE_IT_SIGNS)
    ring = Keyring(sessions, SEALER, now)
    await ring.start()
    return ring


def token_of(key, now: datetime) -> str:
    claims = AccessClaims(iss=ISSUER, sub="c", client_id="c", aud=ISSUER, scope=frozenset(), iat=now, exp=now + TOKEN_LIFETIME, jti="1")
    return sign_access_token(claims, key)


async def test_two_starters_make_one_key_of_each_use(database, now):
    pool = await open_pool(database.app, size=4)
    sessions = Sessions(pool)
    rings = [Keyring(sessions, SEALER, now) for _ in range(3)]
    try:
        await asyncio.gather(*(ring.start() for ring in rings))
        signing = {(use, (await ring.signing_key(use)).kid) for ring in rings for use in JWS_USES}
        signing |= {(KeyUse.WEBHOOKS, key.kid) for ring in rings for key in await ring.webhook_keys()}
        async with sessions.shared() as session:
            stored = await keys.stored_keys(session)
    finally:
        await pool.close()
    assert {(key.use, key.kid) for key in stored} >= signing
    assert len(signing) == len(KeyUse)


async def test_private_halves_are_stored_sealed(keyring, sessions):
    async with sessions.shared() as session:
        stored = await keys.stored_keys(session)
    assert stored
    assert not any(b"PRIVATE" in key.sealed or "d" in key.public_jwk for key in stored)


async def test_a_ring_with_another_secrets_key_says_so_and_does_not_start(keyring, sessions, now):
    stranger = Keyring(sessions, Sealer(b"x" * 32, random_bytes=clock.random_bytes), now)
    with pytest.raises(KeysUnreadableError, match="SECRETS_KEY"):
        await stranger.start()


async def test_a_private_half_put_in_the_place_of_another_is_not_opened(keyring, sessions, now):
    async with sessions.shared() as session:
        signing = {key.use: key for key in await keys.stored_keys(session) if key.signs_at(START)}
        tokens, heads = signing[KeyUse.TOKENS], signing[KeyUse.HEADS]
        await session.connection.execute("update signing_key set sealed = $2 where kid = $1", tokens.kid, heads.sealed)
    try:
        with pytest.raises(KeysUnreadableError):
            await Keyring(sessions, SEALER, now).signing_key(KeyUse.TOKENS)
    finally:
        async with sessions.shared() as session:
            await session.connection.execute("update signing_key set sealed = $2 where kid = $1", tokens.kid, tokens.sealed)


async def test_both_keys_verify_while_either_may_have_signed_what_is_still_in_hand(keyring, sessions, now):
    old = await keyring.signing_key(KeyUse.TOKENS)
    async with sessions.shared() as session:
        new = await rotate(session, KeyUse.TOKENS, SEALER, now=START)
    seen = {}
    for minutes in (1, 2, 16, 22):
        now.now = START + timedelta(minutes=minutes)
        published = set(await keyring.published(KeyUse.TOKENS)) & {old.kid, new.kid}
        seen[minutes] = ((await keyring.signing_key(KeyUse.TOKENS)).kid, published)
    assert seen == {
        1: (old.kid, {old.kid, new.kid}),
        2: (new.kid, {old.kid, new.kid}),
        16: (new.kid, {old.kid, new.kid}),
        22: (new.kid, {new.kid}),
    }


async def test_a_token_of_the_old_key_lives_to_its_end_and_of_a_leaked_one_a_minute_at_most(keyring, sessions, now):
    known = VerifiedTokens()
    token = token_of(await keyring.signing_key(KeyUse.TOKENS), START)

    async def verify() -> str:
        return known.verify(token, await keyring.published(KeyUse.TOKENS), issuer=ISSUER, audience=ISSUER, now=now.now).sub

    async with sessions.shared() as session:
        await rotate(session, KeyUse.TOKENS, SEALER, now=START)
    now.now = START + TOKEN_LIFETIME - timedelta(seconds=1)
    assert await verify() == "c"
    async with sessions.shared() as session:
        await rotate(session, KeyUse.TOKENS, SEALER, now=START, at_once=True)
    now.now = START + timedelta(minutes=1)
    ring = Keyring(sessions, SEALER, now)
    with pytest.raises(TokenRefusedError):
        known.verify(token, await ring.published(KeyUse.TOKENS), issuer=ISSUER, audience=ISSUER, now=now.now)


@pytest.mark.parametrize("use", [KeyUse.BUNDLES, KeyUse.HEADS])
async def test_what_verifies_bundles_and_heads_is_published_for_ever(keyring, sessions, now, use):
    old = await keyring.signing_key(use)
    async with sessions.shared() as session:
        await rotate(session, use, SEALER, now=START, at_once=True)
    now.now = START + timedelta(days=20_000)
    assert (await keyring.signing_key(use)).kid != old.kid
    assert old.kid in await keyring.published(use)


async def test_two_keys_sign_webhooks_for_a_day_and_the_old_one_is_published_for_ever(keyring, sessions, now):
    (old,) = await keyring.webhook_keys()
    async with sessions.shared() as session:
        new = await rotate(session, KeyUse.WEBHOOKS, SEALER, now=START)
    seen = {}
    for hours, minutes in ((0, 1), (0, 2), (24, 1), (24, 2), (20_000, 0)):
        now.now = START + timedelta(hours=hours, minutes=minutes)
        published = {key.kid for key in await keyring.stored(KeyUse.WEBHOOKS)} & {old.kid, new.kid}
        seen[hours, minutes] = ([key.kid for key in await keyring.webhook_keys()], published)
    both = {old.kid, new.kid}
    assert seen == {
        (0, 1): ([old.kid], both),
        (0, 2): ([new.kid, old.kid], both),
        (24, 1): ([new.kid, old.kid], both),
        (24, 2): ([new.kid], both),
        (20_000, 0): ([new.kid], both),
    }


async def test_a_webhook_key_that_leaked_signs_no_more_and_is_not_published(keyring, sessions, now):
    (leaked,) = await keyring.webhook_keys()
    async with sessions.shared() as session:
        new = await rotate(session, KeyUse.WEBHOOKS, SEALER, now=START, at_once=True)
    now.now = START + timedelta(minutes=1)
    assert [key.kid for key in await keyring.webhook_keys()] == [new.kid]
    assert leaked.kid not in {key.kid for key in await keyring.stored(KeyUse.WEBHOOKS)}


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_key_signs_from_a_whole_second_on_because_a_message_states_its_time_in_seconds(keyring, sessions, now, at_once):
    (before,) = await keyring.webhook_keys()
    async with sessions.shared() as session:
        new = await rotate(session, KeyUse.WEBHOOKS, SEALER, now=START + timedelta(microseconds=999_999), at_once=at_once)
        old = {key.kid: key for key in await keys.stored_keys(session)}[before.kid]
    assert new.signs_from == START + (timedelta() if at_once else KNOWN_BEFORE_IT_SIGNS)
    assert old.signs_until == new.signs_from + (timedelta() if at_once else timedelta(days=1))


async def test_a_ring_gives_the_same_open_key_again_and_none_for_webhooks_where_there_is_none(keyring, sessions, now):
    assert (await keyring.webhook_keys())[0] is (await keyring.webhook_keys())[0]
    now.now = START - timedelta(days=9000)
    with pytest.raises(NoKeySignsError, match="webhooks"):
        await Keyring(sessions, SEALER, now).webhook_keys()


async def test_no_key_for_webhooks_verifies_what_others_sign(keyring):
    (key,) = await keyring.webhook_keys()
    for use in JWS_USES:
        assert key.kid not in await keyring.published_with(use, key.kid)


async def test_a_key_of_another_process_is_found_by_its_id_within_seconds_and_otherwise_within_a_minute(keyring, sessions, now):
    await keyring.published(KeyUse.TOKENS)
    async with sessions.shared() as session:
        new = await rotate(session, KeyUse.TOKENS, SEALER, now=START)
    now.now = START + timedelta(seconds=4)
    assert new.kid not in await keyring.published_with(KeyUse.TOKENS, new.kid)
    now.now = START + timedelta(seconds=5)
    assert new.kid not in await keyring.published(KeyUse.TOKENS)
    assert new.kid in await keyring.published_with(KeyUse.TOKENS, new.kid)


async def test_ids_made_up_do_not_turn_into_queries(keyring, sessions, now, monkeypatch):
    await keyring.published(KeyUse.TOKENS)
    reads = []
    read = keys.stored_keys

    async def counted(session):
        reads.append(1)
        return await read(session)

    monkeypatch.setattr(keys, "stored_keys", counted)
    for number in range(50):
        await keyring.published_with(KeyUse.TOKENS, f"made up {number}")
    assert reads == []


async def test_without_a_key_that_signs_there_is_a_clear_error(sessions, now):
    with pytest.raises(NoKeySignsError):
        await Keyring(sessions, SEALER, now).signing_key(KeyUse.TOKENS)


def test_a_key_signs_from_its_first_moment_and_not_at_its_last():
    end = START + timedelta(days=1)
    key = keys.StoredKey(kid="k", use=KeyUse.TOKENS, sealed=b"", public_jwk={}, signs_from=START, signs_until=end, published_until=end)
    tick = timedelta(microseconds=1)
    assert [key.signs_at(at) for at in (START - tick, START, end - tick, end)] == [False, True, True, False]
    assert [key.is_published_at(at) for at in (START - tick, end - tick, end)] == [True, True, False]
    assert replace(key, signs_until=None, published_until=None).signs_at(end + timedelta(days=9000))
