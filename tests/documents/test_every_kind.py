"""Every kind of a pupil's entries is shown to who reads the record, or is left out for a reason that is written down."""

from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from lxml import html
from pypdf import PdfReader

from app.db.codec import entry_from
from app.documents.drawing.outline import Part
from app.documents.drawing.record_html import render_html
from app.documents.drawing.record_pdf import CLAIMS, render_pdf
from app.documents.record.evidence_sections import SIX, evidence_section
from app.documents.record.labels import pounds, school_year
from app.documents.record.left_out import LEFT_OUT
from app.documents.record.record_outline import outline_of
from app.domain.entries import (
    KINDS,
    OF_PUPILS,
    AdjustmentMade,
    AnnualReviewDecided,
    AnnualReviewHeld,
    BaselineTaken,
    CapacityDecided,
    CareDescribed,
    ContactDescribed,
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    Entry,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    Phase,
    PhaseMovePlanned,
    Profession,
    ProvisionMapped,
    Recommendation,
    SpecialistAdviceShared,
    SpecialistAdvised,
    SpecialistInvolved,
    kinds_of,
)
from tests.documents.builders import FROZEN_AT, a_freeze, a_story
from tests.domain.builders import MOTHER, SAID, TEACHER, a_record
from tests.vectors.reading import entry_of

A_DAY = date(2016, 2, 29)
SAID_OF_IT = "29 February 2016"
KINDS_OF_PUPILS = [kind for module in OF_PUPILS for kind in kinds_of(module)]
SHOWN = [kind for kind in KINDS_OF_PUPILS if kind not in LEFT_OUT]
NEXT = len(a_story()) + 1
"""The number of the first entry that is added to the story."""
A_PAPER = {"id": "paper 1", "sha256": "ab" * 32, "size": 2_000, "media_type": "application/pdf", "title": "Our view", "pages": 3}
MORE: dict[str, dict[str, object]] = {
    "access.answered": {"asked": 1},
    "access.exemptions_reviewed": {"asked": 1},
    "access.extended": {"asked": 1, "months": 2},
    "access.paused": {"asked": 1},
    "access.resumed": {"asked": 1},
    "advice.given": {"asked": 1},
    "annual_report.given": {"school_year": 2015},
    "annual_review.decided": {"review": 1, "decision": "amend"},
    "annual_review.reported": {"review": 1},
    "appeal.decided": {"appeal": 1},
    "appeal.lodged": {"about": 1},
    "assessment.made": {"cycle": 2},
    "concern.answered": {"concern": 4},
    "contact_details.changed": {"contact": "mother"},
    "contact_details.confirmed": {"contact": "mother", "change": 1},
    "contribution.asked": {"due": date(2016, 3, 18)},
    "contribution.given": {"words": "She reads to her brother."},
    "data_complaint.acknowledged": {"complaint": 1},
    "departure.explained": {"rule": "review-by-the-agreed-date", "occasion": "cycle 1"},
    "mediation.certified": {"about": 1},
    "needs.set": {"needs": ["SLCN"]},
    "paper.redacted": {"paper": "paper 1", "redacted": {**A_PAPER, "id": "paper 2", "sha256": "cd" * 32}, "pages": [2], "reason": "-"},
    "person.told": {"about": 15},
    "phase_move.expected": {"to": "secondary", "moves_on": date(2016, 9, 1)},
    "phase_move.planned": {"to": "secondary", "moves_on": date(2016, 9, 1)},
    "placement.answered": {"consultation": 1},
    "plan.agreed": {"cycle": 2, "review_on": date(2016, 5, 27)},
    "provision.mapped": {"school_year": 2015, "cost_in_pence": 123456},
    "pupil.enrolled": {"date_of_birth": date(2013, 11, 20)},
    "review.held": {"cycle": 2},
    "review_date.moved": {"review_on": date(2015, 4, 1), "agreed_with_parents_on": date(2015, 3, 1)},
    "specialist.advised": {"involvement": 1},
    "specialist_advice.shared": {"advice": NEXT},
    "status.imported": {"status": "E"},
    "support.ended": {"review": 15},
}


def an_entry(kind: type[Entry], on: date = A_DAY, **facts: object) -> Entry:
    row = entry_of({"day": on, "what": kind.type, **MORE.get(kind.type, {}), **facts}, NEXT)
    return entry_from(kind.type, on, row["facts"])


BEFORE: dict[str, Entry] = {
    "specialist_advice.shared": SpecialistAdvised(occurred_on=date(2016, 1, 4), involvement=1, advice="Practise every day."),
    "paper.redacted": an_entry(ContributionGiven, date(2016, 1, 4), papers=[A_PAPER]),
}


def page_with(*extra: Entry) -> str:
    page = html.document_fromstring(render_html(outline_of(a_freeze(*extra))))
    return " ".join(" ".join(page.itertext()).split())


def page_of(kind: type[Entry]) -> str:
    return page_with(*([BEFORE[kind.type]] if kind.type in BEFORE else []), an_entry(kind))


@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.type)
def test_a_kind_that_is_not_left_out_is_shown_with_its_day(kind: type[Entry]) -> None:
    assert SAID_OF_IT not in page_with()
    assert SAID_OF_IT in page_of(kind)


@pytest.mark.parametrize("kind", LEFT_OUT, ids=lambda kind: kind.type)
def test_a_kind_that_is_left_out_is_not_shown_and_has_a_reason(kind: type[Entry]) -> None:
    assert SAID_OF_IT not in page_of(kind)
    assert len(LEFT_OUT[kind].split()) > 5


def test_a_record_of_every_kind_is_a_pdf_that_claims_both_standards() -> None:
    pdf = render_pdf(outline_of(a_freeze(*(an_entry(kind) for kind in SHOWN))), FROZEN_AT)
    assert pdf.claims == CLAIMS
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages).split())
    assert "£1,234.56" in text
    assert "Draft plan served on 29 February 2016" in text


def test_nothing_is_left_out_that_is_no_kind_of_a_pupils_entry() -> None:
    assert set(LEFT_OUT) <= set(KINDS_OF_PUPILS) < set(KINDS.values())


def test_who_is_restricted_and_why_is_said_nowhere() -> None:
    """Decision 24: the basis of a restriction is for those who must heed it."""
    restricted = ContactDescribed(
        occurred_on=A_DAY,
        contact=MOTHER,
        relationship="mother",
        parental_responsibility=True,
        has_care=True,
        information_restricted=True,
        restriction_basis="Order of an invented court",
    )
    shown = page_with(restricted)
    assert "Order of an invented court" not in shown
    assert "estrict" not in shown


def test_advice_names_the_specialist_and_everybody_it_reached() -> None:
    """Code of Practice 6.61: the views of specialists are recorded and shared."""
    involved = SpecialistInvolved(occurred_on=date(2016, 1, 11), profession=Profession.EDUCATIONAL_PSYCHOLOGIST, reason="Two cycles.")
    advised = SpecialistAdvised(
        occurred_on=date(2016, 2, 1), involvement=NEXT, advice="Practise daily.", shared_with_staff_on=date(2016, 2, 2)
    )
    shared = SpecialistAdviceShared(occurred_on=date(2016, 2, 8), advice=NEXT + 1, with_parents=True, with_staff=False)
    page = page_with(involved, advised, shared)
    assert "Educational psychologist involved on 11 January 2016" in page
    after = page.split("Advice of 1 February 2016")[1]
    assert after.index("Educational psychologist") < after.index("Practise daily.")
    assert after.index("2 February 2016 Staff") < after.index("8 February 2016 Parents")


def test_a_cost_is_in_pounds_and_beside_no_threshold() -> None:
    """The notional 6,000 pounds is a way of paying, and no measure of what a pupil is owed."""
    page = page_with(
        ProvisionMapped(occurred_on=A_DAY, school_year=2015, cost_in_pence=123456), ProvisionMapped(occurred_on=A_DAY, school_year=2016)
    )
    shown = page.split("Provision map")[-1].split("Pupil reference")[0]
    assert "2015/16 £1,234.56" in shown
    assert "2016/17 Not worked out" in shown
    assert "6,000" not in page
    assert [pounds(pence) for pence in (0, 5, 99, 100)] == ["£0.00", "£0.05", "£0.99", "£1.00"]
    assert (school_year(1999), school_year(2025)) == ("1999/00", "2025/26")


def test_a_healthcare_plan_is_a_reference_and_a_condition_is_not_named() -> None:
    page = page_with(
        HealthcarePlanLinked(occurred_on=A_DAY, reference="medical file 12"), MedicalConditionNoted(occurred_on=A_DAY, told_by=MOTHER)
    )
    assert "Kept under the reference medical file 12" in page
    assert "The condition itself is not written in this record." in page


def test_care_and_capacity_say_who_acts() -> None:
    care = CareDescribed(occurred_on=A_DAY, is_looked_after=True, authority="998", has_responsibility=True, social_worker=MOTHER)
    capacity = CapacityDecided(occurred_on=date(2030, 3, 1), has_capacity=False, representative=MOTHER, basis="An invented meeting.")
    page = page_with(care, capacity)
    circumstances = page.split("Care from 29 February 2016")[1].split("Pupil reference")[0]
    assert all(words in circumstances for words in ("998", "Mona Madeupson", "An invented meeting."))


def test_a_review_of_a_plan_is_followed_by_what_the_authority_decided() -> None:
    held = AnnualReviewHeld(occurred_on=A_DAY, pupil_took_part=True, parents_took_part=False, recommendation=Recommendation.AMEND)
    decided = AnnualReviewDecided(occurred_on=date(2016, 3, 14), review=NEXT, decision=Recommendation.CEASE)
    reviews = page_with(decided, held).split("Annual reviews of the plan")[-1]
    assert reviews.index("Review meeting on 29 February 2016") < reviews.index("Decision of the authority told on 14 March 2016")


VIEW = UUID(int=0x601)


def a_contribution(kind: ContributionKind, who: ContributorKind, words: str = "In their own words.", on: date = A_DAY) -> Entry:
    persons = {ContributorKind.STAFF: TEACHER, ContributorKind.CONTACT: MOTHER}
    contributor = Contributor(kind=who, person=persons.get(who), involvement=NEXT if who is ContributorKind.SPECIALIST else None)
    return ContributionGiven(occurred_on=on, contribution=VIEW, kind=kind, contributor=contributor, words=words)


def test_a_contribution_is_shown_in_full_with_who_was_asked_and_who_gave_it() -> None:
    given = a_contribution(ContributionKind.PARENTS_VIEW, ContributorKind.CONTACT, "She reads\nto her brother.")
    told = {
        "contribution": VIEW,
        "kind": ContributionKind.PARENTS_VIEW,
        "contributor": Contributor(kind=ContributorKind.CONTACT, person=MOTHER),
    }
    asked = ContributionAsked(occurred_on=date(2016, 2, 1), asks="How is it at home?", due=date(2016, 2, 26), **told)
    shown = page_with(asked, given).split("What people contributed")[-1].split("Pupil reference")[0]
    before, after = shown.split("Contributed on 29 February 2016")
    assert all(words in before for words in ("Mona Madeupson", "How is it at home?", "26 February 2016"))
    assert all(words in after for words in ("Mona Madeupson", "The parents' view", "She reads to her brother."))


def test_of_what_was_given_again_the_last_counts_and_is_listed_once_for_the_authority() -> None:
    first = a_contribution(ContributionKind.PARENTS_VIEW, ContributorKind.CONTACT, "The first words.", date(2016, 2, 1))
    record = a_record(first, a_contribution(ContributionKind.PARENTS_VIEW, ContributorKind.CONTACT))
    (nature,) = (
        part for part in evidence_section(record, date(2008, 1, 1), A_DAY).blocks if isinstance(part, Part) and "Nature" in part.heading
    )
    assert SAID_OF_IT in str(nature) and "1 February 2016" not in str(nature)
    assert "The first words." not in page_with(first, a_contribution(ContributionKind.PARENTS_VIEW, ContributorKind.CONTACT))


def test_a_specialist_is_named_by_profession_and_a_pupil_by_name() -> None:
    involved = SpecialistInvolved(occurred_on=date(2016, 1, 11), profession=Profession.PAEDIATRICIAN, reason="Falls.")
    report = a_contribution(ContributionKind.SPECIALISTS_REPORT, ContributorKind.SPECIALIST)
    assert "Contributed by Paediatrician" in page_with(involved, report)
    assert "Contributed by Milo Madeupson" in page_with(a_contribution(ContributionKind.PUPILS_VIEW, ContributorKind.PUPIL))


def test_somebody_who_declined_need_give_no_reason() -> None:
    declined = ContributionDeclined(occurred_on=A_DAY, contribution=VIEW)
    assert "Reason None given, and none is needed" in page_with(declined)


def test_a_paper_is_listed_as_it_goes_out_and_where_it_was_blacked_out() -> None:
    given = an_entry(ContributionGiven, date(2016, 1, 4), papers=[A_PAPER])
    plain, redacted = page_with(given), page_with(given, an_entry(KINDS["paper.redacted"]))
    assert "Our view 3 pages No " + "ab" * 32 in plain
    assert f"Our view 3 pages page 2 on {SAID_OF_IT} (entry {NEXT + 1}) " + "cd" * 32 in redacted
    assert "ab" * 32 not in redacted


@pytest.mark.parametrize(
    ("entry", "belongs"),
    [
        (BaselineTaken(occurred_on=A_DAY, skills_and_attainment="Counts.", earlier_setting=SAID, disability_considered=True), {0}),
        (SpecialistInvolved(occurred_on=A_DAY, profession=Profession.PAEDIATRICIAN, reason="Falls."), {2, 4}),
        (SpecialistAdvised(occurred_on=A_DAY, involvement=1, advice="Rest."), {4}),
        (AdjustmentMade(occurred_on=A_DAY, adjustment="Larger print."), {2}),
        (a_contribution(ContributionKind.TEACHERS_REPORT, ContributorKind.STAFF), {0, 1}),
        (a_contribution(ContributionKind.SENCOS_SUMMARY, ContributorKind.STAFF), {2}),
        (a_contribution(ContributionKind.PARENTS_VIEW, ContributorKind.CONTACT), {1}),
        (a_contribution(ContributionKind.PUPILS_VIEW, ContributorKind.PUPIL), {1}),
        (a_contribution(ContributionKind.SPECIALISTS_REPORT, ContributorKind.SPECIALIST), {4}),
        (a_contribution(ContributionKind.DECLARATION, ContributorKind.STAFF), set()),
        (AdjustmentMade(occurred_on=A_DAY, adjustment="Larger print.", not_made_because="Not wanted."), set()),
        (HealthcarePlanLinked(occurred_on=A_DAY, reference="12"), {4}),
        (ProvisionMapped(occurred_on=A_DAY, school_year=2015), {3}),
        (PhaseMovePlanned(occurred_on=A_DAY, to=Phase.POST_16, moves_on=date(2016, 9, 1), preparation="Visits."), {2, 5}),
        (AnnualReviewHeld(occurred_on=A_DAY, pupil_took_part=True, parents_took_part=True, recommendation=Recommendation.MAINTAIN), set()),
    ],
)
def test_evidence_counts_what_others_did_and_what_was_made_of_it(entry: Entry, belongs: set[int]) -> None:
    """Code of Practice 9.14, six headings in its order; the sixth from the age of 18."""
    assert {place for place, (_, is_of) in enumerate(SIX) if is_of(entry)} == belongs
    parts = evidence_section(a_record(entry), date(1996, 1, 1), FROZEN_AT.date()).blocks
    assert {place for place, part in enumerate(parts) if isinstance(part, Part) and SAID_OF_IT in str(part)} == belongs
