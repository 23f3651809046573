"""What a local authority sees of the requests sent to it: a list without names, whom one is about, its bundle, and its own receipt."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.ehc_requests import A_DIGEST, A_REQUEST, RequestPath
from app.api.manners.body import StrictRoute
from app.api.manners.byte_ranges import WantedDep
from app.api.manners.callers import needs_authority
from app.api.manners.faults import Fault
from app.api.manners.letting_out import Download, let_out
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.manners.purposes_asked import AuthorityPurpose, OfficerHeader
from app.api.manners.steps import KeyHeader, key_of
from app.api.shown.request_course import CourseOut
from app.api.shown.shapes import CivilDate, Day, In, Line, Moment, Out, Words
from app.casework.official_steps import standing
from app.casework.receiving import DigestDiffersError, DigestMissingError, ReasonMissingError, Receipt, Received, receive
from app.casework.releasing import About, Look, about, find, in_parts, release
from app.casework.taking import OccurredOutOfBoundsError
from app.db import ehc_requests
from app.db.bundles import MOST_PARTS, Part, Ready
from app.db.client_entrance import AuthorityEntrance
from app.db.ehc_requests import Sent
from app.domain.entries import Requester
from app.domain.rules.send_regulations_2014.assessments import AUTHORITY_DECIDES_WITHIN_SIX_WEEKS

router = APIRouter(prefix="/v1/local-authorities/{code}/requests", tags=["Local authorities"], route_class=StrictRoute)
MayTake = Annotated[AuthorityEntrance, Depends(needs_authority("evidence:take"))]
ZIP: Final = "application/zip"


class SentBundleOut(Out):
    """The bundle of a request: its digest, which a receipt names, and how many bytes its parts have together."""

    digest: str = Field(
        description="SHA-256 of its one part; of several, of `graduated/set/1`, a line feed and their 32-byte digests in order.",
        examples=[A_DIGEST],
    )
    size: int = Field(examples=[48_211])


class PartOut(Out):
    """One part of a bundle: a file of its own, its SHA-256 and its bytes."""

    number: int = Field(examples=[1])
    digest: str = Field(examples=[A_DIGEST])
    size: int = Field(examples=[48_211])

    @classmethod
    def of(cls, part: Part) -> Self:
        """Write a part for the wire."""
        return cls(number=part.number, digest=part.file.digest.hex(), size=part.file.size)


class BundleInPartsOut(SentBundleOut):
    """A bundle with the parts that are taken one by one. It may be split anew, into another edition, whose parts are other files."""

    edition: int = Field(description="Counts how often the same frozen record was split.", examples=[1])
    parts: list[PartOut]

    @classmethod
    def of(cls, ready: Ready) -> Self:
        """Write a bundle for the wire."""
        parts = [PartOut.of(part) for part in ready.parts]
        return cls(digest=ready.digest.hex(), size=ready.size, edition=ready.edition, parts=parts)


class SentRequestOut(Out):
    """A request that was sent to the authority. It names no child: whom it is about is asked for by itself."""

    id: UUID = Field(examples=[A_REQUEST])
    school: str = Field(description="The school's unique reference number.", examples=["999999"])
    state: str = Field(
        description="requested (it came alone, the evidence follows), submitted, received or withdrawn.", examples=["submitted"]
    )
    requested_on: Day
    submitted_at: Moment | None
    deemed_on: Day | None = Field(description="The day on which it was available to you.")
    received_on: Day | None = Field(description="The day from which the six weeks count.")
    bundle: SentBundleOut | None = Field(description="null until it is made.")

    @classmethod
    def of(cls, found: Sent) -> Self:
        """Write a request for the wire, without the ids by which its rows are found."""
        is_made = found.digest is not None and found.size is not None
        return cls(
            id=found.id,
            school=found.urn,
            state=found.state,
            requested_on=found.requested_on,
            submitted_at=found.submitted_at,
            deemed_on=found.deemed_on,
            received_on=found.received_on,
            bundle=SentBundleOut(digest=(found.digest or b"").hex(), size=found.size or 0) if is_made else None,
        )


class OneSentRequestOut(SentRequestOut):
    """A request with its course and the parts of its bundle; that names no child either."""

    course: CourseOut
    bundle: BundleInPartsOut | None = Field(description="null until it is made.")


class PersonOut(Out):
    """Whom a request is about, in the fields of the SEN2 person level collection, and what whoever made it said."""

    school: str = Field(description="The school's unique reference number.", examples=["999999"])
    surname: str = Field(examples=["Example"])
    forename: str = Field(examples=["Ada"])
    personbirthdate: Day
    upn: str = Field(examples=["F999999925001"])
    requester: Requester = Field(examples=["parent"])
    requested_on: Day
    reason: str = Field(description="In the words of whoever asked.", examples=["Support has not been enough."])

    @classmethod
    def of(cls, found: About) -> Self:
        """Write a person for the wire."""
        pupil, asked = found.pupil, found.asked
        return cls(
            school=found.urn,
            surname=pupil.surname,
            forename=pupil.forename,
            personbirthdate=pupil.date_of_birth,
            upn=pupil.upn,
            requester=asked.requester,
            requested_on=asked.occurred_on,
            reason=asked.reason,
        )


class ReceiptIn(In):
    """The authority has the bundle with this digest, or the request alone; without a day, from the one that counted so far."""

    digest: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="Of the bundle you hold, in whichever edition, as the request shows it or as it was pushed; none for a parent's or "
        "young person's request that came alone.",
        examples=[A_DIGEST],
    )
    received_on: CivilDate | None = None
    reason: Words | None = Field(default=None, description="Needed where the day is not the deemed one.")
    officer: Line = Field(max_length=100, description="Your own reference of whoever gives the receipt; no name.", examples=["officer-17"])


class ReceiptOut(Out):
    """A receipt as it was recorded, with both days."""

    request: UUID = Field(examples=[A_REQUEST])
    digest: str | None = Field(examples=[A_DIGEST])
    deemed_on: Day
    received_on: Day
    reason: str | None = Field(examples=[None])
    ledger_number: int = Field(description="Its number in the school's ledger.", examples=[214])

    @classmethod
    def of(cls, received: Received) -> Self:
        """Write a receipt for the wire."""
        return cls(
            request=received.request_id,
            digest=None if received.digest is None else received.digest.hex(),
            deemed_on=received.deemed_on,
            received_on=received.received_on,
            reason=received.reason,
            ledger_number=received.number,
        )


@router.get("")
async def list_sent_requests(
    request: Request,
    entrance: MayTake,
    paging: PagingDep,
    state: Annotated[
        Literal["requested", "submitted", "received", "withdrawn"] | None,
        Query(description="Requests in this state.", examples=["submitted"]),
    ] = None,
) -> Page[SentRequestOut]:
    """List the requests sent to this authority, oldest first: all of them, whenever an endpoint was registered and whatever it was sent."""
    of = f"sent-requests {entrance.authority}"
    after = paging.after_id(of)
    async with request.app.state.sessions.enter_authority(entrance, read_only=True) as session:
        found = await ehc_requests.sent_to(session, state=state, after=after, limit=paging.fetch)
    return paging.page(of, found, SentRequestOut.of)


@router.get("/{request_id}")
async def read_sent_request(request: Request, entrance: MayTake, request_id: RequestPath) -> OneSentRequestOut:
    """Read one request that was sent to this authority, with its clocks and what was done on it."""
    casework = request.app.state.casework
    found = await standing(casework, entrance, request_id)
    made = await in_parts(casework, found.sent)
    shown = {**dict(SentRequestOut.of(found.sent)), "bundle": None if made is None else BundleInPartsOut.of(made)}
    return OneSentRequestOut(**shown, course=CourseOut.of(found.record, found.course, found.today))


@router.get("/{request_id}/person", openapi_extra=may_answer("gone"))
async def read_person(
    request: Request, entrance: MayTake, request_id: RequestPath, purpose: AuthorityPurpose, person: OfficerHeader = None
) -> PersonOut:
    """Read whom a request is about. Who looked and why is written down before anything leaves, for the school to
    see, and for the family unless it is to keep a child safe.
    """
    look = Look(entrance=entrance, request_id=request_id, purpose=purpose, person=person)
    return PersonOut.of(await about(request.app.state.casework, look))


_FILE: Final[Mapping[str, object]] = {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}


PartPath = Annotated[int, Path(ge=1, le=MOST_PARTS, description="A part of the bundle, from 1.", examples=[1])]


@router.get(
    "/{request_id}/bundle/parts/{number}",
    response_class=Response,
    responses={
        200: {"description": "The whole part.", **_FILE},
        206: {"description": "The range asked for, cut to 8 MB; Content-Range says which.", **_FILE},
        304: {"description": "The file you have is the one."},
    },
    openapi_extra=may_answer("gone", "range-not-satisfiable"),
)
async def take_part(
    request: Request,
    entrance: MayTake,
    request_id: RequestPath,
    number: PartPath,
    purpose: AuthorityPurpose,
    wanted: WantedDep,
    person: OfficerHeader = None,
) -> Response:
    """Take one part of the evidence of a request, whole or by range. Who looked and why is written down before the first byte leaves; all
    that is fetched within ten minutes of each other is one look. The gate is asked again for every range, and every 8 MB within one
    answer. Go on with a range under `If-Match` or `If-Range`, for the bundle may have been split anew meanwhile.
    """
    casework = request.app.state.casework
    held = await find(casework, entrance, request_id, number)
    look = Look(entrance=entrance, request_id=request_id, purpose=purpose, person=person)
    download = Download(file=held.file, media_type=ZIP, file_name=held.file_name, release=lambda: release(casework, look, held.sent))
    return await let_out(request.app.state.blobs, download, wanted)


@router.post("/{request_id}/receipts", status_code=201, openapi_extra=may_answer("step-refused"))
async def post_receipt(request: Request, entrance: MayTake, request_id: RequestPath, body: ReceiptIn, key: KeyHeader = None) -> ReceiptOut:
    """Say that the authority has the request, and its bundle if there is one, and from which day; the six weeks for its decision count from
    there. Evidence that comes after a parent's or young person's request does not start them anew.
    """
    asked = await key_of(request, entrance.client_id, key)
    if asked is None:
        raise ApiError("idempotency-key-missing")
    receipt = Receipt(
        entrance=entrance,
        key=asked,
        request_id=request_id,
        digest=None if body.digest is None else bytes.fromhex(body.digest),
        officer=body.officer,
        received_on=body.received_on,
        reason=body.reason,
    )
    try:
        return ReceiptOut.of(await receive(request.app.state.casework, receipt))
    except DigestDiffersError:
        raise invalid([Fault("/digest", "digest_differs", "This is not the digest of the bundle that was sent.")]) from None
    except DigestMissingError:
        raise invalid([Fault("/digest", "digest_missing", "This request came with evidence; give the digest of your bundle.")]) from None
    except ReasonMissingError as missing:
        raise invalid([_reason_fault(missing)]) from None
    except OccurredOutOfBoundsError as error:
        raise invalid([Fault("/received_on", "received_on_out_of_bounds", f"This day {error.reason}.")]) from None


def _reason_fault(missing: ReasonMissingError) -> Fault:
    rule = AUTHORITY_DECIDES_WITHIN_SIX_WEEKS
    sentence = f"The request was there on {missing.deemed_on.isoformat()}; another day needs a reason."
    return Fault("/reason", "reason_missing", sentence, rule=rule.id, citation=rule.sources[0])
