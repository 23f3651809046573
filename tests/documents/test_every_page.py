"""Every page of HTML that our templates draw, and every text: readable by anybody, with nothing run, fetched or lost."""

import re
from itertools import pairwise

import pytest
from lxml import html

from app.documents.drawing.outline import Facts, Items, Outline, Part, Section, Words, table
from app.documents.drawing.record_html import render_html
from app.documents.drawing.record_text import LONGEST_LINE, render_text
from app.documents.drawing.stacking import stacked
from tests.documents.drawn import EVERY, bare, page_of, said_by
from tests.documents.people_builders import NAMES_IN_MANY_SCRIPTS, UPN, a_head, every_document

NAMES = sorted(EVERY)
PLAIN, LARGE = "plan-6", "plan-6-large"
MARKUP = '<script>alert(1)</script> & *bold* #panic("x") $x$ {{ 7 * 7 }} {% raw %}'


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_language_a_title_one_first_heading_and_landmarks(name: str) -> None:
    page = page_of(name)
    assert page.get("lang") == "en-GB"
    assert [one.text_content() for one in page.iter("h1")] == [page.findtext(".//title")]
    assert [len(list(page.iter(tag))) for tag in ("header", "main", "nav", "footer")] == [1, 1, 1, 1]
    assert page.find(".//nav").get("aria-label")
    assert page.find(".//a[@class='skip']").get("href") == "#main"


@pytest.mark.parametrize("name", NAMES)
def test_headings_go_down_by_one_level_and_every_link_leads_somewhere(name: str) -> None:
    page = page_of(name)
    levels = [int(one.tag[1]) for one in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in page.xpath("//a/@href")} <= set(ids)
    assert set(page.xpath("//@aria-labelledby")) <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_a_caption_and_heads_for_its_columns_and_rows(name: str) -> None:
    for found in page_of(name).iter("table"):
        assert found.findtext("caption")
        assert {head.get("scope") for head in found.findall("thead/tr/th")} == {"col"}
        assert all([cell.tag for cell in row][:2] == ["th", "td"] for row in found.findall("tbody/tr"))
        assert {head.get("scope") for head in found.findall("tbody/tr/th")} == {"row"}
        assert len({len(row) for row in found.iter("tr")}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_no_script_and_fetches_nothing(name: str) -> None:
    page = page_of(name)
    assert not list(page.iter("script", "img", "iframe", "link", "object", "embed", "form", "base", "svg", "video", "audio"))
    assert not page.xpath("//@*[starts-with(name(), 'on') or name() = 'src' or name() = 'style']")
    assert not re.search(r"url\(|@import|expression\(", page.findtext(".//style") or "")
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("name", [PLAIN, LARGE])
def test_every_colour_stands_out_from_white(name: str) -> None:
    """WCAG 2.2: 4.5 to 1 for text (1.4.3), 3 to 1 for what shows where something is (1.4.11)."""
    style = page_of(name).findtext(".//style") or ""
    assert set(re.findall(r"background(?:-color)?: ([^;]+)", style)) == {"#fff"}
    inks = set(re.findall(r"(?<![-\w])color: ([^;]+)", style))
    lines = set(re.findall(r"(?:border[-a-z]*|outline): [^;]*?(#\w+|[a-z]+);", style)) - {"collapse"}
    assert len(inks) >= 3
    assert len(lines) >= 3
    assert all(contrast_with_white(ink) >= 4.5 for ink in inks)
    assert all(contrast_with_white(line) >= 3 for line in lines)


def contrast_with_white(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_the_measure_of_contrast_is_that_of_wcag() -> None:
    assert round(contrast_with_white("#767676"), 2) == 4.54
    assert round(contrast_with_white("#bbb"), 2) == 1.92


@pytest.mark.parametrize("name", [PLAIN, LARGE])
def test_the_keyboard_is_shown_where_it_is_and_print_leaves_the_links_out(name: str) -> None:
    style = page_of(name).findtext(".//style") or ""
    assert ":focus" in style
    assert "outline: none" not in style
    assert re.search(r"@media print \{ nav, \.skip \{ display: none; \}", style)


def test_large_print_names_no_size_under_eighteen_points_and_has_no_table_to_scroll() -> None:
    style = page_of(LARGE).findtext(".//style") or ""
    named = re.findall(r"(?:font-size: |font: normal )([\d.]+)([a-z]+)", style)
    assert len(named) >= 3
    assert all(unit == "pt" and float(size) >= 18 for size, unit in named)
    assert not any(list(page_of(name).iter("table")) for name in NAMES if name.endswith("-large"))
    assert list(page_of(PLAIN).iter("table"))


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(EVERY[name].outline, Outline)])
def test_the_text_says_all_that_the_page_says_in_lines_that_fit_a_screen(name: str) -> None:
    text = render_text(EVERY[name].outline).decode()  # type: ignore[arg-type]
    assert max(map(len, text.splitlines())) <= LONGEST_LINE
    missing = [said for said in said_by(page_of(name)) if said not in bare(text)]
    assert missing == []


def test_words_that_are_longer_than_a_line_are_broken_and_all_there() -> None:
    long, lines = "x" * 200, "first\nsecond line\n\nlast"
    blocks = (Words(long), Words(lines), Facts(((long, long), ("Name", lines))), Items((long, lines)), table(long, (long,), ((long,),)))
    outline = Outline(title=long, school=long, reference="r", sections=(Section("a", long, (*blocks, Part(long, blocks))),))
    text = render_text(outline).decode()
    assert max(map(len, text.splitlines())) <= LONGEST_LINE
    assert text.count("x") == 200 * (4 + 2 * 7)
    assert text.count("second line") == 6


def test_a_table_taken_apart_has_each_cell_beside_its_heading() -> None:
    shown = table("Sessions", ("Day", "Minutes"), (("Monday", "20"), ("Tuesday", "30")))
    taken = stacked(Outline(title="t", school="s", reference="r", sections=(Section("a", "A", (shown, Part("B", (shown,)))),)))
    rows = (Words("Sessions:"), Facts((("Day", "Monday"), ("Minutes", "20"))), Facts((("Day", "Tuesday"), ("Minutes", "30"))))
    assert taken.sections[0].blocks == (*rows, Part("B", rows))


@pytest.mark.parametrize("large", [False, True])
def test_markup_in_what_people_wrote_stays_text_in_every_form(large: bool) -> None:
    plan = next(one.outline for one in every_document(MARKUP) if one.kind == "plan")
    page = html.document_fromstring(render_html(stacked(plan) if large else plan, large=large))
    assert MARKUP in page.text_content()
    assert not list(page.iter("script"))
    assert bare(MARKUP) in bare(render_text(plan).decode())


def test_no_form_has_the_upn_even_where_somebody_typed_it() -> None:
    """A UPN is a blind number: it is not printed (DfE guide to unique pupil numbers)."""
    typed = f"Pupil {UPN}, also F999 9999 25001."
    for document in every_document(typed):
        for shown in (render_text(document.outline), render_html(document.outline), render_html(stacked(document.outline), large=True)):
            assert UPN not in bare(shown.decode())
    plan = next(one.outline for one in every_document(typed) if one.kind == "plan")
    assert render_text(plan).count(b"[not printed]") == 2


@pytest.mark.parametrize("script", NAMES_IN_MANY_SCRIPTS)
def test_a_name_in_any_script_stands_in_the_page_and_the_text(script: str) -> None:
    head = a_head(first_name=NAMES_IN_MANY_SCRIPTS[script])
    decision = every_document(head=head)[0].outline
    for shown in (render_html(decision).decode(), render_text(decision).decode()):
        assert bare(NAMES_IN_MANY_SCRIPTS[script]) in bare(shown)
