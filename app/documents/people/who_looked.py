"""Who looked at a pupil's papers, as a list that a parent can read: when, who, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.db.accesses import Looked
from app.documents.drawing.outline import Section, table
from app.documents.people.document import Document, DocumentKind, Letterhead
from app.documents.people.wording import sentences
from app.documents.record.labels import day
from app.domain.calendar import civil_day, civil_moment
from app.domain.purposes import Purpose, chosen, words_of

KEPT_BACK: Final = frozenset({Purpose.SAFEGUARDING, Purpose.ACCESS_REQUEST})
"""A parent is not told of reads for a child's safety, nor that somebody else asked to see the record."""
UNNAMED: Final = "An organisation that is no longer listed"


def is_told(one: Looked) -> bool:
    """Whether a read stands in the list that a parent is given."""
    return chosen(one.purpose) not in KEPT_BACK


def who_looked(looked: Sequence[Looked], head: Letterhead, moment: datetime) -> Document:
    """List the reads in the order given, those kept back apart; `moment` dates the list."""
    rows = [(_when(one), _who(one), words_of(one.purpose)) for one in looked if is_told(one)]
    outline = head.outline(
        f"Who looked at the papers of {head.names.pupil_name}",
        sentences(
            "list-of",
            "What this list shows",
            f"Each time somebody opens papers about {head.first_name}, the school's system writes down who it was, when and why.",
            "Two kinds of reading are not in this list. One is reading to keep a child safe. The other is reading to answer a person "
            "who asked to see the record.",
        ),
        Section("reads", "Who looked, when and why", (table("Reads of the papers", ("When", "Who", "Why"), rows),)),
        sentences(
            "questions",
            "If something looks wrong",
            "Please speak to the head teacher. You can also complain to the Information Commissioner, who looks after people's rights "
            "over data about them.",
        ),
    )
    return Document(kind=DocumentKind.WHO_LOOKED, number=None, on=civil_day(moment), moment=moment, outline=outline)


def _when(one: Looked) -> str:
    first, last = civil_day(one.first_at), civil_day(one.last_at)
    began = f"{day(first)}, {civil_moment(one.first_at):%H:%M}"
    return began if first == last else f"{began}, to {day(last)}"


def _who(one: Looked) -> str:
    organisation = one.organisation or UNNAMED
    return f"{organisation}, by {one.person}" if one.person else organisation
