"""The fonts that PDFs are set in: bundled, open, all asked for by the template, and part of what names a renderer."""

import re
from importlib.resources import files

import pytest
from typst import Fonts

from app.documents.bundle.bag import TEMPLATES, renderer
from app.documents.drawing.drawn_from import FONT_ENDINGS, drawn_from
from app.documents.people.drawing import people_renderer

FOLDER = files("app.documents").joinpath("fonts")
TEMPLATE = files("app.documents").joinpath("templates/record.typ").read_text()
OF_TYPST = {"DejaVu Sans Mono", "New Computer Modern Math"}
MOST_BYTES = 6_000_000


def bundled() -> set[str]:
    return set(Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER)]).families())


def test_the_template_asks_for_every_bundled_family_and_for_no_other() -> None:
    asked = set(re.findall(r'"([^"]+)"', TEMPLATE.split("font: (")[1].split("))")[0]))
    assert asked == bundled() | OF_TYPST
    assert len(bundled()) > 15


def test_the_licence_lies_beside_the_fonts_and_is_installed_with_them() -> None:
    licence = FOLDER.joinpath("OFL.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "PERMISSION & CONDITIONS" in licence
    told = FOLDER.joinpath("README.md").read_text()
    assert all(part in told for part in ("NotoSansCJKsc", "NotoEmoji", "pyftsubset"))
    assert not re.search(r"https?://", told)


def test_the_fonts_are_no_larger_than_they_need_be() -> None:
    sizes = [len(one.read_bytes()) for one in FOLDER.iterdir() if one.name.endswith(FONT_ENDINGS)]
    assert sum(sizes) < MOST_BYTES
    assert max(sizes) < MOST_BYTES / 2


def test_another_template_is_another_renderer() -> None:
    assert drawn_from("record.html") != drawn_from("record.typ") != drawn_from("record.html", "record.typ")
    assert drawn_from("record.typ", "record.html") == drawn_from("record.html", "record.typ")
    assert drawn_from(*TEMPLATES) in renderer()
    assert renderer() != people_renderer()


def test_another_font_is_another_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    before = drawn_from.__wrapped__("record.typ")
    monkeypatch.setattr("app.documents.drawing.drawn_from.FONT_ENDINGS", (".otf",))
    assert drawn_from.__wrapped__("record.typ") != before
