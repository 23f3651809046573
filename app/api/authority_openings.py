"""Requests that this authority received itself, told to the school."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs_authority
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.pupils import UpnText
from app.api.shown.shapes import CivilDate, Day, In, Line, Moment, Out
from app.casework.opening_requests import Child, Opens, ReferenceReusedError, SchoolNotHereError, open_request
from app.casework.taking import OccurredOutOfBoundsError
from app.db import opened_requests
from app.db.client_entrance import AuthorityEntrance
from app.db.opened_requests import Told
from app.domain.entries import Requester

router = APIRouter(prefix="/v1/local-authorities/{code}/openings", tags=["Local authorities"], route_class=StrictRoute)
MayTake = Annotated[AuthorityEntrance, Depends(needs_authority("evidence:take"))]
AN_OPENING = "01932b4e-5f00-7000-8000-0000000000d7"
A_REQUEST = "01932b4e-5f00-7000-8000-0000000000c3"
OpeningState = Literal["waiting", "linked", "not_ours", "unanswered"]
StateAsked = Annotated[OpeningState | None, Query(description="Those in this state.", examples=["waiting"])]
WhoMayAsk = Literal["parent", "young_person", "school", "post_16_institution"]


class ChildIn(In):
    """Whom the request is about. The school sees it until it has answered; then it is forgotten."""

    surname: Line = Field(max_length=100, examples=["Example"])
    forename: Line = Field(max_length=100, examples=["Ada"])
    date_of_birth: CivilDate
    upn: UpnText | None = Field(default=None, description="The unique pupil number, where you know it.", examples=["F999999925001"])


class OpeningIn(In):
    """A request that you received directly, for the school that the child attends."""

    school: str = Field(pattern="^[0-9]{6}$", description="The school's unique reference number.", examples=["999999"])
    reference: Line = Field(max_length=100, description="Your own reference of the request; no name.", examples=["EHC-2014-0042"])
    requester: WhoMayAsk = Field(examples=["parent"])
    received_on: CivilDate
    about: ChildIn
    officer: Line = Field(max_length=100, description="Your own reference of whoever writes; no name.", examples=["officer-17"])

    def opens(self) -> Opens:
        """Give what the authority says."""
        about = Child(surname=self.about.surname, forename=self.about.forename, date_of_birth=self.about.date_of_birth, upn=self.about.upn)
        return Opens(
            urn=self.school,
            reference=self.reference,
            requester=Requester(self.requester),
            received_on=self.received_on,
            about=about,
            officer=self.officer,
        )


class OpeningOut(Out):
    """What the school was told of and what it answered; it names no child."""

    id: UUID = Field(examples=[AN_OPENING])
    school: str = Field(examples=["999999"])
    reference: str = Field(examples=["EHC-2014-0042"])
    requester: WhoMayAsk = Field(examples=["parent"])
    received_on: Day
    state: OpeningState = Field(
        description="waiting: the school has not answered. linked: it is under `request`. not_ours: the child is no pupil there. "
        "unanswered: twenty weeks went by, and whom it is about was forgotten.",
        examples=["waiting"],
    )
    request: UUID | None = Field(description="The request among those sent to you, once it is linked.", examples=[A_REQUEST])
    opened_at: Moment
    answered_at: Moment | None

    @classmethod
    def of(cls, told: Told) -> Self:
        """Write an opening for the wire."""
        same = ("id", "reference", "requester", "received_on", "state", "opened_at", "answered_at")
        facts = {name: getattr(told, name) for name in same}
        return cls.model_validate({**facts, "school": told.urn, "request": told.request_id})


@router.post("", status_code=202, openapi_extra=may_answer("not-found", "conflict"))
async def open_received_request(request: Request, entrance: MayTake, body: OpeningIn) -> OpeningOut:
    """Tell a school of a request that you received yourself. The six weeks run from `received_on`, once the school says whose it is. The
    answer tells nothing of whether such a pupil is known there. Your reference names it: the same again is the same opening, and other
    content under it is a conflict. A school that is not here is not found.
    """
    state = request.app.state
    try:
        return OpeningOut.of(await open_request(state.casework, state.sealer, entrance, body.opens()))
    except SchoolNotHereError:
        raise ApiError("not-found") from None
    except ReferenceReusedError:
        raise ApiError("conflict", "Another request was told of to this school under this reference.") from None
    except OccurredOutOfBoundsError as error:
        raise invalid([Fault("/received_on", "received_on_out_of_bounds", f"This day {error.reason}.")]) from None


@router.get("")
async def list_openings(request: Request, entrance: MayTake, paging: PagingDep, state: StateAsked = None) -> Page[OpeningOut]:
    """List what this authority told schools of, oldest first, and what they answered."""
    of = f"openings {entrance.authority}"
    after = paging.after_id(of)
    async with request.app.state.sessions.enter_authority(entrance, read_only=True) as session:
        found = await opened_requests.of_authority(session, state=state, after=after, limit=paging.fetch)
    return paging.page(of, found, OpeningOut.of)
