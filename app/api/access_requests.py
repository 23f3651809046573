"""People who ask to see a pupil's record: the request, its clock, the look for exemptions, the copy, the answer; and complaints."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from fastapi import APIRouter, Header, Path
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import LARGEST_INTEGER, StrictRoute
from app.api.manners.openapi import may_answer
from app.api.manners.steps import A_PERSON, A_PUPIL, STEP, EntryOut, PupilPath, RecordStep, StepIn, StepOut
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import Day, In, Out, Words
from app.casework.exporting import Export, export
from app.domain import access_requests
from app.domain.entries import (
    AccessAnswered,
    AccessAsked,
    AccessExtended,
    AccessPaused,
    AccessResumed,
    AccessRight,
    Awaited,
    DataComplaintAcknowledged,
    DataComplaintMade,
    Entry,
    Exemption,
    ExemptionsReviewed,
)

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Access requests"], route_class=StrictRoute)
ASKED = Field(ge=1, description="The ledger number of the entry that records the request.", examples=[212])
Person = Annotated[UUID, Field(description="The contact, or the pupil, by id.", examples=[A_PERSON])]


class AccessRequestIn(StepIn):
    """Somebody asked to see the record; the day is the one on which the school received it."""

    kind: ClassVar[type[Entry]] = AccessAsked

    right: AccessRight = Field(examples=["subject_access"])
    person: Person
    in_writing: bool = Field(examples=[True])


class AccessPauseIn(StepIn):
    """The school asked back and waits."""

    kind: ClassVar[type[Entry]] = AccessPaused

    asked: int = ASKED
    awaited: Awaited = Field(examples=["identity"])


class AccessResumptionIn(StepIn):
    """What was awaited came in."""

    kind: ClassVar[type[Entry]] = AccessResumed

    asked: int = ASKED


class AccessExtensionIn(StepIn):
    """A complex request takes one or two months longer, and the person was told."""

    kind: ClassVar[type[Entry]] = AccessExtended

    asked: int = ASKED
    months: int = Field(ge=1, le=2, examples=[2])
    reason: Words


class FlaggedIn(In):
    """An entry that is to be held back."""

    number: int = Field(ge=1, examples=[118])
    exemption: Exemption = Field(examples=["serious_harm_health"])


class ExemptionReviewIn(StepIn):
    """A named person looked through the record before release."""

    kind: ClassVar[type[Entry]] = ExemptionsReviewed

    asked: int = ASKED
    flagged: list[FlaggedIn] = Field(default=[], max_length=2000)


class AccessAnswerIn(StepIn):
    """The copy was handed over, or the request was refused."""

    kind: ClassVar[type[Entry]] = AccessAnswered

    asked: int = ASKED
    refused_because: Words | None = Field(default=None, examples=[None])
    export_digest: str | None = Field(
        default=None, pattern="^[0-9a-f]{64}$", description="SHA-256 of the copy that was handed over.", examples=[None]
    )


class DataComplaintIn(StepIn):
    """Somebody complained of how the pupil's data are handled; what of is not written here."""

    kind: ClassVar[type[Entry]] = DataComplaintMade

    person: Person


class DataComplaintAcknowledgementIn(StepIn):
    """A complaint was acknowledged."""

    kind: ClassVar[type[Entry]] = DataComplaintAcknowledged

    complaint: int = Field(ge=1, description="The ledger number of the complaint's entry.", examples=[212])


class WithheldOut(Out):
    """An entry that is held back, and why."""

    number: int = Field(examples=[118])
    exemption: Exemption = Field(examples=["serious_harm_health"])


class ExportOut(Out):
    """A copy of a pupil's record for whoever asked; the UPN is left out, for it is not to be shown."""

    pupil: UUID = Field(examples=[A_PUPIL])
    surname: str = Field(examples=["Example"])
    forename: str = Field(examples=["Ada"])
    date_of_birth: Day
    right: AccessRight = Field(examples=["subject_access"])
    person: UUID = Field(description="Whom the copy is for.", examples=[A_PERSON])
    ledger_number: int = Field(description="The end of the school's ledger when the copy was made.", examples=[212])
    entries: list[EntryOut] = Field(description="Everything known up to the look for exemptions, corrected entries too, by number.")
    withheld: list[WithheldOut]

    @classmethod
    def of(cls, found: Export) -> Self:
        """Write the copy for the wire."""
        return cls(
            pupil=found.pupil.id,
            surname=found.pupil.surname,
            forename=found.pupil.forename,
            date_of_birth=found.pupil.date_of_birth,
            right=found.asked.right,
            person=found.asked.person,
            ledger_number=found.up_to,
            entries=[EntryOut.of(one.recorded) for one in found.entries if one.exemption is None],
            withheld=[WithheldOut(number=one.recorded.number, exemption=one.exemption) for one in found.entries if one.exemption],
        )


@router.post("/access-requests", status_code=201, openapi_extra=STEP)
async def ask_for_access(call: RecordStep, body: AccessRequestIn) -> StepOut:
    """Take a request to see the record; its clock begins."""
    return await call.take(body, access_requests.ask_for_access)


@router.post("/access-pauses", status_code=201, openapi_extra=STEP)
async def pause_access(call: RecordStep, body: AccessPauseIn) -> StepOut:
    """Stop the clock of a subject access request while identity or clarification is awaited."""
    return await call.take(body, access_requests.pause_access)


@router.post("/access-resumptions", status_code=201, openapi_extra=STEP)
async def resume_access(call: RecordStep, body: AccessResumptionIn) -> StepOut:
    """Let the clock go on."""
    return await call.take(body, access_requests.resume_access)


@router.post("/access-extensions", status_code=201, openapi_extra=STEP)
async def extend_access(call: RecordStep, body: AccessExtensionIn) -> StepOut:
    """Give a complex request up to two months more."""
    return await call.take(body, access_requests.extend_access)


@router.post("/exemption-reviews", status_code=201, openapi_extra=STEP)
async def review_exemptions(call: RecordStep, body: ExemptionReviewIn) -> StepOut:
    """Record that the record was looked through before release, and what is held back."""
    return await call.take(body, access_requests.review_exemptions)


@router.get("/access-requests/{number}/copy", openapi_extra=may_answer("step-refused", "conflict"))
async def copy_record(
    request: Request,
    pupil_id: PupilPath,
    number: Annotated[int, Path(ge=1, le=LARGEST_INTEGER, description="The ledger number of the request.", examples=[212])],
    entrance: MayReadRecords,
    officer: Annotated[
        str | None,
        Header(
            alias="Officer-Reference",
            max_length=100,
            pattern=r"^[\x21-\x7e]+$",
            description="Your own reference of whoever reads.",
            examples=["officer-17"],
        ),
    ] = None,
) -> ExportOut:
    """Make the copy for whoever asked: after the look for exemptions, while they may have it; who fetched it is written down first."""
    return ExportOut.of(await export(request.app.state.casework, entrance, pupil_id, number, officer))


@router.post("/access-answers", status_code=201, openapi_extra=STEP)
async def answer_access(call: RecordStep, body: AccessAnswerIn) -> StepOut:
    """Record the answer; late, unreviewed, or to somebody who may not be told is remarked on."""
    return await call.take(body, access_requests.answer_access)


@router.post("/data-complaints", status_code=201, openapi_extra=STEP)
async def complain_of_data(call: RecordStep, body: DataComplaintIn) -> StepOut:
    """Record a complaint about the handling of data."""
    return await call.take(body, access_requests.complain_of_data)


@router.post("/data-complaint-acknowledgements", status_code=201, openapi_extra=STEP)
async def acknowledge_complaint(call: RecordStep, body: DataComplaintAcknowledgementIn) -> StepOut:
    """Record that a complaint was acknowledged."""
    return await call.take(body, access_requests.acknowledge_complaint)
