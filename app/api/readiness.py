"""How ready a pupil's record is beside what an authority expects, and the profiles that say so; a gap bars nothing."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.body import StrictRoute
from app.api.ehc_requests import A_REQUEST, RequestPath
from app.api.faults import Fault
from app.api.hot_reads import IfNoneMatch
from app.api.openapi import may_answer
from app.api.problems import ApiError, invalid
from app.api.pupils import MayReadRecords
from app.api.shapes import CivilDate, Day, Out
from app.api.steps import A_PUPIL, PupilPath
from app.api.time_asked import is_held
from app.casework.versions import entity_tag
from app.db import ehc_requests
from app.db.entrance import Entrance
from app.db.opening import MergedAwayError
from app.db.records import find_pupil, load_record
from app.domain.profile import Expectation, Looks, Mender, Profile
from app.domain.profiles import SHIPPED
from app.domain.readiness import Readiness, Weighed, readiness
from app.domain.record import Record
from app.domain.rule import Fact

router = APIRouter(prefix="/v1", tags=["Readiness"], route_class=StrictRoute)
OF_PUPIL: Final = "/schools/{urn}/pupils/{pupil_id}"
PLANNED_WITHIN: Final = timedelta(weeks=6)
"""The time that is given for mending where the caller names no day; ours, and no clock of the law."""


class ExpectationOut(Out):
    """One thing that a profile asks for; `local` where it is an authority's own wish and no guidance for all."""

    id: str = Field(examples=["two-reviewed-cycles"])
    asks: str = Field(examples=["At least two cycles of assess, plan, do and review, each reviewed"])
    looks: Looks = Field(description="What it is compared with in a record.", examples=["reviewed_cycles"])
    local: bool = Field(examples=[True])
    least: int | None = Field(description="The least number, inside, of what is counted; of a cost, the pence.", examples=[2])
    months: int | None = Field(description="The greatest age, inside.", examples=[None])

    @classmethod
    def of(cls, expectation: Expectation) -> Self:
        """Write an expectation for the wire."""
        e = expectation
        return cls(id=e.id, asks=e.asks, looks=e.looks, local=e.is_local, least=e.least, months=e.months)


class ProfileOut(Out):
    """What an authority, or every authority, expects beside a request: in one version, with its source and the source's age."""

    id: str = Field(examples=["cycles-and-costs"])
    version: int = Field(examples=[1])
    title: str = Field(examples=["Two reviewed cycles, a costed provision map, attendance and recent advice"])
    since: Day
    until: Day | None
    source: str = Field(examples=["Public guidance of several authorities"])
    source_written: str = Field(description="How old the source is, as far as it tells.", examples=["2014 to 2018, mostly undated copies"])
    source_read_on: Day
    paper_types: list[str] = Field(examples=[["pdf", "docx"]])
    largest_file: int | None = Field(description="In bytes.", examples=[10_000_000])
    most_pages: int | None = Field(examples=[None])
    expectations: list[ExpectationOut]

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Write a profile for the wire."""
        p = profile
        return cls(
            id=p.id,
            version=p.version,
            title=p.title,
            since=p.since,
            until=p.until,
            source=p.source.title,
            source_written=p.source.written,
            source_read_on=p.source.read_on,
            paper_types=list(p.papers.types),
            largest_file=p.papers.largest_file,
            most_pages=p.papers.most_pages,
            expectations=[ExpectationOut.of(expectation) for expectation in p.expectations],
        )


class ProfilesOut(Out):
    """The profiles there are; there are never more than a few."""

    items: list[ProfileOut]


class WeighedOut(Out):
    """How one expectation stands: by which entries, what is missing, who can bring it and by when."""

    expectation: ExpectationOut
    readiness: Readiness = Field(examples=["partly"])
    entries: list[int] = Field(description="The ledger numbers that it rests on.", examples=[[41]])
    facts: Mapping[str, Fact] = Field(examples=[{"reviewed_cycles": 1, "wanted": 2}])
    missing: list[str] = Field(examples=[["1 more reviewed cycles"]])
    mender: Mender | None = Field(description="Who can bring what is missing.", examples=["teacher"])
    mend_by: Day | None = Field(description="The day by which it can or must be there, inside.")
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


ProfileAsked = Annotated[str, Query(max_length=100, description="The profile, by its id.", examples=["national"])]
WantedBy = Annotated[
    CivilDate | None,
    Query(description="When all of it is wanted; six weeks from the school's today when left out.", examples=["2026-06-30"]),
]


@router.get("/authority-profiles")
async def list_profiles() -> ProfilesOut:
    """List what authorities expect beside a request, as far as this installation knows it. Open to all."""
    return ProfilesOut(items=[ProfileOut.of(profile) for profile in SHIPPED.values()])


@router.get(f"{OF_PUPIL}/readiness", response_model=ReadinessOut, openapi_extra=may_answer("conflict"))
async def read_readiness(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    entrance: MayReadRecords,
    profile: ProfileAsked = "national",
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
    profile: ProfileAsked = "national",
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
    asked: tuple[str, date | None, str | None],
) -> ReadinessOut | Response:
    name, wanted_by, if_none_match = asked
    profile = _profile(name)
    record, today = await _record(request, entrance, pupil_id, request_id)
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
    return ReadinessOut(pupil=pupil_id, request=request_id, profile=profile.name, on=today, wanted_by=by, items=items)


async def _record(request: Request, entrance: Entrance, pupil_id: UUID, request_id: UUID | None) -> tuple[Record, date]:
    """Read the record, once it is known that the pupil, and the request where one is named, are there."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        if await find_pupil(session, pupil_id) is None:
            raise ApiError("not-found")
        if request_id is not None and await ehc_requests.find(session, pupil_id, request_id) is None:
            raise ApiError("not-found")
        record = await load_record(session, opened.school, pupil_id)
    if record.merged_into is not None:
        raise MergedAwayError(record.merged_into)
    return record, opened.today


def _profile(name: str) -> Profile:
    found = SHIPPED.get(name)
    if found is None:
        raise invalid([Fault("profile", "profile_unknown", f"There is no such profile; there are {', '.join(sorted(SHIPPED))}.")])
    return found
