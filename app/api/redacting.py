"""Blacks out a paper for a step: rehearsed before anything is drawn, put before anything is recorded."""

import asyncio
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final
from uuid import UUID

from starlette.responses import Response

from app.api.manners.faults import Fault
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import StepCall, StepOut
from app.api.shown.paper_shapes import RedactionIn
from app.casework import papers
from app.db import idempotency
from app.db.blobs import Blobs
from app.db.kept_files import Kept
from app.db.papers import HeldPaper
from app.documents.papers.inspection import SENTENCES, PaperRefusedError
from app.documents.papers.paper_desk import PaperDesk
from app.documents.papers.paper_text import KIND_OF
from app.documents.papers.redaction import NotBoxableError, PageMissingError
from app.domain.entries import PaperNamed, PaperRedacted
from app.domain.papers import redact_paper

PRINT_IT: Final = "Only PDFs and pictures can be blacked out: print this paper to a PDF, hand that in, and black out that one."


@dataclass(frozen=True, slots=True)
class Redacting:
    """A request to black out a paper, with what it is done with."""

    call: StepCall
    blobs: Blobs
    desk: PaperDesk
    paper_id: UUID

    async def done(self, body: RedactionIn) -> StepOut:
        """Black out, put and record. A request sent again under its key draws nothing anew, and one that is refused never did.

        Raises ApiError with 422 for what cannot be boxed, PaperUnknownError, and what a step raises.
        """
        call = self.call
        before = (await papers.find(call.casework, call.entrance, call.pupil_id, self.paper_id)).paper
        file = Kept(school_id=before.file.school_id, id=call.casework.means.new_id(), digest=bytes(32), size=0, sealed_key=b"")
        entry = self._entry(body, before, file, call.casework.means.new_id())
        if not await self._was_done():
            rehearsal = replace(call, dry_run=True, key=None, response=Response())
            await rehearsal.take(body, redact_paper, entry=entry)
            file = await asyncio.to_thread(self._put, file, await self._drawn(body, before))
            entry = self._entry(body, before, file, entry.redacted.id)
        alongside = papers.keeping_redacted(call.casework, call.entrance.client_id, before, entry.redacted, file)
        return await call.take(body, redact_paper, entry=entry, alongside=alongside)

    async def _was_done(self) -> bool:
        if self.call.key is None:
            return False
        async with self.call.casework.sessions.enter(self.call.entrance, read_only=True) as session:
            return await idempotency.find(session, self.call.key) is not None

    async def _drawn(self, body: RedactionIn, before: HeldPaper) -> bytes:
        try:
            return await self.desk.redact(self.blobs, before.file, KIND_OF[before.media_type], body.marked())
        except NotBoxableError:
            raise invalid([Fault("/pages", "cannot_be_boxed", PRINT_IT)]) from None
        except PageMissingError as missing:
            raise _no_such_page(body, missing.page) from None
        except PaperRefusedError as refused:
            raise invalid([Fault("/pages", refused.fault, SENTENCES[refused.fault])]) from None

    def _put(self, file: Kept, content: bytes) -> Kept:
        if self.call.dry_run:
            return replace(file, digest=sha256(content).digest(), size=len(content))
        with self.blobs.putting(file.school_id, file.id) as putting:
            putting.write(content)
        return putting.kept

    @staticmethod
    def _entry(body: RedactionIn, before: HeldPaper, file: Kept, paper_id: UUID) -> PaperRedacted:
        made = PaperNamed(
            id=paper_id,
            sha256=file.digest.hex(),
            size=file.size,
            media_type=before.media_type,
            title=body.title or before.title,
            pages=before.pages,
        )
        return PaperRedacted(occurred_on=body.occurred_on, paper=before.id, redacted=made, pages=tuple(body.marked()), reason=body.reason)


def _no_such_page(body: RedactionIn, page: int) -> ApiError:
    places = [place for place, marked in enumerate(body.pages) if marked.page == page]
    return invalid([Fault(f"/pages/{place}/page", "page_missing", "The paper has no page of this number.") for place in places])
