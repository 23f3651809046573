"""The feed: everything that was written at all schools a client may see, in each school's own order, and never with a gap."""

from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.feeding import LONGEST_CURSOR, FeedCursors, Stand
from app.api.ledger import A_DIGEST, A_SCHOOL
from app.api.manners.body import StrictRoute
from app.api.manners.callers import Caller, needs_client
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import link_next
from app.api.manners.problems import invalid
from app.api.manners.steps import A_PERSON, A_PUPIL, AN_ENTRY, EntryOut
from app.api.shown.shapes import Out
from app.casework.feed import Feed, FeedPage, Position, Reader
from app.db.feed import Change
from app.db.scopes import scope_of
from app.domain.author import Assurance, AuthorKind

router = APIRouter(prefix="/v1", tags=["Feed"], route_class=StrictRoute)

SCOPE: Final = scope_of("records:read")
MayReadAnywhere = Annotated[Caller, Depends(needs_client(SCOPE))]
LARGEST_PAGE: Final = 1_000
USUAL_PAGE: Final = 200
LONGEST_WAIT_S: Final = 30
MOST_SCHOOLS: Final = 500


class Start(StrEnum):
    """Where to begin without a cursor."""

    BEGINNING = "beginning"
    NOW = "now"


class Include(StrEnum):
    """What can be had along with each change."""

    ENTRIES = "entries"


class HeaderAuthorOut(Out):
    """Who wrote an entry, as it was chained."""

    kind: AuthorKind = Field(examples=["staff"])
    id: str = Field(examples=[A_PERSON])
    assurance: Assurance = Field(examples=["asserted"])


class HeaderOut(Out):
    """An entry's header exactly as it was chained: its RFC 8785 JSON gives the digest, and the digest the link."""

    v: int = Field(examples=[1])
    school: str = Field(description="The school by our id, which stands in the chain in the place of its URN.", examples=[A_SCHOOL])
    number: int = Field(examples=[212])
    pupil: str | None = Field(description="Null where the entry is the school's own.", examples=[A_PUPIL])
    type: str = Field(examples=["concern.raised"])
    occurred_on: str = Field(examples=["2014-11-12"], json_schema_extra={"format": "date"})
    recorded_at: str = Field(examples=["2014-11-12T15:42:10.000000Z"], json_schema_extra={"format": "date-time"})
    author: HeaderAuthorOut
    client: str | None = Field(description="The client that wrote it for the author.", examples=[A_PERSON])
    commitment: str = Field(description="SHA-256 over the entry's salt and body.", examples=[A_DIGEST])


class AboutOut(Out):
    """What an entry is about beside its own pupil: drop what you hold of an entry or a pupil that was erased, and join whom it joins."""

    entries: list[int] = Field(description="The number of the entry that this one erases.", examples=[[]])
    pupils: list[UUID] = Field(description="The pupils that this entry erases or joins to its own.", examples=[[]])


class ChangeOut(Out):
    """One entry of one school. An erased entry shows its place in the chain and nothing that hangs on what it said."""

    urn: str = Field(examples=["999999"])
    header: HeaderOut
    digest: str = Field(description="SHA-256 over `graduated/entry/1`, a line feed, and the header.", examples=[A_DIGEST])
    link: str = Field(description="SHA-256 over `graduated/link/1`, a line feed, the link before, and the digest.", examples=[A_DIGEST])
    supersedes: int | None = Field(description="The number of the entry that this one corrects.", examples=[None])
    is_erased: bool = Field(examples=[False])
    erased_by: int | None = Field(description="The number of the entry that tells of the erasure.", examples=[None])
    about: AboutOut
    path: str = Field(description="Where the record is read.", examples=[f"/v1/schools/999999/pupils/{A_PUPIL}/record"])
    entry: EntryOut | None = Field(
        default=None, description="What it says, where `include=entries` asked for it and it was not erased.", examples=[AN_ENTRY]
    )


class RestartOut(Out):
    """A school's ledger was restored from a backup: drop what you hold of it after a number, for the feed goes on from there."""

    urn: str = Field(examples=["999999"])
    epoch: int = Field(description="The life of the ledger that began with it.", examples=[2])
    after: int = Field(examples=[211])


class ChangesOut(Out):
    """A page of changes: in the order of the numbers within each school, and in no order between schools."""

    items: list[ChangeOut]
    next: str = Field(
        description="Pass this as `cursor` to go on from here; it is there even when nothing follows yet.",
        examples=["WyIiLCI5OTk5OTkiLCJ2b1EvQWRRPSJd"],
    )
    has_more: bool = Field(description="Whether more was there already.", examples=[False])
    not_seen: list[str] = Field(description="Of the schools you named, those that you may not see at this moment.", examples=[[]])
    restarted: list[RestartOut] = Field(description="Schools that went back in time.", examples=[[]])
    stopped: list[str] = Field(
        description="Schools that can be read no further because a number is missing, which is our fault and no change to come.",
        examples=[[]],
    )


Schools = Annotated[
    list[Annotated[str, Field(pattern="^[0-9]{6}$")]] | None,
    Query(max_length=MOST_SCHOOLS, description="These schools alone, each by its URN; else all that you may see.", examples=[["999999"]]),
]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many changes to show at most.", examples=[USUAL_PAGE])]
CursorText = Annotated[
    str | None,
    Query(max_length=LONGEST_CURSOR, description="`next` of the page before, or `snapshot` of a list of pupils.", examples=[None]),
]
Wait = Annotated[
    int,
    Query(
        ge=0,
        le=LONGEST_WAIT_S,
        description="Where nothing has changed, wait up to so many seconds until it has; 16 requests of a client may at once.",
        examples=[0],
    ),
]
Begin = Annotated[Start | None, Query(description="Where to begin without a cursor; the beginning unless told.", examples=["beginning"])]
With = Annotated[Include | None, Query(description="`entries` adds what each entry says, as the record shows it.", examples=["entries"])]


class Asked:
    """What a request asks of the feed."""

    def __init__(
        self,
        schools: Schools = None,
        limit: Limit = USUAL_PAGE,
        cursor: CursorText = None,
        wait: Wait = 0,
        start: Begin = None,
        include: With = None,
    ) -> None:
        if cursor is not None and start is not None:
            raise invalid([Fault("start", "not_with_a_cursor", "A cursor says already where to begin.")])
        self.schools = None if schools is None else frozenset(schools)
        self.limit, self.cursor, self.wait = limit, cursor, wait
        self.starts_now = start is Start.NOW
        self.in_full = include is Include.ENTRIES

    def reader(self, caller: Caller) -> Reader:
        """Say who reads and what."""
        return Reader(
            client_id=caller.client_id,
            scope=SCOPE,
            token_scopes=caller.scopes,
            schools=self.schools,
            limit=self.limit,
            in_full=self.in_full,
        )


@router.get("/changes", response_model=ChangesOut, openapi_extra=may_answer("gone"))
async def list_changes(request: Request, caller: MayReadAnywhere, asked: Annotated[Asked, Depends()]) -> Response:
    """Read on in the ledgers of all schools you may see: corrections, erasures, merges and moves are entries like any other.

    A school granted to you later begins at its first entry by itself; one that you may see no more keeps its place in the cursor. A cursor
    never changes: asked again it gives the same changes of each school again, as far as they went, and what came since.
    """
    state, reader = request.app.state, asked.reader(caller)
    feed: Feed = state.feed
    cursors = FeedCursors(state.cursors, state.sessions, caller.client_id, new_id=clock.new_id, now=state.casework.means.now())
    stand = Stand(position=Position(places={}), upon=None, text=None)
    if asked.cursor is not None:
        stand = await cursors.stand(asked.cursor)
    elif asked.starts_now:
        stand = Stand(position=await feed.ends(reader), upon=None, text=None)
    with state.budgets.waiting(caller.client_id, asked.wait):
        page = await feed.page(reader, stand.position, asked.wait)
    following = await cursors.cursor(page.position, stand)
    response = Response(written(page, following, in_full=asked.in_full), media_type="application/json")
    link_next(request, response, following)
    return response


def written(page: FeedPage, cursor: str, *, in_full: bool) -> bytes:
    """Write a page as `ChangesOut` describes it, without the framework's machinery: it is a thousand times the same."""
    return orjson.dumps(
        {
            "items": [_item(urn, change, in_full=in_full) for urn, change in page.changes],
            "next": cursor,
            "has_more": page.has_more,
            "not_seen": page.not_seen,
            "restarted": [{"urn": urn, "epoch": place.epoch, "after": place.number} for urn, place in page.restarted.items()],
            "stopped": page.stopped,
        }
    )


def _item(urn: str, change: Change, *, in_full: bool) -> dict[str, object]:
    pupil, recorded = change.header.pupil, change.recorded
    return {
        "urn": urn,
        "header": change.header.to_json(),
        "digest": change.digest.hex(),
        "link": change.link.hex(),
        "supersedes": change.supersedes,
        "is_erased": change.is_erased,
        "erased_by": change.erased_by,
        "about": {"entries": change.about.entries, "pupils": change.about.pupils},
        "path": f"/v1/schools/{urn}" if pupil is None else f"/v1/schools/{urn}/pupils/{pupil}/record",
        "entry": EntryOut.of(recorded).model_dump(mode="json") if in_full and recorded is not None else None,
    }
