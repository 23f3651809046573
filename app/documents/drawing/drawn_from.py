"""Which templates and fonts a document was drawn from, as a digest: another template or font is another document."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

FONT_ENDINGS: Final = (".ttf", ".otf")


@cache
def drawn_from(*templates: str) -> str:
    """Digest (SHA-256, twelve characters of hex) the templates named and every font there is, in order of their names."""
    folder = files("app.documents")
    fonts = sorted((one for one in folder.joinpath("fonts").iterdir() if one.name.endswith(FONT_ENDINGS)), key=lambda one: one.name)
    drawn = sha256()
    for one in (*(folder.joinpath("templates", name) for name in sorted(templates)), *fonts):
        drawn.update(sha256(one.read_bytes()).digest())
    return drawn.hexdigest()[:12]
