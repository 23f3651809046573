"""Requests for an EHC needs assessment, from the school's side: made at any time, their evidence frozen, and what became of it."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.requests import Request

from app import clock
from app.api.accesses import AccessOut
from app.api.manners.body import StrictRoute
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import LARGEST_PAGE, Page, PagingDep
from app.api.manners.problems import ApiError, invalid, retry_later
from app.api.manners.steps import A_PERSON, A_PUPIL, PROOF, AuthorIn, AuthorOut, PupilPath, StepCall, StepOut, shown, step_call
from app.api.plans_of_authority import AUTHORITY
from app.api.pupils import MayReadRecords
from app.api.shown.request_course import CourseOut
from app.api.shown.shapes import CivilDate, Day, In, Line, Moment, Out, Words
from app.casework.authors import AuthorClaim
from app.casework.evidence import AuthorityNotAddressableError, LookedAwayError, ask
from app.casework.profiles import ProfileUnknownError
from app.casework.taking import Asked
from app.casework.withdrawing import withdraw
from app.db import accesses, ehc_requests, pupils
from app.db.ehc_requests import EhcRequest
from app.db.records import load_record
from app.documents.bundle.submitting import Wishes, submit
from app.domain.author import AuthorKind
from app.domain.entries import (
    EhcAssessmentRequested,
    EhcRequestWithdrawn,
    EvidenceReceived,
    EvidenceSubmitted,
    LawfulBasis,
    LeftOut,
    Recorded,
    Requester,
)
from app.domain.record import Record
from app.domain.request_course import course_of

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/ehc-requests", tags=["EHC requests"], route_class=StrictRoute)
STEP = may_answer("step-refused")
A_REQUEST = "01932b4e-5f00-7000-8000-0000000000c3"
A_DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

EvidenceStep = Annotated[StepCall, Depends(step_call("evidence:submit"))]
RequestStateAsked = Annotated[
    Literal["requested", "submitted", "received", "withdrawn"] | None, Query(description="Requests in this state.", examples=["submitted"])
]
RequestPath = Annotated[UUID, Path(description="The request, by its id.", examples=[A_REQUEST])]


class EhcRequestIn(In):
    """A request for an EHC needs assessment, addressed to an authority."""

    author: AuthorIn = Field(
        description="Who writes: a member of staff, the parent who asks (contact) or the young person (pupil).",
        examples=[{"kind": "staff", "id": A_PERSON}],
    )
    occurred_on: CivilDate
    requester: Requester = Field(examples=["parent"])
    contact: UUID | None = Field(default=None, description="The parent who asks, where one does.", examples=[A_PERSON])
    authority: str = AUTHORITY
    reason: Words
    family_knows: bool | None = Field(default=None, description="Where somebody else brings the child to notice.", examples=[None])
    family_agrees: bool | None = Field(default=None, description="Where somebody else brings the child to notice.", examples=[None])

    def entry(self, request_id: UUID) -> EhcAssessmentRequested:
        """Build the entry of the request with this id."""
        return EhcAssessmentRequested(
            occurred_on=self.occurred_on,
            request=request_id,
            authority=self.authority,
            requester=self.requester,
            contact=self.contact,
            reason=self.reason,
            family_knows=self.family_knows,
            family_agrees=self.family_agrees,
        )


class SecondPersonIn(In):
    """Another member of staff who confirms, with a role today and known here for 24 hours by the school's clock.

    With the identity provider's proof, unless the school's setting `asserted_second_person_accepted` is 1.
    """

    id: UUID = Field(examples=[A_PERSON])
    proof: str | None = Field(default=None, max_length=8_000, description=PROOF, examples=[None])

    def claim(self) -> AuthorClaim:
        """Give what the client says of the second person."""
        return AuthorClaim(kind=AuthorKind.STAFF, id=self.id, proof=self.proof)


class LeftOutIn(In):
    """An entry whose content is left out of the evidence; its place in the school's ledger is shown all the same."""

    number: int = Field(ge=1, description="The ledger number of an entry of this record.", examples=[41])
    reason: Words


class SubmissionIn(In):
    """The school hands its evidence over: the record as it stands now is frozen."""

    author: AuthorIn = Field(examples=[{"kind": "staff", "id": A_PERSON}])
    occurred_on: CivilDate
    confirmed_by: SecondPersonIn | None = Field(
        default=None,
        description="Needed unless the school's setting `second_person_for_evidence` is 0, which is then recorded in its place.",
        examples=[{"id": A_PUPIL}],
    )
    lawful_basis: LawfulBasis | None = Field(
        default=None, description="On what it is shared; consent is remarked on, for it is not the basis.", examples=["legal_obligation"]
    )
    profile: Line | None = Field(
        default=None,
        max_length=100,
        description="What it is put together for, by id, or id and version; what fits the authority, or the national one, when left out.",
        examples=["national"],
    )
    left_out: list[LeftOutIn] = Field(default=[], max_length=200, description="Entries whose content stays at the school.", examples=[[]])
    others_named_because: Words | None = Field(
        default=None, description="Why other pupils are named in it, or papers that cannot be searched go along.", examples=[None]
    )
    others_named: list[UUID] | None = Field(
        default=None,
        max_length=200,
        description="The pupils of whom that was decided, as a refusal lists them: if anybody else is found, it is refused anew.",
        examples=[None],
    )

    def entry(self, request_id: UUID) -> EvidenceSubmitted:
        """Build the entry, before it is known what is frozen and who is named."""
        return EvidenceSubmitted(
            occurred_on=self.occurred_on,
            request=request_id,
            frozen_at=0,
            confirmed_by=None if self.confirmed_by is None else self.confirmed_by.id,
            lawful_basis=self.lawful_basis,
            left_out=tuple(LeftOut(number=one.number, reason=one.reason) for one in self.left_out),
        )


class RequestWithdrawalIn(In):
    """Whoever made the request takes it back."""

    author: AuthorIn = Field(
        description="Who asked (contact or pupil), or staff who pass that on; the SENCO or head where the school asked.",
        examples=[{"kind": "staff", "id": A_PERSON}],
    )
    occurred_on: CivilDate
    reason: Words | None = Field(default=None, description="In the words of whoever takes it back, where they gave one.")


class RequestBundleOut(Out):
    """The bundle of a request; the digest is that of its one part, or is made of those of its parts, as a receipt names it."""

    state: str = Field(description="waiting, ready or failed.", examples=["ready"])
    frozen_at: int = Field(description="The last ledger number inside.", examples=[212])
    digest: str | None = Field(examples=[A_DIGEST])
    size: int | None = Field(description="In bytes.", examples=[48_211])
    made_at: Moment | None = Field(description="When the authority could first have it, by the school's clock.")

    @classmethod
    def of(cls, found: EhcRequest) -> Self | None:
        """Write a request's bundle for the wire, None before the evidence was submitted."""
        if found.bundle_state is None or found.frozen_at is None:
            return None
        digest = None if found.digest is None else found.digest.hex()
        return cls(state=found.bundle_state, frozen_at=found.frozen_at, digest=digest, size=found.size, made_at=found.made_at)


class EhcRequestOut(Out):
    """A request and where it stands."""

    id: UUID = Field(examples=[A_REQUEST])
    authority: str = Field(examples=["999"])
    requester: Requester = Field(examples=["parent"])
    state: str = Field(description="How its papers stand: requested, submitted, received or withdrawn.", examples=["submitted"])
    requested_on: Day
    submitted_at: Moment | None
    deemed_on: Day | None = Field(
        description="The day on which it was available to the authority: a school's own request with its evidence, any other at once."
    )
    received_on: Day | None = Field(description="The day from which the authority's six weeks count.")
    received_deemed: bool | None = Field(description="Whether that is the deemed day, or one the authority named.")
    bundle: RequestBundleOut | None

    @classmethod
    def of(cls, found: EhcRequest, record: Record) -> Self:
        """Write a request for the wire."""
        return cls(**_facts(found, record))


class SchoolReceiptOut(Out):
    """A receipt of the evidence: deemed, or given by the authority."""

    number: int = Field(description="Its ledger number.", examples=[214])
    received_on: Day
    deemed: bool = Field(examples=[True])
    digest: str | None = Field(examples=[A_DIGEST])
    reason: str | None = Field(examples=[None])
    recorded_at: Moment
    author: AuthorOut

    @classmethod
    def of(cls, recorded: Recorded, entry: EvidenceReceived) -> Self:
        """Write a receipt for the wire."""
        return cls(
            number=recorded.number,
            received_on=entry.occurred_on,
            deemed=entry.deemed,
            digest=entry.bundle_digest,
            reason=entry.reason,
            recorded_at=recorded.recorded_at,
            author=AuthorOut.of(recorded.author),
        )


class OneEhcRequestOut(EhcRequestOut):
    """A request with its receipts and the first 200 looks at its evidence."""

    receipt_reference: str | None = Field(description="How the authority refers to whoever gave the receipt.", examples=["officer-17"])
    course: CourseOut
    receipts: list[SchoolReceiptOut]
    accesses: list[AccessOut]


def _facts(found: EhcRequest, record: Record) -> dict[str, object]:
    course = course_of(record, found.id)
    return {
        "id": found.id,
        "authority": found.authority,
        "requester": found.requester if course is None else course.asked.requester,
        "state": found.state,
        "requested_on": found.requested_on,
        "submitted_at": found.submitted_at,
        "deemed_on": found.deemed_on,
        "received_on": found.received_on,
        "received_deemed": found.received_deemed,
        "bundle": RequestBundleOut.of(found),
    }


@router.post("", status_code=201, openapi_extra=STEP)
async def request_ehc_assessment(call: EvidenceStep, body: EhcRequestIn) -> StepOut:
    """Ask for an EHC needs assessment, at any time (Children and Families Act 2014, section 36(1)); `references.request` is its id.

    A parent's or young person's request is there for the authority at once, and the six weeks of its decision run from that day; a school's
    or college's own becomes visible with its evidence. That somebody else brought the child to notice is written down and sent nowhere.
    """
    try:
        taken = await ask(call.casework, _asked(call, body.author), body.entry(clock.new_id()))
    except AuthorityNotAddressableError:
        sentence = "A sandbox school names an invented authority, 990 to 999; any other school one that exists today."
        raise invalid([Fault("/authority", "authority_not_addressable", sentence)]) from None
    return shown(call.response, taken, dry_run=call.dry_run)


@router.post("/{request_id}/submissions", status_code=201, openapi_extra=may_answer("step-refused", "conflict"))
async def submit_evidence(request: Request, call: EvidenceStep, request_id: RequestPath, body: SubmissionIn) -> StepOut:
    """Freeze the record and hand it over as a signed bundle; a second person confirms that it leaves the school.

    The second person is another member of staff with a role today, known here for 24 hours by the school's clock, and proved, unless the
    school's setting `asserted_second_person_accepted` is 1. What goes out, entries and papers, is searched for the names
    and numbers of other pupils of the school: it is refused where any is found, until they are left out or blacked out, or it is said why
    they go along. What a picture shows is not searched. Name with the reason those whom somebody looked at: then nobody goes along who was
    written of since.
    """
    second = None if body.confirmed_by is None else body.confirmed_by.claim()
    wishes = Wishes(
        profile=body.profile,
        others_named_because=body.others_named_because or "",
        others_decided=None if body.others_named is None else frozenset(body.others_named),
    )
    try:
        taken = await submit(call.casework, request.app.state.blobs, _asked(call, body.author, second), body.entry(request_id), wishes)
    except ProfileUnknownError:
        sentence = "There is no such profile or version; /v1/authority-profiles lists them, with sandbox=true those of sandboxes."
        raise invalid([Fault("/profile", "profile_unknown", sentence)]) from None
    except LookedAwayError:
        raise retry_later("conflict", 1) from None
    return shown(call.response, taken, dry_run=call.dry_run)


@router.post("/{request_id}/withdrawal", status_code=201, openapi_extra=STEP)
async def withdraw_ehc_request(call: EvidenceStep, request_id: RequestPath, body: RequestWithdrawalIn) -> StepOut:
    """Withdraw a request before it is answered. Its clocks stop, the authority that could see it is told, and nothing of it is let out any
    more. A withdrawal made in error is itself withdrawn like any entry: the request then stands as before.
    """
    entry = EhcRequestWithdrawn(occurred_on=body.occurred_on, request=request_id, reason=body.reason)
    return shown(call.response, await withdraw(call.casework, _asked(call, body.author), entry), dry_run=call.dry_run)


@router.get("")
async def list_ehc_requests(
    request: Request, pupil_id: PupilPath, entrance: MayReadRecords, paging: PagingDep, state: RequestStateAsked = None
) -> Page[EhcRequestOut]:
    """List the requests made about a pupil, oldest first."""
    casework, after = request.app.state.casework, paging.after_id("ehc-requests")
    async with casework.sessions.enter(entrance, read_only=True) as session:
        if not await pupils.exists(session, pupil_id):
            raise ApiError("not-found")
        found = await ehc_requests.of_pupil(session, pupil_id, after=after, limit=paging.fetch, state=state)
        record = await load_record(session, (await casework.open(session)).school, pupil_id)
    return paging.page("ehc-requests", found, lambda row: EhcRequestOut.of(row, record))


@router.get("/{request_id}")
async def read_ehc_request(request: Request, pupil_id: PupilPath, request_id: RequestPath, entrance: MayReadRecords) -> OneEhcRequestOut:
    """Read one request: how far it has come and its clocks, its bundle, the receipts, and who looked at the evidence."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        found = await ehc_requests.find(session, pupil_id, request_id)
        if found is None:
            raise ApiError("not-found")
        opened = await casework.open(session)
        record = await load_record(session, opened.school, pupil_id)
        looks = await accesses.of_pupil(session, pupil_id, request_id=request_id, limit=LARGEST_PAGE)
    course = course_of(record, request_id)
    if course is None:
        raise ApiError("not-found")
    return OneEhcRequestOut(
        **_facts(found, record),
        receipt_reference=found.receipt_reference,
        course=CourseOut.of(record, course, opened.today),
        receipts=[SchoolReceiptOut.of(recorded, entry) for recorded, entry in record.each(EvidenceReceived) if entry.request == request_id],
        accesses=[AccessOut.of(look) for look in looks],
    )


def _asked(call: StepCall, author: AuthorIn, second: AuthorClaim | None = None) -> Asked:
    return Asked(
        entrance=call.entrance,
        pupil_id=call.pupil_id,
        author=author.claim(),
        second=second,
        key=call.key,
        if_match=call.if_match,
        dry_run=call.dry_run,
    )
