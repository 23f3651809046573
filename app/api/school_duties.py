"""What the school itself must have, publish and return: its report, plans and policies, its SENCO, its census, its answers."""

from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.body import StrictRoute
from app.api.manners.steps import A_PERSON, STEP, SchoolRecordStep, StepIn, StepOut
from app.api.shown.shapes import FIRST_YEAR, LAST_YEAR, CivilDate, Line
from app.domain.entries import (
    AccessibilityPlanAdopted,
    AuthorityAnswered,
    AuthorityAsked,
    CensusReturned,
    ComplaintAnswered,
    ComplaintReceived,
    DisabilityItem,
    Entry,
    InformationReportPublished,
    NotionalBudgetAgreed,
    PolicyAdopted,
    PolicyKind,
    ReportedFactChanged,
    SencoAward,
    SencoBasis,
    SencoDescribed,
    SencoQualified,
    SencoRoleDetermined,
)

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Duties of the school"], route_class=StrictRoute)
StaffId = Annotated[UUID, Field(description="The member of staff, by id.", examples=[A_PERSON])]
ITEMS = "Items of Schedule 1 of the Regulations, by number from 1 to 13."


class InformationReportIn(StepIn):
    """The SEN information report as it was published or reviewed, and what it covers."""

    kind: ClassVar[type[Entry]] = InformationReportPublished

    address: Line = Field(description="Where it stands on the website.", examples=["https://school.example/sen-report"])
    items: list[int] = Field(max_length=13, description=ITEMS, examples=[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]])
    disability_items: list[DisabilityItem] = Field(max_length=4, examples=[["admission", "equal_treatment"]])
    links_to_local_offer: bool = Field(examples=[True])
    in_plain_language: bool = Field(examples=[True])
    covers_looked_after_pupils: bool = Field(examples=[True])


class ReportedFactIn(StepIn):
    """Something that the report tells of changed during the year."""

    kind: ClassVar[type[Entry]] = ReportedFactChanged

    item: int = Field(description=ITEMS, examples=[4])


class AccessibilityPlanIn(StepIn):
    """An accessibility plan; three years at most."""

    kind: ClassVar[type[Entry]] = AccessibilityPlanAdopted

    until: CivilDate = Field(description="Its last day, inside.")


class PolicyIn(StepIn):
    """A policy or assessment that was adopted or renewed."""

    kind: ClassVar[type[Entry]] = PolicyAdopted

    policy: PolicyKind = Field(examples=["medical_conditions"])
    review_on: CivilDate | None = None


class SencoIn(StepIn):
    """On what ground a SENCO serves, and since when they have been one at any school."""

    kind: ClassVar[type[Entry]] = SencoDescribed

    staff: StaffId
    basis: SencoBasis = Field(examples=["qualified_teacher"])
    became_senco_on: CivilDate
    months_as_senco_before: int = Field(
        default=0, ge=0, le=600, description="For how many months in all they had been a SENCO before that day.", examples=[0]
    )


class SencoQualificationIn(StepIn):
    """A qualification, completed on the step's day."""

    kind: ClassVar[type[Entry]] = SencoQualified

    staff: StaffId
    award: SencoAward = Field(examples=["professional_qualification"])
    began_on: CivilDate


class SencoRoleIn(StepIn):
    """What the governors or proprietor determined about the SENCO's role."""

    kind: ClassVar[type[Entry]] = SencoRoleDetermined

    functions: list[Line] = Field(max_length=40, examples=[["Oversees the SEN policy day to day"]])
    on_leadership_team: bool = Field(examples=[True])
    tells_parents_early: bool = Field(
        description="Whether it is the SENCO's task to tell parents early that there may be a need.", examples=[True]
    )


class NotionalBudgetIn(StepIn):
    """The use of the notional SEN budget was agreed for a financial year."""

    kind: ClassVar[type[Entry]] = NotionalBudgetAgreed

    year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR, description="The calendar year in whose April it began.", examples=[2026])


class CensusReturnIn(StepIn):
    """The head authorised a school census."""

    kind: ClassVar[type[Entry]] = CensusReturned

    census_on: CivilDate = Field(examples=["2026-01-15"])


class ComplaintIn(StepIn):
    """A complaint about special educational provision; neither who complained nor of what is written here."""

    kind: ClassVar[type[Entry]] = ComplaintReceived

    answer_by: CivilDate = Field(description="The last day for an answer by the school's own procedure, inside.")


class ComplaintAnswerIn(StepIn):
    """A complaint was answered."""

    kind: ClassVar[type[Entry]] = ComplaintAnswered

    complaint: int = Field(ge=1, description="The ledger number of the complaint's entry.", examples=[212])


class AuthorityRequestIn(StepIn):
    """The local authority asked the school to co-operate."""

    kind: ClassVar[type[Entry]] = AuthorityAsked

    authority: str = Field(pattern="^[0-9]{3}$", examples=["999"])
    answer_by: CivilDate


class AuthorityAnswerIn(StepIn):
    """The school answered the authority."""

    kind: ClassVar[type[Entry]] = AuthorityAnswered

    asked: int = Field(ge=1, description="The ledger number of the entry that records the asking.", examples=[212])


@router.post("/information-reports", status_code=201, openapi_extra=STEP)
async def publish_information_report(call: SchoolRecordStep, body: InformationReportIn) -> StepOut:
    """Record that the SEN information report was published or reviewed; what it lacks is remarked on."""
    return await call.take(body)


@router.post("/reported-facts", status_code=201, openapi_extra=STEP)
async def change_reported_fact(call: SchoolRecordStep, body: ReportedFactIn) -> StepOut:
    """Record a change that the report has to follow."""
    return await call.take(body)


@router.post("/accessibility-plans", status_code=201, openapi_extra=STEP)
async def adopt_accessibility_plan(call: SchoolRecordStep, body: AccessibilityPlanIn) -> StepOut:
    """Record an accessibility plan."""
    return await call.take(body)


@router.post("/policies", status_code=201, openapi_extra=STEP)
async def adopt_policy(call: SchoolRecordStep, body: PolicyIn) -> StepOut:
    """Record a policy or assessment that the school must have."""
    return await call.take(body)


@router.post("/sencos", status_code=201, openapi_extra=STEP)
async def describe_senco(call: SchoolRecordStep, body: SencoIn) -> StepOut:
    """Say on what ground somebody who holds the role of SENCO serves."""
    return await call.take(body)


@router.post("/senco-qualifications", status_code=201, openapi_extra=STEP)
async def qualify_senco(call: SchoolRecordStep, body: SencoQualificationIn) -> StepOut:
    """Record a qualification; one that does not count is remarked on."""
    return await call.take(body)


@router.post("/senco-roles", status_code=201, openapi_extra=STEP)
async def determine_senco_role(call: SchoolRecordStep, body: SencoRoleIn) -> StepOut:
    """Record what was determined about the SENCO's role."""
    return await call.take(body)


@router.post("/notional-budgets", status_code=201, openapi_extra=STEP)
async def agree_notional_budget(call: SchoolRecordStep, body: NotionalBudgetIn) -> StepOut:
    """Record that the use of the notional SEN budget was agreed."""
    return await call.take(body)


@router.post("/census-returns", status_code=201, openapi_extra=STEP)
async def authorise_census(call: SchoolRecordStep, body: CensusReturnIn) -> StepOut:
    """Record that the head authorised a census."""
    return await call.take(body)


@router.post("/complaints", status_code=201, openapi_extra=STEP)
async def receive_complaint(call: SchoolRecordStep, body: ComplaintIn) -> StepOut:
    """Record a complaint about provision, without what it says."""
    return await call.take(body)


@router.post("/complaint-answers", status_code=201, openapi_extra=STEP)
async def answer_complaint(call: SchoolRecordStep, body: ComplaintAnswerIn) -> StepOut:
    """Record that a complaint was answered."""
    return await call.take(body)


@router.post("/authority-requests", status_code=201, openapi_extra=STEP)
async def be_asked_by_authority(call: SchoolRecordStep, body: AuthorityRequestIn) -> StepOut:
    """Record that the local authority asked the school to co-operate."""
    return await call.take(body)


@router.post("/authority-answers", status_code=201, openapi_extra=STEP)
async def answer_authority(call: SchoolRecordStep, body: AuthorityAnswerIn) -> StepOut:
    """Record that the school answered the authority."""
    return await call.take(body)
