"""What the authority did on a request, as the school was told it, and what the school itself answered."""

from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import STEP, RecordStep, StepIn, StepOut
from app.api.plans_of_authority import AUTHORITY
from app.api.shown.shapes import CivilDate, In, Words
from app.domain import appeals, authority
from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    AuthorityDecided,
    AuthorityDecision,
    Clock,
    DraftPlanServed,
    Entry,
    ExceptionClaimed,
    ExceptionGround,
    LetterContent,
    MediationCertified,
    NotifiedOffice,
    PlacementAnswered,
    PlacementConsulted,
)
from app.domain.step import write_down

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["The authority's clocks"], route_class=StepRoute)
A_REQUEST = "01932b4e-5f00-7000-8000-0000000000c3"
REQUEST = Field(description="The request, by its id.", examples=[A_REQUEST])


def number_of(what: str) -> int:
    """Describe a field that names an earlier entry by its ledger number."""
    field: int = Field(ge=1, description=f"The ledger number of {what}.", examples=[221])
    return field


class DecidedFacts(In):
    """What was decided on a request; a refusal says why and what the letter held."""

    decision: AuthorityDecision = Field(examples=["not_assess"])
    reasons: Words | None = None
    told_in_letter: list[LetterContent] = Field(default=[], max_length=5, examples=[["right_of_appeal", "time_limits"]])


class ConsultedFacts(In):
    """Whether the family was told that they may give views and evidence, and which offices were notified."""

    family_may_give_evidence: bool = Field(examples=[True])
    notified: list[NotifiedOffice] = Field(max_length=3, examples=[["commissioning_body", "social_care", "head"]])


class ExceptionFacts(In):
    """Why a time limit cannot be kept: the ground, the days it lasts, both ends inside, and what shows it."""

    ground: ExceptionGround = Field(examples=["absent_from_area"])
    from_on: CivilDate
    until_on: CivilDate | None = None
    evidence: Words
    family_told_on: CivilDate | None = Field(default=None, description="When the family was told of it.")


class CertificateFacts(In):
    """A mediation certificate: the day the family answered whether they want mediation, and the day it was held, if it was."""

    about: int = number_of("the decision")
    mediated: bool = Field(examples=[False])
    answered_on: CivilDate | None = None
    mediated_on: CivilDate | None = None


class AppealFacts(In):
    """An appeal against a decision; one about the placement alone needs no certificate."""

    about: int = number_of("the decision")
    placement_alone: bool = Field(default=False, examples=[False])


class AppealEndFacts(In):
    """How an appeal ended."""

    appeal: int = number_of("the appeal")
    allowed: bool = Field(examples=[True])


class AuthorityDecisionIn(DecidedFacts, StepIn):
    """The authority told the family what it decided on a request."""

    kind: ClassVar[type[Entry]] = AuthorityDecided
    request: UUID = REQUEST


class AuthorityConsultationIn(ConsultedFacts, StepIn):
    """The authority consulted the family and notified others, as it considered assessing."""

    kind: ClassVar[type[Entry]] = AuthorityConsulted
    request: UUID = REQUEST


class DraftPlanIn(StepIn):
    """The authority served a draft plan on this day, which is the first of the family's fifteen."""

    kind: ClassVar[type[Entry]] = DraftPlanServed
    request: UUID = REQUEST


class AdviceRequestIn(StepIn):
    """The school received the authority's request for advice."""

    kind: ClassVar[type[Entry]] = AdviceAsked
    request: UUID | None = Field(default=None, description="The request, if it was made here.", examples=[A_REQUEST])


class AdviceIn(StepIn):
    """The school gave its advice."""

    kind: ClassVar[type[Entry]] = AdviceGiven
    asked: int = number_of("the request for advice")


class EhcExceptionIn(ExceptionFacts, StepIn):
    """An exception to one of the clocks: the authority's on a request, or the school's on a request for advice."""

    kind: ClassVar[type[Entry]] = ExceptionClaimed
    clock: Clock = Field(examples=["six_weeks"])
    request: UUID | None = Field(default=None, description="The request, for the authority's clocks.", examples=[A_REQUEST])
    asked: int | None = Field(default=None, ge=1, description="The number of the request for advice, for its clock.", examples=[None])


class PlacementConsultationIn(StepIn):
    """The authority asked whether a plan may name this school."""

    kind: ClassVar[type[Entry]] = PlacementConsulted
    authority: str = AUTHORITY


class PlacementAnswerIn(StepIn):
    """The school answered whether it can meet the pupil's need, and why."""

    kind: ClassVar[type[Entry]] = PlacementAnswered
    consultation: int = number_of("the consultation")
    can_meet_need: bool = Field(examples=[True])
    reason: Words


class MediationCertificateIn(CertificateFacts, StepIn):
    """A mediation certificate was issued."""

    kind: ClassVar[type[Entry]] = MediationCertified


class AppealIn(AppealFacts, StepIn):
    """The family appealed."""

    kind: ClassVar[type[Entry]] = AppealLodged


class AppealEndIn(AppealEndFacts, StepIn):
    """An appeal ended."""

    kind: ClassVar[type[Entry]] = AppealDecided


@router.post("/authority-decisions", status_code=201, openapi_extra=STEP)
async def record_authority_decision(call: RecordStep, body: AuthorityDecisionIn) -> StepOut:
    """Record what the authority decided; a refusal is held against what its letter must tell (regulations 5(3) and 10(3))."""
    return await call.take(body, authority.record_decision)


@router.post("/authority-consultations", status_code=201, openapi_extra=STEP)
async def record_authority_consultation(call: RecordStep, body: AuthorityConsultationIn) -> StepOut:
    """Record that the authority consulted the family and notified others (section 36(4) and (7), regulation 4(2))."""
    return await call.take(body, authority.record_consultation)


@router.post("/draft-plans", status_code=201, openapi_extra=STEP)
async def record_draft_plan(call: RecordStep, body: DraftPlanIn) -> StepOut:
    """Record that a draft plan was served; the family's fifteen days begin with that day (regulation 13(1))."""
    return await call.take(body, authority.serve_draft_plan)


@router.post("/advice-requests", status_code=201, openapi_extra=STEP)
async def record_advice_request(call: RecordStep, body: AdviceRequestIn) -> StepOut:
    """Record the day on which the school received a request for advice; its six weeks run from there (regulation 8(1))."""
    return await call.take(body, authority.ask_for_advice)


@router.post("/advice", status_code=201, openapi_extra=STEP)
async def give_advice(call: RecordStep, body: AdviceIn) -> StepOut:
    """Record that the school gave its advice."""
    return await call.take(body, authority.give_advice)


@router.post("/ehc-exceptions", status_code=201, openapi_extra=STEP)
async def claim_ehc_exception(call: RecordStep, body: EhcExceptionIn) -> StepOut:
    """Record an exception to a clock; it excuses a last day that is one of its days, and none arises by itself (regulation 5(4))."""
    return await call.take(body, authority.claim_exception)


@router.post("/placement-consultations", status_code=201, openapi_extra=STEP)
async def record_placement_consultation(call: RecordStep, body: PlacementConsultationIn) -> StepOut:
    """Record that the authority asked whether a plan may name this school; it answers within fifteen days."""
    return await call.take(body, write_down)


@router.post("/placement-answers", status_code=201, openapi_extra=STEP)
async def answer_placement_consultation(call: RecordStep, body: PlacementAnswerIn) -> StepOut:
    """Record what the school answered."""
    return await call.take(body, authority.answer_consultation)


@router.post("/mediation-certificates", status_code=201, openapi_extra=STEP)
async def record_mediation_certificate(call: RecordStep, body: MediationCertificateIn) -> StepOut:
    """Record a mediation certificate; the family has at least a month from it to appeal."""
    return await call.take(body, appeals.certify_mediation)


@router.post("/appeals", status_code=201, openapi_extra=STEP)
async def record_appeal(call: RecordStep, body: AppealIn) -> StepOut:
    """Record an appeal; a late one is remarked on and written down all the same."""
    return await call.take(body, appeals.lodge_appeal)


@router.post("/appeal-decisions", status_code=201, openapi_extra=STEP)
async def record_appeal_decision(call: RecordStep, body: AppealEndIn) -> StepOut:
    """Record how an appeal ended."""
    return await call.take(body, appeals.decide_appeal)
