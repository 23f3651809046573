"""The work that waits at a school: how much, since when, how often it was tried, and what was given up."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError
from app.api.schools import MayReadSchool
from app.api.shown.shapes import Moment, Out
from app.casework.waiting import asking
from app.casework.working import FileGoneError, NotGivenUpError, try_again
from app.db.entrance import Entrance
from app.db.work import WorkKind
from app.db.work_seen import Count, Owed, Shown, counts_of, owed_by, shown_of

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Work"], route_class=StrictRoute)
MayAskAgain = Annotated[Entrance, Depends(needs("schools:write", own_only=True))]
A_SUBJECT = "01932b4e-5f00-7000-8000-0000000000d4"
KINDS = "import, bundle, obligations, totals, accesses, clocks, notices or forgetting."
REASONS = "exhausted: every attempt failed. interrupted: it ended every worker that tried. gone: what it was about is no longer there."


class WorkCountOut(Out):
    """One kind of work at the school."""

    kind: str = Field(description=KINDS, examples=["import"])
    waiting: int = Field(description="Pieces that nobody has in hand, those put off after a failure too.", examples=[1])
    running: int = Field(description="Pieces that a worker has in hand.", examples=[0])
    dead: int = Field(description="Pieces that were given up.", examples=[0])
    oldest_seconds: int | None = Field(
        description="How long the oldest that is not done has been there; null where nothing waits, or only what no worker has seen yet.",
        examples=[12],
    )
    attempts: int = Field(description="The most attempts that any of those not done has had.", examples=[1])

    @classmethod
    def of(cls, count: Count, now: datetime) -> Self:
        """Write a count for the wire."""
        c = count
        seconds = _seconds(c.oldest_at, now)
        return cls(kind=c.kind, waiting=c.waiting, running=c.running, dead=c.dead, oldest_seconds=seconds, attempts=c.attempts)


class PieceOut(Out):
    """A piece of work that a worker has in hand or that was given up."""

    kind: str = Field(description=KINDS, examples=["import"])
    subject: UUID = Field(description="The import or bundle it is about, by its id; otherwise the school's own.", examples=[A_SUBJECT])
    state: str = Field(description="running or dead.", examples=["running"])
    attempts: int = Field(examples=[1])
    progress: dict[str, int | str] = Field(description="How far it has come, as it says itself.", examples=[{"stage": "reading"}])
    created_at: Moment
    given_up_at: Moment | None = None
    reason: str | None = Field(default=None, description=f"Why it was given up. {REASONS}", examples=["exhausted"])

    @classmethod
    def of(cls, shown: Shown) -> Self:
        """Write a piece for the wire."""
        s = shown
        return cls(
            kind=s.kind,
            subject=s.subject,
            state=s.state,
            attempts=s.attempts,
            progress=s.progress,
            created_at=s.created_at,
            given_up_at=s.ended_at,
            reason=s.reason,
        )


class OwedOut(Out):
    """What is owed to one subscription that hears of the school. The deliveries themselves are listed in the log."""

    subscription: UUID = Field(examples=[A_SUBJECT])
    kind: str = Field(description="push or mailbox.", examples=["push"])
    state: str = Field(description="active, paused, disabled or ended.", examples=["active"])
    waiting: int = Field(examples=[3])
    dead: int = Field(description="Deliveries that were given up; they can be sent again.", examples=[0])
    oldest_seconds: int | None = Field(description="How long ago the oldest that waits came to be owed.", examples=[30])
    failures: int = Field(description="Attempts at the endpoint that failed in a row.", examples=[0])
    failing_since: Moment | None = None
    probe_at: Moment | None = Field(
        default=None, description="While the endpoint fails one attempt at a time is made, the next at this moment; null where it does not."
    )

    @classmethod
    def of(cls, owed: Owed, now: datetime) -> Self:
        """Write what is owed for the wire."""
        o = owed
        return cls(
            subscription=o.subscription_id,
            kind=o.kind,
            state=o.state,
            waiting=o.waiting,
            dead=o.dead,
            oldest_seconds=_seconds(o.oldest_at, now),
            failures=o.failures,
            failing_since=o.failing_since,
            probe_at=o.probe_at,
        )


class WorkOut(Out):
    """All work at a school: counted by kind, then what is under way or was given up (the newest hundred), then what is owed to others."""

    counts: list[WorkCountOut]
    pieces: list[PieceOut]
    deliveries: list[OwedOut]


class AskedAgainOut(Out):
    """A piece of work that waits again, as if it had never been tried."""

    kind: str = Field(description=KINDS, examples=["bundle"])
    subject: UUID = Field(examples=[A_SUBJECT])
    state: str = Field(examples=["waiting"])


@router.get("/work")
async def read_work(request: Request, entrance: MayReadSchool) -> WorkOut:
    """See what waits at the school and since when, what is under way, and what was given up. Times are the world's."""
    casework = request.app.state.casework
    now = asking(casework)
    async with casework.sessions.enter(entrance, read_only=True) as session:
        counts, pieces, owed = await counts_of(session, now), await shown_of(session, now.now), await owed_by(session)
    return WorkOut(
        counts=[WorkCountOut.of(count, now.now) for count in counts],
        pieces=[PieceOut.of(shown) for shown in pieces],
        deliveries=[OwedOut.of(one, now.now) for one in owed],
    )


@router.post("/work/{kind}/{subject}/again", status_code=202, openapi_extra=may_answer("not-found", "conflict"))
async def ask_again(
    request: Request,
    entrance: MayAskAgain,
    kind: Annotated[WorkKind, Path(description=KINDS, examples=["bundle"])],
    subject: Annotated[UUID, Path(description="What the work is about, as listed.", examples=[A_SUBJECT])],
) -> AskedAgainOut:
    """Let a piece of work that was given up be tried from the start. For the school's own clients; an import is handed in anew instead."""
    try:
        await try_again(request.app.state.casework, entrance, kind, subject)
    except NotGivenUpError:
        raise ApiError("not-found") from None
    except FileGoneError:
        raise ApiError("conflict", "The file was let go when the import was given up; hand it in again.") from None
    return AskedAgainOut(kind=kind, subject=subject, state="waiting")


def _seconds(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else max(0, int((now - since).total_seconds()))
