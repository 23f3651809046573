"""A request is taken back, or stands again once that was an error; its row and its authority follow, in the same transaction."""

from collections.abc import Mapping
from uuid import UUID

from app.casework.deciding import Taken
from app.casework.evidence import RequestUnknownError, announce
from app.casework.taking import Asked, Casework
from app.db import bundles, ehc_requests, work
from app.db.deliveries import REQUEST_MADE, REQUEST_WITHDRAWN, Event
from app.db.ehc_requests import Gone
from app.db.records import load_record
from app.db.session import SchoolSession
from app.db.work import WorkKind
from app.domain import ehc
from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import EhcRequestWithdrawn, EvidenceReceived, Recorded
from app.domain.record import Record
from app.domain.request_course import Course, course_of
from app.domain.request_moves import Stage


async def withdraw(casework: Casework, asked: Asked, entry: EhcRequestWithdrawn) -> Taken:
    """Withdraw a request; an authority that could see it is told so, and nothing of it is let out from here on.

    Raises RequestUnknownError and what `Casework.take` raises.
    """

    async def alongside(session: SchoolSession, recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
        found = await ehc_requests.withdrawn(session, entry.request)
        if found is None:
            raise RequestUnknownError
        await _tell(casework, session, found, REQUEST_WITHDRAWN, entry.request)
        return {"request": entry.request}

    return await casework.take(asked, _take_back, entry, alongside=alongside)


def _take_back(record: Record, entry: EhcRequestWithdrawn, by: Author) -> Decision:
    if ehc.request_of(record, entry) is None:
        raise RequestUnknownError
    return ehc.withdraw_request(record, entry, by)


async def follow(casework: Casework, pupil_id: UUID, session: SchoolSession, recorded: tuple[Recorded, ...]) -> Mapping[str, object]:
    """Let each request stand again whose withdrawal stands no more in the record, as it was just written; for `Casework.take`."""
    gone = await ehc_requests.withdrawn_of(session, pupil_id)
    if gone:
        record = await load_record(session, (await casework.open(session)).school, pupil_id)
        for request_id in gone:
            course = course_of(record, request_id)
            if course is not None and course.stage is not Stage.WITHDRAWN:
                await _stand_again(casework, session, course)
    return {}


async def _stand_again(casework: Casework, session: SchoolSession, course: Course) -> None:
    """The evidence whose making was given up meanwhile is made after all."""
    request_id = course.asked.request
    found = await ehc_requests.stands_again(session, request_id, is_received=any(_has_evidence(step) for step in course.steps))
    if found is None:
        return
    for bundle_id in await bundles.failed_of(session, request_id):
        await work.ask_again(session, WorkKind.BUNDLE, bundle_id, now=casework.means.now())
        await bundles.wanted_again(session, bundle_id)
    await _tell(casework, session, found, REQUEST_MADE, request_id)


async def _tell(casework: Casework, session: SchoolSession, found: Gone, event: str, request_id: UUID) -> None:
    if found.has_left:
        said = Event(event=event, pupil_id=found.pupil_id, request_id=request_id)
        await announce(session, casework.means, found.authority, [said])


def _has_evidence(step: Recorded) -> bool:
    entry = step.entry
    return isinstance(entry, EvidenceReceived) and not entry.deemed and entry.bundle_digest is not None
