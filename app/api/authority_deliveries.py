"""What was owed to an authority's own subscriptions, at whichever schools: the log, looked at one by one and sent again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs_authority
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.redelivery import DeliveryPath, FiltersDep, ReplayIn, ReplayOut
from app.api.shown.delivery_shapes import LoggedOut, LookedOut
from app.api.subscriptions import SubscriptionPath
from app.db import redelivery
from app.db.client_entrance import AuthorityEntrance
from app.webhooks.delivering.redelivering import look_of_authority, replay_of_authority, resend_of_authority

router = APIRouter(prefix="/v1/local-authorities/{code}", tags=["Local authorities"], route_class=StrictRoute)
MaySubscribe = Annotated[AuthorityEntrance, Depends(needs_authority("subscriptions:write"))]


class SchoolReplayIn(ReplayIn):
    """Which deliveries about a school are to be sent again; numbers are counted for each school by itself."""

    school: str = Field(pattern="^[0-9]{6}$", description="The school's unique reference number.", examples=["999999"])


@router.get("/deliveries")
async def list_deliveries_of_authority(
    request: Request,
    entrance: MaySubscribe,
    paging: PagingDep,
    filters: FiltersDep,
    school: Annotated[str | None, Query(max_length=6, description="About the school with this number.", examples=["999999"])] = None,
) -> Page[LoggedOut]:
    """List what was owed to the authority's subscriptions, with every attempt, in the order in which it came to be owed."""
    of = f"deliveries {entrance.authority}"
    wanted = filters.wanted(after=paging.after_id(of), limit=paging.fetch)
    async with request.app.state.sessions.enter_authority(entrance, read_only=True) as session:
        found = await redelivery.log_of_authority(session, wanted, urn=school)
        attempts = await redelivery.attempts_at(session, found)
    return paging.page(of, found, lambda row: LoggedOut.of(row, attempts))


@router.get("/deliveries/{delivery_id}")
async def read_delivery_of_authority(request: Request, entrance: MaySubscribe, delivery_id: DeliveryPath) -> LookedOut:
    """Read one delivery with each attempt: when, what came of it, how long it took, and what your endpoint answered."""
    return LookedOut.looked(await look_of_authority(request.app.state.casework, entrance, delivery_id))


@router.post("/deliveries/{delivery_id}/resends", status_code=202, openapi_extra=may_answer("conflict"))
async def resend_delivery_of_authority(request: Request, entrance: MaySubscribe, delivery_id: DeliveryPath) -> LookedOut:
    """Send one delivery to a subscription of yours again, under the same id and number; as a school's resend does."""
    return LookedOut.looked(await resend_of_authority(request.app.state.casework, entrance, delivery_id))


@router.post("/subscriptions/{subscription_id}/replays", status_code=202, openapi_extra=may_answer("conflict"))
async def replay_deliveries_of_authority(
    request: Request, entrance: MaySubscribe, subscription_id: SubscriptionPath, body: SchoolReplayIn
) -> ReplayOut:
    """Send a stretch of what a subscription of yours was owed about one school again, 10,000 deliveries at most."""
    casework = request.app.state.casework
    return ReplayOut.of(subscription_id, await replay_of_authority(casework, entrance, subscription_id, body.school, body.stretch()))
