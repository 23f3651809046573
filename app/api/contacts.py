"""The people in a pupil's life: how they are reached, and, as dated facts, their responsibility, care and restrictions."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, ClassVar, Literal, Self, TypeVar
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, ValidationInfo, field_validator
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.manners.body import StrictRoute
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError
from app.api.manners.steps import A_PERSON, STEP, PupilPath, StepCall, StepIn, StepOut
from app.api.manners.versions import MustMatch, require_match, require_named, version_of
from app.api.pupils import MayReadRecords, MayWriteRoll, RollCall
from app.api.shown.shapes import Day, In, Line, Out, Words, refusal
from app.casework.contact_details import ContactUnknownError, Kept, change_details, contacts_kept
from app.casework.deciding import Step
from app.db import pupils
from app.db.pupils import ContactDetails
from app.db.session import SchoolSession
from app.documents.notices.notice_words import Format
from app.domain import circumstances, roll
from app.domain.cooling_off import CoolingOff
from app.domain.entries import ContactDescribed, ContactDetailsConfirmed, Entry, Recorded
from app.domain.languages import LONGEST, SHAPE

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/contacts", tags=["Contacts"], route_class=StrictRoute)
ContactPath = Annotated[UUID, Path(description="The contact, by our id.", examples=[A_PERSON])]
E = TypeVar("E", bound=Entry)
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
    language: str = Field(default="en", max_length=LONGEST, pattern=SHAPE, examples=["en"])
    format: Format = Field(default="text", examples=["text"])

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


class ConfirmationIn(StepIn):
    """A change of a contact's details is genuine: the author made sure of it by another way than the new details."""

    kind: ClassVar[type[Entry]] = ContactDetailsConfirmed

    change: int = Field(ge=1, description="The ledger number of the change, as the contact's `cooling_off` gives it.", examples=[212])
    basis: Words = Field(examples=["Rang the number that we had before, and she said that she has moved"])

    def confirmed(self, contact_id: UUID) -> ContactDetailsConfirmed:
        """Build the entry about this contact."""
        return ContactDetailsConfirmed(occurred_on=self.occurred_on, contact=contact_id, change=self.change, basis=self.basis)


class CoolingOffOut(Out):
    """A change that is too new to be relied on: until it is confirmed, or the days are over, the contact is sent nothing."""

    change: int = Field(description="The ledger number of the change, by which it is confirmed.", examples=[212])
    changed_on: Day
    until: Day | None = Field(description="The last day, inside; null where it is counted in school days and a calendar is missing.")
    missing: list[str] = Field(description="What must be loaded before the last day can be told.", examples=[[]])

    @classmethod
    def of(cls, found: CoolingOff) -> Self:
        """Write a cooling-off for the wire."""
        change, last = found.change, found.last
        return cls(change=change.number, changed_on=change.entry.occurred_on, until=last.day, missing=list(last.missing))


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
    cooling_off: CoolingOffOut | None = Field(examples=[None])
    version: str = Field(description="Send it back in If-Match to change these.", examples=['"5d41402abc4b2a76b9719d911017c592"'])

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """Write a contact for the wire."""
        found, cooling = kept
        return cls(
            id=found.id,
            name=found.name,
            channel=found.channel,
            email=found.email,
            phone=found.phone,
            address=found.address,
            language=found.language,
            format=found.format,
            cooling_off=None if cooling is None else CoolingOffOut.of(cooling),
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
    """List how a pupil's contacts are reached, and who is sent nothing yet because that was just changed."""
    found = await contacts_kept(request.app.state.casework, entrance, pupil_id)
    if found is None:
        raise ApiError("not-found")
    return ContactsOut(items=[ContactOut.of(kept) for kept in found])


@router.post("/{contact_id}/facts", status_code=201, openapi_extra=STEP)
async def describe_contact(call: RollCall, contact_id: ContactPath, body: FactsIn) -> StepOut:
    """Record what is true of a contact from a day on: responsibility, care, restrictions."""
    return await _take_about(call, contact_id, body, roll.describe_contact, body.described(contact_id))


async def _take_about(call: StepCall, contact_id: UUID, body: StepIn, step: Step[E], entry: E) -> StepOut:
    """Take a step about a contact of this pupil; whoever is none of them is not found."""

    async def alongside(session: SchoolSession, _: tuple[Recorded, ...] = ()) -> Mapping[str, object]:
        if contact_id not in {found.id for found in await pupils.contacts_of(session, call.pupil_id)}:
            raise ApiError("not-found")
        return {"contact": contact_id}

    if call.dry_run:
        async with call.casework.sessions.enter(call.entrance, read_only=True) as session:
            await alongside(session)

    return await call.take(body, step, entry=entry, alongside=alongside)


@router.post("/{contact_id}/confirmations", status_code=201, openapi_extra=STEP)
async def confirm_contact(call: RollCall, contact_id: ContactPath, body: ConfirmationIn) -> StepOut:
    """Confirm that a changed address is genuine, so that the contact is sent things there at once.

    A second person confirms it: a member of staff whom the school knew for 24 hours when the change was made, with the identity provider's
    proof unless the school's setting `asserted_second_person_accepted` is 1, for the client that makes a change cannot vouch for it.
    """
    return await _take_about(call, contact_id, body, circumstances.confirm_details, body.confirmed(contact_id))


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
    """Change how a contact is named and reached; the ledger says that it was changed, and not to what.

    For as many days as the school's setting `address_cooling_off_days` says, nothing is sent to the contact unless the change is confirmed.
    """
    require_named(if_match)
    changed = body.details(contact_id, pupil_id)
    try:
        kept = await change_details(request.app.state.casework, entrance, changed, partial(require_match, if_match))
    except ContactUnknownError:
        raise ApiError("not-found") from None
    response.headers["ETag"] = version_of(kept.details)
    return ContactOut.of(kept)
