"""What every step route does: bind the request, take the step, show what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, ClassVar, Final, Self, TypeVar, cast
from uuid import UUID

from fastapi import Depends, Header, Path, Query
from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError, invalid
from app.api.shown.shapes import CivilDate, Day, FindingOut, In, Moment, Out
from app.casework.authors import AuthorClaim
from app.casework.deciding import Step, Taken
from app.casework.school_steps import Asking, take_for_school
from app.casework.taking import Alongside, Asked, Casework
from app.db.codec import body_of, entry_of
from app.db.entrance import Entrance
from app.db.idempotency import Key
from app.domain.author import Assurance, Author, AuthorKind
from app.domain.entries import Entry, Recorded
from app.domain.steps import SCHOOL_STEPS

E = TypeVar("E", bound=Entry)
STEP = may_answer("step-refused", "conflict")
A_PUPIL = "01932b4e-5f00-7000-8000-0000000000a1"
A_PERSON = "01932b4e-5f00-7000-8000-0000000000b2"
PROOF = (
    "A compact JWS of `typ` author-proof+jwt, signed by the school's identity provider under ES256, RS256 or PS256, with `iss` as "
    "registered, `sub` this id, `aud` the issuer of our tokens, `iat`, `exp` at most 5 minutes ahead, and a `jti` that serves once."
)

AN_ENTRY: Final = {
    "number": 212,
    "type": "concern.raised",
    "occurred_on": "2014-11-12",
    "recorded_at": "2014-11-12T15:42:10Z",
    "author": {"kind": "staff", "id": A_PERSON, "assurance": "asserted"},
    "supersedes": None,
    "facts": {"raised_by": "parent", "contact": None, "domain": "attainment", "words": "Reads far less than her friends do."},
}
A_FINDING: Final = {
    "rule": "tell-all-staff",
    "kept": False,
    "duty": "Tell all who work with the pupil the needs, outcomes, support and strategies",
    "force": "should",
    "citations": ["SEND Code of Practice 0 to 25, January 2015, paragraph 6.49"],
    "certainty": "secondary",
    "used": {"cycle": 1, "staff_not_told": 2},
    "missing": [],
    "cure": "tell them and record it",
}


class PersonKindIn(StrEnum):
    """Who may be named as the author of an entry: people. Clients, officers and imports are authors only where our own code makes them."""

    STAFF = AuthorKind.STAFF.value
    CONTACT = AuthorKind.CONTACT.value
    PUPIL = AuthorKind.PUPIL.value


class AuthorIn(In):
    """The person behind the entry. `proof` is a claim signed by the school's identity provider; without it the client merely asserts."""

    kind: PersonKindIn = Field(default=PersonKindIn.STAFF, examples=["staff"])
    id: UUID = Field(description="The member of staff, contact or pupil, by id.", examples=[A_PERSON])
    proof: str | None = Field(default=None, max_length=8_000, description=PROOF, examples=[None])

    def claim(self) -> AuthorClaim:
        """Give what the client says of the author."""
        return AuthorClaim(kind=AuthorKind(self.kind), id=self.id, proof=self.proof)


class StepIn(In):
    """What every step has: who, on which day, and whether it corrects an earlier entry of the same kind."""

    kind: ClassVar[type[Entry]]

    author: AuthorIn = Field(examples=[{"kind": "staff", "id": A_PERSON}])
    occurred_on: CivilDate
    corrects: int | None = Field(default=None, ge=1, description="The number of the entry that this one supersedes.", examples=[None])

    def entry(self) -> Entry:
        """Build the entry that the step is to add."""
        return entry_of(self.kind, self.model_dump(exclude={"author", "corrects"}))


class AuthorOut(Out):
    """Who wrote an entry, by id, and how sure we are of it."""

    kind: AuthorKind = Field(examples=["staff"])
    id: UUID = Field(examples=[A_PERSON])
    assurance: Assurance = Field(examples=["asserted"])

    @classmethod
    def of(cls, author: Author) -> Self:
        """Write an author for the wire."""
        return cls(kind=author.kind, id=author.id, assurance=author.assurance)


class EntryOut(Out):
    """One entry of the ledger, with its number in the school's contiguous count."""

    number: int = Field(examples=[212])
    type: str = Field(examples=["concern.raised"])
    occurred_on: Day
    recorded_at: Moment
    author: AuthorOut
    supersedes: int | None = Field(default=None, examples=[None])
    facts: dict[str, JsonValue] = Field(examples=[{"raised_by": "parent", "domain": "attainment", "words": "Finds reading hard."}])

    @classmethod
    def of(cls, recorded: Recorded) -> Self:
        """Write an entry for the wire."""
        return cls(
            number=recorded.number,
            type=recorded.entry.type,
            occurred_on=recorded.entry.occurred_on,
            recorded_at=recorded.recorded_at,
            author=AuthorOut.of(recorded.author),
            supersedes=recorded.supersedes,
            facts=body_of(recorded.entry),
        )


class WouldAppendOut(Out):
    """An entry that a dry run would have appended."""

    type: str = Field(examples=["concern.raised"])
    occurred_on: Day
    facts: dict[str, JsonValue] = Field(examples=[{}])

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Write an entry that was not recorded for the wire."""
        return cls(type=entry.type, occurred_on=entry.occurred_on, facts=body_of(entry))


class StepOut(Out):
    """What came of a step. `version` is the record's new entity tag, `ledger_number` its last number; a dry run has neither."""

    entries: list[EntryOut] = Field(default=[], examples=[[AN_ENTRY]])
    would_append: list[WouldAppendOut] = Field(default=[], description="What a dry run would have appended.", examples=[[]])
    findings: list[FindingOut] = Field(default=[], examples=[[A_FINDING]])
    ledger_number: int | None = Field(default=None, examples=[212])
    version: str | None = Field(default=None, examples=['W/"0f3b2a9c6d5e4f708192a3b4c5d6e7f8"'])
    references: dict[str, str] = Field(
        default={}, description="Ids of what else was made, by name: pupil, contact, staff, request, bundle or contribution.", examples=[{}]
    )

    @classmethod
    def of(cls, taken: Taken) -> Self:
        """Write what came of a step for the wire."""
        return cls(
            entries=[EntryOut.of(recorded) for recorded in taken.entries],
            would_append=[WouldAppendOut.of(entry) for entry in taken.would_append],
            findings=[FindingOut.of(finding) for finding in taken.findings],
            ledger_number=taken.number,
            version=taken.etag,
            references={name: str(value) for name, value in taken.references.items()},
        )


KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Your own name for this request; sending it again under the same name does nothing more. Required but for a dry run.",
        examples=["0b7c2f1e-concern-1"],
    ),
]
DryRun = Annotated[bool, Query(description="Check everything and store nothing.", examples=[False])]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=200, description="The version you saw; 412 when the record has moved on.", examples=["*"]),
]
PupilPath = Annotated[UUID, Path(description="The pupil, by our id.", examples=[A_PUPIL])]


async def key_of(request: Request, client_id: UUID, key: str | None, *, dry_run: bool = False) -> Key | None:
    """Read the idempotency key of a request together with a digest of all that was asked; none is needed for a dry run."""
    if len(request.headers.getlist("idempotency-key")) > 1:
        raise invalid([Fault("Idempotency-Key", "given_twice", "A request has one Idempotency-Key.")])
    if dry_run:
        return None
    if key is None:
        raise ApiError("idempotency-key-missing")
    asked = b"\n".join((request.method.encode(), request.scope["path"].encode(), request.scope["query_string"], await request.body()))
    route = request.scope["route"].name
    return Key(client_id=client_id, route=route, key=key, digest=sha256(asked).digest())


def shown(response: Response, taken: Taken, *, dry_run: bool) -> StepOut:
    """Show what came of a write: 201 with the record's version, or 200 where it was a dry run."""
    if dry_run:
        response.status_code = 200
    if taken.etag is not None:
        response.headers["ETag"] = taken.etag
    return StepOut.of(taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCall:
    """A request to take a step, with everything but its body."""

    casework: Casework
    entrance: Entrance
    pupil_id: UUID
    key: Key | None
    if_match: str | None
    dry_run: bool
    response: Response

    async def take(self, body: StepIn, step: Step[E], *, entry: E | None = None, alongside: Alongside | None = None) -> StepOut:
        """Take the step with the body's own entry, or the one given; 201 with the record's version, or 200 where it was a dry run."""
        asked_for = cast("E", body.entry()) if entry is None else entry
        asked = Asked(
            entrance=self.entrance,
            pupil_id=self.pupil_id,
            author=body.author.claim(),
            key=self.key,
            if_match=self.if_match,
            corrects=body.corrects,
            dry_run=self.dry_run,
        )
        taken = await self.casework.take(asked, step, asked_for, alongside=alongside)
        return shown(self.response, taken, dry_run=self.dry_run)


def step_call(scope: str) -> Callable[..., object]:
    """Make the dependency that binds a step request of clients holding `scope`."""

    async def bind(
        request: Request,
        response: Response,
        pupil_id: PupilPath,
        entrance: Annotated[Entrance, Depends(needs(scope))],
        key: KeyHeader = None,
        if_match: IfMatch = None,
        dry_run: DryRun = False,
    ) -> StepCall:
        return StepCall(
            casework=request.app.state.casework,
            entrance=entrance,
            pupil_id=pupil_id,
            key=await key_of(request, entrance.client_id, key, dry_run=dry_run),
            if_match=if_match,
            dry_run=dry_run,
            response=response,
        )

    return bind


RecordStep = Annotated[StepCall, Depends(step_call("records:write"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolStepCall:
    """A request to take a step of the school itself, with everything but its body.

    A route of a kind of entry in `SCHOOL_STEPS` needs a body and two lines: `class ThingIn(StepIn)` with `kind` and the facts, then
    `async def do_thing(call: SchoolRecordStep, body: ThingIn) -> StepOut` that returns `await call.take(body)`.
    """

    casework: Casework
    entrance: Entrance
    key: Key | None
    if_match: str | None
    dry_run: bool
    response: Response

    async def take(self, body: StepIn, *, entry: Entry | None = None, alongside: Alongside | None = None) -> StepOut:
        """Take the step of the body's kind with its own entry, or the one given; 201 with the school's version, or 200 for a dry run."""
        asking = Asking(
            entrance=self.entrance,
            author=body.author.claim(),
            key=self.key,
            if_match=self.if_match,
            corrects=body.corrects,
            dry_run=self.dry_run,
        )
        asked_for = body.entry() if entry is None else entry
        taken = await take_for_school(self.casework, asking, SCHOOL_STEPS[body.kind], asked_for, alongside=alongside)
        return shown(self.response, taken, dry_run=self.dry_run)


def school_step_call(scope: str) -> Callable[..., object]:
    """Make the dependency that binds a request for a step of the school by clients holding `scope`."""

    async def bind(
        request: Request,
        response: Response,
        entrance: Annotated[Entrance, Depends(needs(scope))],
        key: KeyHeader = None,
        if_match: IfMatch = None,
        dry_run: DryRun = False,
    ) -> SchoolStepCall:
        return SchoolStepCall(
            casework=request.app.state.casework,
            entrance=entrance,
            key=await key_of(request, entrance.client_id, key, dry_run=dry_run),
            if_match=if_match,
            dry_run=dry_run,
            response=response,
        )

    return bind


SchoolRecordStep = Annotated[SchoolStepCall, Depends(school_step_call("schools:write"))]
