"""Tells once a day which obligations are due soon or overdue, to whoever subscribed to that at the school."""

from datetime import date, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from app.casework.taking import Casework, Opened
from app.casework.working import Held, attempt
from app.db import clock_events, owed_once
from app.db.work import WorkKind
from app.domain.entries import SettingName
from app.domain.rule import Actor

CATCHES_UP: Final = timedelta(days=31)
"""What fell overdue longer ago is told no more: lists tell of it, and who subscribes today must not be flooded with years gone by."""
TOLD_OF: Final = (Actor.SCHOOL, Actor.APPROPRIATE_AUTHORITY, Actor.HEAD, Actor.SENCO, Actor.TEACHER)
"""Whose duties are told: those that somebody at the school can still do. The authority's, the family's and our own are not."""


async def tell_clocks(casework: Casework, school_id: UUID) -> int:
    """Owe word of what is due soon or overdue today on the school's own clock, and was not told yet; tells of how much.

    It may run twice, late, or beside itself. What fell due while nothing ran is told as overdue alone, for it is due soon no more.
    """
    return await attempt(casework, WorkKind.CLOCKS, school_id, school_id, partial(_tell, casework)) or 0


async def _tell(casework: Casework, held: Held) -> int:
    async with casework.sessions.for_school(held.school_id, read_only=True) as session:
        today = (await casework.open(session)).today
        subscribers = await clock_events.subscribers(session)
    told = 0
    for subscription_id in subscribers:
        told += await _tell_one(casework, held, subscription_id)
    async with casework.sessions.for_school(held.school_id) as session:
        await clock_events.told_on(session, today)
        await held.finish(session)
    if told:
        casework.means.wake()
    return told


async def _tell_one(casework: Casework, held: Held, subscription_id: UUID) -> int:
    """One subscriber in one transaction, so that no two counters are ever held at once."""
    means = casework.means
    async with casework.sessions.for_school(held.school_id) as session:
        opened = await casework.open(session)
        today = opened.today
        events = await clock_events.crossed(session, today, TOLD_OF, since=today - CATCHES_UP, soon=_soon(opened))
        owed = await owed_once.owe_once(session, subscription_id, [each.told for each in events], new_id=means.new_id, now=means.now())
        await held.keep(session, {"told": owed})
    return owed


def _soon(opened: Opened) -> date:
    """The last day, inside, that counts as soon; yesterday where the school wants to hear of nothing before it is overdue.

    School days beyond the calendar that is loaded are taken for days: it is a reminder, and no limit of the law.
    """
    days = opened.school.setting(SettingName.DUE_SOON_BEFORE_DAYS, opened.today)
    if days == 0:
        return opened.today - timedelta(days=1)
    return opened.school.last_day(SettingName.DUE_SOON_BEFORE_DAYS, opened.today).day or opened.today + timedelta(days=days)
