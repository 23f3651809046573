"""Blacks out places on a paper so that nothing lies beneath: pages become pictures, boxes are part of them, and the rest goes.

A PDF is put together anew: pages that are not named are carried over with what they draw and nothing else, for outlines, properties,
attachments, notes and what pages share could all repeat what was blacked out. Those with layers become pictures too.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pikepdf
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
from PIL import Image, ImageDraw, ImageOps

from app.documents.papers.inspection import PaperFault, PaperKind, PaperRefusedError
from app.documents.papers.pdf_resources import draw_only_what_is_used, draws_layers
from app.documents.papers.pdf_weight import MOST_PIXELS, is_too_heavy
from app.documents.papers.pdfium import opened

DOTS_PER_INCH: Final = 200
POINTS_PER_INCH: Final = 72
MOST_PIXELS_OF_A_PAGE: Final = 40_000_000
"""A page that would be larger is drawn more coarsely."""
MOST_PAGES: Final = 100
MARGIN_PIXELS: Final = 1
"""A box covers whatever it touches, and so much around it."""
QUALITY: Final = 85
DRAWN_BY: Final = frozenset({"/Type", "/Pages", "/OCProperties"})
"""What of a whole document bears on how its pages are drawn: which layers are seen."""
CARRIED_OVER: Final = frozenset({"/Type", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place on a page as it is seen, in fractions of its width and height, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page as a JPEG with its boxes black, and its size in pixels and in points."""

    jpeg: bytes
    pixels: tuple[int, int]
    points: tuple[float, float]


Marked = Mapping[int, Sequence[Box]]
"""Boxes by page, counted from 1."""


class NotBoxableError(Exception):
    """A paper of this kind has no pages on which places could be named."""


class PageMissingError(Exception):
    """The paper has no page of this number."""

    def __init__(self, page: int) -> None:
        super().__init__(page)
        self.page = page


def redact(content: bytes, kind: PaperKind, marked: Marked) -> bytes:
    """Give the paper anew, in the same kind, with the boxes black; the same paper and boxes give the same bytes.

    It blocks, so run it in a thread. Raises NotBoxableError, PageMissingError and PaperRefusedError.
    """
    redacted = _REDACTED.get(kind)
    if redacted is None:
        raise NotBoxableError
    try:
        return redacted(content, marked)
    except (PageMissingError, PaperRefusedError):
        raise
    except Exception:
        # None of the readers lists all the ways in which it fails on a damaged file.
        raise PaperRefusedError(PaperFault.DAMAGED) from None


def _redact_pdf(content: bytes, marked: Marked) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as before, pikepdf.new() as after:
        _require_pages(len(before.pages), marked)
        if is_too_heavy(before):
            raise PaperRefusedError(PaperFault.BOMB)
        flat = _flattened(before)
        with pikepdf.open(io.BytesIO(flat)) as source:
            drawn = _drawn(flat, {**_layered(source), **marked})
            _put_together(after, source, drawn)
            return _saved(after)


def _layered(document: pikepdf.Pdf) -> Marked:
    """Pages with layers become pictures as they are seen: which layers are hidden is said for the whole document, and not carried over."""
    pages = enumerate(document.pages, start=1) if "/OCProperties" in document.Root else ()
    return {number: () for number, page in pages if draws_layers(page.obj)}


def _require_pages(count: int, marked: Marked) -> None:
    missing = next((page for page in sorted(marked) if not 1 <= page <= count), None)
    if missing is not None:
        raise PageMissingError(missing)


def _flattened(document: pikepdf.Pdf) -> bytes:
    """Make what notes and fields show part of their pages, since they themselves are not carried over."""
    document.flatten_annotations("screen")
    for page in document.pages:
        if "/Annots" in page.obj:
            del page.obj["/Annots"]
    for name in set(document.Root.keys()) - DRAWN_BY:
        del document.Root[name]
    return _saved(document)


def _drawn(content: bytes, marked: Marked) -> dict[int, DrawnPage]:
    with opened(content) as document:
        return {number: _drawn_page(document[number - 1], boxes) for number, boxes in marked.items()}


def _drawn_page(page: pypdfium2.PdfPage, boxes: Sequence[Box]) -> DrawnPage:
    width, height = page.get_size()
    wanted = DOTS_PER_INCH / POINTS_PER_INCH
    scale = min(wanted, math.sqrt(MOST_PIXELS_OF_A_PAGE / max(1.0, width * height)))
    picture = page.render(scale=scale).to_pil().convert("RGB")
    page.close()
    return DrawnPage(_encoded(_blacked_out(picture, boxes), "JPEG"), picture.size, (width, height))


def _blacked_out(picture: Image.Image, boxes: Sequence[Box]) -> Image.Image:
    pen, (width, height) = ImageDraw.Draw(picture), picture.size
    for box in boxes:
        left, top = math.floor(box.x * width) - MARGIN_PIXELS, math.floor(box.y * height) - MARGIN_PIXELS
        right, bottom = math.ceil((box.x + box.width) * width), math.ceil((box.y + box.height) * height)
        pen.rectangle((left, top, right - 1 + MARGIN_PIXELS, bottom - 1 + MARGIN_PIXELS), fill=0)
    return picture


def _put_together(after: pikepdf.Pdf, source: pikepdf.Pdf, drawn: Mapping[int, DrawnPage]) -> None:
    for number, page in enumerate(source.pages, start=1):
        if number in drawn:
            _add_picture(after, drawn[number])
        else:
            _carry_over(after, page)


def _carry_over(after: pikepdf.Pdf, page: pikepdf.Page) -> None:
    resources, media = page.resources, page.mediabox
    page.obj.Resources, page.obj.MediaBox = resources, media
    for name, inherited in (("/CropBox", page.cropbox), ("/Rotate", page.rotation)):
        page.obj[name] = inherited
    for name in set(page.obj.keys()) - CARRIED_OVER - {"/Parent"}:
        del page.obj[name]
    draw_only_what_is_used(page.obj)
    after.pages.append(page)


def _add_picture(after: pikepdf.Pdf, drawn: DrawnPage) -> None:
    width, height = drawn.points
    after.add_blank_page(page_size=(width, height))
    page = after.pages[-1]
    picture = pikepdf.Stream(after, drawn.jpeg)
    picture.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=drawn.pixels[0],
        Height=drawn.pixels[1],
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=after.make_indirect(picture)))
    page.obj.Contents = pikepdf.Stream(after, f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Page Do Q".encode())


def _saved(document: pikepdf.Pdf) -> bytes:
    into = io.BytesIO()
    # Packed anew, a stream has nothing behind its end, where the bytes of other things may lie in a damaged file.
    document.save(into, deterministic_id=True, recompress_flate=True, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
    return into.getvalue()


def _redact_picture(form: str) -> Callable[[bytes, Marked], bytes]:
    def redacted(content: bytes, marked: Marked) -> bytes:
        _require_pages(1, marked)
        with Image.open(io.BytesIO(content), formats=(form,)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PaperRefusedError(PaperFault.BOMB)
            return _encoded(_blacked_out(_plain(picture), [box for boxes in marked.values() for box in boxes]), form)

    return redacted


def _plain(picture: Image.Image) -> Image.Image:
    """Give the pixels as they are seen and nothing else: no transparency, beneath which there may be more, and no words beside them."""
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    seen = Image.new("RGB", upright.size, "white")
    seen.paste(upright, mask=upright.getchannel("A"))
    return seen


def _encoded(picture: Image.Image, form: str) -> bytes:
    into = io.BytesIO()
    picture.save(into, form, **({"quality": QUALITY, "subsampling": 0} if form == "JPEG" else {}))
    return into.getvalue()


_REDACTED: Final[Mapping[PaperKind, Callable[[bytes, Marked], bytes]]] = MappingProxyType(
    {PaperKind.PDF: _redact_pdf, PaperKind.JPEG: _redact_picture("JPEG"), PaperKind.PNG: _redact_picture("PNG")}
)
