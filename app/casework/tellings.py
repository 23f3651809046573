"""What became of a notice: what the school's messaging system reports, and what a member of staff told in person or by post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

import asyncpg

from app.casework.authors import AuthorClaim
from app.casework.deciding import Step, Taken
from app.casework.taking import Alongside, Asked, Casework, OccurredOutOfBoundsError, require_bounds
from app.db import idempotency, notices
from app.db.entrance import Entrance
from app.db.idempotency import Key
from app.db.notices import Notice
from app.db.session import SchoolSession
from app.domain.author import Author, AuthorKind
from app.domain.calendar import civil_day
from app.domain.decision import Decision
from app.domain.entries import Entry, Matter, PersonTold, Recorded, Telling, TellingUndone
from app.domain.notice_ledger import Happening
from app.domain.record import Record
from app.domain.telling import is_told, record_telling, undo_telling

E = TypeVar("E", bound=Entry)
TOLD: Final = frozenset({"delivered", "read", "told"})


class NoticeUnknownError(Exception):
    """This school has no such notice."""


class NothingNewError(Exception):
    """Another report said the same first, so that this one changes nothing about who knows."""


class Report(StrEnum):
    """What a messaging system may report."""

    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A report; without `at` it is the school's present moment. `sent` is as good as delivered where the channel reports no more."""

    event: Report
    at: datetime | None = None
    remark: str | None = None
    channel_reports_delivery: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A notice at a school, and the client that speaks about it under a key; no key is needed for a dry run."""

    entrance: Entrance
    notice_id: UUID
    key: Key | None


async def find_notice(session: SchoolSession, notice_id: UUID) -> Notice:
    """Find a notice. Raises NoticeUnknownError."""
    notice = await notices.find(session, notice_id)
    if notice is None:
        raise NoticeUnknownError
    return notice


async def report(casework: Casework, about: About, reported: Reported) -> Taken:
    """Add a report to the proof; where somebody thereby came to know, or turns out not to, an entry goes into the record too.

    Raises NoticeUnknownError and what `Casework.take` raises.
    """
    async with casework.sessions.enter(about.entrance, read_only=True) as session:
        notice = await find_notice(session, about.notice_id)
        kept = None if about.key is None else await idempotency.find(session, about.key)
        opened = await casework.open(session)
    _require_moment(notice, reported, opened.moment)
    on = opened.today if reported.at is None else civil_day(reported.at)
    has_entry = leads_to_an_entry(notice.state, reported) if kept is None else bool(idempotency.numbers(kept))
    if not has_entry:
        return await _note_only(casework, about, reported)
    try:
        return await _take_report(casework, about, notice, reported, on)
    except NothingNewError:
        return await _note_only(casework, about, reported)


async def _take_report(casework: Casework, about: About, notice: Notice, reported: Reported, on: date) -> Taken:
    asked = _by_the_client(about, notice)
    alongside = _noting(notice.id, reported.event, reported)
    if reported.event is Report.BOUNCED:
        undone = TellingUndone(occurred_on=on, notice=notice.id, reason="reported as bounced")
        return await casework.take(asked, partial(_if_told, undo_telling, notice, True), undone, alongside=alongside)
    how = Telling.DELIVERED if reported.event is Report.DELIVERED else Telling.SENT
    return await casework.take(asked, partial(_if_told, record_telling, notice, False), _told(notice, on, how), alongside=alongside)


def _if_told(step: Step[E], notice: Notice, expected: bool, record: Record, entry: E, by: Author) -> Decision:
    """Take a step under the record's lock only if its person stands as told, or as not yet told. Raises NothingNewError."""
    if is_told(record, notice.about, notice.id) is not expected:
        raise NothingNewError
    return step(record, entry, by)


def _require_moment(notice: Notice, reported: Reported, now: datetime) -> None:
    if reported.at is not None and reported.at < notice.composed_at:
        raise OccurredOutOfBoundsError("lies before the notice was composed")
    if reported.at is not None and reported.at > now:
        raise OccurredOutOfBoundsError("lies in the future")


async def tell(casework: Casework, about: About, author: AuthorClaim, told: tuple[date, Telling], *, dry_run: bool = False) -> Taken:
    """Record that a member of staff told the notice's person, on a day and in a way. Raises as `report` does."""
    async with casework.sessions.enter(about.entrance, read_only=True) as session:
        notice = await find_notice(session, about.notice_id)
    asked = Asked(entrance=about.entrance, pupil_id=notice.pupil_id, author=author, key=about.key, dry_run=dry_run)
    on, how = told
    return await casework.take(asked, record_telling, _told(notice, on, how), alongside=_noting(notice.id, how, None))


def leads_to_an_entry(state: str, reported: Reported) -> bool:
    """Whether a report changes who was told: the first word of arrival does, and a bounce after it; the rest is proof alone."""
    if reported.event is Report.BOUNCED:
        return state in TOLD
    arrived = reported.event is Report.DELIVERED or (reported.event is Report.SENT and not reported.channel_reports_delivery)
    return arrived and state not in TOLD


def state_after(state: str, event: str, *, reports_delivery: bool = True) -> str | None:
    """The state a notice moves to, None where it stays: word that it was sent never takes back that it arrived."""
    match event:
        case Report.SENT if state not in TOLD:
            return "sent" if reports_delivery else "told"
        case Report.DELIVERED if state not in TOLD:
            return "delivered"
        case Report.READ if state in TOLD:
            return "read"
        case Report.BOUNCED:
            return "bounced"
        case Telling.IN_PERSON | Telling.BY_POST:
            return "told"
        case _:
            return None


def _by_the_client(about: About, notice: Notice) -> Asked:
    author = AuthorClaim(kind=AuthorKind.CLIENT, id=about.entrance.client_id)
    return Asked(entrance=about.entrance, pupil_id=notice.pupil_id, author=author, key=about.key)


def _told(notice: Notice, on: date, how: Telling) -> PersonTold:
    return PersonTold(occurred_on=on, person=notice.person_id, matter=Matter(notice.matter), about=notice.about, notice=notice.id, how=how)


def _noting(notice_id: UUID, event: str, reported: Reported | None) -> Alongside:
    return partial(_note, notice_id=notice_id, event=event, reported=reported)


async def _note(
    session: SchoolSession, recorded: Sequence[Recorded], *, notice_id: UUID, event: str, reported: Reported | None
) -> Mapping[str, object]:
    at = recorded[-1].recorded_at
    await _add(session, notice_id, event, reported, at)
    return {"notice": notice_id}


async def _add(session: SchoolSession, notice_id: UUID, event: str, reported: Reported | None, now: datetime) -> None:
    notice = await notices.find(session, notice_id, lock=True)
    if notice is None:
        raise NoticeUnknownError
    at = now if reported is None or reported.at is None else reported.at
    after = state_after(notice.state, event, reports_delivery=reported is None or reported.channel_reports_delivery)
    await notices.happened(session, notice_id, Happening(event), at=at, remark=reported.remark if reported else None, state=after)


async def _note_only(casework: Casework, about: About, reported: Reported) -> Taken:
    """Add to the proof alone; asked again under the same key it is added once."""
    references = {"notice": about.notice_id}
    try:
        async with casework.sessions.enter(about.entrance) as session:
            if about.key is not None and await idempotency.find(session, about.key) is not None:
                return Taken(references=references)
            opened = await casework.open(session)
            if reported.at is not None:
                require_bounds(opened.today, None, civil_day(reported.at))
            await _add(session, about.notice_id, reported.event, reported, opened.moment)
            if about.key is not None:
                await idempotency.remember(session, about.key, idempotency.led_to((), references), at=casework.means.now())
    except asyncpg.UniqueViolationError as error:
        if not idempotency.is_same_key(error):
            raise
    return Taken(references=references)
