"""What is said when somebody must be told and nobody is left who may be: a duty that nobody can keep is never taken for kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time

from app.domain.author import Author
from app.domain.entries import Entry, Recorded
from app.domain.people import is_past_school_age, people_to_tell
from app.domain.record import Record
from app.domain.rule import Finding, Rule
from app.domain.rules.children_and_families_act_2014 import HONOUR_WHO_HOLDS_THE_RIGHTS
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.domain.school import in_order


def telling_findings(record: Record, on: date, rule: Rule) -> Iterator[Finding]:
    """Ask a person about contacts withheld over a contact restriction, and say when nobody is left to be told."""
    to_tell = people_to_tell(record, on)
    asking = sum(withheld.asks for withheld in to_tell.withheld)
    if asking:
        yield TREAT_CARERS_AS_PARENTS.broken(
            contact_restricted=asking,
            missing=("whether they may be informed",),
            cure="let a named person settle it and describe the contact",
        )
    if to_tell.is_nobody:
        yield rule.broken(missing=("person to tell",), withheld=len(to_tell.withheld))


def nobody_left(record: Record, entry: Entry, by: Author) -> Iterator[Finding]:
    """Say when an entry about the people around leaves nobody with the right to be told where before it somebody had it."""
    on = entry.occurred_on
    if people_to_tell(record, on).is_nobody:
        return
    written = datetime.combine(on, time(), UTC)
    added = Recorded(number=record.last_number + 1, recorded_at=written, author=by, entry=entry, pupil=record.pupil)
    after = people_to_tell(replace(record, known=in_order((*record.known, added))), on)
    if after.is_nobody:
        rule = HONOUR_WHO_HOLDS_THE_RIGHTS if is_past_school_age(record, on) else TREAT_CARERS_AS_PARENTS
        cure = "let a named person settle who is told from now on"
        yield rule.broken(missing=("person to tell",), withheld=len(after.withheld), cure=cure)
