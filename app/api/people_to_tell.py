"""Whose the rights are on a day, who is told and who is not, and which authority is the pupil's: ids and reasons, and no names."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.problems import ApiError
from app.api.manners.steps import A_PERSON, A_PUPIL, PupilPath
from app.api.manners.time_travel import KnownAt
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import CivilDate, Day, Out
from app.db.moments import number_at
from app.db.records import find_pupil, load_record
from app.domain.calendar import compulsory_school_age_begins, compulsory_school_age_ends
from app.domain.care import care_on, home_authority
from app.domain.people import Basis, PersonKind, RightHolder, Told, Withheld, WithheldReason, lack_of_capacity, people_to_tell, right_holder
from app.domain.record import Record

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Circumstances"], route_class=StrictRoute)
On = Annotated[CivilDate | None, Query(description="Who is told on this day; today where it is left out.", examples=["2026-06-27"])]


class ToldOut(Out):
    """Somebody who is told, and why; where `is_owed` is false it is a copy that the young person agreed to."""

    person: UUID = Field(examples=[A_PERSON])
    kind: PersonKind = Field(examples=["contact"])
    basis: Basis = Field(examples=["responsibility"])
    is_owed: bool = Field(examples=[True])

    @classmethod
    def of(cls, told: Told) -> Self:
        """Write somebody who is told for the wire."""
        return cls(person=told.person.id, kind=told.person.kind, basis=told.basis, is_owed=told.is_owed)


class WithheldOut(Out):
    """Somebody around the pupil who is not told, and why; `asks` where a named person must settle whether that is right."""

    person: UUID = Field(examples=[A_PERSON])
    kind: PersonKind = Field(examples=["contact"])
    reason: WithheldReason = Field(examples=["information_restricted"])
    asks: bool = Field(examples=[False])

    @classmethod
    def of(cls, withheld: Withheld) -> Self:
        """Write somebody who is not told for the wire."""
        return cls(person=withheld.person.id, kind=withheld.person.kind, reason=withheld.reason, asks=withheld.asks)


class SchoolAgeOut(Out):
    """The first and the last day of compulsory school age, both inside."""

    begins_on: Day
    ends_on: Day

    @classmethod
    def of(cls, born: date) -> Self:
        """Count compulsory school age from a day of birth."""
        return cls(begins_on=compulsory_school_age_begins(born), ends_on=compulsory_school_age_ends(born))


class PeopleToTellOut(Out):
    """Who is told on a day, by what was known at a ledger number; with nobody to tell a duty to tell cannot be kept."""

    pupil: UUID = Field(examples=[A_PUPIL])
    on: Day
    known_at_number: int = Field(description="The ledger number to which the moment asked for resolved.", examples=[212])
    rights_are_with: RightHolder = Field(examples=["parents"])
    representative: UUID | None = Field(description="Who acts for a young person without capacity.", examples=[None])
    compulsory_school_age: SchoolAgeOut | None = Field(description="None where the date of birth is not known.")
    is_nobody: bool = Field(description="Whether nobody is left who has a right to be told.", examples=[False])
    told: list[ToldOut]
    withheld: list[WithheldOut]
    home_authority: str | None = Field(description="The authority where the pupil lives, where it is known.", examples=["999"])
    looked_after_by: str | None = Field(description="The authority that looks after the pupil.", examples=[None])

    @classmethod
    def of(cls, record: Record, on: date, known_at_number: int) -> Self:
        """Write the answer for the wire."""
        to_tell, care, lacking = people_to_tell(record, on), care_on(record, on), lack_of_capacity(record, on)
        return cls(
            pupil=record.pupil,
            on=on,
            known_at_number=known_at_number,
            rights_are_with=right_holder(record, on),
            representative=lacking.representative if lacking else None,
            compulsory_school_age=SchoolAgeOut.of(record.date_of_birth) if record.date_of_birth else None,
            is_nobody=to_tell.is_nobody,
            told=[ToldOut.of(told) for told in to_tell.told],
            withheld=[WithheldOut.of(withheld) for withheld in to_tell.withheld],
            home_authority=home_authority(record, on),
            looked_after_by=care.authority if care else None,
        )


@router.get("/people-to-tell")
async def read_people_to_tell(
    request: Request, pupil_id: PupilPath, entrance: MayReadRecords, on: On = None, known_at: KnownAt = None
) -> PeopleToTellOut:
    """Read whose the rights are on a day, who is told, and who is withheld and why; a later day is answered by today's facts."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        if await find_pupil(session, pupil_id) is None:
            raise ApiError("not-found")
        number = await number_at(session, opened.now, opened.moment, known_at)
        whole = await load_record(session, opened.school, pupil_id)
    day = on or opened.today
    return PeopleToTellOut.of(whole.known_at(number).as_at(day), day, number)
