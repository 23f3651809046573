"""The record in a bundle stands there as a page, in large print and as plain text beside the PDF, and each says the same."""

from lxml import html

from app.documents.bundle.bag_names import RECORD_HTML, RECORD_LARGE_PRINT, RECORD_TEXT
from app.documents.drawing.record_text import LONGEST_LINE
from tests.documents.builders import parts_of
from tests.documents.contributed import frozen_with_papers
from tests.documents.test_bag_parts import files_of


def forms() -> tuple[bytes, bytes, bytes]:
    (part,), _ = parts_of(frozen_with_papers(b"one invented paper", b"another"))
    files = files_of(part)[1]
    return files[RECORD_HTML], files[RECORD_LARGE_PRINT], files[RECORD_TEXT]


def headings(page: bytes) -> list[str]:
    return [" ".join(one.text_content().split()) for one in html.document_fromstring(page).iter("h1", "h2", "h3", "h4")]


def words_of(page: bytes) -> set[str]:
    return {word for one in html.document_fromstring(page).iter("p", "dd", "dt", "li", "td", "th") for word in one.text_content().split()}


def test_large_print_has_the_same_headings_and_words_and_no_tables() -> None:
    page, large, _ = forms()
    assert headings(page) == headings(large)
    assert words_of(page) <= words_of(large) | {"Contents"}
    assert list(html.document_fromstring(large).iter("table")) == []
    assert b"18pt" in large


def test_the_text_has_every_heading_in_order_and_every_word_in_lines_of_bearable_length() -> None:
    page, _, text = forms()
    whole = " ".join(text.decode().split())
    place = 0
    for heading in headings(page):
        if heading != "Contents":
            place = whole.index(heading, place)
    longest = max(map(len, text.decode().splitlines()))
    assert longest <= LONGEST_LINE
    missing = {word for word in words_of(page) if word not in whole and len(word) < LONGEST_LINE}
    assert missing == {"End", "document."}
