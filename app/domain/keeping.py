"""Sending a record on, joining doubles, and how long a record is kept and may not be erased."""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.calendar import add_months
from app.domain.codes import SenStatus, StaffRole
from app.domain.decision import Decision
from app.domain.entries import (
    EhcPlanIssued,
    ErasureGround,
    HoldLifted,
    HoldPlaced,
    PupilErased,
    PupilLeft,
    Recorded,
    RecordMerged,
    RecordReceipted,
    RecordSent,
    SenDecided,
    SettingName,
    StatusImported,
    TransferPart,
    TransitionDecided,
)
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding
from app.domain.rules.data_protection import KEEP_THE_FILE_FOR_ITS_TIME, LEAVE_A_TRAIL
from app.domain.rules.pupil_information_regulations_2005 import SEND_THE_RECORD_ON
from app.domain.rules.pupil_numbers_and_transfer_files import SEND_A_COMMON_TRANSFER_FILE
from app.domain.step import PupilSteps

MONTHS: Final = 12
MAY_ERASE: Final = frozenset({StaffRole.HEAD, StaffRole.SENCO, StaffRole.ADMINISTRATOR})
STATUS_GIVING: Final = (StatusImported, SenDecided, TransitionDecided, EhcPlanIssued)


def send_record(record: Record, entry: RecordSent, by: Author) -> Decision:
    """Write down that parts of the record went to the next school; only who has left, or is about to, has a next school."""
    refusal = role_refusal(record, entry, by)
    if not entry.parts:
        refusal = refusal or SEND_THE_RECORD_ON.broken(missing=("part that was sent",))
    if record.as_at(entry.occurred_on).enrolled_on is None:
        refusal = refusal or SEND_THE_RECORD_ON.broken(sent_on=str(entry.occurred_on), missing=("enrolment that stands on the day",))
    return answered(record, entry, refusal, _sending_findings(record, entry))


def _sending_findings(record: Record, entry: RecordSent) -> Iterator[Finding]:
    """The file goes with the record, whichever comes first; a file named without its digest cannot be shown to be the one sent."""
    sent = {part for _, earlier in record.each(RecordSent) if earlier.occurred_on <= entry.occurred_on for part in earlier.parts}
    if TransferPart.COMMON_TRANSFER_FILE in sent | set(entry.parts):
        yield SEND_A_COMMON_TRANSFER_FILE.kept(sent_on=str(entry.occurred_on))
    else:
        cure = "make the file, send it too, and write that down"
        yield SEND_A_COMMON_TRANSFER_FILE.broken(sent_on=str(entry.occurred_on), missing=("common transfer file",), cure=cure)


def receipt_record(record: Record, entry: RecordReceipted, by: Author) -> Decision:
    """Write down that the next school has what was sent: a receipt answers one sending, once, and not before it."""
    refusal = role_refusal(record, entry, by)
    sent = record.entry(entry.sent)
    if sent is None or not isinstance(sent.entry, RecordSent) or sent.entry.occurred_on > entry.occurred_on:
        refusal = refusal or SEND_THE_RECORD_ON.broken(sent=entry.sent, missing=("sending made by that day",))
    if any(earlier.sent == entry.sent for _, earlier in record.each(RecordReceipted)):
        refusal = refusal or SEND_THE_RECORD_ON.broken(sent=entry.sent, cure="nothing is left to receipt: this sending has its receipt")
    return answered(record, entry, refusal)


def merge_record(record: Record, entry: RecordMerged, by: Author) -> Decision:
    """Join two records of one child: the one that is kept reads the other's entries along with its own, and the other is closed."""
    refusal = role_refusal(record, entry, by)
    if entry.other == record.pupil:
        refusal = refusal or LEAVE_A_TRAIL.broken(missing=("another pupil's record",))
    if record.merged_into is not None:
        refusal = refusal or LEAVE_A_TRAIL.broken(cure="this record was joined to another; go on there")
    if entry.confirmed_by == by.id:
        refusal = refusal or LEAVE_A_TRAIL.broken(missing=("second person other than the first",))
    if not entry.is_kept and (held_by := holds(record)):
        refusal = refusal or LEAVE_A_TRAIL.broken(hold=held_by[0].number, cure="keep the record that is on hold, or lift the hold first")
    return answered(record, entry, refusal)


def place_hold(record: Record, entry: HoldPlaced, by: Author) -> Decision:
    """Keep a record from being erased for as long as a claim, an inquiry or an appeal needs it."""
    refusal = role_refusal(record, entry, by)
    if not entry.reason.strip():
        refusal = refusal or KEEP_THE_FILE_FOR_ITS_TIME.broken(missing=("reason",))
    return answered(record, entry, refusal)


def lift_hold(record: Record, entry: HoldLifted, by: Author) -> Decision:
    """End a hold that stands, confirmed by a second person."""
    refusal = role_refusal(record, entry, by)
    placed = next((recorded for recorded in holds(record) if recorded.number == entry.hold), None)
    if placed is None or placed.entry.occurred_on > entry.occurred_on:
        refusal = refusal or KEEP_THE_FILE_FOR_ITS_TIME.broken(hold=entry.hold, missing=("hold that stands on the day",))
    if entry.confirmed_by == by.id:
        refusal = refusal or KEEP_THE_FILE_FOR_ITS_TIME.broken(hold=entry.hold, missing=("second person other than the first",))
    return answered(record, entry, refusal)


def holds(record: Record) -> tuple[Recorded, ...]:
    """The holds that stand, oldest first; a lifting whose content was erased lifts nothing."""
    lifted = {entry.hold for _, entry in record.each(HoldLifted)}
    return tuple(recorded for recorded in record.all(HoldPlaced) if recorded.number not in lifted)


def had_sen(record: Record) -> bool:
    """Whether the pupil ever had a status other than none; so too where what was said of one was erased."""
    return record.has_erased(*STATUS_GIVING) or any(period.status is not SenStatus.NONE for period in record.statuses)


def retention_until(record: Record) -> date | None:
    """The last day on which the file is kept (inside): so many years from birth as the school chose; None without a date of birth.

    31 years where there ever was a status, 25 otherwise, until the school chooses otherwise.
    """
    born = record.date_of_birth
    if born is None:
        return None
    name = SettingName.RETENTION_YEARS_WITH_SEN if had_sen(record) else SettingName.RETENTION_YEARS_WITHOUT_SEN
    return add_months(born, MONTHS * record.school.setting(name, date.max))


def weigh_erasure(record: Record, entry: PupilErased, by: Author) -> Decision:
    """Weigh whether all that is held about a pupil may go: never under a hold, and on the ground of its age only past that age."""
    until = retention_until(record)
    facts: dict[str, Fact] = {"retained_until": None if until is None else str(until), "ground": entry.ground}
    has_ended = until is not None and until < entry.occurred_on
    if not MAY_ERASE & record.school.roles_of(by.id, entry.occurred_on):
        return Decision.refused(LEAVE_A_TRAIL.broken(needs="head, senco or administrator", missing=("role on the day",)))
    if not entry.reason.strip():
        return Decision.refused(KEEP_THE_FILE_FOR_ITS_TIME.broken(missing=("reason",)))
    if standing := holds(record):
        cure = "lift the hold first, if what it was placed for is over"
        return Decision.refused(KEEP_THE_FILE_FOR_ITS_TIME.broken(hold=standing[0].number, cure=cure))
    if record.merged_into is not None:
        return Decision.refused(LEAVE_A_TRAIL.broken(cure="this record was joined to another; erase that one, and this goes with it"))
    if entry.ground is ErasureGround.RETENTION_ENDED and not has_ended:
        cure = "wait for the end of its time, or name the other ground there is"
        return Decision.refused(KEEP_THE_FILE_FOR_ITS_TIME.broken(cure=cure).shown_by(facts))
    early = KEEP_THE_FILE_FOR_ITS_TIME.broken(cure="nothing is left to do: the ground was recorded").shown_by(facts)
    return Decision.taken(entry, findings=(KEEP_THE_FILE_FOR_ITS_TIME.kept(**facts) if has_ended else early,))


def destination_of(left: PupilLeft) -> str | None:
    """Where a pupil went, as it was written down: a LAESTAB, else a name; None where nothing was said of another school."""
    return (left.to_laestab or "").strip() or (left.to_school or "").strip() or None


STEPS: Final[PupilSteps] = MappingProxyType(
    {RecordSent: send_record, RecordReceipted: receipt_record, RecordMerged: merge_record, HoldPlaced: place_hold, HoldLifted: lift_hold}
)
