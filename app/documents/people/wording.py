"""What documents for people share: how the pupil is spoken of, passages of notices as sections, and whom to speak to."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from app.documents.drawing.outline import Block, Items, Section, Words
from app.documents.notices.notice_forms import Passage
from app.documents.notices.notice_passages import Known, Told
from app.documents.notices.notice_voice import Voice
from app.documents.people.document import Letterhead
from app.domain.entries import PlanAgreed
from app.domain.people import RightHolder, right_holder
from app.domain.record import Record

NOTHING_IN_PLACE: Final[Mapping[str, tuple[Block, ...]]] = MappingProxyType({})


def told_of(record: Record, on: date, head: Letterhead, plan: PlanAgreed | None = None) -> Told:
    """How sentences speak on a day: to a young person whose rights they are, and of the child to everybody else."""
    voice = Voice(head.first_name, right_holder(record, on) is RightHolder.YOUNG_PERSON)
    return Told(voice, head.school, Known(people=head.names.people, plan=plan))


def sections_of(
    passages: Iterable[Passage], opening: str, in_place: Mapping[str, tuple[Block, ...]] = NOTHING_IN_PLACE
) -> tuple[Section, ...]:
    """Give the passages of a notice as sections, the first under `opening`; `in_place` has other blocks for the heading it names."""
    return tuple(
        Section(_id(passage.heading or opening), passage.heading or opening, in_place.get(passage.heading) or _blocks(passage))
        for passage in passages
    )


def sentences(id_: str, heading: str, *texts: str | None) -> Section:
    """A section of paragraphs; those that are None or empty are left out."""
    return Section(id_, heading, tuple(Words(text) for text in texts if text))


def _blocks(passage: Passage) -> tuple[Block, ...]:
    paragraphs = tuple(Words(text) for text in passage.sentences)
    return (*paragraphs, Items(passage.items)) if passage.items else paragraphs


def _id(heading: str) -> str:
    return re.sub(r"[^a-z]+", "-", heading.lower()).strip("-")
