"""The days for which nobody is sent anything at an address that was just changed, unless somebody made sure that the change is genuine.

A letter about a child that goes to a stranger's new address cannot be called back; one that waits a few days can.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.domain.days import Reckoned
from app.domain.entries import ContactDetailsChanged, ContactDetailsConfirmed, Entry, Erased, Recorded, SettingName
from app.domain.record import Record

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolingOff:
    """A change that nothing is sent on yet, and the last day of that, inside; or the calendars without which it cannot be told."""

    change: Recorded
    last: Reckoned

    def look_again_on(self, today: date) -> date:
        """The first day after it; the day after today while the last day cannot be told."""
        return (self.last.day or today) + A_DAY


def newest_change(record: Record, contact: UUID, on: date) -> Recorded | None:
    """The last change by a day of how a contact is named or reached; how they were described at first is none.

    That the entry was corrected, withdrawn or erased undoes nothing: only the address itself could be changed back, which is a change.
    """
    found = (recorded for recorded in record.known if recorded.entry.occurred_on <= on and _changes(recorded.entry, contact))
    return max(found, key=lambda recorded: recorded.number, default=None)


def cooling_off(record: Record, contact: UUID, on: date) -> CoolingOff | None:
    """What keeps a contact from being sent anything on a day; None where nothing was changed, it was confirmed, or it was long enough ago.

    The day of the change is day 0, and the school's setting as it was on that day counts; 0 days are none at all.
    """
    change = newest_change(record, contact, on)
    if change is None or is_confirmed(record, change, on):
        return None
    changed_on = change.entry.occurred_on
    if record.school.setting(SettingName.ADDRESS_COOLING_OFF_DAYS, changed_on) == 0:
        return None
    last = record.school.last_day(SettingName.ADDRESS_COOLING_OFF_DAYS, changed_on)
    return None if last.day is not None and last.day < on else CoolingOff(change=change, last=last)


def is_confirmed(record: Record, change: Recorded, on: date) -> bool:
    """Whether somebody confirmed this very change by a day."""
    return any(entry.change == change.number and entry.occurred_on <= on for _, entry in record.each(ContactDetailsConfirmed))


def _changes(entry: Entry, contact: UUID) -> bool:
    match entry:
        case ContactDetailsChanged():
            return entry.contact == contact and entry.is_reached_otherwise
        case Erased():
            return entry.erased_type == ContactDetailsChanged.type
        case _:
            return False
