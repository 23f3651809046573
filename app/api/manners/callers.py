"""Who is calling, and what each route needs of them: a scope, and the school or authority in its path."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, cast
from uuid import UUID

from fastapi import Path
from starlette.requests import Request

from app.api.manners.budgets import Budgets, kind_of
from app.api.manners.problems import ApiError, Translation, insufficient_scope, unauthenticated
from app.api.manners.query_names import refuse_unknown_names
from app.api.shown.shapes import plain_uuid
from app.casework.keyring import Keyring
from app.db.client_entrance import (
    AuthorityEntrance,
    ClientEntrance,
    NotThisAuthorityError,
    NotThisTrustError,
    TrustEntrance,
    standing_of,
)
from app.db.entrance import (
    ClientRevokedError,
    Entrance,
    NoGrantError,
    OwnClientNeededError,
    SchoolUnknownError,
    Scope,
    ScopeMissingError,
)
from app.db.scopes import scope_of
from app.db.session import Sessions
from app.keys.claims import AccessClaims, TokenRefusedError, read_header, split_compact
from app.keys.jwks import KeyUse
from app.keys.jws import ACCESS_TYP, VerifiedTokens

NO_TENANT: Final = "-"
_URN: Final = re.compile(r"[0-9]{6}", re.ASCII)
_CODE: Final = re.compile(r"[0-9]{3}", re.ASCII)

# Shapes are told in the document and not checked by the framework, which would answer before the caller is known.
UrnPath = Annotated[
    str, Path(description="The school's unique reference number.", examples=["999999"], json_schema_extra={"pattern": "^[0-9]{6}$"})
]
CodePath = Annotated[
    str, Path(description="The authority's three-digit number.", examples=["999"], json_schema_extra={"pattern": "^[0-9]{3}$"})
]


TrustPath = Annotated[
    str,
    Path(
        description="The id of the trust's organisation.",
        examples=["01932b4e-5f00-7000-8000-0000000000c3"],
        json_schema_extra={"format": "uuid"},
    ),
]


class Tenant(StrEnum):
    """Whose things a route is about."""

    SCHOOL = "school"
    AUTHORITY = "authority"
    TRUST = "trust"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client whose token holds; whether it may still do anything is asked of the database each time."""

    client_id: UUID
    scopes: frozenset[str]


class Callers:
    """Turns bearer tokens into callers; `issuer` is our public address, which is the audience too."""

    def __init__(self, sessions: Sessions, keyring: Keyring, budgets: Budgets, *, issuer: str, now: Callable[[], datetime]) -> None:
        self.sessions = sessions
        self._keyring = keyring
        self._budgets = budgets
        self._issuer = issuer
        self._now = now
        self._verified = VerifiedTokens()

    async def caller(self, request: Request) -> Caller:
        """Give who is calling and note it for the log; raises ApiError with 401 and a challenge."""
        token = bearer_token(request)
        try:
            keys = await self._keyring.published_with(KeyUse.TOKENS, self._verified.kid_of(token) or _kid(token))
            claims = self._verified.verify(token, keys, issuer=self._issuer, audience=self._issuer, now=self._now())
            client_id = _client_id(claims)
        except TokenRefusedError as refused:
            raise unauthenticated(f"The access token is not accepted: {refused.reason}.", error="invalid_token") from None
        request.state.client_id = str(client_id)
        return Caller(client_id, claims.scope)

    async def caller_with(self, request: Request, scope: Scope) -> Caller:
        """Give who is calling if the token carries the scope, before the rest of the request is looked at; raises ScopeMissingError."""
        caller = await self.caller(request)
        if scope not in caller.scopes:
            raise ScopeMissingError(scope)
        return caller

    def draw(self, request: Request, caller: Caller, tenant: str) -> None:
        """Take the request from the caller's budget at a school or authority; ApiError with 429, or 422 for unknown names in the query."""
        request.state.budget = self._budgets.draw(kind_of(request.method, request.scope["path"]), caller.client_id, tenant)
        refuse_unknown_names(request)


@dataclass(frozen=True, slots=True)
class NeedsSchool:
    """The dependency of a route with `{urn}` in its path; the school lets the client in when the transaction opens."""

    required_scope: Scope
    own_only: bool = False
    tenant: ClassVar[Tenant] = Tenant.SCHOOL

    async def __call__(self, request: Request, urn: UrnPath) -> Entrance:
        """Give the entrance for `Sessions.enter` or `casework.Asked`."""
        caller = await _callers(request).caller_with(request, self.required_scope)
        if not _URN.fullmatch(urn):
            raise SchoolUnknownError
        _callers(request).draw(request, caller, urn)
        return Entrance(urn=urn, client_id=caller.client_id, scope=self.required_scope, token_scopes=caller.scopes, own_only=self.own_only)


@dataclass(frozen=True, slots=True)
class NeedsAuthority:
    """The dependency of a route with `{code}` in its path; the client must be that authority's own."""

    required_scope: Scope
    own_only: ClassVar[bool] = True
    tenant: ClassVar[Tenant] = Tenant.AUTHORITY

    async def __call__(self, request: Request, code: CodePath) -> AuthorityEntrance:
        """Give the entrance for `Sessions.enter_authority`."""
        caller = await _callers(request).caller_with(request, self.required_scope)
        if not _CODE.fullmatch(code):
            raise NotThisAuthorityError
        _callers(request).draw(request, caller, code)
        return AuthorityEntrance(authority=code, client_id=caller.client_id, scope=self.required_scope, token_scopes=caller.scopes)


@dataclass(frozen=True, slots=True)
class NeedsTrust:
    """The dependency of a route with `{trust_id}` in its path; the client must be that trust's own."""

    required_scope: Scope
    own_only: ClassVar[bool] = True
    tenant: ClassVar[Tenant] = Tenant.TRUST

    async def __call__(self, request: Request, trust_id: TrustPath) -> TrustEntrance:
        """Give the entrance for `Sessions.enter_trust`."""
        caller = await _callers(request).caller_with(request, self.required_scope)
        trust = plain_uuid(trust_id)
        if trust is None:
            raise NotThisTrustError
        _callers(request).draw(request, caller, str(trust))
        return TrustEntrance(trust=trust, client_id=caller.client_id, scope=self.required_scope, token_scopes=caller.scopes)


@dataclass(frozen=True, slots=True)
class NeedsClient:
    """The dependency of a route that is about no school and no authority; the client's state is read here."""

    required_scope: Scope
    own_only: ClassVar[bool] = False
    tenant: ClassVar[Tenant] = Tenant.NOBODY

    async def __call__(self, request: Request) -> Caller:
        """Give the caller, who was not revoked and holds the scope at this moment."""
        callers = _callers(request)
        caller = await callers.caller_with(request, self.required_scope)
        callers.draw(request, caller, NO_TENANT)
        entrance = ClientEntrance(client_id=caller.client_id, scope=self.required_scope, token_scopes=caller.scopes)
        async with callers.sessions.shared() as session:
            entrance.admit(await standing_of(session.connection, caller.client_id))
        return caller


Need = NeedsSchool | NeedsAuthority | NeedsTrust | NeedsClient


def needs(scope: str, *, own_only: bool = False) -> NeedsSchool:
    """Ask for a scope at the school in the path; `own_only` keeps clients out that act under a grant. ValueError for an unknown scope."""
    return NeedsSchool(scope_of(scope), own_only)


def needs_authority(scope: str) -> NeedsAuthority:
    """Ask for a scope of a client of the authority in the path."""
    return NeedsAuthority(scope_of(scope))


def needs_trust(scope: str) -> NeedsTrust:
    """Ask for a scope of a client of the trust in the path."""
    return NeedsTrust(scope_of(scope))


def needs_client(scope: str) -> NeedsClient:
    """Ask for a scope alone."""
    return NeedsClient(scope_of(scope))


def _no_grant(error: Exception) -> ApiError:
    return ApiError(
        "no-grant", f"The school has not granted the scope {cast(NoGrantError, error).scope} to this client, or no longer does."
    )


ENTRANCE_PROBLEMS: Final[Mapping[type[Exception], Translation]] = MappingProxyType(
    {
        ClientRevokedError: lambda _: unauthenticated("The client was revoked or is unknown.", error="invalid_token"),
        ScopeMissingError: lambda error: insufficient_scope(cast(ScopeMissingError, error).scope),
        SchoolUnknownError: lambda _: ApiError("not-found"),
        NotThisAuthorityError: lambda _: ApiError("not-found"),
        NotThisTrustError: lambda _: ApiError("not-found"),
        NoGrantError: _no_grant,
        OwnClientNeededError: lambda _: ApiError(
            "no-grant", "Only a client of the school's own organisation may do this; no grant reaches so far."
        ),
    }
)
"""What the errors of an entrance become; for `app.api.manners.problems.install`."""


def _callers(request: Request) -> Callers:
    return cast(Callers, request.app.state.callers)


def bearer_token(request: Request) -> str:
    """Give the one bearer token of a request; raises ApiError with 401 where there is none, or more."""
    given = request.headers.getlist("authorization")
    if not given:
        raise unauthenticated("Send an access token as: Authorization: Bearer.")
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not token:
        raise unauthenticated("Send one access token as: Authorization: Bearer.", error="invalid_request")
    return token


def _client_id(claims: AccessClaims) -> UUID:
    try:
        return UUID(claims.client_id)
    except ValueError:
        raise TokenRefusedError("client_id names no client of ours") from None


def _kid(token: str) -> str:
    return read_header(split_compact(token)[0], typs=(ACCESS_TYP,)).kid
