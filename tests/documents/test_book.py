"""Documents bound together keep their headings, have one contents list, and say on every page whose they are."""

from io import BytesIO
from itertools import pairwise

from lxml import html
from pypdf import PdfReader
from pypdf.generic import Destination

from app.documents.drawing.book import Book
from app.documents.drawing.outline import Items, Outline, Part, Section, Words
from app.documents.drawing.record_html import render_html
from app.documents.drawing.record_pdf import CLAIMS, render_pdf
from tests.documents.builders import FROZEN_AT

DIGEST = "ab" * 32


def a_document(title: str, words: str) -> Outline:
    section = Section("about", "About it", (Words(words), Part("In short", (Items(("First thing", "Second thing")),))))
    return Outline(title=title, school="S", reference="R", digest="", sections=(section,))


def a_book() -> Book:
    documents = (a_document("The first", "Words of the first."), a_document("The second", "Words of the second, by Secretname."))
    return Book(
        title="Two documents", school="Invented School", reference="P-1", digest=DIGEST, documents=documents, unprinted=("Secretname",)
    )


def test_the_page_has_an_article_for_each_document_and_no_heading_skips_a_level() -> None:
    page = html.document_fromstring(render_html(a_book()))
    assert [one.text for one in page.iter("h2")] == ["The first", "The second"]
    assert len(list(page.iter("article"))) == 2
    levels = [int(one.tag[1]) for one in page.iter("h1", "h2", "h3", "h4")]
    assert levels == [1, 2, 3, 4, 2, 3, 4]
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.xpath("//a/@href")} <= set(ids)
    assert [one.text for one in page.iter("li") if one.text and one.text.endswith("thing")] == ["First thing", "Second thing"] * 2


def test_the_pdf_begins_each_document_on_a_page_of_its_own_that_contents_and_bookmarks_lead_to() -> None:
    pdf = render_pdf(a_book(), FROZEN_AT)
    assert pdf.claims == CLAIMS
    reader = PdfReader(BytesIO(pdf.content))
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert [("Words of the first." in text, "Words of the second" in text) for text in texts] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    tops = [one for one in reader.outline if isinstance(one, Destination)]
    assert [(one.title, reader.get_destination_page_number(one)) for one in tops] == [("The first", 1), ("The second", 2)]
    links = [one for one in reader.pages[0]["/Annots"] if one.get_object()["/Subtype"] == "/Link"]
    assert len(links) >= 4
    for number, text in enumerate(texts, start=1):
        assert f"Pupil reference P-1, record digest {DIGEST}" in text
        assert f"Page {number} of 3" in text


def test_what_is_never_printed_is_printed_in_no_document_of_the_book() -> None:
    for shown in (render_html(a_book()).decode(), PdfReader(BytesIO(render_pdf(a_book(), FROZEN_AT).content)).pages[2].extract_text()):
        assert "Secretname" not in shown
        assert "[not printed]" in shown


def test_headings_in_the_pdf_follow_each_other_level_by_level() -> None:
    reader = PdfReader(BytesIO(render_pdf(a_book(), FROZEN_AT).content))

    def depths(marks: list[object], depth: int = 1) -> list[int]:
        return [level for one in marks for level in (depths(one, depth + 1) if isinstance(one, list) else [depth])]

    levels = depths(list(reader.outline))
    assert levels == [1, 2, 3, 1, 2, 3]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
