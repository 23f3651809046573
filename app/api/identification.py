"""Steps on the way to a decision about special educational needs, and the decision itself."""

from typing import ClassVar, Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.cycles import SourceIn
from app.api.manners.step_routes import StepRoute
from app.api.manners.steps import A_PERSON, STEP, RecordStep, StepIn, StepOut
from app.api.shown.shapes import CivilDate, In, Line, Words
from app.domain import identification, needs
from app.domain.codes import AreaOfNeed, NeedType
from app.domain.entries import (
    BaselineTaken,
    ConcernAnswered,
    ConcernRaised,
    DiscussionHeld,
    Domain,
    Entry,
    Judgement,
    NeedsSet,
    ProgressChecked,
    Raiser,
    SenDecided,
    TeachingAdapted,
    UnitPlacementDescribed,
)

MOST = 1_000_000.0
router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Identification"], route_class=StepRoute)


class ConcernIn(StepIn):
    """Somebody thinks that the pupil may have special educational needs."""

    kind: ClassVar[type[Entry]] = ConcernRaised

    raised_by: Raiser = Field(examples=["parent"])
    contact: UUID | None = Field(default=None, description="The contact who raised it, if one did.", examples=[A_PERSON])
    domain: Domain = Field(examples=["attainment"])
    words: Words


class ConcernAnswerIn(StepIn):
    """The school compared a concern with its own view and answered."""

    kind: ClassVar[type[Entry]] = ConcernAnswered

    concern: int = Field(ge=1, description="The ledger number of the concern.", examples=[212])
    answer: Words
    other_explanations: list[Line] = Field(default=[], max_length=20, examples=[["Absent for five weeks with a broken leg"]])
    review_on: CivilDate | None = None


BEFORE: Final = {"taken_on": "2014-09-15", "score": 81.0, "peers": 95.0}
NOW: Final = {"taken_on": "2014-11-03", "score": 86.0, "peers": 97.5}


class MeasurementIn(In):
    """A result on a day, with the mean of pupils who began level where it is known."""

    taken_on: CivilDate
    score: float = Field(allow_inf_nan=False, ge=-MOST, le=MOST, examples=[86.0])
    peers: float | None = Field(default=None, allow_inf_nan=False, ge=-MOST, le=MOST, examples=[97.5])


class ProgressCheckIn(StepIn):
    """A look at progress; the four tests of the Code are computed from it and never set a status."""

    kind: ClassVar[type[Entry]] = ProgressChecked

    domain: Domain = Field(examples=["attainment"])
    measure: Line = Field(examples=["Reading age in months"])
    measurements: list[MeasurementIn] = Field(default=[], max_length=100, examples=[[BEFORE, NOW]])
    comment: Words


class TeachingAdaptationIn(StepIn):
    """High-quality teaching aimed at the weak area, and what it changed."""

    kind: ClassVar[type[Entry]] = TeachingAdapted

    tried: Words
    effect: Words


class DiscussionIn(StepIn):
    """An early talk with parents and pupil, and the short note of it."""

    kind: ClassVar[type[Entry]] = DiscussionHeld

    with_parents: bool = Field(examples=[True])
    with_pupil: bool = Field(examples=[True])
    strengths: Words
    difficulties: Words
    parents_concerns: Words
    outcomes_agreed: Words
    next_steps: Words
    note_given_on: CivilDate | None = None
    advice_service_named: bool = Field(default=False, examples=[True])


class BaselineIn(StepIn):
    """What a pupil could do on entry, and whether disability was thought of."""

    kind: ClassVar[type[Entry]] = BaselineTaken

    skills_and_attainment: Words
    earlier_setting: SourceIn
    disability_considered: bool = Field(examples=[True])
    adjustments: Words | None = None


class SenDecisionIn(StepIn):
    """A named person's decision, with reasons: SEN Support (K) or no special educational needs (N)."""

    kind: ClassVar[type[Entry]] = SenDecided

    judgement: Judgement = Field(examples=["K"])
    difficulty: Words | None = None
    provision_beyond_ordinary: Words | None = None
    reason: Words
    considered: list[Line] = Field(max_length=20, examples=[["Reading assessments since Year 5", "The parents' view", "The pupil's view"]])
    parents_view: Words | None = None
    pupils_view: Words | None = None
    home_language_considered: Words | None = None
    no_first_response_because: Words | None = None
    provision_starts_on: CivilDate | None = None
    review_on: CivilDate | None = None


class RankedNeedIn(In):
    """A type of need in its order; rank 1 is the primary need."""

    need_type: NeedType = Field(examples=["SLCN"])
    rank: int = Field(ge=1, le=99, examples=[1])


class NeedsIn(StepIn):
    """The pupil's needs from this day on; those before end the day before."""

    kind: ClassVar[type[Entry]] = NeedsSet

    needs: list[RankedNeedIn] = Field(max_length=15)
    areas: list[AreaOfNeed] = Field(default=[], max_length=4, examples=[["communication_and_interaction"]])
    reason: Words
    parents_told_on: CivilDate | None = Field(default=None, description="The day the parents were told these descriptions.")


class UnitPlacementIn(StepIn):
    """Whether the pupil has a place in the school's SEN unit or in its resourced provision, from `occurred_on` on."""

    kind: ClassVar[type[Entry]] = UnitPlacementDescribed

    in_sen_unit: bool = Field(examples=[False])
    in_resourced_provision: bool = Field(examples=[False])


@router.post("/concerns", status_code=201, openapi_extra=STEP)
async def raise_concern(call: RecordStep, body: ConcernIn) -> StepOut:
    """Record a concern raised by a parent, the pupil, a teacher or somebody else (Code of Practice 6.20, 6.45)."""
    return await call.take(body, identification.raise_concern)


@router.post("/concern-answers", status_code=201, openapi_extra=STEP)
async def answer_concern(call: RecordStep, body: ConcernAnswerIn) -> StepOut:
    """Record the school's answer to a concern."""
    return await call.take(body, identification.answer_concern)


@router.post("/progress-checks", status_code=201, openapi_extra=STEP)
async def check_progress(call: RecordStep, body: ProgressCheckIn) -> StepOut:
    """Record a look at progress; the findings show the four tests (Code of Practice 6.17)."""
    return await call.take(body, identification.check_progress)


@router.post("/teaching-adaptations", status_code=201, openapi_extra=STEP)
async def adapt_teaching(call: RecordStep, body: TeachingAdaptationIn) -> StepOut:
    """Record the first response: teaching aimed at the weak area (Code of Practice 6.19)."""
    return await call.take(body, identification.adapt_teaching)


@router.post("/discussions", status_code=201, openapi_extra=STEP)
async def hold_discussion(call: RecordStep, body: DiscussionIn) -> StepOut:
    """Record the early discussion with parents and pupil (Code of Practice 6.39)."""
    return await call.take(body, identification.hold_discussion)


@router.post("/baselines", status_code=201, openapi_extra=STEP)
async def take_baseline(call: RecordStep, body: BaselineIn) -> StepOut:
    """Write down skills and attainment on entry, and what disability calls for."""
    return await call.take(body, identification.take_baseline)


@router.post("/sen-decisions", status_code=201, openapi_extra=STEP)
async def decide_sen_support(call: RecordStep, body: SenDecisionIn) -> StepOut:
    """Record a person's decision whether the pupil gets SEN Support; the parents are told (Children and Families Act 2014, section 68)."""
    return await call.take(body, identification.decide_sen_support)


@router.post("/needs", status_code=201, openapi_extra=STEP)
async def set_needs(call: RecordStep, body: NeedsIn) -> StepOut:
    """Set the pupil's types of need anew, in order."""
    return await call.take(body, needs.set_needs)


@router.post("/unit-placements", status_code=201, openapi_extra=STEP)
async def describe_unit_placement(call: RecordStep, body: UnitPlacementIn) -> StepOut:
    """Say whether the pupil has a place in the SEN unit or the resourced provision, which the spring census asks of K and E."""
    return await call.take(body, needs.describe_unit_placement)
