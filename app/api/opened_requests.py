"""Requests that an authority received itself: who they are about is answered by the school."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.authority_openings import AN_OPENING, OpeningState, StateAsked, WhoMayAsk
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import A_PERSON, A_PUPIL, AuthorIn, DryRun, IfMatch, KeyHeader, StepOut, key_of, shown
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import Day, In, Moment, Out, Words
from app.casework.linking import AnsweredBeforeError, Link, OpeningUnknownError, link, not_ours
from app.casework.opening_requests import Child, child_of
from app.casework.taking import Asked, OccurredOutOfBoundsError
from app.db import opened_requests
from app.db.entrance import Entrance
from app.db.opened_requests import Opening
from app.keys.sealing import Sealer

router = APIRouter(prefix="/v1/schools/{urn}/opened-requests", tags=["EHC requests"], route_class=StrictRoute)
MaySubmit = Annotated[Entrance, Depends(needs("evidence:submit"))]
OpeningPath = Annotated[UUID, Path(description="What the authority told of, by our id.", examples=[AN_OPENING])]
NOT_SAID = "The authority told of the request and not of its reason."
ANSWERED = "The school has given another answer already, or let the time for one go by."


class ChildOut(Out):
    """Whom the request is about, as the authority says."""

    surname: str = Field(examples=["Example"])
    forename: str = Field(examples=["Ada"])
    date_of_birth: Day
    upn: str | None = Field(examples=["F999999925001"])

    @classmethod
    def of(cls, child: Child) -> Self:
        """Write a child for the wire."""
        return cls(surname=child.surname, forename=child.forename, date_of_birth=child.date_of_birth, upn=child.upn)


class AnsweredOut(Out):
    """What an authority told of and what the school answered."""

    id: UUID = Field(examples=[AN_OPENING])
    authority: str = Field(examples=["999"])
    reference: str = Field(description="The authority's own.", examples=["EHC-2014-0042"])
    requester: WhoMayAsk = Field(examples=["parent"])
    received_on: Day = Field(description="The day from which the authority's six weeks count.")
    state: OpeningState = Field(examples=["waiting"])
    pupil: UUID | None = Field(examples=[None])
    request: UUID | None = Field(examples=[None])
    opened_at: Moment
    answered_at: Moment | None

    @classmethod
    def of(cls, found: Opening) -> Self:
        """Write an opening for the wire."""
        return cls.model_validate(_facts(found))


class OpenedRequestOut(AnsweredOut):
    """The same with whom it is about, until the school has answered."""

    about: ChildOut | None = Field(description="null once the school has answered: it is forgotten then.")

    @classmethod
    def with_child(cls, found: Opening, sealer: Sealer) -> Self:
        """Write an opening for whoever may read the school's records."""
        child = child_of(sealer, found)
        return cls.model_validate({**_facts(found), "about": None if child is None else ChildOut.of(child)})


def _facts(found: Opening) -> dict[str, object]:
    same = ("id", "authority", "reference", "requester", "received_on", "state", "opened_at", "answered_at")
    return {**{name: getattr(found, name) for name in same}, "pupil": found.pupil_id, "request": found.request_id}


class LinkIn(In):
    """Whose request it is."""

    author: AuthorIn = Field(examples=[{"kind": "staff", "id": A_PERSON}])
    pupil: UUID = Field(description="The pupil, by our id.", examples=[A_PUPIL])
    contact: UUID | None = Field(default=None, description="The parent who asked, where a parent did.", examples=[A_PERSON])
    reason: Words | None = Field(default=None, description="Why it was asked for, where the school knows.")

    def link(self, opening_id: UUID) -> Link:
        """Give what the school says; the request gets an id of its own."""
        return Link(opening_id=opening_id, request_id=clock.new_id(), contact=self.contact, reason=self.reason or NOT_SAID)


@router.get("")
async def list_opened_requests(
    request: Request, entrance: MayReadRecords, paging: PagingDep, state: StateAsked = None
) -> Page[OpenedRequestOut]:
    """List the requests that authorities received themselves and told the school of, oldest first; those that wait name the child."""
    of, sealer = "opened-requests", request.app.state.sealer
    after = paging.after_id(of)
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        found = await opened_requests.of_school(session, state=state, after=after, limit=paging.fetch)
    return paging.page(of, found, lambda row: OpenedRequestOut.with_child(row, sealer))


LINKING = may_answer("step-refused", "conflict", "not-found", "precondition-failed")


@router.post("/{opening_id}/link", status_code=201, openapi_extra=LINKING)
async def link_opened_request(
    request: Request,
    response: Response,
    entrance: MaySubmit,
    opening_id: OpeningPath,
    body: LinkIn,
    key: KeyHeader = None,
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> StepOut:
    """Say whose it is: the request is written into the pupil's record with the authority's own receipt, and `references.request` is its id.
    The authority's six weeks count from the day on which it received it; it finds the request among those sent to it.
    """
    asked = Asked(
        entrance=entrance,
        pupil_id=body.pupil,
        author=body.author.claim(),
        key=await key_of(request, entrance.client_id, key, dry_run=dry_run),
        if_match=if_match,
        dry_run=dry_run,
    )
    try:
        return shown(response, await link(request.app.state.casework, asked, body.link(opening_id)), dry_run=dry_run)
    except OpeningUnknownError:
        raise ApiError("not-found") from None
    except AnsweredBeforeError:
        raise ApiError("conflict", ANSWERED) from None
    except OccurredOutOfBoundsError as error:
        raise invalid([Fault("/pupil", "received_on_out_of_bounds", f"The day on which it was received {error.reason}.")]) from None


@router.post("/{opening_id}/not-ours", openapi_extra=may_answer("conflict", "not-found"))
async def disown_opened_request(request: Request, entrance: MaySubmit, opening_id: OpeningPath) -> AnsweredOut:
    """Say that the child is no pupil of the school; what was told of them is forgotten at once."""
    try:
        return AnsweredOut.of(await not_ours(request.app.state.casework, entrance, opening_id))
    except OpeningUnknownError:
        raise ApiError("not-found") from None
    except AnsweredBeforeError:
        raise ApiError("conflict", ANSWERED) from None
