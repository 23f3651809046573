"""The people in a pupil's life: how they are reached, and, as dated facts, their responsibility, care and restrictions."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, ValidationInfo, field_validator
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.body import StrictRoute
from app.api.openapi import may_answer
from app.api.problems import ApiError
from app.api.pupils import MayReadRecords, MayWriteRoll, RollCall
from app.api.shapes import In, Line, Out, Words, refusal
from app.api.steps import A_PERSON, STEP, PupilPath, StepIn, StepOut
from app.api.versions import MustMatch, require_match, require_named, version_of
from app.casework.contact_details import ContactUnknownError, change_details
from app.db import pupils
from app.db.pupils import ContactDetails
from app.db.session import SchoolSession
from app.domain import roll
from app.domain.entries import ContactDescribed, Entry, Recorded

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/contacts", tags=["Contacts"], route_class=StrictRoute)
ContactPath = Annotated[UUID, Path(description="The contact, by our id.", examples=[A_PERSON])]
Channel = Literal["email", "post", "app", "phone", "none"]


class DetailsIn(In):
    """How a contact is named and reached."""

    name: Line = Field(examples=["Gita Specimen"])
    channel: Channel = Field(examples=["email"])
    email: Line | None = Field(
        default=None, validate_default=True, description="Needed where the channel is email.", examples=["gita@specimen.example"]
    )
    phone: Line | None = Field(default=None, examples=["01632 960001"])
    address: Words | None = Field(default=None, examples=["1 Invented Road, Nowhere"])
    language: str = Field(default="en", pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["en"])
    format: Literal["text", "html", "large_print"] = Field(default="text", examples=["text"])

    @field_validator("email")
    @classmethod
    def _reachable(cls, email: str | None, given: ValidationInfo) -> str | None:
        if email is None and given.data.get("channel") == "email":
            raise refusal("missing", "Somebody who is reached by email needs an email address.")
        return email

    def details(self, contact_id: UUID, pupil_id: UUID) -> ContactDetails:
        """Build the row's content."""
        return ContactDetails(id=contact_id, pupil_id=pupil_id, **self.model_dump())


class FactsIn(StepIn):
    """What is true of a contact from `occurred_on` on; a restriction needs the order or decision it rests on."""

    kind: ClassVar[type[Entry]] = ContactDescribed

    relationship: Line = Field(examples=["mother"])
    parental_responsibility: bool = Field(examples=[True])
    has_care: bool = Field(examples=[True])
    natural_parent: bool = Field(
        default=False, description="A parent by birth, who is told with or without responsibility; not after an adoption.", examples=[True]
    )
    contact_restricted: bool = Field(default=False, examples=[False])
    information_restricted: bool = Field(default=False, examples=[False])
    restriction_basis: Words | None = Field(default=None, examples=[None])

    def described(self, contact_id: UUID) -> ContactDescribed:
        """Build the entry about this contact."""
        return ContactDescribed(contact=contact_id, **self.model_dump(exclude={"author", "corrects", "reached"}))


class ContactIn(FactsIn):
    """A person who comes into a pupil's life."""

    reached: DetailsIn


class ContactOut(Out):
    """How a contact is named and reached; what is true of them stands in the record."""

    id: UUID = Field(examples=[A_PERSON])
    name: str = Field(examples=["Gita Specimen"])
    channel: str = Field(examples=["email"])
    email: str | None = Field(examples=["gita@specimen.example"])
    phone: str | None = Field(examples=["01632 960001"])
    address: str | None = Field(examples=["1 Invented Road, Nowhere"])
    language: str = Field(examples=["en"])
    format: str = Field(examples=["text"])
    version: str = Field(description="Send it back in If-Match to change these.", examples=['"5d41402abc4b2a76b9719d911017c592"'])

    @classmethod
    def of(cls, found: ContactDetails) -> Self:
        """Write a contact for the wire."""
        return cls(
            id=found.id,
            name=found.name,
            channel=found.channel,
            email=found.email,
            phone=found.phone,
            address=found.address,
            language=found.language,
            format=found.format,
            version=version_of(found),
        )


class ContactsOut(Out):
    """A pupil's contacts."""

    items: list[ContactOut]


@router.post("", status_code=201, openapi_extra=STEP)
async def add_contact(call: RollCall, body: ContactIn) -> StepOut:
    """Add a person to a pupil's life; `references.contact` is the new id."""
    contact_id = clock.new_id()

    async def alongside(session: SchoolSession, _: tuple[Recorded, ...]) -> Mapping[str, object]:
        await pupils.insert_contact(session, body.reached.details(contact_id, call.pupil_id))
        return {"contact": contact_id}

    return await call.take(body, roll.describe_contact, entry=body.described(contact_id), alongside=alongside)


@router.get("")
async def list_contacts(request: Request, pupil_id: PupilPath, entrance: MayReadRecords) -> ContactsOut:
    """List how a pupil's contacts are reached."""
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        if not await pupils.exists(session, pupil_id):
            raise ApiError("not-found")
        return ContactsOut(items=[ContactOut.of(found) for found in await pupils.contacts_of(session, pupil_id)])


@router.post("/{contact_id}/facts", status_code=201, openapi_extra=STEP)
async def describe_contact(call: RollCall, contact_id: ContactPath, body: FactsIn) -> StepOut:
    """Record what is true of a contact from a day on: responsibility, care, restrictions."""

    async def alongside(session: SchoolSession, _: tuple[Recorded, ...] = ()) -> Mapping[str, object]:
        if contact_id not in {found.id for found in await pupils.contacts_of(session, call.pupil_id)}:
            raise ApiError("not-found")
        return {"contact": contact_id}

    if call.dry_run:
        async with call.casework.sessions.enter(call.entrance, read_only=True) as session:
            await alongside(session)

    return await call.take(body, roll.describe_contact, entry=body.described(contact_id), alongside=alongside)


@router.put("/{contact_id}", openapi_extra=may_answer("conflict", "precondition-failed", "precondition-required"))
async def change_contact(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    contact_id: ContactPath,
    entrance: MayWriteRoll,
    body: DetailsIn,
    if_match: MustMatch = None,
) -> ContactOut:
    """Change how a contact is named and reached; the ledger says that it was changed, and not to what."""
    require_named(if_match)
    changed = body.details(contact_id, pupil_id)
    try:
        kept = await change_details(request.app.state.casework, entrance, changed, partial(require_match, if_match))
    except ContactUnknownError:
        raise ApiError("not-found") from None
    response.headers["ETag"] = version_of(kept)
    return ContactOut.of(kept)
