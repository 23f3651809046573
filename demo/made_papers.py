"""Papers such as people hand in, all invented: typed reports, a drawing, a note, and one that is not what its name says."""

import io
import json
from functools import cache
from random import Random
from typing import Final

from PIL import Image, ImageDraw
from typst import Compiler, Fonts

PAGE: Final = """#let told = json(bytes(sys.inputs.at("told")))
#set document(title: told.title)
#set page(paper: "a4", margin: 2.5cm)
#set text(lang: "en", size: 12pt)
= #told.title
#for words in told.words [#par(words)]
"""


@cache
def _fonts() -> Fonts:
    return Fonts(include_system_fonts=False)


def report(title: str, *words: str, pages: int = 1) -> bytes:
    """A typed report as a PDF with so many pages of the same words."""
    told = _json(title, [word for _ in range(pages) for word in (*words, *[" "] * 40)][: pages * (len(words) + 40)])
    made = Compiler(PAGE.encode(), font_paths=_fonts(), sys_inputs={"told": told}).compile(format="pdf", timestamp=0)
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file")
    return made


def scanned(seed: int, *, wide: int = 1000, high: int = 1400) -> bytes:
    """A page as a copier makes it: a picture in a PDF, with grain that does not compress."""
    grain = Image.frombytes("L", (wide // 4, high // 4), Random(seed).randbytes((wide // 4) * (high // 4))).resize((wide, high))
    file = io.BytesIO()
    grain.convert("RGB").save(file, "PDF", resolution=120, quality=60)
    return file.getvalue()


def drawing() -> bytes:
    """What a pupil drew of the day at school, as a PNG."""
    sheet = Image.new("RGB", (600, 400), "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((180, 160, 420, 340), outline="black", width=4)
    pen.polygon(((160, 160), (440, 160), (300, 60)), outline="black")
    pen.ellipse((470, 40, 560, 130), fill="yellow", outline="orange")
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def _json(title: str, words: list[str]) -> str:
    return json.dumps({"title": title, "words": words})
