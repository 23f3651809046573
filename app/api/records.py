"""A pupil's record: every entry and what is derived from them, today or as it was, as known today or then."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Header
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.problems import ApiError
from app.api.manners.steps import A_PERSON, A_PUPIL, EntryOut, PupilPath
from app.api.manners.time_travel import AsAt, KnownAt
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import Day, Out
from app.api.shown.standing_shapes import NeedOut, StatusOut
from app.casework.versions import entity_tag
from app.db.moments import number_at
from app.db.opening import MergedAwayError
from app.db.records import find_pupil, load_record
from app.domain.codes import SenStatus
from app.domain.cycle import Cycle
from app.domain.entries import ContactDescribed
from app.domain.people import RightHolder, people_to_tell, right_holder
from app.domain.record import Record

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Record"], route_class=StrictRoute)


class CycleOut(Out):
    """One turn of assess, plan, do, review, by the numbers of its entries."""

    number: int = Field(examples=[1])
    assessment: int | None = Field(examples=[40])
    plan: int | None = Field(examples=[41])
    review_on: Day | None
    review: int | None = Field(examples=[None])
    staff_briefings: int = Field(examples=[1])
    sessions: int = Field(examples=[12])

    @classmethod
    def of(cls, cycle: Cycle) -> Self:
        """Write a cycle for the wire."""
        return cls(
            number=cycle.number,
            assessment=cycle.assessment.number if cycle.assessment else None,
            plan=cycle.plan.number if cycle.plan else None,
            review_on=cycle.review_on,
            review=cycle.review.number if cycle.review else None,
            staff_briefings=len(cycle.briefings),
            sessions=len(cycle.sessions),
        )


class ContactFactsOut(Out):
    """What is true of a contact on the day."""

    contact: UUID = Field(examples=[A_PERSON])
    relationship: str = Field(examples=["mother"])
    parental_responsibility: bool = Field(examples=[True])
    has_care: bool = Field(examples=[True])
    natural_parent: bool = Field(examples=[True])
    contact_restricted: bool = Field(examples=[False])
    information_restricted: bool = Field(examples=[False])

    @classmethod
    def of(cls, facts: ContactDescribed) -> Self:
        """Write a contact's facts for the wire; the basis of a restriction stays in the entry."""
        return cls(
            contact=facts.contact,
            relationship=facts.relationship,
            parental_responsibility=facts.parental_responsibility,
            has_care=facts.has_care,
            natural_parent=facts.natural_parent,
            contact_restricted=facts.contact_restricted,
            information_restricted=facts.information_restricted,
        )


class RecordOut(Out):
    """A pupil's record folded for a day, as known at a ledger number."""

    pupil: UUID = Field(examples=[A_PUPIL])
    as_at: Day
    known_at_number: int = Field(description="The ledger number to which the moment asked for resolved.", examples=[212])
    status: SenStatus = Field(examples=["K"])
    statuses: list[StatusOut]
    needs: list[NeedOut]
    undecided_since: Day | None = Field(description="Since when a transition is undecided.")
    cycles: list[CycleOut]
    contacts: list[ContactFactsOut]
    rights_are_with: RightHolder = Field(examples=["parents"])
    to_be_told: list[UUID] = Field(description="Who has the right to be told on the day.", examples=[[A_PERSON]])
    entries: list[EntryOut]

    @classmethod
    def of(cls, record: Record, day: date, known_at_number: int) -> Self:
        """Write a record for the wire."""
        undecided = record.open_withdrawn
        return cls(
            pupil=record.pupil,
            as_at=day,
            known_at_number=known_at_number,
            status=record.status,
            statuses=[StatusOut.of(period) for period in record.statuses],
            needs=[NeedOut.of(need) for need in record.needs],
            undecided_since=undecided.since if undecided else None,
            cycles=[CycleOut.of(cycle) for cycle in record.cycles],
            contacts=[ContactFactsOut.of(facts) for facts in record.contacts_on(day)],
            rights_are_with=right_holder(record, day),
            to_be_told=[person.id for person in people_to_tell(record, day).persons],
            entries=[EntryOut.of(recorded) for recorded in record.entries],
        )


@router.get("/record", response_model=RecordOut)
async def read_record(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    entrance: MayReadRecords,
    as_at: AsAt = None,
    known_at: KnownAt = None,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", max_length=1000, description="The version you have.", examples=["*"])
    ] = None,
) -> RecordOut | Response:
    """Read a pupil's record with all its entries: as it was true on a day, by what was written until a moment."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        if await find_pupil(session, pupil_id) is None:
            raise ApiError("not-found")
        number = await number_at(session, opened.now, opened.moment, known_at)
        whole = await load_record(session, opened.school, pupil_id)
        if whole.merged_into is not None:
            raise MergedAwayError(whole.merged_into)
    day = as_at or opened.today
    tag = entity_tag(
        pupil_number=whole.last_number,
        school_number=whole.school.last_number,
        as_at=as_at.isoformat() if as_at else "",
        known_at=number if known_at else None,
    )
    if if_none_match is not None and tag in (seen.strip() for seen in if_none_match.split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return RecordOut.of(whole.known_at(number).as_at(day), day, number)
