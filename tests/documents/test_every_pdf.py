"""Every PDF that our templates draw: tagged, titled, in a language, with bookmarks, its own fonts, readable text and true claims."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO

import pikepdf
import pytest

from app.documents.drawing.record_pdf import CLAIMS, render_pdf
from app.documents.people.document import DocumentKind
from tests.documents.drawn import EVERY, Drawn, bare, page_of, pdf_of, said_by, text_of
from tests.documents.people_builders import MOMENT, NAMES_IN_MANY_SCRIPTS, a_head, one, who_looked

NAMES = sorted(EVERY)


@cache
def opened(name: str) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf_of(name).content))


def tags(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    if isinstance(node, pikepdf.Array):
        for kid in node:  # type: ignore[attr-defined]
            yield from tags(kid)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        if "/K" in node:
            yield from tags(node.K)


def attribute(tag: pikepdf.Object, owner: str, name: str) -> str | None:
    given = tag.get("/A")
    listed = given if isinstance(given, pikepdf.Array) else [given] if given is not None else []
    return next((str(one[name]) for one in listed if str(one.get("/O")) == owner and name in one), None)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_tagged_and_its_title_is_shown_in_english(name: str) -> None:
    catalog = opened(name).Root
    title = page_of(name).findtext(".//title")
    assert catalog.MarkInfo.Marked
    assert len(list(tags(catalog.StructTreeRoot.K))) > 5
    assert catalog.ViewerPreferences.DisplayDocTitle
    assert str(catalog.Lang).lower() == "en-gb"
    with opened(name).open_metadata(set_pikepdf_as_editor=False) as metadata:
        assert metadata["dc:title"] == title == page_of(name).findtext(".//h1")


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is_claimed_to_be(name: str) -> None:
    """PDF/UA-1 (ISO 14289-1) and PDF/A-2a (ISO 19005-2) are named in the file itself."""
    assert pdf_of(name).claims == CLAIMS
    with opened(name).open_metadata(set_pikepdf_as_editor=False) as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata.pdfa_status == "2A"


@pytest.mark.parametrize("name", NAMES)
def test_its_bookmarks_are_the_headings_of_the_page(name: str) -> None:
    def titles(item: pikepdf.OutlineItem) -> Iterator[str]:
        yield str(item.title)
        for child in item.children:
            yield from titles(child)

    with opened(name).open_outline() as outline:
        shown = [bare(title) for item in outline.root for title in titles(item)]
    headings = [bare(heading.text_content()) for heading in page_of(name).iter("h2", "h3", "h4")]
    assert [title for title in shown if title != "Contents"] == headings


@pytest.mark.parametrize("name", NAMES)
def test_every_font_in_it_is_embedded_and_can_be_read_back(name: str) -> None:
    fonts = [found for found in opened(name).objects if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/Font"]
    described = [found for found in fonts if "/FontDescriptor" in found]
    assert described
    for font in described:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()), font.BaseFont
    assert all("/ToUnicode" in font for font in fonts if font.Subtype == "/Type0")
    assert not any("/DescendantFonts" not in font and "/FontDescriptor" not in font and font.Subtype != "/Type3" for font in fonts)


@pytest.mark.parametrize("name", NAMES)
def test_its_text_is_what_the_page_says_and_no_more(name: str) -> None:
    """Block by block, the longest first; a book's list of contents has page numbers, which a page of HTML has not."""
    marks = (mark.text_content().replace(" - record", " Record") for mark in page_of(name).findall(".//header/p[@class='mark']"))
    rest = text_of(name)
    for said in [*map(bare, marks), *sorted(said_by(page_of(name)), key=len, reverse=True)]:
        assert said in rest, said
        rest = rest.replace(said, "\x00", 1)
    assert name.startswith("book") or set(rest) <= set("\x00:\u2022")


@pytest.mark.parametrize("name", NAMES)
def test_its_tables_name_the_column_of_each_cell(name: str) -> None:
    found = list(tags(opened(name).Root.StructTreeRoot.K))
    heads = [tag for tag in found if tag.S == "/TH"]
    assert all(attribute(head, "/Table", "/Scope") == "/Column" for head in heads)
    assert len([tag for tag in found if tag.S == "/Table"]) == len(page_of(name).findall(".//table"))
    assert len(heads) == len(page_of(name).xpath(".//th[@scope='col']"))
    assert all(attribute(cell, "/Table", "/Headers") not in (None, "[]") for cell in found if cell.S == "/TD")


@pytest.mark.parametrize("name", NAMES)
def test_its_pages_are_labelled_and_say_how_many_there_are(name: str) -> None:
    document = opened(name)
    assert [page.label for page in document.pages] == [str(number) for number in range(1, len(document.pages) + 1)]


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_nothing_and_asks_for_nothing(name: str) -> None:
    forbidden = {"/JavaScript", "/JS", "/Launch", "/URI", "/SubmitForm", "/EmbeddedFile", "/RichMedia"}
    for found in opened(name).objects:
        if isinstance(found, pikepdf.Dictionary):
            assert not forbidden & {*found.keys(), *(str(value) for value in found.values() if isinstance(value, pikepdf.Name))}
    assert "/Names" not in opened(name).Root or "/EmbeddedFiles" not in opened(name).Root.Names


@pytest.mark.parametrize("name", NAMES)
def test_the_same_document_is_the_same_bytes(name: str) -> None:
    again = EVERY[name]
    assert again.pdf.content == pdf_of(name).content
    assert again.page == again.page


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("script", NAMES_IN_MANY_SCRIPTS)
def test_a_name_in_any_script_of_the_register_is_drawn_and_read_back(script: str, large: bool) -> None:
    name = "names-large" if large else "names"
    assert bare(NAMES_IN_MANY_SCRIPTS[script]) in text_of(name)
    assert pdf_of(name).claims == CLAIMS


def test_a_character_that_no_font_has_costs_the_claim_and_nothing_else() -> None:
    """A tagged PDF without the claim is still given, and the HTML shows the character where the reader's machine has it."""
    drawn = render_pdf(who_looked((), a_head(first_name="\U00012000"), MOMENT).outline, MOMENT)
    assert drawn.claims == ()
    with pikepdf.open(BytesIO(drawn.content)) as document:
        assert document.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in document.Root


def test_large_print_has_no_letter_under_eighteen_points() -> None:
    document = one(DocumentKind.REVIEW)
    for drawn, least in ((Drawn("plain", document.outline, MOMENT), 7.5), (Drawn("large", document.outline, MOMENT, large=True), 18.0)):
        assert min(sizes(drawn.pdf.content)) == pytest.approx(least)


def sizes(content: bytes) -> Iterator[float]:
    """The sizes in which a PDF sets text, in points: what Tf names, as nothing in ours scales it."""
    with pikepdf.open(BytesIO(content)) as document:
        for page in document.pages:
            for instruction in pikepdf.parse_content_stream(page):
                if str(instruction.operator) == "Tf":
                    yield float(instruction.operands[1])
