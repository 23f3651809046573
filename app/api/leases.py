"""Requests taken by lease, so that two officers do not take the same."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request

from app.api.authority_requests import SentRequestOut
from app.api.ehc_requests import RequestPath
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs_authority
from app.api.manners.openapi import may_answer
from app.api.shown.shapes import In, Moment, Out
from app.casework.leasing import Leased, give_back, lease
from app.db.client_entrance import AuthorityEntrance

router = APIRouter(prefix="/v1/local-authorities/{code}/request-leases", tags=["Local authorities"], route_class=StrictRoute)
MayTake = Annotated[AuthorityEntrance, Depends(needs_authority("evidence:take"))]


class RequestLeaseIn(In):
    """How many requests are to be taken, and for how long."""

    most: int = Field(default=10, ge=1, le=100, description="How many at most.", examples=[10])
    seconds: int = Field(
        default=900,
        ge=10,
        le=86_400,
        description="How long they are this client's. Without a receipt anybody of the authority may take them after that.",
        examples=[900],
    )


class RequestLeaseOut(Out):
    """What was leased to this client, the oldest first; it names no child."""

    leased_until: Moment
    items: list[SentRequestOut]

    @classmethod
    def of(cls, leased: Leased) -> Self:
        """Write a lease for the wire."""
        return cls(leased_until=leased.until, items=[SentRequestOut.of(sent) for sent in leased.requests])


@router.post("")
async def lease_requests(request: Request, entrance: MayTake, body: RequestLeaseIn) -> RequestLeaseOut:
    """Take the requests that wait longest and that no other client of the authority holds; asked again, it gives others. A receipt ends a
    lease. A request that came alone is given out again once its evidence is there.
    """
    return RequestLeaseOut.of(await lease(request.app.state.casework, entrance, most=body.most, seconds=body.seconds))


@router.delete("/{request_id}", status_code=204, openapi_extra=may_answer("not-found"))
async def give_request_back(request: Request, entrance: MayTake, request_id: RequestPath) -> None:
    """Let others take a request before the lease is over; where this client holds none of it, nothing changes."""
    await give_back(request.app.state.casework, entrance, request_id)
