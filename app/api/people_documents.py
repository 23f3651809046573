"""Documents for people: plans, reviews, meetings, decisions and maps, to be read, printed, heard or enlarged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.hot_reads import IfNoneMatch
from app.api.manners.body import LARGEST_INTEGER, StrictRoute
from app.api.manners.drawing import Drawing
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep, SortKey
from app.api.manners.problems import ApiError
from app.api.manners.representations import MEDIA_TYPES, UNCHANGED, Form, OneOf, file_response, only_as
from app.api.manners.steps import A_PUPIL, PupilPath
from app.api.manners.time_asked import is_held
from app.api.manners.time_travel import AsAt, KnownAt
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import Day, Out
from app.casework.versions import entity_tag
from app.db import accesses
from app.db.accesses import Looked
from app.db.entrance import Entrance
from app.db.freezes import people_of
from app.db.moments import number_at
from app.db.opening import MergedAwayError
from app.db.records import PupilRef, find_pupil, load_record
from app.db.session import SchoolSession
from app.documents.people.document import Document, DocumentKind, Letterhead, pupil_reference
from app.documents.people.drawing import Appearance, drawn, people_renderer
from app.documents.people.every import documents_of
from app.documents.people.who_looked import is_told, who_looked
from app.documents.record.labels import Names
from app.domain.record import Record

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/documents", tags=["Documents for people"], route_class=StrictRoute)
FORMS: Final = (Form.HTML, Form.PDF, Form.TEXT, Form.LARGE_PRINT, Form.LARGE_PRINT_PDF)
LARGE: Final = (Form.LARGE_PRINT, Form.LARGE_PRINT_PDF)
OwnKind = Literal["decision", "plan", "review", "meeting", "provision-map"]
KindPath = Annotated[OwnKind, Path(description="What kind of document it is.", examples=["review"])]
NumberPath = Annotated[
    int, Path(ge=1, le=LARGEST_INTEGER, description="The ledger number of the entry that the document is about.", examples=[212])
]
FormDep = Annotated[Form, Depends(OneOf(FORMS))]
ENDINGS: Final = MappingProxyType({"text/html": "html", "application/pdf": "pdf", "text/plain": "txt"})
PAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""A document carries its own style and nothing else; whoever opens it runs nothing and fetches nothing."""
READS_AT_ONCE: Final = 1000
DRAWN: Final = only_as(
    "The document: a page of HTML, a tagged PDF (PDF/UA-1 and PDF/A-2a), plain text, or either of the first two in large print.",
    html='<!DOCTYPE html>\n<html lang="en-GB"><title>Review</title><h1>Review</h1></html>\n',
    pdf="%PDF-1.7",
    text="Review\n======\n",
)
UNCHANGED_ONLY: Final[dict[int | str, dict[str, object]]] = {304: dict(UNCHANGED)}


@dataclass(frozen=True, slots=True)
class Time:
    """As it was true on a day, and by what was written until a moment; today and now where they are None."""

    as_at: date | None = None
    known_at: datetime | None = None


async def time_of_record(as_at: AsAt = None, known_at: KnownAt = None) -> Time:
    """Read both questions of time together."""
    return Time(as_at, known_at)


TimeDep = Annotated[Time, Depends(time_of_record)]


class DocumentOut(Out):
    """A document that can be drawn; without a number it is about no entry, as the list of who looked."""

    kind: DocumentKind = Field(examples=["review"])
    number: int | None = Field(description="The ledger number of the entry that it is about.", examples=[212])
    occurred_on: Day | None = Field(description="The day of what it is about.")
    title: str = Field(examples=["Review for Ada Example, 20 March 2015"])

    @classmethod
    def of(cls, found: Document) -> Self:
        """Write a document for the wire."""
        on = None if found.number is None else found.on
        return cls(kind=found.kind, number=found.number, occurred_on=on, title=found.outline.title)


class DocumentsOut(Page[DocumentOut]):
    """A page of the documents that can be drawn from a pupil's record, by kind and within a kind by day."""

    pupil: UUID = Field(examples=[A_PUPIL])
    known_at_number: int = Field(description="The ledger number to which the moment asked for resolved.", examples=[212])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A pupil's record as it was asked for, whole and in part, with the names that documents print today."""

    whole: Record
    record: Record
    head: Letterhead
    as_at: date | None
    number: int
    looked: tuple[Looked, ...] = ()
    is_now: bool = True

    def version(self, view: str) -> str:
        """Give the entity tag of a view: names and reads are no part of a record, and what draws it is none either."""
        beside = (self.head.school, sorted(self.head.names.people.items()), self.head.names.pupil_name, self.looked, people_renderer())
        return entity_tag(
            pupil_number=self.whole.last_number,
            school_number=self.whole.school.last_number,
            view=f"documents {view} {sha256(repr(beside).encode()).hexdigest()}",
            as_at=self.as_at.isoformat() if self.as_at else "",
            known_at=None if self.is_now else self.number,
        )

    def list_of_reads(self) -> Document:
        """The list of who looked, dated by the newest read in it, or by the newest entry while there is none."""
        moment = max((one.last_at for one in self.looked if is_told(one)), default=max(one.recorded_at for one in self.whole.known))
        return who_looked(self.looked, self.head, moment)


@router.get("", response_model=DocumentsOut, responses=UNCHANGED_ONLY)
async def list_documents(
    request: Request,
    response: Response,
    pupil_id: PupilPath,
    entrance: MayReadRecords,
    time: TimeDep,
    paging: PagingDep,
    if_none_match: IfNoneMatch = None,
) -> DocumentsOut | Response:
    """List what documents a pupil's record gives: as it was true on a day, by what was written until a moment."""
    of = f"documents {pupil_id}"
    after = paging.after(of)
    shown = await _shown(request, entrance, pupil_id, time)
    tag = shown.version(f"list {after} {paging.fetch}")
    if is_held(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    found = await _drawing(request).run(partial(documents_of, shown.record, shown.head))
    response.headers["ETag"] = tag
    rows = sorted((one for one in (*found, shown.list_of_reads()) if after is None or _place(one) > after), key=_place)
    page = paging.page(of, rows[: paging.fetch], DocumentOut.of, key=_place)
    return DocumentsOut(items=page.items, next=page.next, pupil=pupil_id, known_at_number=shown.number)


def _place(found: Document) -> SortKey:
    """By kind, and within a kind by day."""
    return (list(DocumentKind).index(found.kind), found.on.isoformat(), found.number)


@router.get("/who-looked", response_class=Response, responses=DRAWN)
async def draw_who_looked(
    request: Request, pupil_id: PupilPath, entrance: MayReadRecords, form: FormDep, if_none_match: IfNoneMatch = None
) -> Response:
    """Draw the list of who looked at a pupil's papers, for a parent to read: when, who and why.

    Reads to keep a child safe, and reads for somebody who asked to see the record, are left out, and the list says so.
    """
    shown = await _shown(request, entrance, pupil_id, Time(), with_reads=True)
    return await _answer(request, shown, DocumentKind.WHO_LOOKED, form, if_none_match, shown.list_of_reads)


@router.get("/{kind}/{number}", response_class=Response, responses=DRAWN, openapi_extra=may_answer("not-found"))
async def draw_document(
    request: Request,
    pupil_id: PupilPath,
    kind: KindPath,
    number: NumberPath,
    entrance: MayReadRecords,
    form: FormDep,
    time: TimeDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Draw one document in the form asked for; it says what the record says and names nobody's UPN.

    `format` is html, pdf, text, large-print or large-print-pdf here; without it the Accept header decides, and a page of HTML is the first.
    """
    shown = await _shown(request, entrance, pupil_id, time)

    def found() -> Document:
        documents = documents_of(shown.record, shown.head)
        document = next((one for one in documents if (one.kind.value, one.number) == (kind, number)), None)
        if document is None:
            raise ApiError("not-found", "The record holds no such document.")
        return document

    return await _answer(request, shown, f"{kind}/{number}", form, if_none_match, found)


async def _answer(
    request: Request, shown: Shown, view: str, form: Form, if_none_match: str | None, document: Callable[[], Document]
) -> Response:
    tag = shown.version(f"{view} {form}")
    if is_held(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag, "Vary": "Accept"})
    content = await _drawing(request).run(lambda: drawn(document(), Appearance(form.value)))
    return file_response(form, content, {"ETag": tag, **_as_file(form, view)})


def _as_file(form: Form, view: str) -> dict[str, str]:
    """Name the file without a name in it; only a page has a policy, for a viewer of PDFs shows none under it."""
    media_type = MEDIA_TYPES[form]
    size = "-large-print" if form in LARGE else ""
    named = {"Content-Disposition": f'inline; filename="{view.replace("/", "-")}{size}.{ENDINGS[media_type]}"'}
    return {**named, "Content-Security-Policy": PAGE_POLICY} if media_type == "text/html" else named


def _drawing(request: Request) -> Drawing:
    drawing: Drawing = request.app.state.drawing
    return drawing


async def _shown(request: Request, entrance: Entrance, pupil_id: UUID, time: Time, *, with_reads: bool = False) -> Shown:
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        opened = await casework.open(session)
        pupil = await find_pupil(session, pupil_id)
        if pupil is None:
            raise ApiError("not-found")
        number = await number_at(session, opened.now, opened.moment, time.known_at)
        whole = await load_record(session, opened.school, pupil_id)
        if whole.merged_into is not None:
            raise MergedAwayError(whole.merged_into)
        people = await people_of(session, pupil_id)
        looked = await _reads(session, pupil_id) if with_reads else ()
    return Shown(
        whole=whole,
        record=whole.known_at(number).as_at(time.as_at or opened.today),
        head=_head(pupil, opened.now.name, {**people, session.school_id: opened.now.name}),
        as_at=time.as_at,
        number=number,
        looked=looked,
        is_now=time.known_at is None,
    )


def _head(pupil: PupilRef, school: str, people: dict[UUID, str]) -> Letterhead:
    return Letterhead(
        school=school,
        reference=pupil_reference(pupil.id),
        first_name=pupil.forename,
        names=Names(people, pupil.id, f"{pupil.forename} {pupil.surname}"),
        unprinted=(pupil.upn,) if pupil.upn else (),
    )


async def _reads(session: SchoolSession, pupil_id: UUID) -> tuple[Looked, ...]:
    found: list[Looked] = []
    while page := await accesses.of_pupil(session, pupil_id, after=found[-1].id if found else None, limit=READS_AT_ONCE):
        found += page
    return tuple(found)
