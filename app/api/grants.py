"""What a school lets other organisations' clients do; written by the school's own clients alone."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Final, Literal, Self, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.shown.shapes import CivilDate, Day, In, Line, Moment, Out
from app.casework.taking import Casework
from app.db import grants, organisations
from app.db.entrance import Entrance
from app.db.grants import Grant
from app.db.organisations import Client
from app.db.scopes import GRANTABLE
from app.db.session import SchoolSession
from app.domain.codes import StaffRole

A_GRANT: Final = "01932b4e-5f00-7000-8000-0000000000d4"
A_CLIENT: Final = "01932b4e-5f00-7000-8000-0000000000e5"
A_PERSON: Final = "01932b4e-5f00-7000-8000-0000000000b2"
MAY_GRANT: Final = frozenset({StaffRole.HEAD, StaffRole.SENCO, StaffRole.ADMINISTRATOR})
_LIST: Final = "grants"

MayGrant = Annotated[Entrance, Depends(needs("grants:write", own_only=True))]


class GrantIn(In):
    """Leave for one client of another organisation; `granted_by` is the head, the SENCO or an administrator of the school."""

    client_id: UUID = Field(examples=[A_CLIENT])
    scopes: list[str] = Field(min_length=1, max_length=50, examples=[["records:read", "records:write"]])
    purpose: Line = Field(examples=["Keeping the SEN record in step with the school's MIS."])
    until: CivilDate = Field(
        description="The last day, itself included, by the world's date and not a sandbox school's clock.", examples=["2027-08-31"]
    )
    granted_by: UUID = Field(examples=[A_PERSON])

    def grant(self, grant_id: UUID, *, at: datetime) -> Grant:
        """Give the grant that is asked for, each scope once."""
        return Grant(
            id=grant_id,
            client_id=self.client_id,
            scopes=tuple(sorted(set(self.scopes))),
            purpose=self.purpose,
            until=self.until,
            granted_by=self.granted_by,
            granted_at=at,
        )


class GrantOut(Out):
    """A grant as it stands; it works while `state` is active and only for scopes that the client holds itself."""

    id: UUID = Field(examples=[A_GRANT])
    client_id: UUID = Field(examples=[A_CLIENT])
    scopes: list[str] = Field(examples=[["records:read", "records:write"]])
    purpose: str = Field(examples=["Keeping the SEN record in step with the school's MIS."])
    until: Day = Field(examples=["2027-08-31"])
    granted_by: UUID = Field(examples=[A_PERSON])
    granted_at: Moment
    revoked_at: Moment | None = Field(default=None, examples=[None])
    state: Literal["active", "ended", "revoked"] = Field(examples=["active"])

    @classmethod
    def of(cls, grant: Grant, *, today: date) -> Self:
        """Write a grant for the wire as it stands on a day of the world's, not of a sandbox school's clock."""
        state = "revoked" if grant.revoked_at else "active" if grant.until >= today else "ended"
        return cls(
            id=grant.id,
            client_id=grant.client_id,
            scopes=sorted(grant.scopes),
            purpose=grant.purpose,
            until=grant.until,
            granted_by=grant.granted_by,
            granted_at=grant.granted_at,
            revoked_at=grant.revoked_at,
            state=state,
        )


router = APIRouter(prefix="/v1/schools/{urn}/grants", tags=["Grants"], route_class=StrictRoute)


@router.post("", status_code=201, openapi_extra=may_answer("invalid-request"))
async def give_grant(request: Request, response: Response, body: GrantIn, entrance: MayGrant) -> GrantOut:
    """Let a client of another organisation act for this school, for a purpose, until a day; it works from the next request on."""
    casework = _casework(request)
    now = casework.means.now()
    async with casework.sessions.enter(entrance) as session:
        faults = [*await _client_faults(session, body), *await _granter_faults(casework, session, body), *_plain_faults(body, now)]
        if faults:
            raise invalid(faults)
        grant = body.grant(casework.means.new_id(), at=now)
        await grants.give(session, grant)
    response.headers["Location"] = f"/v1/schools/{entrance.urn}/grants/{grant.id}"
    return GrantOut.of(grant, today=now.date())


@router.get("")
async def list_grants(request: Request, paging: PagingDep, entrance: MayGrant) -> Page[GrantOut]:
    """List the grants of this school, newest first, ended and revoked ones too."""
    casework, name = _casework(request), f"{_LIST} {entrance.urn}"
    before = paging.after_id(name)
    async with casework.sessions.enter(entrance, read_only=True) as session:
        found = await grants.list_given(session, before=before, limit=paging.fetch)
    today = casework.means.now().date()
    return paging.page(name, found, lambda grant: GrantOut.of(grant, today=today))


@router.delete("/{grant_id}")
async def revoke_grant(request: Request, entrance: MayGrant, grant_id: Annotated[UUID, Path(examples=[A_GRANT])]) -> GrantOut:
    """Revoke a grant at once, in every process; revoking it again changes nothing and gives the same answer."""
    casework = _casework(request)
    now = casework.means.now()
    async with casework.sessions.enter(entrance) as session:
        revoked = await grants.revoke(session, grant_id, at=now)
    if revoked is None:
        raise ApiError("not-found")
    return GrantOut.of(revoked, today=now.date())


def _casework(request: Request) -> Casework:
    return cast(Casework, request.app.state.casework)


async def _client_faults(session: SchoolSession, body: GrantIn) -> list[Fault]:
    client = await organisations.find_client(session, body.client_id)
    own = await organisations.find_client(session, cast(UUID, session.client_id))
    if client is None or client.revoked_at is not None or own is None or not _may_meet(client, own):
        return [Fault("/client_id", "client_unknown", "There is no such client that this school could let in.")]
    if client.organisation.id == own.organisation.id:
        return [Fault("/client_id", "own_client", "This is a client of the school's own organisation, which needs no grant.")]
    return [
        Fault(f"/scopes/{position}", "scope_not_held", "The client does not hold this scope, so a grant of it would not work.")
        for position, scope in enumerate(body.scopes)
        if scope in GRANTABLE and scope not in client.scopes
    ]


def _may_meet(client: Client, own: Client) -> bool:
    return client.organisation.is_sandbox == own.organisation.is_sandbox


async def _granter_faults(casework: Casework, session: SchoolSession, body: GrantIn) -> list[Fault]:
    opened = await casework.open(session)
    if MAY_GRANT & opened.school.roles_of(body.granted_by, opened.today):
        return []
    return [Fault("/granted_by", "role_missing", "This must be the head, the SENCO or an administrator of the school today.")]


def _plain_faults(body: GrantIn, now: datetime) -> Iterator[Fault]:
    if body.until < now.date():
        yield Fault(
            "/until",
            "already_over",
            "The last day of a grant must not lie in the past; the world's date counts, not a sandbox school's clock.",
        )
    for position, scope in enumerate(body.scopes):
        if scope not in GRANTABLE:
            yield Fault(f"/scopes/{position}", "scope_not_grantable", "There is no such scope, or no grant may carry it.")
