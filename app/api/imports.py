"""Rolls handed in as files: a Common Transfer File or a CSV, taken on at once and loaded by a worker."""

from email.message import Message
from typing import Annotated, Final, Self, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute, body_up_to
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import A_PERSON, A_PUPIL, DryRun, KeyHeader, key_of
from app.api.shown.shapes import Moment, Out
from app.db.entrance import Entrance
from app.db.imports import Job, NumberedResult
from app.exchange.roll_intake import HandedIn, ImportUnknownError, StaffUnknownError, hand_in, look_at, results_of

router = APIRouter(prefix="/v1/schools/{urn}/imports", tags=["Roll in"], route_class=StrictRoute)

MOST_BYTES: Final = 20_000_000
FORMATS: Final = {"application/xml": "ctf", "text/xml": "ctf", "text/csv": "csv"}
AN_IMPORT = "01932b4e-5f00-7000-8000-0000000000d4"
_CTF_EXAMPLE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<CTfile><Header><CTFversion>14.0</CTFversion>'
    "<SourceSchool><LEA>999</LEA><Estab>9999</Estab><URN>999999</URN></SourceSchool></Header><CTFpupilData><Pupil>"
    "<UPN>X999999906001</UPN><Surname>Example</Surname><Forename>Ada</Forename><DOB>2001-10-09</DOB><Sex>F</Sex>"
    "<SENhistory><SEN><StartDate>2007-10-25</StartDate><SENprovision>A</SENprovision></SEN></SENhistory>"
    "</Pupil></CTFpupilData></CTfile>\n"
)
_CSV_EXAMPLE: Final = (
    "upn,surname,forename,date_of_birth,sex,sen_status,sen_status_from\nX999999906001,Example,Ada,2001-10-09,F,A,2007-10-25\n"
)
A_FILE: Final = {
    **may_answer("not-found"),
    "requestBody": {
        "required": True,
        "description": "The file itself, up to 20 MB: a Common Transfer File, or a CSV in UTF-8 with a header row.",
        "content": {
            "application/xml": {"schema": {"type": "string"}, "example": _CTF_EXAMPLE},
            "text/csv": {"schema": {"type": "string"}, "example": _CSV_EXAMPLE},
        },
    },
}
MayImport = Annotated[Entrance, Depends(needs("roll:write"))]
ImportPath = Annotated[UUID, Path(description="The import, by our id.", examples=[AN_IMPORT])]


class CountsOut(Out):
    """How many pupils came to what, and how many rows need a person's eye. `undecided` pupils still stand on School Action or Plus."""

    pupils: int = Field(default=0, examples=[30])
    added: int = Field(default=0, examples=[30])
    updated: int = Field(default=0, examples=[0])
    unchanged: int = Field(default=0, examples=[0])
    differing: int = Field(default=0, examples=[0])
    failed: int = Field(default=0, examples=[0])
    undecided: int = Field(default=0, examples=[15])
    proposals: int = Field(default=0, examples=[0])
    warnings: int = Field(default=0, examples=[0])
    errors: int = Field(default=0, examples=[0])
    entries: int = Field(default=0, description="Entries appended to the ledger.", examples=[131])


class ImportOut(Out):
    """A roll that was handed in. `stage` tells what a waiting one is at; `said` what came of it, in a sentence."""

    id: UUID = Field(examples=[AN_IMPORT])
    state: str = Field(description="waiting, done or failed; a failed import stored nothing.", examples=["done"])
    stage: str = Field(description="waiting, reading, loading or ended.", examples=["ended"])
    said: str = Field(examples=["The roll was loaded."])
    is_dry_run: bool = Field(examples=[False])
    format: str = Field(examples=["ctf"])
    file_digest: str = Field(
        description="SHA-256 of the file.", examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    staff: UUID = Field(examples=[A_PERSON])
    counts: CountsOut
    attempts: int = Field(examples=[1])
    created_at: Moment
    finished_at: Moment | None = None

    @classmethod
    def of(cls, job: Job) -> Self:
        """Write a job for the wire."""
        numbers = {name: count for name, count in job.counts.items() if isinstance(count, int)}
        counts = CountsOut(**numbers)
        return cls(
            id=job.id,
            state=job.state,
            stage=str(job.counts.get("stage", "waiting")),
            said=_said(job, counts),
            is_dry_run=job.is_dry_run,
            format=job.format,
            file_digest=job.file_digest,
            staff=job.staff_id,
            counts=counts,
            attempts=job.attempts,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


class ImportResultOut(Out):
    """What became of one pupil or row, or what is wrong with it; the line and pointer lead to the place in the file."""

    line: int = Field(examples=[13])
    pointer: str = Field(examples=["/CTfile/CTFpupilData/Pupil[1]"])
    outcome: str = Field(
        description="Of a pupil: added, updated, unchanged, differing or failed. Of a row: proposal, warning or error.", examples=["added"]
    )
    cause: str = Field(examples=["pupil-added"])
    detail: str = Field(examples=["The pupil is new at this school and was added, with the history in the file."])
    pupil_id: UUID | None = Field(default=None, examples=[A_PUPIL])

    @classmethod
    def of(cls, numbered: NumberedResult) -> Self:
        """Write a result for the wire."""
        r = numbered.result
        return cls(line=r.line, pointer=r.pointer, outcome=r.outcome, cause=r.cause, detail=r.detail, pupil_id=r.pupil_id)


def _said(job: Job, counts: CountsOut) -> str:
    if job.state == "waiting":
        return "The roll waits to be loaded, or is being loaded now."
    if job.state == "failed":
        return "Nothing was stored. The results list every problem."
    if counts.pupils == counts.unchanged:
        return "The school already has everything in this file; nothing was added and nothing changed."
    if job.is_dry_run:
        return "This was a dry run; nothing was stored. The results tell what loading the file would do."
    if counts.differing:
        return "The roll was loaded where it adds to the record. Where it differs, the record stands, and the results list what to decide."
    return "The roll was loaded."


@router.post("", status_code=202, openapi_extra=A_FILE)
@body_up_to(MOST_BYTES)
async def import_roll(
    request: Request,
    response: Response,
    entrance: MayImport,
    staff: Annotated[UUID, Query(description="The member of staff who runs the import and answers for it.", examples=[A_PERSON])],
    key: KeyHeader = None,
    dry_run: DryRun = False,
) -> ImportOut:
    """Hand in a roll. A worker loads it whole or not at all; the answer says where to look. A dry run's results live for 24 hours."""
    file_format = _format_of(request)
    content = await request.body()
    if not content:
        raise invalid([Fault("", "body_missing", "The body is the file itself, and it is empty.")])
    named = await key_of(request, entrance.client_id, key, dry_run=dry_run)
    handed = HandedIn(entrance=entrance, staff_id=staff, file_format=file_format, content=content, key=named, is_dry_run=dry_run)
    try:
        job = await hand_in(request.app.state.casework, request.app.state.sealer, handed)
    except StaffUnknownError:
        raise invalid([Fault("staff", "staff_without_role", "This person holds no role at the school today.")]) from None
    response.headers["Location"] = f"/v1/schools/{entrance.urn}/imports/{job.id}"
    return ImportOut.of(job)


@router.get("/{import_id}", openapi_extra=may_answer("not-found"))
async def read_import(request: Request, entrance: MayImport, import_id: ImportPath) -> ImportOut:
    """See how far an import has come and what it came to."""
    try:
        return ImportOut.of(await look_at(request.app.state.casework, entrance, import_id))
    except ImportUnknownError:
        raise ApiError("not-found") from None


@router.get("/{import_id}/results", openapi_extra=may_answer("not-found"))
async def list_import_results(request: Request, entrance: MayImport, import_id: ImportPath, paging: PagingDep) -> Page[ImportResultOut]:
    """List what became of each pupil and what there is to say about rows, from the top of the file to its end."""
    name = f"import-results:{import_id}"
    last = paging.after(name)
    try:
        rows = await results_of(
            request.app.state.casework, entrance, import_id, after=cast(int, last[0]) if last else 0, limit=paging.fetch
        )
    except ImportUnknownError:
        raise ApiError("not-found") from None
    return paging.page(name, rows, ImportResultOut.of, key=lambda row: (row.sequence,))


def _format_of(request: Request) -> str:
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    given = header.get_content_type() if request.headers.get("content-type") else ""
    if given not in FORMATS:
        raise ApiError("unsupported-media-type", "Send a Common Transfer File as application/xml, or a CSV as text/csv.")
    return FORMATS[given]
