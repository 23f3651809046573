"""Our keys and the key sets that others register."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.keys.jwks import KeysRefusedError, KeyUse, PrivateKey, generate_key, parse_public_jwks, public_jwk, read_public_jwks, thumbprint
from tests.forging import b64, rsa_jwk

KEY = generate_key(KeyUse.TOKENS)
JWK = public_jwk(KEY)
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA = rsa_jwk(RSA_KEY, "rsa")


def test_the_example_of_the_thumbprint_standard_comes_out():
    """RFC 7638 section 3.1."""
    jwk = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W"
        "-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt"
        "-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    }
    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_published_half_of_a_key_holds_no_secret():
    assert set(JWK) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert JWK["kid"] == KEY.kid == thumbprint(JWK)


def test_a_key_never_shows_its_secret_when_printed():
    assert "PRIVATE" not in repr(KEY)


def test_a_key_loaded_again_from_its_pem_is_the_same_key():
    assert public_jwk(PrivateKey(KEY.kid, KEY.use, KEY.pem)) == JWK


def test_a_private_key_on_another_curve_is_refused():
    other = ec.generate_private_key(ec.SECP384R1())
    pem = other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with pytest.raises(ValueError, match="not a P-256"):
        _ = PrivateKey("kid", KeyUse.TOKENS, pem).signer


def test_a_published_key_set_is_read_back_as_the_keys_that_were_published():
    other = generate_key(KeyUse.TOKENS)
    keys = read_public_jwks(json.dumps({"keys": [JWK, public_jwk(other)]}).encode())
    assert keys == {KEY.kid: KEY.public, other.kid: other.public}


@pytest.mark.parametrize(
    ("jwk", "algorithms"),
    [(JWK, {"ES256"}), (RSA, {"RS256", "PS256"}), ({**RSA, "alg": "RS256"}, {"RS256"}), ({**RSA, "alg": "PS256"}, {"PS256"})],
    ids=["EC", "RSA", "RSA for RS256", "RSA for PS256"],
)
def test_a_key_is_pinned_to_the_algorithms_of_its_type_or_the_one_it_names(jwk, algorithms):
    (key,) = parse_public_jwks({"keys": [jwk]}).values()
    assert key.algorithms == algorithms


def test_a_key_of_ours_says_what_it_signs_and_from_when_until_when():
    told = {"signs": "bundles", "signs_from": "2026-03-02T09:00:00+00:00", "signs_until": "2026-04-02T09:00:00+00:00"}
    (key,) = parse_public_jwks({"keys": [{**JWK, **told}]}).values()
    assert (key.signs, key.signs_from, key.signs_until) == (
        "bundles",
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        datetime(2026, 4, 2, 9, tzinfo=UTC),
    )
    (plain,) = parse_public_jwks({"keys": [JWK]}).values()
    assert (plain.signs, plain.signs_from, plain.signs_until) == (None, None, None)


@pytest.mark.parametrize("moment", ["2026-03-02", "2026-03-02T09:00:00", "soon", 5, ""])
def test_a_time_without_its_zone_or_that_is_none_refuses_the_set(moment):
    with pytest.raises(KeysRefusedError, match="signs_from is no moment"):
        parse_public_jwks({"keys": [{**JWK, "signs_from": moment}]})


def test_members_that_say_nothing_about_verifying_are_passed_over():
    assert parse_public_jwks({"keys": [{**JWK, "x5t": "AAAA", "nbf": 1}], "updated": "today"})


def off_curve():
    return {**JWK, "y": JWK["x"]}


def of_bits(bits):
    modulus = (1 << bits) - 1
    return {**RSA, "n": b64(modulus.to_bytes((bits + 7) // 8, "big"))}


UNFIT = {
    "a private EC key": {**JWK, "d": "AAAA"},
    "a private RSA key": {**RSA, "p": "AAAA", "q": "AAAA"},
    "a shared secret": {"kty": "oct", "kid": "a", "k": "c2VjcmV0"},
    "an empty shared secret": {"kty": "oct", "kid": "a"},
    "an Edwards key": {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "AAAA"},
    "no type": {"kid": "a"},
    "a list as type": {**JWK, "kty": ["EC"]},
    "no kid": {name: value for name, value in JWK.items() if name != "kid"},
    "an empty kid": {**JWK, "kid": ""},
    "a number as kid": {**JWK, "kid": 7},
    "a kid of 201 characters": {**JWK, "kid": "a" * 201},
    "a NUL in the kid": {**JWK, "kid": "a\x00"},
    "a key for encryption": {**JWK, "use": "enc"},
    "use null": {**JWK, "use": None},
    "key_ops to sign": {**JWK, "key_ops": ["sign", "verify"]},
    "another algorithm": {**JWK, "alg": "ES384"},
    "an algorithm of the other type": {**JWK, "alg": "RS256"},
    "SHA-1 for RSA": {**RSA, "alg": "RS1"},
    "another curve": {**JWK, "crv": "P-384"},
    "a point off the curve": off_curve(),
    "no point": {**JWK, "x": None},
    "a padded point": {**JWK, "x": JWK["x"] + "="},
    "a point of 33 bytes": {**JWK, "x": b64(bytes(33))},
    "an RSA key of 1024 bits": of_bits(1024),
    "an RSA key of 2047 bits": of_bits(2047),
    "an RSA key of 4097 bits": of_bits(4097),
    "an even modulus": {**RSA, "n": b64((1 << 2047).to_bytes(256, "big"))},
    "a leading zero in the modulus": {**RSA, "n": b64(b"\0" + bytes([255]) * 256)},
    "an exponent of one": {**RSA, "e": b64(b"\x01")},
    "an exponent of three": {**RSA, "e": b64(b"\x03")},
    "an even exponent": {**RSA, "e": b64(b"\x01\x00\x02")},
    "an exponent of five bytes": {**RSA, "e": b64(b"\x01\x00\x00\x00\x01")},
    "not an object": "key",
}


@pytest.mark.parametrize("jwk", UNFIT.values(), ids=UNFIT.keys())
def test_a_set_with_one_key_that_is_not_fit_is_refused_with_its_place(jwk):
    with pytest.raises(KeysRefusedError) as refused:
        parse_public_jwks({"keys": [{**RSA, "kid": "fit"}, jwk]})
    assert refused.value.pointer == "/keys/1"


def test_two_keys_with_one_kid_are_refused():
    with pytest.raises(KeysRefusedError) as refused:
        parse_public_jwks({"keys": [JWK, {**public_jwk(generate_key(KeyUse.TOKENS)), "kid": KEY.kid}]})
    assert refused.value.pointer == "/keys/1/kid"


@pytest.mark.parametrize("doc", [None, [], "keys", {}, {"keys": {}}, {"keys": []}, {"keys": [JWK] * 101}], ids=range(7))
def test_a_document_that_is_no_key_set_is_refused(doc):
    with pytest.raises(KeysRefusedError) as refused:
        parse_public_jwks(doc)
    assert refused.value.pointer == ""


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"\xff", b'{"keys": [], "keys": []}', b'{"keys": ' + b" " * 65_536 + b"[]}", json.dumps({"keys": [JWK]})[:-3].encode()],
    ids=["nothing", "a list", "not UTF-8", "keys twice", "too large", "cut short"],
)
def test_bytes_that_are_no_key_set_are_refused(raw):
    with pytest.raises(KeysRefusedError):
        read_public_jwks(raw)
