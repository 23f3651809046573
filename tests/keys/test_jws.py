"""Tokens: what is accepted, and every known way of getting a wrong one accepted."""

import ast
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from app.keys.claims import LEEWAY, AccessClaims, TokenRefusedError
from app.keys.jwks import KeyUse, PublicKey, generate_key, parse_public_jwks, public_jwk
from app.keys.jws import (
    ORDER,
    VerifiedTokens,
    sign_access_token,
    sign_detached,
    sign_statement,
    verify_access_token,
    verify_author_proof,
    verify_client_assertion,
    verify_detached,
    verify_statement,
)
from tests.forging import b64, es256, forge, hs256, ps256, rs256, rsa_jwk, unb64

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER = "https://graduated.example"
AUDIENCE = "https://graduated.example/v1"
TOKEN_URL = "https://graduated.example/oauth2/token"
SCHOOL_IDP = "https://sign-in.elmtree-primary.example"

KEY = generate_key(KeyUse.TOKENS)
OTHER = generate_key(KeyUse.TOKENS)
BUNDLE_KEY = generate_key(KeyUse.BUNDLES)
HEAD_KEY = generate_key(KeyUse.HEADS)
KEYS = {KEY.kid: KEY.public}
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)

HEADER = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"}
MEMBERS = {
    "iss": ISSUER,
    "sub": "client-999",
    "client_id": "client-999",
    "aud": AUDIENCE,
    "scope": "records:read records:write",
    "iat": T,
    "exp": T + 600,
    "jti": "token-1",
}
ACCESS = AccessClaims(
    iss=ISSUER,
    sub="client-999",
    client_id="client-999",
    aud=AUDIENCE,
    scope=frozenset({"records:read", "records:write"}),
    iat=NOW,
    exp=NOW + timedelta(minutes=10),
    jti="token-1",
)


def without(members, name):
    return {key: value for key, value in members.items() if key != name}


def access(token, *, keys=KEYS, now=NOW, audience=AUDIENCE):
    return verify_access_token(token, keys, issuer=ISSUER, audience=audience, now=now)


def refusal(call, *args, **named) -> str:
    with pytest.raises(TokenRefusedError) as refused:
        call(*args, **named)
    return refused.value.reason


def forged(header=HEADER, members=MEMBERS, key=KEY.signer, sign=es256):
    return forge(header, members, key, sign)


def test_a_token_of_ours_is_read_back_as_it_was_signed():
    assert access(sign_access_token(ACCESS, KEY)) == ACCESS


def test_a_token_may_say_from_when_it_counts():
    later = replace(ACCESS, nbf=NOW + timedelta(seconds=20))
    assert access(sign_access_token(later, KEY)) == later


def test_a_token_without_scopes_reads_as_no_scopes():
    assert access(sign_access_token(replace(ACCESS, scope=frozenset()), KEY)).scope == frozenset()


def test_the_header_of_a_token_holds_type_algorithm_and_key_alone():
    header = json.loads(unb64(sign_access_token(ACCESS, KEY).split(".")[0]))
    assert header == HEADER


def test_a_token_made_by_hand_from_the_standard_is_accepted():
    assert access(forged()) == ACCESS


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])
def test_the_type_is_compared_as_a_media_type_without_regard_to_case(typ):
    """RFC 9068 section 4 with RFC 7515 section 4.1.9."""
    assert access(forged({**HEADER, "typ": typ})) == ACCESS


def test_an_audience_may_be_a_list_of_one():
    assert access(forged(members={**MEMBERS, "aud": [AUDIENCE]})) == ACCESS


HEADER_ATTACKS = {
    "another type": {**HEADER, "typ": "JWT"},
    "no type": without(HEADER, "typ"),
    "null type": {**HEADER, "typ": None},
    "a number as type": {**HEADER, "typ": 1},
    "an author proof": {**HEADER, "typ": "author-proof+jwt"},
    "no algorithm": without(HEADER, "alg"),
    "alg none": {**HEADER, "alg": "none"},
    "alg in lower case": {**HEADER, "alg": "es256"},
    "another curve's algorithm": {**HEADER, "alg": "ES384"},
    "an RSA algorithm": {**HEADER, "alg": "RS256"},
    "a symmetric algorithm": {**HEADER, "alg": "HS256"},
    "alg as a list": {**HEADER, "alg": ["ES256"]},
    "no kid": without(HEADER, "kid"),
    "an empty kid": {**HEADER, "kid": ""},
    "an unknown kid": {**HEADER, "kid": OTHER.kid},
    "a kid that is a path": {**HEADER, "kid": "../../dev/null"},
    "a kid that is a list": {**HEADER, "kid": [KEY.kid]},
    "crit": {**HEADER, "crit": ["exp"]},
    "an unknown crit": {**HEADER, "crit": ["b64"], "b64": False},
    "a key in the token": {**HEADER, "jwk": public_jwk(OTHER)},
    "a key set by address": {**HEADER, "jku": "https://evil.example/keys"},
    "a certificate by address": {**HEADER, "x5u": "https://evil.example/cert"},
    "a certificate chain": {**HEADER, "x5c": ["MIIB"]},
    "a certificate thumbprint": {**HEADER, "x5t": "AAAA"},
    "a content type": {**HEADER, "cty": "JWT"},
    "compression": {**HEADER, "zip": "DEF"},
    "an unknown member": {**HEADER, "note": 1},
}


@pytest.mark.parametrize("header", HEADER_ATTACKS.values(), ids=HEADER_ATTACKS.keys())
def test_a_rightly_signed_token_with_another_header_is_refused(header):
    assert refusal(access, forged(header))


CLAIM_ATTACKS = {
    "no expiry": without(MEMBERS, "exp"),
    "expiry null": {**MEMBERS, "exp": None},
    "expiry as text": {**MEMBERS, "exp": str(T + 600)},
    "expiry with a fraction": {**MEMBERS, "exp": T + 600.5},
    "expiry as a truth value": {**MEMBERS, "exp": True},
    "expiry beyond the calendar": {**MEMBERS, "exp": 253_402_300_800},
    "expiry of forty digits": {**MEMBERS, "exp": 10**40},
    "expiry below zero": {**MEMBERS, "exp": -1},
    "no issue time": without(MEMBERS, "iat"),
    "issue time as a truth value": {**MEMBERS, "iat": True},
    "issued after now and the leeway": {**MEMBERS, "iat": T + 31},
    "issued at its own expiry": {**MEMBERS, "iat": T + 10, "exp": T + 10},
    "valid only later": {**MEMBERS, "nbf": T + 31},
    "valid only after it expires": {**MEMBERS, "nbf": T + 20, "exp": T + 20},
    "not-before as text": {**MEMBERS, "nbf": "now"},
    "not-before null": {**MEMBERS, "nbf": None},
    "no issuer": without(MEMBERS, "iss"),
    "another issuer": {**MEMBERS, "iss": "https://evil.example"},
    "our issuer with a slash": {**MEMBERS, "iss": ISSUER + "/"},
    "issuer as a list": {**MEMBERS, "iss": [ISSUER]},
    "no audience": without(MEMBERS, "aud"),
    "another audience": {**MEMBERS, "aud": "https://other.example"},
    "a part of our audience": {**MEMBERS, "aud": AUDIENCE[:-1]},
    "two audiences": {**MEMBERS, "aud": [AUDIENCE, "https://other.example"]},
    "an empty list of audiences": {**MEMBERS, "aud": []},
    "our audience inside a list in a list": {**MEMBERS, "aud": [[AUDIENCE]]},
    "no subject": without(MEMBERS, "sub"),
    "an empty subject": {**MEMBERS, "sub": ""},
    "a number as subject": {**MEMBERS, "sub": 7},
    "a NUL in the subject": {**MEMBERS, "sub": "a\x00b"},
    "half a surrogate pair in the subject": {**MEMBERS, "sub": "\ud800"},
    "a subject of 513 characters": {**MEMBERS, "sub": "a" * 513},
    "no token id": without(MEMBERS, "jti"),
    "an empty token id": {**MEMBERS, "jti": ""},
    "no client": without(MEMBERS, "client_id"),
    "scopes as a list": {**MEMBERS, "scope": ["records:read"]},
    "scopes null": {**MEMBERS, "scope": None},
    "scopes with two spaces": {**MEMBERS, "scope": "records:read  records:write"},
    "scopes with a line end": {**MEMBERS, "scope": "records:read\n"},
    "a list for claims": "[1]",
    "no JSON": "exp",
    "not UTF-8": b'{"iss": "\xff"}',
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(MEMBERS).encode(),
    "Infinity in a claim that nobody reads": json.dumps({**MEMBERS, "note": float("inf")}),
    "an overflow in a claim that nobody reads": json.dumps({**MEMBERS, "note": 0}).replace(": 0}", ": 1e999}"),
    "Infinity": json.dumps(MEMBERS)[:-1].replace(str(T + 600), "Infinity") + "}",
    "NaN": json.dumps({**MEMBERS, "exp": float("nan")}),
    "a float that overflows": json.dumps(MEMBERS).replace(str(T + 600), "1e999"),
    "a number of five thousand digits": json.dumps(MEMBERS).replace(str(T + 600), "9" * 5000),
    "a duplicate member": json.dumps(MEMBERS)[:-1] + ', "sub": "client-998"}',
    "a duplicate member deeper down": json.dumps(MEMBERS)[:-1] + ', "act": {"sub": "a", "sub": "b"}}',
    "nesting without end": '{"a":' + "[" * 2900 + "]" * 2900 + "}",
}


@pytest.mark.parametrize("members", CLAIM_ATTACKS.values(), ids=CLAIM_ATTACKS.keys())
def test_a_rightly_signed_token_with_other_claims_is_refused(members):
    assert refusal(access, forged(members=members))


@pytest.mark.parametrize(
    ("header", "members"),
    [(header, MEMBERS) for header in HEADER_ATTACKS.values()] + [(HEADER, claims) for claims in CLAIM_ATTACKS.values()],
)
def test_a_refusal_repeats_nothing_that_the_token_says(header, members):
    reason = refusal(access, forged(header, members))
    assert reason.isascii()
    assert '"' not in reason
    assert not any(text in reason for text in ("evil", "client-99", "other.example", KEY.kid, OTHER.kid, "dev/null", str(T + 600)))


def test_a_header_with_a_duplicate_member_is_refused():
    twice = json.dumps(HEADER)[:-1] + ', "alg": "ES256"}'
    assert refusal(access, forged(twice)) == "the header is not a JSON object without duplicate members"


def altered(token, part, change):
    parts = token.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def last_bits_set(part):
    """The same bytes under another spelling: the bits after the last whole byte are not zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) + 1]


SPELLINGS = {
    "padding": lambda part: part + "=" * (-len(part) % 4 or 4),
    "a space": lambda part: part[:4] + " " + part[4:],
    "a line end": lambda part: part + "\n",
    "letters of the other alphabet": lambda part: part[:-2] + "+/",
    "a letter outside ASCII": lambda part: part[:-1] + "é",
    "half a surrogate pair": lambda part: part[:-1] + "\ud800",
    "a length that no bytes have": lambda part: part + "A" * (-len(part) % 4 + 1),
}


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("change", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_part_that_is_not_canonical_base64url_is_refused(part, change):
    assert refusal(access, altered(forged(), part, change)) == "a part of the token is not canonical base64url"


def test_a_signature_with_stray_low_bits_is_refused_although_it_decodes_to_the_same_bytes():
    token = forged()
    respelt = altered(token, 2, last_bits_set)
    assert respelt != token
    assert unb64(respelt.split(".")[2]) == unb64(token.split(".")[2])
    assert refusal(access, respelt) == "a part of the token is not canonical base64url"


SHAPES = {
    "nothing": "",
    "dots alone": "..",
    "one part": "eyJ9",
    "no signature": ".".join(forged().split(".")[:2]) + ".",
    "no third part": ".".join(forged().split(".")[:2]),
    "four parts": forged() + ".AAAA",
    "five parts, an encrypted token": "A.A.A.A.A",
    "no claims": altered(forged(), 1, lambda _: ""),
    "no header": altered(forged(), 0, lambda _: ""),
    "longer than the cap": forged(members={**MEMBERS, "note": "a" * 8000}),
}


@pytest.mark.parametrize("token", SHAPES.values(), ids=SHAPES.keys())
def test_a_token_of_another_shape_is_refused(token):
    assert refusal(access, token)


def test_a_token_of_exactly_the_longest_length_is_accepted_and_one_more_is_not():
    def of_length(filling):
        return forged(members={**MEMBERS, "note": "a" * filling})

    filling = next(n for n in range(5000, 6500) if len(of_length(n)) >= 8191)
    longest = of_length(filling)
    assert len(longest) <= 8192
    assert access(longest) == ACCESS
    assert refusal(access, of_length(filling + 2)) == "the token is too long"


SIGNATURES = {
    "of another key under this kid": forged(key=OTHER.signer),
    "over other claims": altered(forged(), 1, lambda _: b64(json.dumps({**MEMBERS, "sub": "client-998"}).encode())),
    "in DER instead of raw": forged(sign=lambda key, message: key.sign(message, ec.ECDSA(hashes.SHA256()))),
    "of zeros": altered(forged(), 2, lambda _: b64(bytes(64))),
    "one byte short": altered(forged(), 2, lambda part: b64(unb64(part)[:-1])),
    "one byte long": altered(forged(), 2, lambda part: b64(unb64(part) + b"\0")),
    "by the public key as a shared secret": forged(
        key=KEY.signer.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo), sign=hs256
    ),
    "of another hash": forged(
        sign=lambda key, message: key.sign(message, ec.ECDSA(hashes.SHA512())),
    ),
}


@pytest.mark.parametrize("token", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_a_signature_that_is_not_this_keys_over_these_bytes_is_refused(token):
    assert refusal(access, token) == "the signature does not match"


def test_the_public_key_used_as_a_shared_secret_is_refused_by_its_algorithm():
    pem = KEY.signer.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert refusal(access, forged({**HEADER, "alg": "HS256"}, key=pem, sign=hs256)) == "alg is not accepted for this key"


def test_an_access_token_under_an_rsa_key_is_refused_even_when_that_key_is_known():
    keys = parse_public_jwks({"keys": [rsa_jwk(RSA_KEY, "rsa")]})
    token = forged({**HEADER, "alg": "RS256", "kid": "rsa"}, key=RSA_KEY, sign=rs256)
    assert refusal(access, token, keys=keys) == "alg is not accepted for this key"


@pytest.mark.parametrize(("seconds", "accepted"), [(599, True), (600, False), (601, False)])
def test_a_token_ends_at_the_moment_of_its_expiry(seconds, accepted):
    token = sign_access_token(ACCESS, KEY)
    if accepted:
        assert access(token, now=NOW + timedelta(seconds=seconds)) == ACCESS
    else:
        assert refusal(access, token, now=NOW + timedelta(seconds=seconds)) == "the token has expired"


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_clock_thirty_seconds_ahead_of_ours_is_forgiven(name):
    assert access(forged(members={**MEMBERS, name: T + int(LEEWAY.total_seconds())})).jti == "token-1"


def test_two_keys_overlap_while_one_replaces_the_other():
    both = {KEY.kid: KEY.public, OTHER.kid: OTHER.public}
    old, new = sign_access_token(ACCESS, KEY), sign_access_token(ACCESS, OTHER)
    assert access(old, keys=both) == access(new, keys=both) == ACCESS
    assert refusal(access, old, keys={OTHER.kid: OTHER.public}) == "kid names no key that is accepted here"


@pytest.mark.parametrize("key", [BUNDLE_KEY, HEAD_KEY], ids=["bundles", "heads"])
def test_a_key_for_something_else_signs_no_token(key):
    with pytest.raises(ValueError, match="not one for tokens"):
        sign_access_token(ACCESS, key)


def test_a_token_key_signs_neither_a_bundle_nor_a_statement():
    with pytest.raises(ValueError, match="tokens alone"):
        sign_detached(b"bytes", KEY, typ="evidence-bundle", at=NOW)
    with pytest.raises(ValueError, match="tokens alone"):
        sign_statement({"number": 1}, KEY, typ="ledger-head+jwt")


def cached(cache, token, *, keys=KEYS, now=NOW, audience=AUDIENCE):
    return cache.verify(token, keys, issuer=ISSUER, audience=audience, now=now)


def test_a_remembered_token_gives_the_same_claims_again():
    cache = VerifiedTokens()
    token = sign_access_token(ACCESS, KEY)
    assert cached(cache, token) is cached(cache, token)
    assert len(cache) == 1


def test_a_remembered_token_still_ends_at_its_expiry_and_is_then_forgotten():
    cache = VerifiedTokens()
    token = sign_access_token(ACCESS, KEY)
    cached(cache, token)
    assert refusal(cached, cache, token, now=ACCESS.exp) == "the token has expired"
    assert len(cache) == 0


def test_a_remembered_token_ends_with_its_key():
    cache = VerifiedTokens()
    token = sign_access_token(ACCESS, KEY)
    cached(cache, token)
    assert refusal(cached, cache, token, keys={OTHER.kid: OTHER.public}) == "kid names no key that is accepted here"
    cached(cache, token)
    assert refusal(cached, cache, token, keys={KEY.kid: OTHER.public}) == "the signature does not match"


def test_a_remembered_token_is_not_good_for_another_audience():
    cache = VerifiedTokens()
    token = sign_access_token(ACCESS, KEY)
    cached(cache, token)
    assert refusal(cached, cache, token, audience="https://other.example") == "aud is not this audience alone"


def test_a_remembered_token_with_another_signature_is_not_the_remembered_one():
    cache = VerifiedTokens()
    token = sign_access_token(ACCESS, KEY)
    cached(cache, token)
    assert refusal(cached, cache, altered(token, 2, lambda _: b64(bytes(64)))) == "the signature does not match"


def test_a_refused_token_is_not_remembered():
    cache = VerifiedTokens()
    refusal(cached, cache, forged(key=OTHER.signer))
    assert len(cache) == 0


def test_the_memory_for_tokens_is_bounded_and_gives_up_the_one_unused_longest():
    cache = VerifiedTokens(capacity=2)
    first, second, third = (sign_access_token(replace(ACCESS, jti=f"token-{n}"), KEY) for n in range(3))
    kept = cached(cache, first)
    dropped = cached(cache, second)
    cached(cache, first)
    cached(cache, third)
    assert len(cache) == 2
    assert cached(cache, first) is kept
    assert cached(cache, second) is not dropped


EC_CLIENT = generate_key(KeyUse.TOKENS)
CLIENT_KEYS = parse_public_jwks(
    {"keys": [{**public_jwk(EC_CLIENT), "kid": "ec"}, rsa_jwk(RSA_KEY, "rsa"), rsa_jwk(RSA_KEY, "pss", alg="PS256")]}
)
ASSERTION = {"iss": "client-999", "sub": "client-999", "aud": TOKEN_URL, "iat": T, "exp": T + 60, "jti": "assertion-1"}


def assertion(token):
    return verify_client_assertion(token, CLIENT_KEYS, client_id="client-999", audiences={TOKEN_URL, ISSUER}, now=NOW)


def asserted(members=ASSERTION, header=None, key=EC_CLIENT.signer, sign=es256):
    return forge(header or {"alg": "ES256", "kid": "ec"}, members, key, sign)


@pytest.mark.parametrize(
    ("alg", "kid", "key", "sign"),
    [
        ("ES256", "ec", EC_CLIENT.signer, es256),
        ("RS256", "rsa", RSA_KEY, rs256),
        ("PS256", "rsa", RSA_KEY, ps256),
        ("PS256", "pss", RSA_KEY, ps256),
    ],
)
def test_a_client_proves_itself_with_any_of_three_algorithms(alg, kid, key, sign):
    once = assertion(asserted(header={"alg": alg, "kid": kid, "typ": "JWT"}, key=key, sign=sign))
    assert (once.jti, once.exp) == ("assertion-1", NOW + timedelta(seconds=60))


@pytest.mark.parametrize(
    "header", [{}, {"typ": "JWT"}, {"typ": "jwt"}, {"typ": "client-authentication+jwt"}], ids=["none", "JWT", "jwt", "own"]
)
def test_an_assertion_may_leave_out_its_type_or_give_the_usual_ones(header):
    assert assertion(asserted(header={"alg": "ES256", "kid": "ec", **header})).jti == "assertion-1"


@pytest.mark.parametrize("aud", [TOKEN_URL, ISSUER, [TOKEN_URL]], ids=["token endpoint", "issuer", "list of one"])
def test_an_assertion_is_addressed_to_the_token_endpoint_or_the_issuer(aud):
    assert assertion(asserted({**ASSERTION, "aud": aud})).jti == "assertion-1"


def test_an_assertion_may_last_five_minutes_and_not_a_second_more():
    assert assertion(asserted({**ASSERTION, "exp": T + 300})).exp == NOW + timedelta(minutes=5)
    assert refusal(assertion, asserted({**ASSERTION, "exp": T + 301})) == "exp is more than five minutes ahead"


ASSERTION_ATTACKS = {
    "an access token": (ASSERTION, {"typ": "at+jwt"}),
    "an author proof": (ASSERTION, {"typ": "author-proof+jwt"}),
    "no kid": (ASSERTION, {"kid": None}),
    "a key in the header": (ASSERTION, {"jwk": public_jwk(OTHER)}),
    "another issuer": ({**ASSERTION, "iss": "client-998"}, {}),
    "another subject": ({**ASSERTION, "sub": "client-998"}, {}),
    "no subject": (without(ASSERTION, "sub"), {}),
    "no token id": (without(ASSERTION, "jti"), {}),
    "no expiry": (without(ASSERTION, "exp"), {}),
    "expired": ({**ASSERTION, "iat": T - 60, "exp": T}, {}),
    "the API as audience": ({**ASSERTION, "aud": AUDIENCE}, {}),
    "a second audience": ({**ASSERTION, "aud": [TOKEN_URL, "https://other.example"]}, {}),
    "issued in the future": ({**ASSERTION, "iat": T + 31}, {}),
    "issued long ago for now": ({**ASSERTION, "iat": T - 241}, {}),
    "not yet valid": ({**ASSERTION, "nbf": T + 31}, {}),
}


@pytest.mark.parametrize(("members", "header"), ASSERTION_ATTACKS.values(), ids=ASSERTION_ATTACKS.keys())
def test_an_assertion_with_something_wrong_is_refused(members, header):
    assert refusal(assertion, asserted(members, {"alg": "ES256", "kid": "ec", **header}))


def test_one_letter_is_not_an_audience_when_the_audiences_come_as_one_string():
    token = asserted({**ASSERTION, "aud": "token"})
    assert refusal(verify_client_assertion, token, CLIENT_KEYS, client_id="client-999", audiences=TOKEN_URL, now=NOW)


@pytest.mark.parametrize(
    ("alg", "kid", "sign"),
    [
        ("RS256", "pss", rs256),
        ("RS256", "rsa", ps256),
        ("PS256", "rsa", rs256),
        ("PS512", "rsa", ps256),
        ("ES256", "rsa", rs256),
        ("RS256", "ec", rs256),
    ],
)
def test_an_algorithm_that_is_not_the_keys_own_or_not_the_signatures_is_refused(alg, kid, sign):
    assert refusal(assertion, asserted(header={"alg": alg, "kid": kid}, key=RSA_KEY, sign=sign))


PROOF = {"iss": SCHOOL_IDP, "sub": "staff-999", "aud": ISSUER, "iat": T, "exp": T + 120, "jti": "proof-1"}
PROOF_HEADER = {"alg": "ES256", "kid": "ec", "typ": "author-proof+jwt"}


def proof(token):
    return verify_author_proof(token, CLIENT_KEYS, issuer=SCHOOL_IDP, audience=ISSUER, staff_id="staff-999", now=NOW)


def test_a_school_proves_which_member_of_staff_acts():
    once = proof(asserted(PROOF, PROOF_HEADER))
    assert (once.jti, once.exp) == ("proof-1", NOW + timedelta(minutes=2))


PROOF_ATTACKS = {
    "another member of staff": ({**PROOF, "sub": "staff-998"}, {}),
    "another identity provider": ({**PROOF, "iss": ISSUER}, {}),
    "another audience": ({**PROOF, "aud": AUDIENCE}, {}),
    "an ordinary sign-in token": (PROOF, {"typ": "JWT"}),
    "a long life": ({**PROOF, "exp": T + 301}, {}),
    "made long ago for now": ({**PROOF, "iat": T - 200}, {}),
    "no issue time": (without(PROOF, "iat"), {}),
    "no token id": (without(PROOF, "jti"), {}),
    "an unknown key": (PROOF, {"kid": "new"}),
}


@pytest.mark.parametrize(("members", "header"), PROOF_ATTACKS.values(), ids=PROOF_ATTACKS.keys())
def test_an_author_proof_with_something_wrong_is_refused(members, header):
    assert refusal(proof, asserted(members, {**PROOF_HEADER, **header}))


MANIFEST = b"0" * 64 + b"  bagit.txt\n"
BUNDLE_KEYS = {BUNDLE_KEY.kid: BUNDLE_KEY.public}


def test_a_detached_signature_is_verified_by_anyone_with_plain_cryptography():
    """RFC 7515 appendix F: the receiver puts the encoded content back between the dots."""
    header, middle, signature = sign_detached(MANIFEST, BUNDLE_KEY, typ="evidence-bundle", at=NOW).split(".")
    raw = unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = BUNDLE_KEY.signer.public_key()
    public.verify(der, f"{header}.{b64(MANIFEST)}".encode(), ec.ECDSA(hashes.SHA256()))
    assert middle == ""
    told = {"alg": "ES256", "iat": T, "kid": BUNDLE_KEY.kid, "typ": "evidence-bundle"}
    assert json.loads(unb64(header)) == told
    with pytest.raises(InvalidSignature):
        public.verify(der, f"{header}.{b64(MANIFEST + b'x')}".encode(), ec.ECDSA(hashes.SHA256()))


def test_a_detached_signature_names_the_key_that_made_it():
    signature = sign_detached(MANIFEST, BUNDLE_KEY, typ="evidence-bundle", at=NOW)
    signed = verify_detached(signature, MANIFEST, BUNDLE_KEYS, typ="evidence-bundle")
    assert (signed.key.kid, signed.at) == (BUNDLE_KEY.kid, NOW)


def in_force(since: timedelta, until: timedelta) -> dict[str, PublicKey]:
    """The key as a set gives it that says when it signed, counted from the signature."""
    return {BUNDLE_KEY.kid: replace(BUNDLE_KEY.public, signs_from=NOW + since, signs_until=NOW + until)}


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("since", "until", "holds"), [(-SECOND, SECOND, True), (0 * SECOND, SECOND, True), (SECOND, 2 * SECOND, False)])
def test_a_key_signs_from_its_first_moment_on(since: timedelta, until: timedelta, holds: bool) -> None:
    signature = sign_detached(MANIFEST, BUNDLE_KEY, typ="evidence-bundle", at=NOW)
    if holds:
        assert verify_detached(signature, MANIFEST, in_force(since, until), typ="evidence-bundle").at == NOW
    else:
        assert refusal(verify_detached, signature, MANIFEST, in_force(since, until), typ="evidence-bundle")


@pytest.mark.parametrize("until", [-SECOND, 0 * SECOND])
def test_what_a_key_signs_after_its_end_is_refused(until: timedelta) -> None:
    signature = sign_detached(MANIFEST, BUNDLE_KEY, typ="evidence-bundle", at=NOW)
    refused = refusal(verify_detached, signature, MANIFEST, in_force(-2 * SECOND, until), typ="evidence-bundle")
    assert refused == "the key was not in force when this was signed"


def test_a_detached_signature_that_does_not_say_when_is_refused() -> None:
    header, _, signature = sign_statement({}, BUNDLE_KEY, typ="evidence-bundle").split(".")
    refused = refusal(verify_detached, f"{header}..{signature}", b"{}", BUNDLE_KEYS, typ="evidence-bundle")
    assert refused == "the header does not say when it was signed"


def test_a_detached_signature_holds_over_more_bytes_than_a_token_may_have():
    long = MANIFEST * 1000
    assert verify_detached(sign_detached(long, BUNDLE_KEY, typ="evidence-bundle", at=NOW), long, BUNDLE_KEYS, typ="evidence-bundle")


def test_nobody_makes_another_detached_signature_of_one_that_holds() -> None:
    """Both s and n - s hold for ECDSA; only the lower is made, and only the lower is accepted."""
    for place in range(20):
        header, _, signature = sign_detached(b"%d" % place, BUNDLE_KEY, typ="evidence-bundle", at=NOW).split(".")
        raw = unb64(signature)
        other = ORDER - int.from_bytes(raw[32:], "big")
        assert int.from_bytes(raw[32:], "big") < other
        forged = f"{header}..{b64(raw[:32] + other.to_bytes(32, 'big'))}"
        refused = refusal(verify_detached, forged, b"%d" % place, BUNDLE_KEYS, typ="evidence-bundle")
        assert refused == "the signature is the other of two that hold"


DETACHED = sign_detached(MANIFEST, BUNDLE_KEY, typ="evidence-bundle", at=NOW)


@pytest.mark.parametrize(
    ("signature", "payload", "keys", "typ"),
    [
        (DETACHED, MANIFEST + b"\n", BUNDLE_KEYS, "evidence-bundle"),
        (DETACHED, b"", BUNDLE_KEYS, "evidence-bundle"),
        (DETACHED, MANIFEST, BUNDLE_KEYS, "ledger-head+jwt"),
        (DETACHED, MANIFEST, KEYS, "evidence-bundle"),
        (DETACHED.replace("..", f".{b64(MANIFEST)}."), MANIFEST, BUNDLE_KEYS, "evidence-bundle"),
        (DETACHED + "\n", MANIFEST, BUNDLE_KEYS, "evidence-bundle"),
    ],
    ids=["more bytes", "no bytes", "another type", "another key", "not detached", "a line end"],
)
def test_a_detached_signature_for_something_else_is_refused(signature, payload, keys, typ):
    assert refusal(verify_detached, signature, payload, keys, typ=typ)


HEAD = {"school": "999001", "number": 41, "link": "ab" * 32, "epoch": 1}
HEAD_KEYS = {HEAD_KEY.kid: HEAD_KEY.public}


def test_a_statement_is_read_back_and_its_bytes_are_sorted():
    statement = sign_statement(HEAD, HEAD_KEY, typ="ledger-head+jwt")
    assert verify_statement(statement, HEAD_KEYS, typ="ledger-head+jwt") == HEAD
    assert unb64(statement.split(".")[1]) == json.dumps(HEAD, sort_keys=True, separators=(",", ":")).encode()


def test_a_statement_of_another_type_or_key_or_content_is_refused():
    statement = sign_statement(HEAD, HEAD_KEY, typ="ledger-head+jwt")
    assert refusal(verify_statement, statement, HEAD_KEYS, typ="receipt+jwt") == "typ is not the one expected"
    assert refusal(verify_statement, statement, BUNDLE_KEYS, typ="ledger-head+jwt") == "kid names no key that is accepted here"
    cut = altered(statement, 1, lambda _: b64(json.dumps({**HEAD, "number": 40}).encode()))
    assert refusal(verify_statement, cut, HEAD_KEYS, typ="ledger-head+jwt") == "the signature does not match"


def test_a_statement_is_not_an_access_token_even_when_it_reads_like_one():
    statement = sign_statement(MEMBERS, HEAD_KEY, typ="at+jwt2")
    assert refusal(access, statement, keys=HEAD_KEYS) == "typ is not the one expected"


def test_python_jose_is_imported_by_one_file():
    def imports_jose(path):
        tree = ast.parse(path.read_text())
        names = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
        names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        return any(name.split(".")[0] == "jose" for name in names)

    app = Path(__file__).parents[2] / "app"
    assert [path.relative_to(app).as_posix() for path in app.rglob("*.py") if imports_jose(path)] == ["keys/jws.py"]
