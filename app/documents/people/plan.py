"""The plan of a cycle as a document: what is to change, the help, who gives it and when it is looked at again."""

from collections.abc import Iterator

from app.documents.drawing.outline import Section, facts
from app.documents.notices.notice_passages import passages_on
from app.documents.people.document import Document, DocumentKind, Letterhead, about_section
from app.documents.people.wording import sections_of, sentences, told_of
from app.documents.record.cycle_sections import outcomes_table, provision_table
from app.documents.record.labels import day, said
from app.domain.cycle import Cycle
from app.domain.entries import Matter, ReviewDateMoved
from app.domain.record import Record


def plans(record: Record, head: Letterhead) -> Iterator[Document]:
    """The plan of each cycle that has one, in order of the cycles."""
    for cycle in record.cycles:
        plan, recorded = cycle.plan_entry, cycle.plan
        if plan is None or recorded is None:
            continue
        told = told_of(record, plan.occurred_on, head, plan)
        in_place = {"What we want to see": (outcomes_table(plan),), "The help": (provision_table(plan, head.names),)}
        outline = head.outline(
            f"Plan for {head.names.pupil_name}, {day(plan.occurred_on)}",
            *sections_of(passages_on(Matter.PLAN, plan, told), "The plan", in_place),
            _moved(cycle),
            _assessment(cycle),
            about_section(recorded, *(one for one in (cycle.assessment, *cycle.moves) if one is not None)),
        )
        yield Document.about(DocumentKind.PLAN, recorded, outline)


def _moved(cycle: Cycle) -> Section:
    moves = [move.entry for move in cycle.moves if isinstance(move.entry, ReviewDateMoved)]
    told = (f"The parents agreed on {day(one.agreed_with_parents_on)} to {day(one.review_on)}: {one.reason}" for one in moves)
    now = f"The review is now on or before {day(cycle.review_on)}." if moves else None
    return sentences("moved", "The day of the review was moved", *told, now)


def _assessment(cycle: Cycle) -> Section:
    made = cycle.assessment_entry
    if made is None:
        return Section("assessment", "What the plan rests on", ())
    shown = facts(
        what_we_found=made.analysis,
        what_the_teacher_sees=said(made.teachers_assessment),
        progress=said(made.progress_and_attainment),
        view_of_the_parents=said(made.parents_view),
        view_of_the_pupil=said(made.pupils_view),
        advice_from_outside=None if made.outside_advice is None else said(made.outside_advice),
    )
    return Section("assessment", "What the plan rests on", (shown,))
