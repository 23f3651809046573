"""`POST /oauth2/token` for client credentials, and what a client can find out beforehand: metadata and key sets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from app.api.manners.body import StrictRoute, body_up_to
from app.api.manners.client_credentials import (
    ASSERTION_TYPE,
    FORM,
    BySecret,
    Credentials,
    TokenRequestError,
    invalid_client,
    read_credentials,
    read_form,
)
from app.api.manners.throttle import CheckerBusyError, SecretChecker, TokenBucket, place_of
from app.api.shown.shapes import Out
from app.casework.keyring import TOKEN_LIFETIME, Keyring
from app.db import assertions, organisations
from app.db.keys import StoredKey
from app.db.organisations import Client
from app.db.scopes import SCOPES
from app.db.session import Sessions
from app.keys.claims import AccessClaims, TokenRefusedError
from app.keys.jwks import JwsUse, KeysRefusedError, KeyUse, PublicKey, generate_key, parse_public_jwks
from app.keys.jws import FROM_OTHERS, named_key, sign_access_token, verify_client_assertion
from app.keys.webhook_keys import standard_spelling

TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105 - a path
JWKS_PATH: Final = "/.well-known/jwks.json"
METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")
LARGEST_FORM: Final = 20_000
NOT_KEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenOut(Out):
    """An access token; `expires_in` is in seconds."""

    access_token: str = Field(examples=["eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmVk"])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(examples=[900])
    scope: str = Field(description="What the token carries, which may be less than what the client holds.", examples=["records:read"])


class TokenErrorOut(Out):
    """Why there is no token, as RFC 6749 section 5.2 writes it; the one error here that is no problem document."""

    error: str = Field(examples=["invalid_client"])
    error_description: str = Field(examples=["The client is unknown, was revoked, or did not prove itself."])


class MetadataOut(Out):
    """What this authorization server can do (RFC 8414)."""

    issuer: str = Field(examples=["https://graduated.example"])
    token_endpoint: str = Field(examples=["https://graduated.example/oauth2/token"])
    jwks_uri: str = Field(examples=["https://graduated.example/.well-known/jwks.json"])
    scopes_supported: list[str] = Field(examples=[["records:read"]])
    response_types_supported: list[str] = Field(examples=[[]])
    grant_types_supported: list[str] = Field(examples=[["client_credentials"]])
    token_endpoint_auth_methods_supported: list[str] = Field(examples=[list(METHODS)])
    token_endpoint_auth_signing_alg_values_supported: list[str] = Field(examples=[["ES256"]])
    service_documentation: str = Field(examples=["https://graduated.example/docs"])


class KeySetOut(Out):
    """Public keys as RFC 7517 writes them."""

    keys: list[dict[str, str]] = Field(examples=[[{"kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256"}]])


class WebhookKeySetOut(Out):
    """Public Ed25519 keys as RFC 8037 writes them; `whpk` is the same key in the spelling of Standard Webhooks."""

    keys: list[dict[str, str]] = Field(
        examples=[
            [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                    "use": "sig",
                    "signs": "webhooks",
                    "signs_from": "2026-11-22T09:02:00+00:00",
                    "whpk": "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                }
            ]
        ]
    )


def _by_client() -> TokenBucket:
    return TokenBucket(rate=0.5, burst=30)


def _by_address() -> TokenBucket:
    return TokenBucket(rate=1.0, burst=60)


def _nobody() -> PublicKey:
    return generate_key(KeyUse.HEADS).public


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Gives tokens to clients that prove themselves; `address` is our public one, the issuer and the audience of every token."""

    sessions: Sessions
    keyring: Keyring
    checker: SecretChecker
    address: str
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    by_client: TokenBucket = field(default_factory=_by_client)
    by_address: TokenBucket = field(default_factory=_by_address)
    nobody: PublicKey = field(default_factory=_nobody)

    async def token(self, request: Request) -> TokenOut:
        """Answer one request; raises TokenRequestError."""
        place = place_of(request.client.host if request.client else "unknown")
        self._draw(self.by_address, place)
        form = read_form(await request.body(), request.headers.get("content-type", ""))
        if form.get("grant_type") != "client_credentials":
            code = "unsupported_grant_type" if "grant_type" in form else "invalid_request"
            raise TokenRequestError(code, "The grant_type must be client_credentials.")
        credentials = read_credentials(form, request.headers.getlist("authorization"))
        # Per place too, so that failing elsewhere locks nobody out here; what succeeds is no guess and costs nothing.
        tries = f"{_uuid(credentials.client_id)} {place}"
        self._draw(self.by_client, tries)
        client = await self._authenticated(credentials)
        self.by_client.give_back(tries)
        request.state.client_id = str(client.id)
        return await self._issue(client, _narrowed(client, form.get("scope")))

    def _draw(self, bucket: TokenBucket, key: str) -> None:
        drawn = bucket.take(key, now=self.now())
        if not drawn.allowed:
            raise TokenRequestError("temporarily_unavailable", "Too many requests.", status=429, retry_after=int(drawn.wait_seconds) + 1)

    async def _authenticated(self, credentials: Credentials) -> Client:
        client = await self._active(credentials.client_id)
        if isinstance(credentials, BySecret):
            proved = await self._secret_matches(credentials.secret, client)
        else:
            proved = await self._assertion_holds(credentials.assertion, client)
        if client is None or not proved:
            raise invalid_client()
        return client

    async def _active(self, client_id: str) -> Client | None:
        """Ask the database even for an id that cannot exist, so that it takes as long as any other."""
        async with self.sessions.shared() as session:
            client = await organisations.find_client(session, _uuid(client_id))
        return None if client is None or client.revoked_at is not None else client

    async def _secret_matches(self, secret: str, client: Client | None) -> bool:
        try:
            return await self.checker.matches(secret, None if client is None else client.secret_hash)
        except CheckerBusyError:
            raise TokenRequestError("temporarily_unavailable", "Too many clients at once.", status=503, retry_after=1) from None

    async def _assertion_holds(self, assertion: str, client: Client | None) -> bool:
        """Check a signature whatever is missing, against a key that nobody holds if need be, so that it takes as long as any other."""
        try:
            keys = {} if client is None or client.jwks is None else parse_public_jwks(client.jwks)
            kid = named_key(assertion)
            name = "" if client is None else str(client.id)
            audiences = {self.address, self.address + TOKEN_PATH}
            once = verify_client_assertion(assertion, {kid: self.nobody, **keys}, client_id=name, audiences=audiences, now=self.now())
        except (TokenRefusedError, KeysRefusedError):
            return False
        if client is None or kid not in keys:
            return False
        async with self.sessions.shared() as session:
            return await assertions.use(session, client.id, once.jti, once.exp)

    async def _issue(self, client: Client, scopes: frozenset[str]) -> TokenOut:
        now = self.now()
        claims = AccessClaims(
            iss=self.address,
            sub=str(client.id),
            client_id=str(client.id),
            aud=self.address,
            scope=scopes,
            iat=now,
            exp=now + TOKEN_LIFETIME,
            jti=str(self.new_id()),
        )
        token = sign_access_token(claims, await self.keyring.signing_key(KeyUse.TOKENS))
        lifetime = int(TOKEN_LIFETIME.total_seconds())
        return TokenOut(access_token=token, token_type="Bearer", expires_in=lifetime, scope=" ".join(sorted(scopes)))  # noqa: S106 - a type


router = APIRouter(tags=["Tokens"], route_class=StrictRoute)


def _error(description: str, code: str, example: str) -> dict[str, object]:
    told = {"error": code, "error_description": example}
    return {"model": TokenErrorOut, "description": description, "content": {"application/json": {"example": told}}}


_ERRORS: Final[dict[int | str, dict[str, object]]] = {
    400: _error(
        "The request is put together wrongly, or asks for a scope that the client lacks.",
        "invalid_scope",
        "The client does not hold every scope it asks for: records:write.",
    ),
    401: _error("The client did not prove itself.", "invalid_client", "The client is unknown, was revoked, or did not prove itself."),
    429: _error("Too many requests; Retry-After says for how long.", "temporarily_unavailable", "Too many requests."),
    503: _error(
        "Too many secrets wait to be checked; Retry-After says for how long.", "temporarily_unavailable", "Too many clients at once."
    ),
}
_FORM: Final = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "const": "client_credentials"},
        "scope": {"type": "string", "description": "Scopes with single spaces between; without it, all that the client holds."},
        "client_id": {"type": "string", "format": "uuid"},
        "client_secret": {"type": "string", "description": "For client_secret_post; better is HTTP Basic, best an assertion."},
        "client_assertion_type": {"type": "string", "const": ASSERTION_TYPE},
        "client_assertion": {"type": "string", "description": "For private_key_jwt: a JWT that the client signed, used once."},
    },
}
_TOKEN_DOCS: Final = {
    "requestBody": {
        "required": True,
        "content": {FORM: {"schema": _FORM, "example": {"grant_type": "client_credentials", "scope": "records:read"}}},
    }
}


@router.post(TOKEN_PATH, response_model=TokenOut, responses=_ERRORS, openapi_extra=_TOKEN_DOCS)
@body_up_to(LARGEST_FORM)
async def get_token(request: Request) -> JSONResponse:
    """Get an access token for 15 minutes by client credentials: HTTP Basic, a secret in the form, or a signed assertion."""
    try:
        issued = await cast(Issuer, request.app.state.issuer).token(request)
    except TokenRequestError as refused:
        return _refusal(refused)
    return JSONResponse(issued.model_dump(), headers=NOT_KEPT)


@router.get("/.well-known/oauth-authorization-server")
async def get_metadata(request: Request) -> MetadataOut:
    """Find out how to get a token here."""
    address = cast(Issuer, request.app.state.issuer).address
    return MetadataOut(
        issuer=address,
        token_endpoint=address + TOKEN_PATH,
        jwks_uri=address + JWKS_PATH,
        scopes_supported=sorted(SCOPES),
        response_types_supported=[],
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=list(METHODS),
        token_endpoint_auth_signing_alg_values_supported=sorted(FROM_OTHERS),
        service_documentation=address + "/docs",
    )


@router.get(JWKS_PATH)
async def get_token_keys(request: Request) -> KeySetOut:
    """Get the public keys under which access tokens are signed, the next one included."""
    return await _key_set(request, KeyUse.TOKENS)


@router.get("/.well-known/bundle-keys.json")
async def get_bundle_keys(request: Request) -> KeySetOut:
    """Get every public key under which evidence bundles and ledger heads were ever signed, with what it signs and when."""
    return await _key_set(request, KeyUse.BUNDLES, KeyUse.HEADS)


@router.get("/.well-known/webhook-keys.json")
async def get_webhook_keys(request: Request) -> WebhookKeySetOut:
    """Get every public key under which webhooks were signed (`v1a`), with when it signs, and also as Standard Webhooks spell it.

    Two keys sign for a day after a change of keys. A key that leaked is no longer in the set.
    """
    stored = await cast(Issuer, request.app.state.issuer).keyring.stored(KeyUse.WEBHOOKS)
    return WebhookKeySetOut(keys=[{**_shown(key), "whpk": standard_spelling(key.public_jwk)} for key in stored])


async def _key_set(request: Request, *uses: JwsUse) -> KeySetOut:
    stored = await cast(Issuer, request.app.state.issuer).keyring.stored(*uses)
    return KeySetOut(keys=[_shown(key) for key in stored])


def _shown(key: StoredKey) -> dict[str, str]:
    """A JWK may have members of its own beside the standard ones, which readers pass over (RFC 7517 section 4)."""
    shown = {**cast(dict[str, str], key.public_jwk), "signs": key.use.value, "signs_from": key.signs_from.isoformat()}
    return shown if key.signs_until is None else {**shown, "signs_until": key.signs_until.isoformat()}


def _narrowed(client: Client, asked: str | None) -> frozenset[str]:
    held = frozenset(client.scopes)
    if asked is None:
        return held
    lacking = frozenset(asked.split(" ")) - held
    if lacking:
        named = ", ".join(sorted(lacking & SCOPES.keys())) or "one that does not exist"
        raise TokenRequestError("invalid_scope", f"The client does not hold every scope it asks for: {named}.")
    return frozenset(asked.split(" "))


def _uuid(client_id: str) -> UUID:
    """Read an id; what is none becomes the nil id, which no client has."""
    try:
        return UUID(client_id)
    except ValueError:
        return UUID(int=0)


def _refusal(refused: TokenRequestError) -> JSONResponse:
    headers = dict(NOT_KEPT)
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="graduated"'
    if refused.retry_after is not None:
        headers["Retry-After"] = str(refused.retry_after)
    body = {"error": refused.code, "error_description": refused.description}
    return JSONResponse(body, status_code=refused.status, headers=headers)
