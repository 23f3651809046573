"""Pupils on roll and the people around them."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator, Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.feeding import snapshot
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.steps import A_PUPIL, STEP, DryRun, KeyHeader, StepCall, StepIn, StepOut, key_of, shown, step_call
from app.api.shown.shapes import CivilDate, Day, Line, Out, Words, refusal
from app.casework.enrolment import enrol
from app.casework.school_steps import Asking
from app.db import pupils
from app.db.entrance import Entrance
from app.db.feed import Place, end_of
from app.db.pupils import NewPupil, PupilStanding
from app.domain import roll
from app.domain.codes import SenStatus
from app.domain.entries import Entry, PupilEnrolled, PupilLeft
from app.domain.identifiers import IdentifierError, Upn

router = APIRouter(prefix="/v1/schools/{urn}/pupils", tags=["Pupils"], route_class=StrictRoute)


def _upn(text: str) -> str:
    try:
        return Upn.parse(text).value
    except IdentifierError as error:
        raise refusal(error.reason, "This is not a unique pupil number: 13 characters whose first letter must fit the rest.") from None


UPN_RULE = (
    "A check letter, 11 digits, and a digit (a letter while it is temporary); /docs/start says how the letter is found. "
    "Spaces and small letters are put right. An invented pupil's begins, after the letter, with 999."
)
UpnText = Annotated[str, AfterValidator(_upn), Field(max_length=20, description=UPN_RULE, examples=["F999999925001"])]
RollCall = Annotated[StepCall, Depends(step_call("roll:write"))]
MayWriteRoll = Annotated[Entrance, Depends(needs("roll:write"))]
MayReadRecords = Annotated[Entrance, Depends(needs("records:read"))]
LIST = "pupils and place"


class PupilIn(StepIn):
    """A pupil who comes on roll; `occurred_on` is the day of admission."""

    kind: ClassVar[type[Entry]] = PupilEnrolled

    upn: UpnText
    surname: Line = Field(examples=["Example"])
    forename: Line = Field(examples=["Ada"])
    date_of_birth: CivilDate
    sex: str | None = Field(default=None, pattern="^[MFU]$", description="M, F, or U where it is not known.", examples=["F"])
    year_group: str | None = Field(
        default=None,
        pattern="^(E1|E2|N1|N2|R|X|[1-9]|1[0-4])$",
        description="E1, E2, N1, N2, R, 1 to 14, or X where the pupil is in no year group.",
        examples=["8"],
    )
    first_language_english: bool | None = Field(default=None, examples=[True])

    def enrolled(self) -> PupilEnrolled:
        """Build the entry; name and number are no part of it."""
        return PupilEnrolled(
            occurred_on=self.occurred_on,
            date_of_birth=self.date_of_birth,
            year_group=self.year_group,
            first_language_english=self.first_language_english,
        )

    def pupil(self, id_: UUID) -> NewPupil:
        """Build the roll's line."""
        return NewPupil(
            id=id_,
            upn=self.upn,
            surname=self.surname,
            forename=self.forename,
            date_of_birth=self.date_of_birth,
            sex=self.sex,
            year_group=self.year_group,
        )


class LeaverIn(StepIn):
    """The pupil is off roll from `occurred_on` on."""

    kind: ClassVar[type[Entry]] = PupilLeft

    reason: Words
    to_laestab: str | None = Field(
        default=None,
        pattern="^[0-9]{3}/[0-9]{4}$",
        description="The next school, by authority and establishment; the record is to follow within 15 school days.",
        examples=["999/9998"],
    )
    to_school: Line | None = Field(default=None, description="The next school by name, where it has no such number.", examples=[None])


class PupilOut(Out):
    """A pupil on roll, and where the record stands."""

    id: UUID = Field(examples=[A_PUPIL])
    upn: str = Field(examples=["F999999925001"])
    surname: str = Field(examples=["Example"])
    forename: str = Field(examples=["Ada"])
    date_of_birth: Day
    sex: str | None = Field(examples=["F"])
    year_group: str | None = Field(examples=["8"])
    left_on: Day | None
    ledger_number: int = Field(examples=[212])
    standing: dict[str, JsonValue] = Field(
        description="What is derived from the record: status, needs, cycle, and an undecided transition.",
        examples=[{"status": "K", "status_since": "2014-11-10", "needs": [], "undecided": None, "cycle": None}],
    )

    @classmethod
    def of(cls, found: PupilStanding) -> Self:
        """Write a pupil for the wire."""
        return cls(
            id=found.id,
            upn=found.upn,
            surname=found.surname,
            forename=found.forename,
            date_of_birth=found.date_of_birth,
            sex=found.sex,
            year_group=found.year_group,
            left_on=found.left_on,
            ledger_number=found.last_number,
            standing=found.summary,
        )


@router.post("", status_code=201, openapi_extra=may_answer("step-refused", "conflict"))
async def enrol_pupil(
    request: Request, response: Response, entrance: MayWriteRoll, body: PupilIn, key: KeyHeader = None, dry_run: DryRun = False
) -> StepOut:
    """Put one pupil on roll; `references.pupil` is the new id."""
    asked_key = await key_of(request, entrance.client_id, key, dry_run=dry_run)
    asking = Asking(entrance=entrance, author=body.author.claim(), key=asked_key, dry_run=dry_run)
    taken = await enrol(request.app.state.casework, asking, body.pupil(clock.new_id()), body.enrolled())
    return shown(response, taken, dry_run=dry_run)


class PupilsOut(Page[PupilOut]):
    """One page of pupils, and where the school's ledger stood when the list was begun."""

    snapshot: str = Field(
        description="Pass this as `cursor` to /v1/changes with `schools` set to this school: whoever lists and then reads on from there "
        "misses nothing. It is the same on each page of one list.",
        examples=["WyIiLCIiLCIvLzRBQUE9PSJd"],
    )


@router.get("")
async def list_pupils(
    request: Request,
    entrance: MayReadRecords,
    paging: PagingDep,
    status: Annotated[SenStatus | None, Query(description="Pupils with this SEN status.", examples=["K"])] = None,
    undecided: Annotated[bool | None, Query(description="Pupils with an undecided transition, or without.", examples=[True])] = None,
    leavers: Annotated[bool, Query(description="Show pupils who left, too.", examples=[False])] = False,
) -> PupilsOut:
    """List the pupils of the school in the order of their ids."""
    after = paging.after(LIST)
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        # Read before the list is: what is written in between is told by the feed as well, and never by neither.
        place = (await end_of(session)).place if after is None else Place(int(after[1] or 0), int(after[2] or 0))
        found = await pupils.list_pupils(
            session,
            after=None if after is None else UUID(str(after[0])),
            limit=paging.fetch,
            status=status,
            undecided=undecided,
            with_leavers=leavers,
        )
    page = paging.page(LIST, found, PupilOut.of, key=lambda pupil: (str(pupil.id), *place))
    token = snapshot(request.app.state.cursors, entrance.client_id, entrance.urn, place)
    return PupilsOut(items=page.items, next=page.next, snapshot=token)


@router.post("/{pupil_id}/departures-from-roll", status_code=201, openapi_extra=STEP)
async def leave_school(call: RollCall, body: LeaverIn) -> StepOut:
    """Record that a pupil left the school."""
    return await call.take(body, roll.leave_school)
