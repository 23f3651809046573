"""What parents and young people are told: everything the law and the leaflets ask for, in words that can be read."""

import re
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from lxml import html

from app.documents.notices.notice_passages import Known
from app.documents.notices.notice_voice import Addressee
from app.documents.notices.notice_words import VERSION, Format, MatterMismatchError, Words, original
from app.domain.entries import Consulted, Entry, Impact, Judgement, Matter, NextStep, OutcomeRated
from tests.documents.notice_builders import DAY, EVERY_MATTER, MILO_READS, MOTHER_READS, PLAN, PLAN_CEASED, REVIEW, told, written
from tests.domain.builders import a_concern, a_plan, a_review, a_transition, sen_decided


@pytest.mark.parametrize(("matter", "entry"), EVERY_MATTER)
@pytest.mark.parametrize("to", [MOTHER_READS, MILO_READS])
def test_every_notice_says_whom_to_speak_to_where_advice_is_and_why_it_is_sent(matter: Matter, entry: Entry, to: Addressee) -> None:
    """Knowsley leaflet: talk to the SENCO or headteacher if not happy; the local service is free and impartial."""
    body = told(matter, entry, to).body
    assert "speak to the SENCO" in body
    assert "head teacher" in body
    assert "information, advice and support service" in body
    assert "Local Offer" in body
    assert f"Dear {to.name}" in body
    assert re.search(r"Why we are telling you this: .*(section 68|Code of Practice|Guidance)", body)


@pytest.mark.parametrize(("matter", "entry"), EVERY_MATTER)
@pytest.mark.parametrize("form", ["html", "large_print"])
def test_text_and_pages_say_the_same(matter: Matter, entry: Entry, form: Format) -> None:
    text, page = told(matter, entry), told(matter, entry, form=form)
    shown = html.document_fromstring(page.body)
    assert (text.media_type, page.media_type) == ("text/plain; charset=utf-8", "text/html; charset=utf-8")
    assert (text.version, page.version) == (VERSION, VERSION)
    assert shown.get("lang") == "en-GB"
    assert len(shown.findall(".//h1")) == 1
    assert flat_text_of(page) == re.sub(r"\s|^- ", "", text.body, flags=re.MULTILINE)


def flat_text_of(page: Words) -> str:
    body = html.document_fromstring(page.body).find("body")
    assert body is not None
    return "".join(body.text_content().split())


@pytest.mark.parametrize(("matter", "entry"), EVERY_MATTER)
def test_no_subject_names_the_child(matter: Matter, entry: Entry) -> None:
    """A subject is shown on locked screens."""
    subject = told(matter, entry).subject
    assert "Milo" not in subject
    assert "Invented Primary School" in subject


@pytest.mark.parametrize(("matter", "entry"), EVERY_MATTER)
def test_a_young_person_is_spoken_to_and_not_about(matter: Matter, entry: Entry) -> None:
    body = told(matter, entry, MILO_READS).body.replace("Dear Milo Madeupson", "")
    assert "Milo" not in body
    assert re.search(r"\byou\b", body)
    assert not re.search(r"\byou (is|was|needs|does|gets)\b", body, re.IGNORECASE)


def test_parents_are_told_that_provision_is_made_under_section_68() -> None:
    """Children and Families Act 2014, section 68: the parent must be informed."""
    body = told(Matter.SEN_PROVISION, sen_decided(DAY, provision_starts_on=date(2025, 9, 15))).body
    assert "We must tell you that Invented Primary School is giving this help." in body
    assert "special educational provision" in body
    assert "A daily taught reading programme." in body
    assert "The help begins on 15 September 2025." in body
    assert "section 68" in body


def test_support_that_follows_a_ceased_plan_is_told_under_section_68_too() -> None:
    """Section 68 applies wherever provision is made and no EHC plan is maintained, so from the day on which one ends."""
    body = told(Matter.SEN_PROVISION, PLAN_CEASED).body
    assert "We must tell you that Invented Primary School is giving this help." in body
    assert "section 68" in body
    with pytest.raises(MatterMismatchError):
        told(Matter.SEN_PROVISION, replace(PLAN_CEASED, judgement=Judgement.NO_SEN))


def test_a_plan_tells_outcomes_help_who_is_responsible_and_when_it_is_reviewed() -> None:
    """Code of Practice 6.48 and 6.51; Knowsley leaflet: who is responsible, and the date of the review."""
    body = told(Matter.PLAN, PLAN).body
    assert "Blends three sounds. By 1 December 2025." in body
    assert "Taught reading: 3 times a week for 20 minutes, given by Asha Assistwell." in body
    assert "Tess Teachwell is responsible for this support." in body
    assert "on or before 1 December 2025" in body
    assert "We asked Milo's parents on 12 September 2025." in body


def test_a_plan_made_without_asking_somebody_says_why() -> None:
    plan = a_plan(DAY, REVIEW, parents_consulted=Consulted(not_because="they could not be reached"))
    assert "We did not ask Milo's parents: they could not be reached." in told(Matter.PLAN, plan).body


def test_a_review_tells_what_difference_the_help_made_for_each_outcome_by_its_words() -> None:
    """Code of Practice 6.55; Knowsley leaflet: explain what difference the help has made."""
    rating = OutcomeRated(outcome=1, impact=Impact.LITTLE_OR_NO_PROGRESS, evidence="Same score as before")
    body = told(Matter.REVIEW, a_review(REVIEW, ratings=(rating,), next_step=NextStep.INVOLVE_SPECIALIST)).body
    assert "Blends three sounds. The help made little or no difference. Same score as before." in body
    assert "We will ask a specialist for help." in body


def test_a_review_without_its_plan_at_hand_counts_the_outcomes() -> None:
    assert "Outcome 1. The help made a big difference." in told(Matter.REVIEW, a_review(REVIEW), known=Known()).body


def test_somebody_without_a_name_at_hand_is_a_member_of_staff() -> None:
    assert "given by a member of our staff" in told(Matter.PLAN, PLAN, known=Known()).body


@pytest.mark.parametrize(("judgement", "is_law"), [(Judgement.SEN_SUPPORT, True), (Judgement.NO_SEN, False)])
def test_a_transition_names_section_68_only_where_provision_follows(judgement: Judgement, is_law: bool) -> None:
    body = told(Matter.TRANSITION, a_transition(DAY, judgement=judgement)).body
    assert ("section 68" in body) is is_law
    assert "School Action" in body


def test_what_people_wrote_stays_text_in_a_page() -> None:
    page = told(Matter.SEN_PROVISION, sen_decided(DAY, reason="<script>alert(1)</script> & {{ 7 * 7 }}"), form="html")
    shown = html.document_fromstring(page.body)
    assert not list(shown.iter("script"))
    assert "<script>alert(1)</script> & {{ 7 * 7 }}" in shown.text_content()


def test_a_name_with_line_feeds_cannot_add_lines() -> None:
    to = Addressee(name="A\n\nB", is_young_person=False)
    found = original(Matter.PLAN, PLAN, to=to, child_first_name="C\nD", school_name="E\nF").words("text")
    assert found is not None
    body = found.body
    assert "Dear A B\n" in body
    assert "C D's" in body
    assert "From E F\n" in body


@pytest.mark.parametrize(
    ("matter", "entry"),
    [
        (Matter.PLAN, a_concern(DAY)),
        (Matter.REVIEW, PLAN),
        (Matter.SEN_PROVISION, sen_decided(DAY, Judgement.NO_SEN)),
        (Matter.NO_SEN, sen_decided(DAY)),
    ],
)
def test_a_matter_is_never_told_of_an_entry_that_says_something_else(matter: Matter, entry: Entry) -> None:
    with pytest.raises(MatterMismatchError):
        told(matter, entry)


def test_what_somebody_wrote_in_several_paragraphs_stays_one_paragraph_of_the_notice() -> None:
    """As many paragraphs of text as blocks, so that a translation of the text finds its places."""
    found = written(Matter.SEN_PROVISION, sen_decided(DAY, reason="One.\n\n \n\nTwo.\r\n\r\nThree."))
    text = found.words("text")
    assert text is not None
    assert "One.\nTwo.\n" in text.body
    assert len(text.body.strip().split("\n\n")) == len(found.plain)


def test_the_digest_of_words_is_that_of_their_bytes() -> None:
    text = told(Matter.PLAN, PLAN)
    assert text.digest == sha256(text.body.encode()).digest() == written(Matter.PLAN, PLAN).digest
    assert told(Matter.PLAN, PLAN, form="html").digest != text.digest
