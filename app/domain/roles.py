"""Whether an author may write an entry: by role on its day, by standing in the record, and by being at the school at all."""

from datetime import date

from app.domain.author import Author, AuthorKind
from app.domain.calendar import civil_day
from app.domain.entries import Entry
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.school import School
from app.domain.writers import SCHOOL_WRITERS, WRITERS, Writers


def role_refusal(record: Record, entry: Entry, by: Author, writers: Writers | None = None) -> Finding | None:
    """Refuse an author to whom the step is not given on the entry's day, or who is nobody in this pupil's record.

    `writers` are those of this very step, where the kind of entry alone does not say.
    """
    writers = writers or WRITERS.get(type(entry))
    if writers is None:
        return LEAVE_A_TRAIL.broken(entry=entry.type, missing=("step for this kind of entry",))
    if by.kind is AuthorKind.STAFF:
        return _staff_refusal(record.school, entry, by, writers)
    if by.kind not in writers.others:
        return writers.rule.broken(entry=entry.type, author_kind=by.kind, cure="let a member of staff with the role take the step")
    if not _is_in_the_record(record, entry, by):
        return writers.rule.broken(entry=entry.type, author_kind=by.kind, missing=("author in the record",))
    return None


def school_role_refusal(school: School, entry: Entry, by: Author) -> Finding | None:
    """Refuse an author to whom a step about the school itself is not given on the entry's day."""
    writers = SCHOOL_WRITERS.get(type(entry))
    if writers is None:
        return LEAVE_A_TRAIL.broken(entry=entry.type, missing=("step for this kind of entry",))
    if by.kind is AuthorKind.STAFF:
        return _staff_refusal(school, entry, by, writers)
    if by.kind not in writers.others:
        return writers.rule.broken(entry=entry.type, author_kind=by.kind, cure="let a member of staff with the role take the step")
    return None


def presence_refusal(school: School, by: Author, today: date) -> Finding | None:
    """Refuse staff, and whoever ran an import, without any role here on the day of writing, whatever day they write of."""
    if by.kind not in (AuthorKind.STAFF, AuthorKind.IMPORT) or school.roles_of(by.id, today):
        return None
    return LEAVE_A_TRAIL.broken(author_kind=by.kind, on=str(today), missing=("role on the day of writing",))


def late_role(school: School, entry: Entry, by: Author) -> Finding | None:
    """Remark on staff whose role for this entry was written down only after the day they write of; facts of the roll are older."""
    writers = WRITERS.get(type(entry)) or SCHOOL_WRITERS.get(type(entry))
    if by.kind is not AuthorKind.STAFF or writers is None or writers.may_look_back:
        return None
    known = school.roles_known_since(by.id, writers.roles, entry.occurred_on)
    if known is None or civil_day(known) <= entry.occurred_on:
        return None
    facts = {"entry": entry.type, "on": str(entry.occurred_on), "role_known_since": str(civil_day(known))}
    return LEAVE_A_TRAIL.broken(**facts, cure="let somebody who was there confirm who held the role on the day")


def _staff_refusal(school: School, entry: Entry, by: Author, writers: Writers) -> Finding | None:
    day = _day_of_authority(school, entry, by) if writers.may_look_back else entry.occurred_on
    if school.roles_of(by.id, day) & writers.roles:
        return None
    needed = " or ".join(sorted(writers.roles)) or AuthorKind.IMPORT
    return writers.rule.broken(entry=entry.type, author_kind=by.kind, needs=needed, on=str(day), missing=("role on the day",))


def _day_of_authority(school: School, entry: Entry, by: Author) -> date:
    known = school.known_since(by.id)
    return max(entry.occurred_on, civil_day(known)) if known else entry.occurred_on


def _is_in_the_record(record: Record, entry: Entry, by: Author) -> bool:
    """Clients and officers are known outside the record; the person behind an import is staff, whatever the row's day."""
    match by.kind:
        case AuthorKind.CONTACT:
            return any(contact.contact == by.id for contact in record.contacts_on(entry.occurred_on))
        case AuthorKind.PUPIL:
            return by.id == record.pupil
        case AuthorKind.IMPORT:
            return record.school.known_since(by.id) is not None
        case _:
            return True
