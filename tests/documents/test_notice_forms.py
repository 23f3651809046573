"""Large print, Easy Read and translations: what each form must be for whoever needs it."""

import re

import pytest
from lxml import html

from app.documents.notices.notice_forms import Block, Part, as_page, as_text, translated
from app.documents.notices.notice_words import Format
from app.domain.entries import Entry, Judgement, Matter
from tests.documents.notice_builders import DAY, EVERY_MATTER, MILO_READS, MOTHER_READS, PLAN, told, written
from tests.domain.builders import sen_decided

WITH_EASY_READ = [(matter, entry) for matter, entry in EVERY_MATTER if matter is not Matter.TRANSITION]
SMALLEST_POINTS = 18


def style_of(form: Format) -> str:
    (style,) = re.findall(r"<style>(.*?)</style>", told(Matter.PLAN, PLAN, form=form).body, re.DOTALL)
    return str(style)


@pytest.mark.parametrize("form", ["large_print", "easy_read"])
def test_nothing_in_large_print_is_smaller_than_18_points(form: Format) -> None:
    """What is called large print begins at 16 points (UK Association for Accessible Formats); ours begins at 18."""
    sizes = re.findall(r"font(?:-size)?:[^;]*?([\d.]+)(pt|px|r?em|%)", style_of(form))
    assert len(sizes) == 4
    assert all(unit == "pt" and float(size) >= SMALLEST_POINTS for size, unit in sizes)


@pytest.mark.parametrize("form", ["large_print", "easy_read"])
def test_large_print_is_plain_upright_and_ragged(form: Format) -> None:
    style = style_of(form)
    assert "text-align: start" in style
    assert re.search(r"font: normal [^;]*sans-serif", style)
    assert not re.search(r"italic|oblique|justify|uppercase|underline|small-caps|columns", style)
    assert not re.search(r"<(i|em|u|b|strong|table|img)\b", told(Matter.PLAN, PLAN, form=form).body)
    assert float(re.findall(r"font: normal [\d.]+pt/([\d.]+)", style)[0]) >= 1.5


@pytest.mark.parametrize("form", ["html", "large_print", "easy_read"])
def test_every_colour_stands_out_enough_from_white(form: Format) -> None:
    """WCAG 2.2, 1.4.3 (AA): 4.5 to 1 for text, and 1.4.11: 3 to 1 for the line above the footnote."""
    style = style_of(form)
    assert re.findall(r"background: ([^;]+)", style) == ["#fff"]
    texts, lines = re.findall(r"(?<![-\w])color: (#\w+)", style), re.findall(r"border-top: [^;]*(#\w+)", style)
    assert (len(texts), len(lines)) == (2, 1)
    assert all(contrast_with_white(colour) >= 4.5 for colour in texts)
    assert all(contrast_with_white(colour) >= 3 for colour in lines)


def contrast_with_white(colour: str) -> float:
    """WCAG's ratio from relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_the_measure_of_contrast_is_that_of_wcag() -> None:
    assert round(contrast_with_white("#000"), 2) == 21
    assert round(contrast_with_white("#767676"), 2) == 4.54
    assert round(contrast_with_white("#ffffff"), 2) == 1


@pytest.mark.parametrize(("matter", "entry"), WITH_EASY_READ)
@pytest.mark.parametrize("to", [MOTHER_READS, MILO_READS])
def test_easy_read_says_whom_to_speak_to_where_advice_is_and_why_it_is_sent(matter: Matter, entry: Entry, to: object) -> None:
    page = html.document_fromstring(told(matter, entry, to, form="easy_read").body)  # type: ignore[arg-type]
    shown = page.text_content()
    for said in ("SENCO", "head teacher", "information, advice and support service", "Local Offer", "From Invented Primary School"):
        assert said in shown
    assert re.search(r"Why we are telling you this: .*(section 68|Code of Practice)", shown)
    assert len(page.findall(".//h1")) == 1


@pytest.mark.parametrize(("matter", "entry"), WITH_EASY_READ)
def test_easy_read_speaks_to_a_young_person_and_not_about_them(matter: Matter, entry: Entry) -> None:
    shown = html.document_fromstring(told(matter, entry, MILO_READS, form="easy_read").body).text_content()
    assert "Milo" not in shown.replace("Dear Milo Madeupson", "")
    assert not re.search(r"\byou (is|was|needs|does|gets|has)\b", shown, re.IGNORECASE)


def test_easy_read_keeps_every_fact_that_the_law_asks_to_be_told() -> None:
    """Section 68 for provision; Code of Practice 6.45 for the reasons, 6.48 and 6.51 for the plan."""
    provision = told(Matter.SEN_PROVISION, sen_decided(DAY), form="easy_read").body
    assert "Invented Primary School is giving this help." in provision
    assert "The law says we must tell you." in provision
    assert "A daily taught reading programme." in provision
    none = told(Matter.NO_SEN, sen_decided(DAY, Judgement.NO_SEN), form="easy_read").body
    assert "Teaching aimed at the gap did not close it." in none
    plan = told(Matter.PLAN, PLAN, form="easy_read").body
    for fact in ("Blends three sounds.", "1 December 2025", "3 times a week", "20 minutes", "Asha Assistwell", "Tess Teachwell"):
        assert fact in plan


@pytest.mark.parametrize("judgement", [Judgement.SEN_SUPPORT, Judgement.NO_SEN])
def test_a_transition_has_no_easy_read_wording(judgement: Judgement) -> None:
    transitions = [entry for matter, entry in EVERY_MATTER if matter is Matter.TRANSITION and entry.judgement.value == judgement.value]  # type: ignore[attr-defined]
    assert transitions
    assert all(written(Matter.TRANSITION, entry).words("easy_read") is None for entry in transitions)


ORIGINAL = (
    Block(Part.TITLE, ("The plan",)),
    Block(Part.PARAGRAPH, ("Dear Mona",)),
    Block(Part.HEADING, ("The help",)),
    Block(Part.ITEMS, ("Reading", "Writing")),
    Block(Part.BASIS, ("Why: the Act.",)),
)
POLISH = "Plan\n\nDroga Mono\n\nPomoc\n\n- Czytanie\n- Pisanie\n\nDlaczego: ustawa.\n"


def test_a_translation_with_as_many_paragraphs_has_headings_and_lists_where_the_original_has() -> None:
    found = translated(POLISH, ORIGINAL)
    assert [block.part for block in found] == [block.part for block in ORIGINAL]
    assert found[3].texts == ("Czytanie", "Pisanie")
    assert as_text(found) == POLISH
    page = html.document_fromstring(as_page(found, language="pl", large=True))
    assert (page.get("lang"), page.get("dir")) == ("pl", "auto")
    assert [node.text for node in page.iter("h1", "h2", "li")] == ["Plan", "Pomoc", "Czytanie", "Pisanie"]
    assert [node.text_content().strip() for node in page.iter("footer")] == ["Dlaczego: ustawa."]


def test_a_translation_of_another_shape_keeps_its_own_paragraphs_under_its_first() -> None:
    found = translated("Plan\r\n\r\nPomoc:\r\n \r\n- Czytanie\r\n- Pisanie", ORIGINAL)
    assert [block.part for block in found] == [Part.TITLE, Part.PARAGRAPH, Part.ITEMS]
    assert as_text(found) == "Plan\n\nPomoc:\n\n- Czytanie\n- Pisanie\n"


def test_a_translation_stays_text_in_a_page() -> None:
    page = html.document_fromstring(as_page(translated("<script>x</script>\n\n{{ 7 * 7 }} & <b>", ORIGINAL), language="pl"))
    assert not list(page.iter("script"))
    assert "{{ 7 * 7 }} & <b>" in page.text_content()
