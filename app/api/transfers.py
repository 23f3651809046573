"""A pupil goes to another school: the common transfer file, what was sent, and the receipt for it."""

from hashlib import sha256
from typing import Annotated, ClassVar, Final

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.steps import STEP, PupilPath, RecordStep, StepIn, StepOut
from app.api.shown.shapes import In, Line, refusal
from app.db.entrance import Entrance
from app.domain import keeping
from app.domain.entries import Entry, RecordReceipted, RecordSent, TransferPart
from app.domain.identifiers import IdentifierError, Laestab, Urn
from app.exchange.ctf_out import LARGEST_NUMBER, Journey, release_ctf
from app.webhooks.sending.signing import digest_field

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Transfers"], route_class=StrictRoute)
MayTransfer = Annotated[Entrance, Depends(needs("records:read", own_only=True))]
XML: Final = "application/xml"


def _laestab(text: str) -> str:
    try:
        return str(Laestab.parse(text))
    except IdentifierError as error:
        raise refusal(error.reason, "An authority has three digits and an establishment four, as in 999/9998.") from None


def _urn(text: str) -> str:
    try:
        return str(Urn.parse(text))
    except IdentifierError as error:
        raise refusal(error.reason, "A URN has six digits and does not begin with 0.") from None


LaestabText = Annotated[
    str, AfterValidator(_laestab), Field(max_length=20, description="Authority and establishment.", examples=["999/9998"])
]
UrnText = Annotated[str, AfterValidator(_urn), Field(max_length=20, description="Six digits.", examples=["999998"])]


class TransferFileIn(In):
    """Where a common transfer file comes from and goes to."""

    source: LaestabText
    destination: LaestabText
    destination_urn: UrnText | None = Field(default=None, examples=[None])
    number: int = Field(default=1, ge=1, le=LARGEST_NUMBER, description="Which file of these two schools it is.", examples=[1])
    person: Line | None = Field(
        default=None, description="Who asks, as you refer to them; it goes into the log of accesses.", examples=["office-3"]
    )

    def journey(self) -> Journey:
        """Say from where to where it goes."""
        urn = None if self.destination_urn is None else Urn(self.destination_urn)
        source, destination = Laestab.parse(self.source), Laestab.parse(self.destination)
        return Journey(source=source, destination=destination, destination_urn=urn, number=self.number)


class SendingIn(StepIn):
    """Parts of the record that went to the next school."""

    kind: ClassVar[type[Entry]] = RecordSent

    to_laestab: LaestabText | None = Field(default=None, examples=["999/9998"])
    parts: list[TransferPart] = Field(min_length=1, max_length=2, examples=[["common_transfer_file", "educational_record"]])
    file_digest: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of the common transfer file, in hexadecimal.",
        examples=["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"],
    )


class ReceiptIn(StepIn):
    """The next school confirmed that it has what was sent."""

    kind: ClassVar[type[Entry]] = RecordReceipted

    sent: int = Field(ge=1, description="The ledger number of the sending.", examples=[212])
    reference: Line = Field(description="How the next school refers to it.", examples=["Received by the office, file 17"])


@router.post("/common-transfer-files", responses={200: {"content": {XML: {"schema": {"type": "string"}}}}}, response_class=Response)
async def write_common_transfer_file(request: Request, pupil_id: PupilPath, entrance: MayTransfer, body: TransferFileIn) -> Response:
    """Write the common transfer file with a pupil's whole history of status and needs, for the next school; that it was read is noted.

    It holds the UPN, so it goes to the next school alone. Nothing says by itself that it was sent: record that with its digest.
    """
    file = await release_ctf(request.app.state.casework, entrance, pupil_id, body.journey(), person=body.person)
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Repr-Digest": digest_field(sha256(file.content).digest()),
        "Cache-Control": "private, no-store",
    }
    return Response(file.content, headers=headers, media_type=XML)


@router.post("/record-sendings", status_code=201, openapi_extra=STEP)
async def send_record(call: RecordStep, body: SendingIn) -> StepOut:
    """Record what went to the next school: a maintained school sends file and record within 15 school days of the leaving."""
    return await call.take(body, keeping.send_record)


@router.post("/record-receipts", status_code=201, openapi_extra=STEP)
async def receipt_record(call: RecordStep, body: ReceiptIn) -> StepOut:
    """Record that the next school confirmed what was sent."""
    return await call.take(body, keeping.receipt_record)
