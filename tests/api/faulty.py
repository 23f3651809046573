"""Access tokens with one thing wrong each."""

from datetime import timedelta
from uuid import UUID

from fastapi import FastAPI

from app import clock
from app.db.scopes import SCOPES
from app.keys.claims import AccessClaims
from app.keys.jwks import KeyUse, generate_key
from app.keys.jws import sign_access_token
from tests.api.world import ISSUER
from tests.forging import forge, hs256


async def faulty_token(app: FastAPI, client_id: UUID, fault: str) -> str:
    """A token whose key, algorithm, issuer, audience or lifetime is not right, or that is no token at all."""
    now = app.state.issuer.now()
    ours = await app.state.keyring.signing_key(KeyUse.TOKENS)
    claims = {
        "iss": "https://elsewhere.example" if fault == "issuer" else ISSUER,
        "aud": "https://elsewhere.example" if fault == "audience" else ISSUER,
        "exp": now - timedelta(seconds=1) if fault == "expired" else now + timedelta(minutes=5),
    }
    whole = AccessClaims(
        sub=str(client_id),
        client_id=str(client_id),
        scope=frozenset(SCOPES),
        iat=now - timedelta(minutes=1),
        jti=str(clock.new_id()),
        **claims,
    )
    if fault == "garbage":
        return "not.a.token"
    if fault == "algorithm":
        return forge({"alg": "HS256", "typ": "at+jwt", "kid": ours.kid}, whole.members(), b"x" * 32, hs256)
    return sign_access_token(whole, generate_key(KeyUse.TOKENS) if fault == "key" else ours)
