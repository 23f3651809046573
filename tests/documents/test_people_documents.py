"""What documents for people say: the review record that parents are given, plans, meetings, letters, maps, and who looked."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.db.accesses import Looked
from app.documents.drawing.outline import Facts, Items, Outline, Table, Words
from app.documents.people.document import Document, DocumentKind, pupil_reference
from app.documents.people.drawing import Appearance, drawn
from app.documents.people.every import documents_of
from app.documents.people.who_looked import KEPT_BACK, who_looked
from app.domain.calendar import civil_moment
from app.domain.codes import SenStatus
from app.domain.entries import Consulted, Entry, Erased, EvidenceSource, Impact, Judgement, NextStep, OutcomeRated
from app.domain.purposes import AT_THE_PERSON, MEANINGS
from tests.documents.people_builders import LOOKED, MOMENT, a_head, a_meeting, a_story, every_document, one, the_record
from tests.documents.reading import grade, sentences
from tests.domain.builders import (
    FATHER,
    SAID,
    a_contact,
    a_plan,
    a_record,
    a_review,
    a_transition,
    enrolled,
    plan_ceased,
    sen_decided,
    support_ended,
)

AGE_OF_ELEVEN = 6.0
PLAN, REVIEW = date(2025, 10, 1), date(2025, 12, 12)


def said(document: Document) -> str:
    return drawn(document, Appearance.TEXT).decode()


def flat(document: Document) -> str:
    return " ".join(said(document).split())


def drawn_from(*entries: Entry, kind: DocumentKind) -> Document:
    (found,) = [document for document in documents_of(a_record(enrolled(), a_contact(), *entries), a_head()) if document.kind is kind]
    return found


def test_every_kind_is_drawn_and_named_by_the_entry_it_is_about() -> None:
    record = the_record()
    assert {document.kind for document in every_document()} == set(DocumentKind)
    for document in documents_of(record, a_head()):
        recorded = record.entry(document.number or 0)
        assert recorded is not None
        assert (document.on, document.moment) == (recorded.entry.occurred_on, recorded.recorded_at)
    keys = [(document.kind, document.number) for document in every_document()]
    assert len(keys) == len(set(keys))


def test_a_record_of_nothing_gives_no_document() -> None:
    assert documents_of(a_record(enrolled(), a_contact()), a_head()) == ()


def test_an_entry_whose_content_was_erased_gives_no_document() -> None:
    story = tuple(
        Erased(occurred_on=entry.occurred_on, erased_type=entry.type) if entry.type == "review.held" else entry for entry in a_story()
    )
    kinds = {document.kind for document in documents_of(a_record(*story), a_head())}
    assert DocumentKind.REVIEW not in kinds
    assert DocumentKind.PLAN in kinds


def test_the_review_record_has_outcomes_views_agreement_next_steps_people_and_the_next_day() -> None:
    """Code of Practice 6.71; Dudley leaflet: outcomes, action and support agreed, kept, shared, and given to the parents."""
    document = one(DocumentKind.REVIEW)
    for words in (
        "Outcome: 1. Blends three sounds. Result: Good progress Evidence: Blends most words of three sounds.",
        "Milo's parents: Reads alone for five minutes.",
        "Milo: I like the \U0001f600 cards. I don't like reading out loud.",
        "The support will go on. It works.",
        "Came: Mona Madeupson Led by: Tess Teachwell SENCO there: Yes",
        "Go on with the cards.",
        "The next review is on or before 10 July 2015.",
    ):
        assert words in flat(document)


def test_the_last_review_has_no_next_day_until_there_is_another_plan() -> None:
    assert "No day is set yet for the next review." in flat(one(DocumentKind.REVIEW, 1))


def test_a_review_without_a_meeting_on_its_day_says_so_and_claims_no_agreement() -> None:
    entries = (a_plan(PLAN, REVIEW), a_review(REVIEW), a_meeting(date(2025, 12, 11), agreed="Something else."))
    shown = flat(drawn_from(*entries, kind=DocumentKind.REVIEW))
    assert "No meeting with the parents is written down for this day." in shown
    assert "Something else." not in shown
    assert "What was agreed" not in shown


def test_two_meetings_on_the_day_of_a_review_are_both_told() -> None:
    entries = (a_plan(PLAN, REVIEW), a_review(REVIEW), a_meeting(REVIEW), a_meeting(REVIEW, attended_by=(FATHER,), agreed="As above."))
    shown = flat(drawn_from(*entries, kind=DocumentKind.REVIEW))
    assert "Meeting 1 Came: Mona Madeupson" in shown
    assert "Meeting 2 Came: Fred Madeupson" in shown
    assert "Go on with the cards. As above." in shown


def test_a_plan_says_that_its_review_was_moved_and_with_whose_agreement() -> None:
    shown = flat(one(DocumentKind.PLAN))
    assert "We will review the plan with you on or before 27 March 2015." in shown
    assert "The parents agreed on 1 February 2015 to 10 April 2015: Half-term. The review is now on or before 10 April 2015." in shown
    assert "What we found: Blending is weak." in shown


def test_a_plan_without_an_assessment_has_no_empty_heading() -> None:
    assert "What the plan rests on" not in said(one(DocumentKind.PLAN, 1))


def test_a_meeting_that_was_offered_and_declined_is_told_as_that() -> None:
    shown = flat(one(DocumentKind.MEETING, 1))
    assert "Came: Nobody; the meeting was offered. Were asked and did not come: Mona Madeupson" in shown
    assert "Given to the parents: Not yet" in shown
    assert "Length" not in shown


def test_a_provision_map_covers_a_school_year_with_amounts_and_costs() -> None:
    """Knowsley and Dudley leaflets: a map shows what goes beyond the ordinary offer, and no sum decides it."""
    shown = flat(one(DocumentKind.PROVISION_MAP))
    for words in (
        "Provision map for Milo Madeupson, 2014/15",
        "From: 20 January 2015 To: 10 April 2015",
        "From: 13 April 2015 To: 10 July 2015",
        "The newest plan gives 60 minutes a week in all.",
        "1 session took place (20 minutes in all); 1 did not.",
        "Plan of 13 April 2015: The plan foresees 3 sessions a week. No session is written down.",
        "Cost: £1,234.56",
        "No sum of money decides it.",
    ):
        assert words in shown


def test_plans_of_two_school_years_give_two_maps_the_costs_each_in_its_own() -> None:
    entries = (a_plan(date(2015, 1, 20), date(2015, 3, 27)), a_plan(date(2015, 9, 8), date(2015, 12, 4), 2))
    maps = [found for found in documents_of(a_record(enrolled(), a_contact(), *entries), a_head()) if found.kind == "provision-map"]
    assert [found.outline.title[-7:] for found in maps] == ["2014/15", "2015/16"]
    assert [found.number for found in maps] == [3, 4]
    assert all("Yearly cost" not in said(found) for found in maps)


DECISIONS = [
    (sen_decided(PLAN), "Milo needs extra help at school"),
    (sen_decided(PLAN, Judgement.NO_SEN), "Milo does not have special educational needs now"),
    (a_transition(date(2014, 12, 1)), "Milo needs SEN Support"),
    (a_transition(date(2014, 12, 1), SenStatus.NONE), "Milo does not need SEN Support"),
    (plan_ceased(PLAN), "Milo still needs extra help"),
    (plan_ceased(PLAN, Judgement.NO_SEN), "Milo does not need SEN Support now"),
    (support_ended(PLAN, 1), "Milo's SEN Support ended"),
]


@pytest.mark.parametrize(("entry", "decided"), DECISIONS)
def test_a_letter_says_what_was_decided_why_by_whom_and_where_to_disagree(entry: Entry, decided: str) -> None:
    shown = flat(drawn_from(entry, kind=DocumentKind.DECISION))
    assert decided in shown
    assert "Dear parent or carer" in shown
    assert f"Why we decided this ------------------- {entry.reason}" in shown  # type: ignore[attr-defined]
    for words in ("Decided by: Sandra Sencombe", "SENCO", "head teacher", "Local Offer", "complain to the school", "at any time"):
        assert words in shown
    assert "There is no appeal to a tribunal about SEN Support." in shown


def test_only_a_letter_after_a_plan_ended_tells_of_the_appeal_against_the_council() -> None:
    """Children and Families Act 2014, section 51(2)(f): the end of a plan can be appealed, a school's own decision cannot."""
    for entry, _ in DECISIONS:
        shown = flat(drawn_from(entry, kind=DocumentKind.DECISION))
        assert ("You can appeal to a tribunal about the end of the plan." in shown) == (entry.type == "ehc_plan.ceased")


def test_a_letter_to_a_young_person_speaks_to_them() -> None:
    """Rights pass to the young person when compulsory school age ends (Children and Families Act 2014, section 83(2))."""
    record = a_record(enrolled(born=date(2008, 1, 1)), a_contact(), sen_decided(PLAN))
    (letter,) = documents_of(record, a_head())
    shown = flat(letter)
    assert "Dear Milo" in shown
    assert "we decided that you need extra help" in shown
    assert "your needs at any time" in shown
    assert not re.search(r"\byou (is|was|needs|does|has)\b", shown)


def test_a_name_that_nobody_recorded_is_not_made_up() -> None:
    plan = a_plan(PLAN, REVIEW, responsible_teacher=UUID(int=0x999))
    assert "a member of our staff is responsible" in flat(drawn_from(plan, kind=DocumentKind.PLAN))


def test_what_could_not_be_had_is_said_with_its_reason() -> None:
    silent = EvidenceSource(missing_because="He was ill.")
    review = a_review(REVIEW, pupils_view=silent)
    assert "Milo: Not available: He was ill." in flat(drawn_from(a_plan(PLAN, REVIEW), review, kind=DocumentKind.REVIEW))
    plan = a_plan(PLAN, REVIEW, pupil_consulted=Consulted(not_because="He was ill."))
    assert "We did not ask Milo: He was ill." in flat(drawn_from(plan, kind=DocumentKind.PLAN))


def test_who_looked_is_told_by_day_in_english_time_with_the_purpose_in_words() -> None:
    shown = flat(one(DocumentKind.WHO_LOOKED))
    assert "When: 27 February 2026, 23:50, to 28 February 2026 Who: Invented Authority, by officer-17" in shown
    assert "Why: To decide about, or carry out, an assessment of your child's needs." in shown
    assert "Who: An organisation that is no longer listed" in shown


def test_a_read_in_summer_is_told_in_summer_time() -> None:
    assert civil_moment(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)).hour == 13
    assert civil_moment(datetime(2026, 1, 1, 12, 0, tzinfo=UTC)).hour == 12


@pytest.mark.parametrize("purpose", [*MEANINGS, "notice", "pushed"])
def test_reads_for_a_childs_safety_and_for_who_asked_are_kept_back_and_no_others(purpose: str) -> None:
    for code in (purpose, f"{purpose}{AT_THE_PERSON}"):
        look = Looked(**{name: getattr(LOOKED[0], name) for name in LOOKED[0].__slots__} | {"purpose": code})
        shown = flat(who_looked((look,), a_head(), MOMENT))
        assert ("officer-17" not in shown) == (purpose in KEPT_BACK)
    assert "Two kinds of reading are not in this list." in shown


def test_nobody_is_told_who_in_the_family_is_restricted_or_why() -> None:
    barred = a_contact(FATHER, information_restricted=True, restriction_basis="An order of the invented court.")
    entries = (barred, a_plan(PLAN, REVIEW), a_review(REVIEW), a_meeting(REVIEW), sen_decided(PLAN))
    for document in documents_of(a_record(enrolled(), a_contact(), *entries), a_head()):
        shown = flat(document)
        assert "restricted" not in shown.lower()
        assert "court" not in shown
        assert "Fred Madeupson" not in shown


def test_a_reference_is_of_the_pupil_and_holds_neither_name_nor_upn() -> None:
    assert pupil_reference(UUID("01932b4e-5f00-7000-8000-0000000000e7")) == "P-000000E7"


def our_prose(outline: Outline) -> str:
    """Our own sentences of a document: no headings, facts or tables, and a mark for what the school wrote itself."""
    told = [text for part in outline.sections for block in part.blocks for text in _texts(block)]
    return "\n".join(re.sub(r"#\.?", "", text) for text in told if not text.startswith("Dear "))


def _texts(block: object) -> tuple[str, ...]:
    if isinstance(block, Items):
        return block.texts
    assert isinstance(block, Words | Facts | Table)
    return (block.text,) if isinstance(block, Words) else ()


@pytest.mark.parametrize("entry", [entry for entry, _ in DECISIONS], ids=[f"{n}-{entry.type}" for n, (entry, _) in enumerate(DECISIONS)])
def test_every_letter_can_be_read_at_the_age_of_eleven(entry: Entry) -> None:
    """The same measure as for notices, whose sentences the letters share."""
    marked = replace(entry, **{name: "#" for name in ("reason", "difficulty", "provision_beyond_ordinary") if hasattr(entry, name)})
    prose = our_prose(drawn_from(marked, kind=DocumentKind.DECISION).outline)
    assert grade(prose) <= AGE_OF_ELEVEN
    assert max(len(sentence) for sentence in sentences(prose)) <= 20


@pytest.mark.parametrize("kind", [DocumentKind.REVIEW, DocumentKind.PLAN, DocumentKind.PROVISION_MAP, DocumentKind.WHO_LOOKED])
def test_the_other_documents_can_be_read_at_the_age_of_eleven_too(kind: DocumentKind) -> None:
    assert grade(our_prose(one(kind).outline)) <= AGE_OF_ELEVEN


def test_no_document_shows_a_code() -> None:
    codes = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[a-z]+\.[a-z]+\b(?<!e\.g)|[0-9a-f]{8}-[0-9a-f]{4}")
    rated = tuple(OutcomeRated(outcome=1, impact=impact, evidence="Seen.") for impact in Impact)
    for step in NextStep:
        review = a_review(REVIEW, ratings=rated, next_step=step, parents_view=SAID)
        assert codes.findall(said(drawn_from(a_plan(PLAN, REVIEW), review, kind=DocumentKind.REVIEW))) == []
    for document in every_document():
        assert codes.findall(said(document)) == []
