"""Secrets at rest, and client secrets of which only a hash is kept."""

import os
from base64 import b64encode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from app.keys.sealing import (
    SALT_BYTES,
    Sealer,
    SealingKeyError,
    UnsealError,
    hash_secret,
    key_from_text,
    keys_from_text,
    new_client_secret,
    secret_matches,
)

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
ABOUT = "webhook-secret:subscription-999"


def sealer(*keys):
    return Sealer(*keys, random_bytes=os.urandom)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_is_unsealed_for_the_same_purpose(plain, about):
    assert sealer(NEW).unseal(sealer(NEW).seal(plain, about=about), about=about) == plain


def test_sealing_the_same_twice_gives_different_bytes_of_which_none_are_plain():
    first, second = (sealer(NEW).seal(b"whsec_" + b"a" * 32, about=ABOUT) for _ in range(2))
    assert first != second
    assert b"whsec_" not in first


def test_a_sealed_value_is_plain_aes_gcm_behind_its_prefix():
    sealed = sealer(NEW).seal(b"plain", about=ABOUT)
    prefix, nonce, rest = sealed[:5], sealed[5:17], sealed[17:]
    assert AESGCM(NEW).decrypt(nonce, rest, prefix + ABOUT.encode()) == b"plain"


def test_a_value_sealed_for_one_purpose_is_not_unsealed_for_another():
    sealed = sealer(NEW).seal(b"plain", about=ABOUT)
    with pytest.raises(UnsealError):
        sealer(NEW).unseal(sealed, about="webhook-secret:subscription-998")


def test_a_changed_bit_anywhere_is_noticed():
    sealed = sealer(NEW, OLD).seal(b"plain", about=ABOUT)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(UnsealError):
            sealer(NEW, OLD).unseal(bytes(changed), about=ABOUT)


def test_a_value_cut_short_anywhere_is_noticed():
    sealed = sealer(NEW).seal(b"plain", about=ABOUT)
    for length in range(len(sealed)):
        with pytest.raises(UnsealError):
            sealer(NEW).unseal(sealed[:length], about=ABOUT)


def test_a_new_key_seals_while_the_old_one_still_unseals():
    before = sealer(OLD).seal(b"plain", about=ABOUT)
    both = sealer(NEW, OLD)
    after = both.seal(both.unseal(before, about=ABOUT), about=ABOUT)
    assert (both.is_newest(before), both.is_newest(after), both.is_newest(after[:5])) == (False, True, True)
    assert sealer(NEW).unseal(after, about=ABOUT) == b"plain"
    with pytest.raises(UnsealError):
        sealer(NEW).unseal(before, about=ABOUT)


def test_a_key_is_read_from_the_text_that_holds_it():
    assert key_from_text(b64encode(NEW).decode() + "\n") == NEW
    assert key_from_text(urlsafe_b64encode(b"\xfb\xff" * 16).decode()) == b"\xfb\xff" * 16


def test_several_keys_stand_in_a_text_with_commas_between_the_newest_first():
    old, new = (b64encode(key).decode() for key in (OLD, NEW))
    assert keys_from_text(new) == (NEW,)
    assert keys_from_text(f"{new}, {old}\n") == (NEW, OLD)
    both = sealer(*keys_from_text(f"{new},{old}"))
    assert both.is_newest(both.seal(b"plain", about=ABOUT))


@pytest.mark.parametrize("text", ["", ",", f"{b64encode(NEW).decode()},", f"{b64encode(NEW).decode()},short"])
def test_a_text_with_one_key_that_is_none_is_refused(text):
    with pytest.raises(SealingKeyError):
        keys_from_text(text)


@pytest.mark.parametrize("text", ["", "short", "ä" * 44, b64encode(NEW[:31]).decode(), b64encode(NEW + b"x").decode(), "!" * 44, "A" * 43])
def test_a_text_that_is_no_key_is_refused_without_repeating_it(text):
    with pytest.raises(SealingKeyError) as refused:
        key_from_text(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("key", [b"", NEW[:16], NEW + b"x"])
def test_a_sealer_takes_keys_of_256_bits_alone(key):
    with pytest.raises(SealingKeyError):
        sealer(NEW, key)


def test_a_client_secret_has_256_random_bits_behind_a_prefix_that_scanners_know():
    secret = new_client_secret(os.urandom)
    assert secret.startswith("gs_")
    assert len(secret) == 3 + 43
    assert secret != new_client_secret(os.urandom)


SECRET = new_client_secret(bytes)
STORED = hash_secret(SECRET, b"s" * SALT_BYTES)


def test_a_secret_matches_what_was_stored_of_it():
    assert secret_matches(SECRET, STORED)


def test_what_is_stored_names_its_parameters_and_never_the_secret():
    assert STORED.startswith("scrypt$n=16384,r=8,p=1$")
    assert SECRET[3:] not in STORED


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "A", SECRET.swapcase(), "é" * 46, "\ud800", "\x00", "a" * 129, STORED])
def test_another_secret_does_not_match(secret):
    assert not secret_matches(secret, STORED)


def test_the_same_secret_is_stored_differently_under_another_salt():
    other = hash_secret(SECRET, b"t" * SALT_BYTES)
    assert other != STORED
    assert secret_matches(SECRET, other)


def test_a_hash_made_with_other_parameters_is_still_compared_by_its_own():
    cheap = "scrypt$n=16,r=8,p=1$" + STORED.split("$")[2] + "$" + STORED.split("$")[3]
    assert not secret_matches(SECRET, cheap)


@pytest.mark.parametrize("stored", ["", "scrypt", "bcrypt$n=16384,r=8,p=1$AAAA$AAAA", SECRET])
def test_a_stored_text_that_is_no_hash_of_ours_is_an_error(stored):
    with pytest.raises(ValueError, match=r".+"):
        secret_matches(SECRET, stored)
