"""Notices after a step and after a refusal to send: composed, given up, taken up again, or passed on to who holds the right now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.db import deliveries, notices
from app.db.deliveries import NOTICE_READY, Event
from app.db.notices import Notice
from app.db.session import SchoolSession
from app.domain.calendar import civil_day
from app.domain.notice_ledger import Happening
from app.domain.notices import Barred, NoticeOwed, barred, look_again_on, owed_to_new_holder
from app.domain.record import Record

MAY_END: Final = frozenset(reason for reason in Barred if reason.may_end)
"""The person may be told one day; a notice of what was corrected or erased is given up for good."""
NOT_YET_TOLD: Final = ("composed", "sent", "bounced")
NOT_UNDER_WAY: Final = ("composed", "bounced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """A transaction that writes notices; `moment` is the school's time and `now` the world's, which deliveries follow."""

    session: SchoolSession
    moment: datetime
    now: datetime
    new_id: Callable[[], UUID]

    @property
    def today(self) -> date:
        """The civil day at the school."""
        return civil_day(self.moment)

    async def compose(self, owed: Sequence[NoticeOwed], pupil: UUID) -> None:
        """Write notices and owe them to the school's subscribers."""
        ids = await notices.compose(self.session, owed, pupil, new_id=self.new_id, now=self.moment)
        await self._owe(pupil, ids)

    async def settle(self, record: Record) -> None:
        """After a correction, an erasure or a new fact about a contact: give up what tells of nothing, take up what may be told again."""
        for notice in await notices.of_pupil(self.session, record.pupil, (*NOT_UNDER_WAY, "withheld")):
            reason = barred(record, notice.about, notice.person_id, self.today)
            if notice.state == "withheld":
                await self._take_up(record, notice, reason)
            elif reason in (Barred.SUPERSEDED, Barred.ERASED):
                await self._withheld(notice.id, reason, state="withheld")

    async def withhold(self, record: Record, notice_id: UUID, reason: str) -> None:
        """Note that a notice was withheld; it counts as withheld itself when that is for its person's or its entry's sake.

        Where the rights have passed to the young person or who acts for them, and nobody was told yet, their notice is composed.
        """
        notice = await notices.find(self.session, notice_id, lock=True)
        if notice is None:
            return
        ends = NOT_YET_TOLD if reason in MAY_END else NOT_UNDER_WAY if reason in frozenset(Barred) else ()
        await self._withheld(notice_id, reason, state="withheld" if notice.state in ends else None)
        if notice.state in (*ends, "withheld"):
            await self._look_again(record, notice)
        if reason == Barred.NOT_TO_BE_TOLD:
            owed = [one for one in owed_to_new_holder(record, notice.about, self.today) if one.matter == notice.matter]
            new = [one for one in owed if not await notices.has_one(self.session, one.person.id, one.about)]
            await self.compose(new, record.pupil)

    async def _take_up(self, record: Record, notice: Notice, reason: Barred | None) -> None:
        told = {getattr(recorded.entry, "person", None) for recorded in record.tellings(notice.about)}
        if reason is None and notice.person_id not in told:
            await notices.happened(self.session, notice.id, Happening.TAKEN_UP, at=self.moment, state="composed")
            await self._owe(record.pupil, [notice.id])
        else:
            await self._look_again(record, notice)

    async def _look_again(self, record: Record, notice: Notice) -> None:
        """Keep the day on which a withheld notice may go out by itself, if there is one by what bars it now."""
        reason = barred(record, notice.about, notice.person_id, self.today)
        await notices.look_again(self.session, notice.id, on=look_again_on(record, notice.person_id, reason, self.today))

    async def _withheld(self, notice_id: UUID, reason: str, *, state: str | None) -> None:
        await notices.happened(self.session, notice_id, Happening.WITHHELD, at=self.moment, remark=str(reason), state=state)

    async def _owe(self, pupil: UUID, ids: Sequence[UUID]) -> None:
        events = [Event(event=NOTICE_READY, pupil_id=pupil, notice_id=id_) for id_ in ids]
        owed = await deliveries.owe(self.session, events, new_id=self.new_id, now=self.now)
        if owed:
            await notices.queued(self.session, ids, to=owed // len(ids), at=self.moment)
