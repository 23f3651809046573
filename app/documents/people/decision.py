"""The letter on a decision: what was decided and why, what it means, whom to speak to, and what can be done by who does not agree."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from app.documents.drawing.outline import Section, Words, facts
from app.documents.notices.notice_forms import Passage
from app.documents.notices.notice_passages import Told, closing, passages_on
from app.documents.people.document import Document, DocumentKind, Letterhead, about_section
from app.documents.people.wording import sections_of, sentences, told_of
from app.documents.record.labels import day
from app.domain.entries import EhcPlanCeased, Entry, Judgement, Matter, Recorded, SenDecided, SupportEnded, TransitionDecided
from app.domain.record import Record

_COUNCILS_OWN: Final = "You can appeal to a tribunal about the end of the plan. The letter from the council says how, and by when."
KINDS: Final = (SenDecided, TransitionDecided, EhcPlanCeased, SupportEnded)


def decisions(record: Record, head: Letterhead) -> Iterator[Document]:
    """Each decision of the school about special educational needs, in order of its day."""
    found = chain.from_iterable(record.each(kind) for kind in KINDS)
    for recorded, entry in sorted(found, key=lambda one: (one[1].occurred_on, one[0].number)):
        yield Document.about(DocumentKind.DECISION, recorded, head.outline(_title(entry, head), *_sections(record, recorded, head)))


def _sections(record: Record, recorded: Recorded, head: Letterhead) -> Iterator[Section]:
    entry = recorded.entry
    told = told_of(record, entry.occurred_on, head)
    first, *others = sections_of(_passages(entry, told), "Our decision")
    yield replace(first, blocks=(Words(f"Dear {head.first_name}" if told.voice.to_child else "Dear parent or carer"), *first.blocks))
    yield from others
    yield _views(entry)
    yield Section("decided-by", "Who decided", (facts(decided_by=head.names.author(recorded.author), on=day(entry.occurred_on)),))
    yield sentences("speak-to", "Whom to speak to", *closing(told.voice, head.school)[:-1])
    yield _if_you_do_not_agree(entry, told)
    yield about_section(recorded)


def _title(entry: Entry, head: Letterhead) -> str:
    return f"Our decision about {head.names.pupil_name}, {day(entry.occurred_on)}"


def _passages(entry: Entry, told: Told) -> tuple[Passage, ...]:
    if isinstance(entry, SupportEnded):
        return passages_on(Matter.SUPPORT_ENDED, entry, told)
    if isinstance(entry, TransitionDecided):
        return passages_on(Matter.TRANSITION, entry, told)
    if isinstance(entry, EhcPlanCeased) and entry.judgement is Judgement.NO_SEN:
        return _no_support_after_a_plan(entry, told)
    gives = isinstance(entry, SenDecided | EhcPlanCeased) and entry.judgement is Judgement.SEN_SUPPORT
    return passages_on(Matter.SEN_PROVISION if gives else Matter.NO_SEN, entry, told)


def _no_support_after_a_plan(entry: EhcPlanCeased, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = (
        f"The council has ended the plan or statement that {voice.they} had.",
        f"On {day(entry.occurred_on)} we decided that {voice.they} {voice.says('do', 'does')} not need SEN Support now. "
        f"The help that we give to all pupils is right for {voice.they}.",
    )
    again = "Things can change. If you are worried later on, tell us and we will look again."
    return (Passage(sentences=opening), Passage("Why we decided this", (entry.reason,)), Passage("What happens next", (again,)))


def _views(entry: Entry) -> Section:
    if not isinstance(entry, SenDecided | TransitionDecided):
        return Section("views", "What was said", ())
    shown = facts(view_of_the_parents=entry.parents_view, view_of_the_pupil=entry.pupils_view)
    return Section("views", "What was said", (shown,) if shown.rows else ())


def _if_you_do_not_agree(entry: Entry, told: Told) -> Section:
    """There is no appeal against a school's decision on SEN Support; what there is, the law on complaints and on requests gives."""
    voice = told.voice
    return sentences(
        "not-agreed",
        "If you do not agree",
        _COUNCILS_OWN if isinstance(entry, EhcPlanCeased) else None,
        "Tell us first. We will listen, and we can look at the decision again.",
        "If that does not help, you can complain to the school. How to do so is on our website. You can also ask us for it on paper. "
        "If you are still not happy at the end, you can take the complaint to the Department for Education.",
        f"You can ask the council to assess {voice.their} needs at any time. You need not wait for us. "
        "Its name is an education, health and care needs assessment.",
        "There is no appeal to a tribunal about SEN Support. But a tribunal can hear a claim that a pupil was treated unfairly because of "
        "a disability. It must have the claim within six months.",
    )
