"""What an authority's own client writes down on a request that it holds: its decisions, drafts and exceptions, mediation and appeals."""

from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request

from app.api.authority_decisions import AppealEndFacts, AppealFacts, CertificateFacts, ConsultedFacts, DecidedFacts, ExceptionFacts
from app.api.ehc_requests import A_REQUEST, RequestPath
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs_authority
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError
from app.api.manners.steps import KeyHeader, key_of
from app.api.shown.shapes import CivilDate, Day, FindingOut, In, Line, Out
from app.casework.deciding import Taken
from app.casework.official_steps import Official, write_down
from app.db.client_entrance import AuthorityEntrance
from app.db.codec import entry_of
from app.domain.entries import (
    AdviceAsked,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    AuthorityDecided,
    Clock,
    DraftPlanServed,
    Entry,
    ExceptionClaimed,
    MediationCertified,
)

router = APIRouter(prefix="/v1/local-authorities/{code}/requests/{request_id}", tags=["Local authorities"], route_class=StrictRoute)
STEP = may_answer("step-refused")


class AuthorityClock(StrEnum):
    """The authority's own clocks; that of advice is claimed by whoever gives it."""

    SIX_WEEKS = Clock.SIX_WEEKS.value
    SIXTEEN_WEEKS = Clock.SIXTEEN_WEEKS.value
    TWENTY_WEEKS = Clock.TWENTY_WEEKS.value


class OfficialIn(In):
    """What every such step has: the day, and the authority's own reference of whoever writes."""

    kind: ClassVar[type[Entry]]
    names_request: ClassVar[bool] = True

    occurred_on: CivilDate
    officer: Line = Field(max_length=100, description="Your own reference of whoever writes; no name.", examples=["officer-17"])

    def entry(self, request_id: UUID) -> Entry:
        """Build the entry that the step is to add about the request."""
        facts = self.model_dump(exclude={"officer"})
        return entry_of(self.kind, {**facts, "request": request_id} if self.names_request else facts)


class OfficialDecisionIn(DecidedFacts, OfficialIn):
    """The authority told the family what it decided."""

    kind: ClassVar[type[Entry]] = AuthorityDecided


class OfficialConsultationIn(ConsultedFacts, OfficialIn):
    """The authority consulted the family and notified others."""

    kind: ClassVar[type[Entry]] = AuthorityConsulted


class OfficialDraftIn(OfficialIn):
    """A draft plan was served on this day."""

    kind: ClassVar[type[Entry]] = DraftPlanServed


class OfficialAdviceRequestIn(OfficialIn):
    """The school received the authority's request for advice on this day."""

    kind: ClassVar[type[Entry]] = AdviceAsked


class OfficialExceptionIn(ExceptionFacts, OfficialIn):
    """The authority relies on an exception to one of its clocks."""

    kind: ClassVar[type[Entry]] = ExceptionClaimed
    clock: AuthorityClock = Field(examples=["six_weeks"])


class OfficialCertificateIn(CertificateFacts, OfficialIn):
    """A mediation certificate was issued about a decision on the request."""

    kind: ClassVar[type[Entry]] = MediationCertified
    names_request: ClassVar[bool] = False


class OfficialAppealIn(AppealFacts, OfficialIn):
    """The family appealed against a decision on the request."""

    kind: ClassVar[type[Entry]] = AppealLodged
    names_request: ClassVar[bool] = False


class OfficialAppealEndIn(AppealEndFacts, OfficialIn):
    """An appeal on the request ended."""

    kind: ClassVar[type[Entry]] = AppealDecided
    names_request: ClassVar[bool] = False


class WrittenOut(Out):
    """What was written down, with the remarks of the rules on it, and nothing else of the record."""

    request: UUID = Field(examples=[A_REQUEST])
    ledger_number: int = Field(description="Its number in the school's ledger, by which later steps name it.", examples=[221])
    type: str = Field(examples=["authority.decided"])
    occurred_on: Day
    findings: list[FindingOut]

    @classmethod
    def of(cls, request_id: UUID, taken: Taken) -> Self:
        """Write it for the wire."""
        recorded = taken.entries[0]
        findings = [FindingOut.of(finding) for finding in taken.findings]
        entry = recorded.entry
        return cls(request=request_id, ledger_number=recorded.number, type=entry.type, occurred_on=entry.occurred_on, findings=findings)


class OfficialCall:
    """A request to write something down, with everything but its body."""

    def __init__(
        self,
        request: Request,
        request_id: RequestPath,
        entrance: Annotated[AuthorityEntrance, Depends(needs_authority("evidence:take"))],
        key: KeyHeader = None,
    ) -> None:
        self._request, self._request_id, self._entrance, self._key = request, request_id, entrance, key

    async def write(self, body: OfficialIn) -> WrittenOut:
        """Write the body's entry down; under one key once."""
        key = await key_of(self._request, self._entrance.client_id, self._key)
        if key is None:
            raise ApiError("idempotency-key-missing")
        entry = body.entry(self._request_id)
        official = Official(entrance=self._entrance, key=key, request_id=self._request_id, officer=body.officer, entry=entry)
        return WrittenOut.of(self._request_id, await write_down(self._request.app.state.casework, official))


CallDep = Annotated[OfficialCall, Depends()]


@router.post("/decisions", status_code=201, openapi_extra=STEP)
async def post_decision(call: CallDep, body: OfficialDecisionIn) -> WrittenOut:
    """Say what was decided and told to the family; the six or the sixteen weeks end with it."""
    return await call.write(body)


@router.post("/consultations", status_code=201, openapi_extra=STEP)
async def post_consultation(call: CallDep, body: OfficialConsultationIn) -> WrittenOut:
    """Say that the family was consulted and others notified."""
    return await call.write(body)


@router.post("/draft-plans", status_code=201, openapi_extra=STEP)
async def post_draft_plan(call: CallDep, body: OfficialDraftIn) -> WrittenOut:
    """Say on which day a draft plan was served; the family's fifteen days begin with it."""
    return await call.write(body)


@router.post("/advice-requests", status_code=201, openapi_extra=STEP)
async def post_advice_request(call: CallDep, body: OfficialAdviceRequestIn) -> WrittenOut:
    """Say on which day the school received the request for its advice; the school's six weeks run from there."""
    return await call.write(body)


@router.post("/exceptions", status_code=201, openapi_extra=STEP)
async def post_exception(call: CallDep, body: OfficialExceptionIn) -> WrittenOut:
    """Say that an exception is relied on, for which days and on what evidence; it excuses a last day that is one of them."""
    return await call.write(body)


@router.post("/mediation-certificates", status_code=201, openapi_extra=STEP)
async def post_mediation_certificate(call: CallDep, body: OfficialCertificateIn) -> WrittenOut:
    """Say that a mediation certificate was issued."""
    return await call.write(body)


@router.post("/appeals", status_code=201, openapi_extra=STEP)
async def post_appeal(call: CallDep, body: OfficialAppealIn) -> WrittenOut:
    """Say that the family appealed."""
    return await call.write(body)


@router.post("/appeal-decisions", status_code=201, openapi_extra=STEP)
async def post_appeal_decision(call: CallDep, body: OfficialAppealEndIn) -> WrittenOut:
    """Say how an appeal ended."""
    return await call.write(body)
