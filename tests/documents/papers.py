"""Papers of every kind, made on the spot: plain ones, and such as must not be kept."""

import io
import zipfile
from collections.abc import Callable, Mapping

import pikepdf
from PIL import Image

CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
DOCUMENT = "<document/>"
RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
RELATIONSHIP = '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}" {}/>'


def a_pdf(change: Callable[[pikepdf.Pdf], object] = lambda _: None, *, pages: int = 1, password: str = "") -> bytes:
    """A PDF of empty pages, with whatever is changed in it."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    change(document)
    into = io.BytesIO()
    document.save(into, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return into.getvalue()


def a_docx(parts: Mapping[str, str | bytes] | None = None, *, compress: bool = True) -> bytes:
    """A Word document of one part, with other parts beside it."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, content in {"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": DOCUMENT, **(parts or {})}.items():
            archive.writestr(name, content)
    return into.getvalue()


def related(kind: str, target: str, *, outside: bool) -> str:
    """The relationships of a part that has one."""
    return RELS.format(RELATIONSHIP.format(kind, target, 'TargetMode="External"' if outside else ""))


def an_image(form: str, size: tuple[int, int] = (8, 8), frames: int = 1) -> bytes:
    """A picture of one colour."""
    into = io.BytesIO()
    pictures = [Image.new("RGB", size, (place, 0, 0)) for place in range(frames)]
    if frames == 1:
        pictures[0].save(into, form)
    else:
        pictures[0].save(into, form, save_all=True, append_images=pictures[1:])
    return into.getvalue()
