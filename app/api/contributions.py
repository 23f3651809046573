"""Contributions to the evidence: asked for, given in words or papers, declined, and where each stands."""

from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.hot_reads import IfNoneMatch
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError
from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import STEP, PupilPath, RecordStep, StepCall, StepOut
from app.api.manners.time_asked import is_held
from app.api.manners.time_travel import AsAt, KnownAt
from app.api.pupils import MayReadRecords
from app.api.shown.contribution_shapes import (
    A_CONTRIBUTION,
    AnswerIn,
    AskingAgainIn,
    AskingIn,
    ContributionOut,
    DecliningIn,
    OneContributionOut,
    UnaskedIn,
)
from app.casework.contributions import Prepared, naming, prepare
from app.casework.versions import entity_tag
from app.db.entrance import Entrance
from app.db.moments import number_at
from app.db.opening import MergedAwayError
from app.db.records import find_pupil, load_record
from app.domain import contributing
from app.domain.contributions import Contribution, ContributionState, standing_of
from app.domain.record import Record

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/contributions", tags=["Contributions"], route_class=StepRoute)
LIST: Final = "contributions"

ContributionPath = Annotated[UUID, Path(description="The contribution, by its id.", examples=[A_CONTRIBUTION])]
StateAsked = Annotated[ContributionState | None, Query(description="Those in this state on the day asked about.", examples=["late"])]


class Then:
    """The day that is asked about, by what was written until a moment, and the versions that the caller has."""

    def __init__(self, as_at: AsAt = None, known_at: KnownAt = None, if_none_match: IfNoneMatch = None) -> None:
        self.as_at, self.known_at, self.if_none_match = as_at, known_at, if_none_match

    def tag(self, record: Record, number: int, today: date, view: str) -> str:
        """Give the version of a view of the record."""
        return entity_tag(
            pupil_number=record.last_number,
            school_number=record.school.last_number,
            view=f"{LIST} {view}",
            as_at=str(self.as_at or today),
            known_at=number if self.known_at else None,
        )


ThenAsked = Annotated[Then, Depends()]


@router.post("", status_code=201, openapi_extra=STEP)
async def ask_for_contribution(call: RecordStep, body: AskingIn) -> StepOut:
    """Ask somebody to contribute by a day; `references.contribution` is its id. Nobody is asked who may not be informed."""
    contribution = clock.new_id() if body.corrects is None else _corrected(await _prepared(call), body.corrects)
    entry = body.asking(contribution, body.what, body.contributor.contributor())
    return await call.take(body, contributing.ask_contribution, entry=entry, alongside=naming(call.casework, refers=True))


@router.post("/given", status_code=201, openapi_extra=STEP)
async def give_unasked(call: RecordStep, body: UnaskedIn) -> StepOut:
    """Take what somebody contributes unasked; `references.contribution` is its id."""
    prepared = await _prepared(call, body.papers)
    contribution = clock.new_id() if body.corrects is None else _corrected(prepared, body.corrects)
    entry = body.giving(contribution, body.what, body.contributor.contributor(), prepared.papers)
    return await call.take(body, contributing.give_contribution, entry=entry, alongside=naming(call.casework, refers=True))


@router.post("/{contribution_id}/asked", status_code=201, openapi_extra=STEP)
async def ask_for_contribution_again(call: RecordStep, contribution_id: ContributionPath, body: AskingAgainIn) -> StepOut:
    """Ask again for what is pending or was declined; from then on the new last day counts."""
    entry = body.asking(contribution_id, *(await _prepared(call)).whose(contribution_id))
    return await call.take(body, contributing.ask_contribution, entry=entry)


@router.post("/{contribution_id}/given", status_code=201, openapi_extra=STEP)
async def give_contribution(call: RecordStep, contribution_id: ContributionPath, body: AnswerIn) -> StepOut:
    """Take what somebody gives who was asked, however late; what is given again replaces what was."""
    prepared = await _prepared(call, body.papers)
    entry = body.giving(contribution_id, *prepared.whose(contribution_id), prepared.papers)
    return await call.take(body, contributing.give_contribution, entry=entry, alongside=naming(call.casework))


@router.post("/{contribution_id}/declined", status_code=201, openapi_extra=STEP)
async def decline_contribution(call: RecordStep, contribution_id: ContributionPath, body: DecliningIn) -> StepOut:
    """Write down that somebody who was asked will not contribute; they may be asked again."""
    (await _prepared(call)).whose(contribution_id)
    return await call.take(body, contributing.decline_contribution, entry=body.declining(contribution_id))


@router.get("", response_model=Page[ContributionOut], openapi_extra=may_answer("conflict"))
async def list_contributions(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    entrance: MayReadRecords,
    paging: PagingDep,
    then: ThenAsked,
    state: StateAsked = None,
) -> Page[ContributionOut] | Response:
    """List what was asked for and given, in the order in which each was first written down, as it stands on a day."""
    after = paging.after_id(LIST)
    found, tag = await _standing(request, entrance, pupil_id, then, view=f"{state} {after} {paging.fetch}")
    if is_held(then.if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    rows = sorted((one for one in found if state in (None, one.state) and (after is None or one.id > after)), key=lambda one: one.id)
    return paging.page(LIST, rows[: paging.fetch], ContributionOut.of)


@router.get("/{contribution_id}", response_model=OneContributionOut, openapi_extra=may_answer("conflict"))
async def read_contribution(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    contribution_id: ContributionPath,
    entrance: MayReadRecords,
    then: ThenAsked,
) -> OneContributionOut | Response:
    """Read one contribution with all that was said, as it stands on a day."""
    standing, tag = await _standing(request, entrance, pupil_id, then, view=str(contribution_id))
    found = next((one for one in standing if one.id == contribution_id), None)
    if found is None:
        raise ApiError("not-found")
    if is_held(then.if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return OneContributionOut.of(found)


async def _standing(request: Request, entrance: Entrance, pupil_id: UUID, then: Then, *, view: str) -> tuple[tuple[Contribution, ...], str]:
    """Read where each contribution of a pupil stands then, with the version of that view."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        if await find_pupil(session, pupil_id) is None:
            raise ApiError("not-found")
        number = await number_at(session, opened.now, opened.moment, then.known_at)
        record = await load_record(session, opened.school, pupil_id)
    if record.merged_into is not None:
        raise MergedAwayError(record.merged_into)
    day = then.as_at or opened.today
    return standing_of(record.known_at(number), day), then.tag(record, number, opened.today, view)


async def _prepared(call: StepCall, papers: list[UUID] | None = None) -> Prepared:
    return await prepare(call.casework, call.entrance, call.pupil_id, papers or ())


def _corrected(prepared: Prepared, number: int) -> UUID:
    """The contribution that a correction is about; where that entry is about none, the step says that it corrects another kind."""
    return prepared.named_by(number) or clock.new_id()
