"""Papers: handed in, looked into, kept, read in ranges through the gate, and blacked out in part."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute, body_up_to
from app.api.manners.byte_ranges import WantedDep
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.letting_out import Download, let_out
from app.api.manners.multipart import read_form
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import invalid
from app.api.manners.purposes_asked import OfficerHeader, SchoolPurpose
from app.api.manners.steps import STEP, PupilPath, RecordStep, StepOut
from app.api.paper_tray import HandedFile, Tray
from app.api.pupils import MayReadRecords
from app.api.redacting import Redacting
from app.api.shown.contribution_shapes import A_PAPER
from app.api.shown.paper_limits import MOST_FILE_BYTES, MOST_FILES, MOST_REQUEST_BYTES
from app.api.shown.paper_shapes import HandedInOut, KeptPaperOut, PaperOut, RedactionIn, RefusedPaperOut
from app.casework import papers
from app.casework.papers import NewPaper
from app.casework.releasing import PaperLook, release_paper
from app.db import papers as paper_rows
from app.db.entrance import Entrance
from app.db.papers import HeldPaper
from app.db.session import SchoolSession
from app.documents.papers.inspection import MEDIA_TYPES, SENTENCES, Paper, PaperFault, PaperRefusedError
from app.documents.papers.paper_desk import PaperDesk
from app.documents.papers.paper_text import KIND_OF

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/papers", tags=["Papers"], route_class=StrictRoute)
MayHandIn = Annotated[Entrance, Depends(needs("papers:write"))]
PaperPath = Annotated[UUID, Path(description="The paper, by our id.", examples=[A_PAPER])]
NEVER_RUN: Final = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Whatever a paper turns out to be in a browser, it runs nothing and loads nothing."""
A_FORM: Final = {
    **may_answer("unreadable-request"),
    "requestBody": {
        "required": True,
        "description": (
            f"A form of 1 to {MOST_FILES} parts called `files` with a file each, and perhaps parts called `title`: one for all files, or "
            f"one for each in the same order. A file has at most {MOST_FILE_BYTES} bytes, the form {MOST_REQUEST_BYTES}. Taken are PDF, "
            "Word (docx), JPEG, PNG and plain text in UTF-8, each by its own bytes. The names of files are not kept."
        ),
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "maxItems": MOST_FILES, "items": {"type": "string", "format": "binary"}},
                        "title": {"type": "array", "maxItems": MOST_FILES, "items": {"type": "string", "maxLength": 200}},
                    },
                }
            }
        },
    },
}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_FILE: Final = {"content": {media_type.partition(";")[0]: _BINARY for media_type in MEDIA_TYPES.values()}}


@router.post("", status_code=201, openapi_extra=A_FORM)
@body_up_to(MOST_REQUEST_BYTES)
async def hand_in_papers(request: Request, entrance: MayHandIn, pupil_id: PupilPath) -> HandedInOut:
    """Hand in papers. Each is looked into; those refused are named with the reason, and the rest are kept. Nothing is written into the
    record: an entry that names them does that, and a paper that none has named for 30 days goes. The same bytes handed in again are the
    same paper, so a request that failed on its way is simply sent again.
    """
    school_id = await papers.school_of(request.app.state.casework, entrance, pupil_id)
    with request.app.state.uploads.under_way():
        tray = Tray(request.app.state.blobs, school_id, request.app.state.casework.means.new_id)
        handing = _Handing(request, entrance, pupil_id, tray)
        try:
            return await handing.done()
        finally:
            await asyncio.to_thread(tray.take_out, handing.standing)


@dataclass(slots=True)
class _Handing:
    """One form on its way; `standing` are the files that must not be taken out of the store again."""

    request: Request
    entrance: Entrance
    pupil_id: UUID
    tray: Tray
    standing: frozenset[UUID] = frozenset()

    async def done(self) -> HandedInOut:
        """Read the form, look into each file, and keep what may be kept. Raises ApiError with 422 where that is nothing."""
        await read_form(self.request, self.tray.begin)
        titles, files = self.tray.titles(), self.tray.files
        found = await asyncio.gather(*(self._looked_into(file) for file in files))
        refused = {place: fault for place, fault in enumerate(found) if isinstance(fault, PaperFault)}
        if len(refused) == len(files):
            raise invalid([Fault(f"/files/{place}", fault, SENTENCES[fault]) for place, fault in refused.items()])
        new = {place: _new(files[place], paper, titles[place]) for place, paper in enumerate(found) if isinstance(paper, Paper)}
        held = dict(zip(new, await self._keep(list(new.values())), strict=True))
        return HandedInOut(
            kept=[KeptPaperOut.of(place, files[place], paper) for place, paper in held.items()],
            refused=[RefusedPaperOut.of(place, files[place], fault) for place, fault in refused.items()],
        )

    async def _looked_into(self, file: HandedFile) -> Paper | PaperFault:
        if file.kept is None:
            return file.fault or PaperFault.DAMAGED
        state = self.request.app.state
        desk: PaperDesk = state.paper_desk
        try:
            paper = await desk.look_into(state.blobs, file.kept, said=file.said, largest=MOST_FILE_BYTES)
        except PaperRefusedError as refused:
            return refused.fault
        return PaperFault.LIES if file.ending not in (None, paper.kind) else paper

    async def _keep(self, new: Sequence[NewPaper]) -> list[HeldPaper]:
        """Keep them; should the commit come to an unknown end, the sweep finds out what stands, and not we."""
        self.standing = frozenset(one.file.id for one in new)
        held = await papers.keep(self.request.app.state.casework, self.entrance, self.pupil_id, new)
        self.standing = frozenset(paper.file.id for paper in held)
        return held


def _new(file: HandedFile, paper: Paper, title: str) -> NewPaper:
    if file.kept is None:
        raise TypeError("only what is in the store was looked into")
    return NewPaper(file=file.kept, media_type=MEDIA_TYPES[paper.kind], pages=paper.pages, title=title)


@router.get("")
async def list_papers(request: Request, entrance: MayReadRecords, pupil_id: PupilPath, paging: PagingDep) -> Page[PaperOut]:
    """List a pupil's papers in the order in which they were handed in, with what names them. Their content is read by itself."""
    of = f"papers {pupil_id}"
    found = await papers.listed(request.app.state.casework, entrance, pupil_id, after=paging.after_id(of), limit=paging.fetch)
    return paging.page(of, found, PaperOut.of, key=lambda facts: (str(facts.paper.id),))


@router.get("/{paper_id}")
async def read_paper(request: Request, entrance: MayReadRecords, pupil_id: PupilPath, paper_id: PaperPath) -> PaperOut:
    """Read what is known of one paper: what it is, which entries name it, and whether it was blacked out and by what."""
    return PaperOut.of(await papers.find(request.app.state.casework, entrance, pupil_id, paper_id))


@router.get(
    "/{paper_id}/content",
    response_class=Response,
    responses={
        200: {"description": "The whole paper.", **_FILE},
        206: {"description": "The range asked for, cut to 8 MB; Content-Range says which.", **_FILE},
        304: {"description": "The file you have is the one."},
    },
    openapi_extra=may_answer("range-not-satisfiable"),
)
async def take_paper(
    request: Request,
    entrance: MayReadRecords,
    pupil_id: PupilPath,
    paper_id: PaperPath,
    purpose: SchoolPurpose,
    wanted: WantedDep,
    person: OfficerHeader = None,
) -> Response:
    """Take a paper as it was handed in, whole or by range. Who looked and why is written down before the first byte leaves; papers and
    ranges that one reader fetches for one purpose within ten minutes of each other are one look.
    """
    casework = request.app.state.casework
    paper = (await papers.find(casework, entrance, pupil_id, paper_id)).paper

    async def stands(session: SchoolSession) -> bool:
        return await paper_rows.find(session, pupil_id, paper_id) is not None

    look = PaperLook(entrance=entrance, pupil_id=pupil_id, purpose=purpose, person=person)
    download = Download(
        file=paper.file,
        media_type=paper.media_type,
        file_name=f"paper-{paper.id}.{KIND_OF[paper.media_type]}",
        release=partial(release_paper, casework, look, stands),
    )
    response = await let_out(request.app.state.blobs, download, wanted)
    response.raw_headers.append((b"content-security-policy", NEVER_RUN.encode()))
    return response


@router.post("/{paper_id}/redactions", status_code=201, openapi_extra=STEP)
async def redact_paper(request: Request, call: RecordStep, paper_id: PaperPath, body: RedactionIn) -> StepOut:
    """Black out places on a paper, which makes another: the pages named become pictures in which the places are black, and nothing lies
    beneath. Other pages keep what they show and stay searchable; outlines, properties and notes are not carried over. What stands in
    the record goes out in the place of the first from here on; the first stays at the school.
    """
    redacting = Redacting(call, request.app.state.blobs, request.app.state.paper_desk, paper_id)
    return await redacting.done(body)
