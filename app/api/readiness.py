"""How ready a pupil's record is beside what an authority expects: what is missing, who can bring it and by when; a gap bars nothing."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.ehc_requests import A_REQUEST, RequestPath
from app.api.hot_reads import IfNoneMatch
from app.api.manners.body import StrictRoute
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import A_PUPIL, PupilPath
from app.api.manners.time_asked import is_held
from app.api.pupils import MayReadRecords
from app.api.shown.contribution_shapes import A_CONTRIBUTION, A_PAPER
from app.api.shown.profile_shapes import ExpectationOut
from app.api.shown.shapes import CivilDate, Day, Out
from app.casework.profiles import ProfileUnknownError, profile_named
from app.casework.taking import Opened
from app.casework.versions import entity_tag
from app.db import ehc_requests
from app.db.entrance import Entrance
from app.db.opening import MergedAwayError
from app.db.records import find_pupil, load_record
from app.domain.contributed import Awaited
from app.domain.paper_limits import PaperLimit, PaperOverLimit, papers_over_limits
from app.domain.profile import Mender, Profile
from app.domain.profiles import SHIPPED
from app.domain.readiness import Readiness, Weighed, readiness
from app.domain.record import Record
from app.domain.rule import Fact

router = APIRouter(prefix="/v1", tags=["Readiness"], route_class=StrictRoute)
OF_PUPIL: Final = "/schools/{urn}/pupils/{pupil_id}"
PLANNED_WITHIN: Final = timedelta(weeks=6)
"""The time that is given for mending where the caller names no day; ours, and no clock of the law."""


class AwaitedOut(Out):
    """A contribution that somebody was asked for and has not given."""

    contribution: UUID = Field(examples=[A_CONTRIBUTION])
    asked: int = Field(description="The ledger number of the asking.", examples=[52])
    due: Day
    late: bool = Field(description="Whether the last day has passed.", examples=[False])
    mender: Mender = Field(description="Who was asked.", examples=["parent"])

    @classmethod
    def of(cls, awaited: Awaited) -> Self:
        """Write an awaited contribution for the wire."""
        a = awaited
        return cls(contribution=a.contribution, asked=a.asked, due=a.due, late=a.is_late, mender=a.mender)


class PaperOverLimitOut(Out):
    """A paper that was given and that the profile does not take as it is; null names where all papers together are meant."""

    limit: PaperLimit = Field(examples=["pages"])
    taken: str = Field(description="What is taken at most: ends of names, bytes or pages.", examples=["15"])
    found: str = Field(examples=["22"])
    paper: UUID | None = Field(examples=[A_PAPER])
    entry: int | None = Field(description="The ledger number of the entry that names it.", examples=[57])
    title: str | None = Field(examples=["Report on reading"])
    mender: Mender = Field(description="Who can bring it anew.", examples=["specialist"])
    mend_by: Day

    @classmethod
    def of(cls, over: PaperOverLimit) -> Self:
        """Write a paper over a limit for the wire."""
        o = over
        return cls(
            limit=o.limit,
            taken=o.taken,
            found=o.found,
            paper=o.paper,
            entry=o.entry,
            title=o.title,
            mender=o.mender,
            mend_by=o.mend_by,
        )


class WeighedOut(Out):
    """How one expectation stands: by which entries, what is missing, who can bring it and by when."""

    expectation: ExpectationOut
    readiness: Readiness = Field(examples=["partly"])
    entries: list[int] = Field(description="The ledger numbers that it rests on.", examples=[[41]])
    facts: Mapping[str, Fact] = Field(examples=[{"reviewed_cycles": 1, "wanted": 2}])
    missing: list[str] = Field(examples=[["1 more reviewed cycle"]])
    mender: Mender | None = Field(description="Who can bring what is missing.", examples=["teacher"])
    mend_by: Day | None = Field(description="The day by which it can or must be there, inside.")
    awaited: list[AwaitedOut] = Field(description="Contributions that would meet it, and that somebody was asked for.")
    holds_until: Day | None = Field(description="The last day on which it is still met, where time alone ends that.")
    reason: str | None = Field(description="Why it does not apply.", examples=[None])

    @classmethod
    def of(cls, weighed: Weighed) -> Self:
        """Write how an expectation stands for the wire."""
        w = weighed
        return cls(
            expectation=ExpectationOut.of(w.expectation),
            readiness=w.readiness,
            entries=list(w.entries),
            facts=w.facts,
            missing=list(w.missing),
            mender=w.mender,
            mend_by=w.mend_by,
            awaited=[AwaitedOut.of(one) for one in w.awaited],
            holds_until=w.holds_until,
            reason=w.reason,
        )


class ReadinessOut(Out):
    """A pupil's record beside one profile on a day. Nothing here bars a request, which may be made at any time."""

    pupil: UUID = Field(examples=[A_PUPIL])
    request: UUID | None = Field(examples=[A_REQUEST])
    profile: str = Field(description="The profile with its version.", examples=["national/1"])
    on: Day
    wanted_by: Day
    items: list[WeighedOut]
    papers: list[PaperOverLimitOut] = Field(description="Papers that were given and are not what the profile takes.")


ProfileAsked = Annotated[
    str | None,
    Query(
        max_length=100,
        description="The profile, by its id or as id/version; left out, what the authority itself loaded, else the national one. The "
        "authority is that of the request, or of the school.",
        examples=["national"],
    ),
]
WantedBy = Annotated[
    CivilDate | None,
    Query(description="When all of it is wanted; six weeks from the school's today when left out.", examples=["2026-06-30"]),
]


@router.get(f"{OF_PUPIL}/readiness", response_model=ReadinessOut, openapi_extra=may_answer("conflict"))
async def read_readiness(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    entrance: MayReadRecords,
    profile: ProfileAsked = None,
    wanted_by: WantedBy = None,
    if_none_match: IfNoneMatch = None,
) -> ReadinessOut | Response:
    """See what would be asked for beside a request, what is there, and who can bring the rest: before anybody thinks of asking."""
    return await _answer(request, response, entrance, pupil_id, None, (profile, wanted_by, if_none_match))


@router.get(
    "/schools/{urn}/pupils/{pupil_id}/ehc-requests/{request_id}/readiness",
    response_model=ReadinessOut,
    openapi_extra=may_answer("conflict"),
)
async def read_request_readiness(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    request_id: RequestPath,
    entrance: MayReadRecords,
    profile: ProfileAsked = None,
    wanted_by: WantedBy = None,
    if_none_match: IfNoneMatch = None,
) -> ReadinessOut | Response:
    """See the same for a request that was made."""
    return await _answer(request, response, entrance, pupil_id, request_id, (profile, wanted_by, if_none_match))


async def _answer(
    request: Request,
    response: Response,
    entrance: Entrance,
    pupil_id: UUID,
    request_id: UUID | None,
    asked: tuple[str | None, date | None, str | None],
) -> ReadinessOut | Response:
    name, wanted_by, if_none_match = asked
    record, profile, today = await _record(request, entrance, pupil_id, request_id, name)
    by = wanted_by or today + PLANNED_WITHIN
    tag = entity_tag(
        pupil_number=record.last_number,
        school_number=record.school.last_number,
        view=f"readiness {profile.name} {request_id} {by}",
        as_at=today.isoformat(),
    )
    if is_held(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    items = [WeighedOut.of(weighed) for weighed in readiness(record, profile, today, wanted_by=by)]
    papers = [PaperOverLimitOut.of(over) for over in papers_over_limits(record, profile, today, wanted_by=by)]
    return ReadinessOut(pupil=pupil_id, request=request_id, profile=profile.name, on=today, wanted_by=by, items=items, papers=papers)


async def _record(
    request: Request, entrance: Entrance, pupil_id: UUID, request_id: UUID | None, name: str | None
) -> tuple[Record, Profile, date]:
    """Read the record and the profile, once it is known that the pupil, and the request where one is named, are there."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        if await find_pupil(session, pupil_id) is None:
            raise ApiError("not-found")
        authority = await _authority(opened, pupil_id, request_id)
        profile = await _profile(opened, name, authority)
        record = await load_record(session, opened.school, pupil_id)
    if record.merged_into is not None:
        raise MergedAwayError(record.merged_into)
    return record, profile, opened.today


async def _authority(opened: Opened, pupil_id: UUID, request_id: UUID | None) -> str:
    """The authority that a request was sent to, which need not be the school's own."""
    if request_id is None:
        return opened.now.authority
    found = await ehc_requests.find(opened.session, pupil_id, request_id)
    if found is None:
        raise ApiError("not-found")
    return found.authority


async def _profile(opened: Opened, name: str | None, authority: str) -> Profile:
    try:
        return await profile_named(opened.session, name, authority=authority, is_sandbox=opened.now.is_sandbox, on=opened.today)
    except ProfileUnknownError:
        others = "the others are at /v1/authority-profiles, with sandbox=true those of sandboxes"
        sentence = f"There is no such profile or version. {', '.join(SHIPPED)} come along; {others}."
        raise invalid([Fault("profile", "profile_unknown", sentence)]) from None
