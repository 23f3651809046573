"""A school's ledger seen from outside: its signed end, and digests by which a client shows itself that it has everything."""

from dataclasses import dataclass
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.pages import Page, PageAsked, PageDep, Paging
from app.api.manners.versions import version_of
from app.api.shown.shapes import Moment, Out
from app.db.entrance import Entrance
from app.db.feed import Window, end_of, windows
from app.keys.heads import HeadStatement, sign_head
from app.keys.jwks import KeyUse

router = APIRouter(prefix="/v1/schools/{urn}/ledger", tags=["Feed"], route_class=StrictRoute)

MayReadRecords = Annotated[Entrance, Depends(needs("records:read"))]
A_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
A_SCHOOL: Final = "01932b4e-5f00-7000-8000-0000000000d4"
SMALLEST: Final = 100
LARGEST: Final = 10_000
USUAL: Final = 1_000
MOST_ENTRIES: Final = 100_000
"""So many entries are digested for one page; a page of large windows has fewer of them."""


class HeadOut(Out):
    """Where the ledger ends, in the open and signed: an earlier one kept aside shows later that nothing was cut off or rewritten."""

    school: UUID = Field(examples=[A_SCHOOL])
    epoch: int = Field(description="The life of the ledger; a restore from a backup begins the next.", examples=[1])
    number: int = Field(description="The last number given, 0 before the first.", examples=[212])
    link: str = Field(description="The link of the last entry.", examples=[A_DIGEST])
    at: Moment
    statement: str = Field(
        description="The same as a compact JWS of `typ` graduated-head+jws, under a key of /.well-known/bundle-keys.json.",
        examples=["eyJhbGciOiJFUzI1NiIsInR5cCI6ImdyYWR1YXRlZC1oZWFkK2p3cyJ9.e30.c2ln"],
    )

    @classmethod
    def of(cls, head: HeadStatement, statement: str) -> Self:
        """Write a head for the wire."""
        if head.at is None:
            raise ValueError("the head does not say when")
        return cls(school=head.school, epoch=head.epoch, number=head.number, link=head.link.hex(), at=head.at, statement=statement)


class WindowOut(Out):
    """Contiguous numbers, first and last inside; an erasure changes neither the digest nor the link."""

    first: int = Field(examples=[1])
    last: int = Field(description="Less than a whole window ends where the ledger does.", examples=[1000])
    digest: str = Field(
        description="SHA-256 over `graduated/window/1`, a line feed, and the 32-byte digests of the entries in their order.",
        examples=[A_DIGEST],
    )
    link: str = Field(description="The link of the last entry.", examples=[A_DIGEST])

    @classmethod
    def of(cls, window: Window) -> Self:
        """Write a window for the wire."""
        return cls(first=window.first, last=window.last, digest=window.digest.hex(), link=window.link.hex())


@router.get("/head")
async def read_head(request: Request, entrance: MayReadRecords) -> HeadOut:
    """Read where the school's ledger ends, signed with the present moment."""
    state = request.app.state
    async with state.sessions.enter(entrance, read_only=True) as session:
        end = await end_of(session)
    head = HeadStatement(school=session.school_id, epoch=end.epoch, number=end.number, link=end.link, at=state.casework.means.now())
    return HeadOut.of(head, sign_head(head, await state.keyring.signing_key(KeyUse.HEADS)))


@dataclass(frozen=True, slots=True)
class WindowsAsked:
    """Which windows a request asks for, and what the caller has of them."""

    size: int
    if_none_match: str | None


async def windows_asked(
    size: Annotated[int, Query(ge=SMALLEST, le=LARGEST, description="How many numbers each window has.", examples=[USUAL])] = USUAL,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", max_length=1000, description="The version you have.", examples=["*"])
    ] = None,
) -> WindowsAsked:
    """Read what is asked beside the page."""
    return WindowsAsked(size, if_none_match)


@router.get("/windows", response_model=Page[WindowOut])
async def list_windows(
    request: Request, response: Response, entrance: MayReadRecords, page: PageDep, asked: Annotated[WindowsAsked, Depends(windows_asked)]
) -> Page[WindowOut] | Response:
    """List a digest for each window of the ledger: two that are alike need not be compared entry by entry."""
    paging = Paging(request, response, PageAsked(min(page.limit, MOST_ENTRIES // asked.size), page.cursor))
    of = f"windows {entrance.urn} {asked.size}"
    key = paging.after(of)
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        found = await windows(session, size=asked.size, after=0 if key is None else int(key[0] or 0), limit=paging.fetch)
    shown = paging.page(of, found, WindowOut.of, key=lambda window: (window.last // asked.size,))
    tag = f"W/{version_of((of, shown.model_dump()))}"
    if asked.if_none_match is not None and tag in (seen.strip() for seen in asked.if_none_match.split(",")):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return shown
