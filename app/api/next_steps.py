"""Which steps exist for a pupil today and where to take them, and for those that do not, why and what would change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.hot_reads import IfNoneMatch
from app.api.manners.body import StrictRoute
from app.api.manners.examples import Json
from app.api.manners.problems import ApiError
from app.api.manners.steps import A_PUPIL, PupilPath
from app.api.manners.time_asked import is_held
from app.api.pupils import MayReadRecords
from app.api.shown.contribution_shapes import A_CONTRIBUTION, ContributorOut
from app.api.shown.kinds_added import routes_by_kind
from app.api.shown.shapes import Day, FindingOut, Out
from app.casework.versions import entity_tag
from app.db.records import find_pupil, load_record
from app.domain.author import AuthorKind
from app.domain.codes import StaffRole
from app.domain.contributed import mender_of
from app.domain.contributing import bar_to_asking
from app.domain.contributions import Contribution, ContributionState, awaited_on
from app.domain.entries import ContributionGiven, ContributionKind
from app.domain.next_steps import Possible, next_steps
from app.domain.people import WithheldReason
from app.domain.profile import Mender
from app.domain.writers import WRITERS

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Record"], route_class=StrictRoute)
A_STEP = "review.held"
OF_A_PUPIL = f"/v1/schools/999999/pupils/{A_PUPIL}"
A_PLACE = f"{OF_A_PUPIL}/reviews"


@dataclass(frozen=True, slots=True)
class Place:
    """The method and address by which a step is taken."""

    method: str
    href: str


class PossibleOut(Out):
    """One step by the kind of entry it adds; where it does not exist, the remark says under which rule, and what would cure it."""

    adds: str = Field(examples=[A_STEP])
    exists: bool = Field(examples=[True])
    method: str = Field(examples=["POST"])
    href: str = Field(description="Where it is taken; what still stands in braces names a contact, notice or request.", examples=[A_PLACE])
    roles: list[StaffRole] = Field(description="Who on the staff may take it.", examples=[["senco", "teacher"]])
    others: list[AuthorKind] = Field(description="Who else may.", examples=[[]])
    refusal: FindingOut | None = Field(description="Why it does not exist.", examples=[None])

    @classmethod
    def of(cls, possible: Possible, place: Place) -> Self:
        """Write a step for the wire."""
        return cls(
            adds=possible.kind.type,
            exists=possible.exists,
            method=place.method,
            href=place.href,
            roles=sorted(possible.writers.roles),
            others=sorted(possible.writers.others),
            refusal=None if possible.refusal is None else FindingOut.of(possible.refusal),
        )


class AwaitedOut(Out):
    """A contribution that was asked for and is not there; nothing waits for it, and whoever was asked can bring it at any time."""

    id: UUID = Field(examples=[A_CONTRIBUTION])
    what: ContributionKind = Field(examples=["parents_view"])
    contributor: ContributorOut
    mender: Mender = Field(description="Who can bring it.", examples=["parent"])
    state: ContributionState = Field(description="pending, or late after the last day.", examples=["late"])
    due: Day = Field(description="The last day, inside.")
    barred: WithheldReason | None = Field(description="Why this person must not be reminded, since it was asked for.", examples=[None])
    method: str = Field(examples=["POST"])
    href: str = Field(description="Where it is given.", examples=[f"{OF_A_PUPIL}/contributions/{A_CONTRIBUTION}/given"])
    roles: list[StaffRole] = Field(description="Who on the staff may write it down for whoever gives it.", examples=[["senco", "teacher"]])

    @classmethod
    def of(cls, found: Contribution, barred: WithheldReason | None, here: str) -> Self:
        """Write what is awaited for the wire; `here` is the address of the pupil."""
        return cls(
            id=found.id,
            what=found.kind,
            contributor=ContributorOut.of(found.contributor),
            mender=mender_of(found.kind, found.contributor),
            state=found.state,
            due=found.due,
            barred=barred,
            method="POST",
            href=f"{here}/contributions/{found.id}/given",
            roles=sorted(WRITERS[ContributionGiven].roles),
        )


class NextStepsOut(Out):
    """Every step on a pupil's record as it stands on a day, and what people were asked for and have not given yet."""

    pupil: str = Field(examples=[A_PUPIL])
    on: Day
    items: list[PossibleOut]
    awaited: list[AwaitedOut] = Field(description="Contributions that are pending or late, those due first before the others.")


@router.get("/next-steps", response_model=NextStepsOut)
async def read_next_steps(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    entrance: MayReadRecords,
    exists: Annotated[bool | None, Query(description="Steps that exist, or those that do not.", examples=[True])] = None,
    if_none_match: IfNoneMatch = None,
) -> NextStepsOut | Response:
    """See which steps exist for this pupil today and which do not, and why. A step that is late, or breaks a duty, exists all the same."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        if await find_pupil(session, pupil_id) is None:
            raise ApiError("not-found")
        record = await load_record(session, opened.school, pupil_id)
    view = f"next-steps {exists}"
    tag = entity_tag(pupil_number=record.last_number, school_number=record.school.last_number, view=view, as_at=opened.today.isoformat())
    if is_held(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    found = [possible for possible in next_steps(record, opened.today) if exists in (None, possible.exists)]
    here = request.scope["path"].removesuffix("/next-steps")
    places = _places(request.app.openapi(), here)
    return NextStepsOut(
        pupil=str(pupil_id),
        on=opened.today,
        items=[PossibleOut.of(step, places[step.kind.type]) for step in found],
        awaited=[
            AwaitedOut.of(found, bar_to_asking(record, found.contributor, opened.today), here) for found in awaited_on(record, opened.today)
        ],
    )


def _places(document: Json, here: str) -> Mapping[str, Place]:
    """Tell where each kind of entry is added, for the school and pupil of this address."""
    first = {kind: routes[0] for kind, routes in routes_by_kind(document).items()}
    return {kind: Place(route["method"], _filled(route["path"], here)) for kind, route in first.items()}


def _filled(template: str, here: str) -> str:
    """Put the school and the pupil of one address into the template of another."""
    urn, pupil = here.split("/")[3], here.split("/")[5]
    return template.replace("{urn}", urn).replace("{pupil_id}", pupil)
