"""The readable record: the same content as HTML and as PDF, open to everybody, and never with a UPN."""

from datetime import date
from io import BytesIO
from itertools import pairwise

import pytest
from lxml import html
from pypdf import PdfReader

from app.documents.drawing.outline import NOTHING, Outline, Section, Words
from app.documents.drawing.record_html import render_html
from app.documents.drawing.record_pdf import render_pdf
from app.documents.record.evidence_sections import evidence_section
from app.documents.record.labels import UNNAMED, label
from app.documents.record.record_outline import outline_of
from app.domain.codes import SenStatus
from app.domain.entries import Impact, Judgement, OutcomeRated, Raiser, Requester
from tests.documents.builders import FROZEN_AT, PEOPLE, UPN, a_freeze
from tests.domain.builders import MOTHER, PUPIL, a_record, a_review, an_assessment, imported, sen_decided

MARKUP = '<script>alert(1)</script> & *bold* #panic("x") $x$ = Heading\n- item "quoted" \\u{41} @ref <label> `raw` {{ 7 * 7 }}'


def page_of(*extra: object) -> html.HtmlElement:
    return html.document_fromstring(render_html(outline_of(a_freeze(*extra))))  # type: ignore[arg-type]


def pdf_of(*extra: object) -> PdfReader:
    return PdfReader(BytesIO(render_pdf(outline_of(a_freeze(*extra)), FROZEN_AT).content))  # type: ignore[arg-type]


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_page_has_one_first_heading_a_language_and_landmarks() -> None:
    page = page_of()
    assert [one.text for one in page.iter("h1")] == ["SEN Support record of Milo Madeupson"]
    assert page.get("lang") == "en-GB"
    assert [len(list(page.iter(tag))) for tag in ("header", "main", "nav", "footer", "title")] == [1, 1, 1, 1, 1]
    assert not list(page.iter("script", "img", "iframe", "link"))


def test_every_table_has_a_caption_and_headers_for_its_columns_and_rows() -> None:
    tables = list(page_of().iter("table"))
    assert len(tables) > 8
    for table in tables:
        assert table.find("caption") is not None
        assert {cell.get("scope") for cell in table.iter("th")} == {"col", "row"}
        widths = {len(row) for row in table.iter("tr")}
        assert len(widths) == 1


def test_headings_never_skip_a_level_and_ids_are_unique() -> None:
    page = page_of()
    levels = [int(one.tag[1]) for one in page.iter("h1", "h2", "h3")]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.xpath("//a/@href")} <= set(ids)


def test_every_section_carries_the_pupil_reference_and_the_record_digest() -> None:
    mark = f"Pupil reference P-0042 - record digest {a_freeze().digest.hex()}"
    sections = list(page_of().iter("section"))
    assert len(sections) == 22
    assert all(section.findall("p")[-1].text == mark for section in sections)


@pytest.mark.parametrize(
    "said",
    [
        "Milo Madeupson",
        "School Action",
        "Speech, language and communication needs (SLCN)",
        "We will look closely.",
        "Reading age",
        "Tess Teachwell",
        "3 sessions a week of 20 minutes",
        "1 session took place (20 minutes in all); 1 did not.",
        "Good progress",
        "Mona Madeupson",
        "In person",
        "27 February 2026",
        "Not applicable: the pupil is under 18.",
    ],
)
def test_page_and_pdf_both_say_what_happened(said: str) -> None:
    assert said in " ".join(page_of().text_content().split())
    assert said in text_of(pdf_of())


def test_the_upn_is_printed_nowhere_even_where_somebody_typed_it() -> None:
    """A UPN is a blind number: it is not printed on reports (DfE guide to unique pupil numbers)."""
    typed = an_assessment(date(2015, 4, 20), 2, analysis=f"Pupil {UPN}, also {UPN.lower()} and F999 9999 25001.")
    page, text = page_of(typed).text_content(), text_of(pdf_of(typed))
    for shown in (page, text):
        assert UPN not in shown.upper().replace(" ", "")
        assert shown.count("[not printed]") == 3


def test_markup_in_what_people_wrote_stays_text() -> None:
    typed = an_assessment(date(2015, 4, 20), 2, analysis=MARKUP)
    page, text = page_of(typed), text_of(pdf_of(typed))
    assert MARKUP in page.text_content()
    assert not list(page.iter("script"))
    for piece in ("<script>alert(1)</script>", '#panic("x")', "*bold*", "$x$", "= Heading", "{{ 7 * 7 }}", "<label>"):
        assert piece in text


def test_a_word_longer_than_its_column_is_broken_and_not_cut_off() -> None:
    rating = OutcomeRated(outcome=1, impact=Impact.ACHIEVED, evidence="x" * 150)
    lines = "\n".join(page.extract_text() for page in pdf_of(a_review(date(2015, 6, 1), 2, ratings=(rating,))).pages).splitlines()
    broken = [line.replace("\u200b", "").count("x") for line in lines if "xx" in line.replace("\u200b", "")]
    assert sum(broken) == 150
    assert max(broken) < 60


def test_control_characters_never_reach_a_document() -> None:
    typed = an_assessment(date(2015, 4, 20), 2, analysis="bell\x07 tab\tline\nnext\x1b[31m")
    assert "\x07" not in render_html(outline_of(a_freeze(typed))).decode()
    assert "bell" in text_of(pdf_of(typed))


def test_the_pdf_is_tagged_titled_in_english_and_claims_both_standards() -> None:
    reader = pdf_of()
    catalog = reader.root_object
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert str(catalog["/Lang"]).lower() == "en-gb"
    assert reader.metadata is not None
    assert reader.metadata.title == "SEN Support record of Milo Madeupson"
    assert "/StructTreeRoot" in catalog
    claims = catalog["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in claims
    assert "<pdfaid:part>2</pdfaid:part>" in claims
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in claims


def test_the_pdf_has_bookmarks_and_every_page_its_footer() -> None:
    reader = pdf_of()
    titles = [one.title for one in reader.outline if not isinstance(one, list)]
    assert {"Status history", "Cycle 1", "People told"} <= set(titles)
    short = a_freeze().digest.hex()[:16]
    for number, page in enumerate(reader.pages, start=1):
        text = " ".join(page.extract_text().split())
        assert f"Pupil reference P-0042, record digest {short}" in text
        assert f"Page {number} of {len(reader.pages)}" in text


def test_the_pdf_is_dated_by_the_freeze_and_the_same_each_time() -> None:
    first, second = (render_pdf(outline_of(a_freeze()), FROZEN_AT).content for _ in range(2))
    assert first == second
    assert b"D:20260302103000Z" in first


def test_a_character_without_a_glyph_gives_a_tagged_pdf_that_claims_nothing() -> None:
    pdf = render_pdf(outline_of(a_freeze(an_assessment(date(2015, 4, 20), 2, analysis="\U00010a10"))), FROZEN_AT)
    catalog = PdfReader(BytesIO(pdf.content)).root_object
    assert pdf.claims == ()
    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert b"pdfuaid" not in catalog["/Metadata"].get_data()


def test_somebody_whose_name_is_not_known_is_said_to_be_unnamed() -> None:
    frozen = a_freeze(people={person: name for person, name in PEOPLE.items() if person != MOTHER})
    assert UNNAMED in render_html(outline_of(frozen)).decode()


def test_a_pupil_who_waits_for_a_decision_is_said_to_wait() -> None:
    waiting = a_record(imported(SenStatus.SCHOOL_ACTION_PLUS, date(2013, 9, 1)), pupil=PUPIL)
    page = render_html(outline_of(a_freeze(record=waiting))).decode()
    assert "School Action Plus has not been looked at again yet." in page


def test_a_record_of_nothing_says_so_in_every_section() -> None:
    page = render_html(outline_of(a_freeze(record=a_record()))).decode()
    assert page.count(NOTHING) == 23


def test_codes_that_share_a_letter_have_their_own_words() -> None:
    assert label(SenStatus.SEN_SUPPORT) == "SEN Support"
    assert label(Judgement.SEN_SUPPORT) == "SEN Support is needed"
    assert (label(Raiser.PARENT), label(Requester.PARENT)) == ("a parent", "A parent")


@pytest.mark.parametrize(("on", "applies"), [(date(2031, 11, 19), False), (date(2031, 11, 20), True)])
def test_whether_more_time_is_needed_is_asked_from_the_eighteenth_birthday(on: date, applies: bool) -> None:
    """Code of Practice 9.14: for those over 18."""
    last = evidence_section(a_record(a_review(date(2031, 6, 1))), date(2013, 11, 20), on).blocks[-1]
    assert (Words("Not applicable: the pupil is under 18.") in last.blocks) is not applies  # type: ignore[union-attr]


def test_the_six_things_of_the_code_are_counted() -> None:
    """Code of Practice 9.14."""
    blocks = evidence_section(
        a_record(sen_decided(date(2015, 1, 5)), an_assessment(date(2015, 1, 6))), date(2013, 11, 20), FROZEN_AT.date()
    ).blocks
    assert len(blocks) == 6
    said = [part.blocks[0].text for part in blocks]  # type: ignore[union-attr]
    assert said == [NOTHING, "2 items.", NOTHING, NOTHING, NOTHING, "Not applicable: the pupil is under 18."]


def test_a_secret_with_odd_characters_is_still_only_a_text() -> None:
    outline = Outline(
        title="T", school="S", reference="R", digest="0" * 64, sections=(Section("a", "A", (Words("x (.* y"),)),), unprinted=("(.*", "")
    )
    assert "x [not printed] y" in str(outline.printable())
