"""What is blacked out is gone: from the page, from whatever the page shares, and from every corner of the file."""

import io
from collections.abc import Callable
from random import Random

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.documents.papers.inspection import PaperFault, PaperKind, PaperRefusedError, inspect
from app.documents.papers.redaction import MOST_PIXELS_OF_A_PAGE, Box, NotBoxableError, PageMissingError, redact
from tests.documents.papers import a_docx, a_pdf, an_image
from tests.documents.test_paper_text import mutated
from tests.documents.wordy_papers import (
    SIZE,
    drawn,
    is_anywhere,
    line,
    repeated_everywhere,
    words_by_pdfium,
    words_by_pypdf,
    wordy_pdf,
    written,
)

SECRET, OPEN = "Xanthippe", "Reading"
BOX = Box(x=0.1, y=0.13, width=0.4, height=0.06)
ALL = frozenset(PaperKind)


def boxed(content: bytes, *pages: int, box: Box = BOX) -> bytes:
    return redact(content, PaperKind.PDF, dict.fromkeys(pages, (box,)))


@pytest.fixture(scope="module")
def plain() -> bytes:
    return written(wordy_pdf([SECRET, f"{OPEN} two", f"{OPEN} three"]))


def test_the_words_under_a_box_are_gone_and_other_pages_stay_searchable(plain: bytes) -> None:
    assert is_anywhere(SECRET, plain)
    redacted = boxed(plain, 1)
    assert not is_anywhere(SECRET, redacted)
    for words in (words_by_pypdf(redacted), words_by_pdfium(redacted)):
        assert [text.strip() for text in words] == ["", f"{OPEN} two", f"{OPEN} three"]


@pytest.mark.parametrize("change", [lambda page: page, lambda page: setattr(page.obj, "Rotate", 90)])
def test_the_box_is_black_where_it_was_seen_and_the_rest_is_as_before(change: Callable[[pikepdf.Page], object]) -> None:
    document = wordy_pdf([SECRET, OPEN])
    document.pages[0].obj.Contents = pikepdf.Stream(document, (line(SECRET) + line(OPEN, y=100)).encode())
    change(document.pages[0])
    content = written(document)
    before = drawn(content, 0)
    places = [n for n, value in enumerate(before.tobytes()) if value < 128]
    assert places
    half = Box(x=0, y=0, width=1, height=0.5)
    after = drawn(boxed(content, 1, box=half), 0)
    assert after.size == before.size
    assert set(after.crop((1, 1, after.width - 1, after.height // 2 - 2)).tobytes()) == {0}
    lower = (0, before.height // 2 + 3, before.width, before.height)
    differ = sum(abs(one - other) > 100 for one, other in zip(before.crop(lower).tobytes(), after.crop(lower).tobytes(), strict=True))
    assert differ < len(places) // 3


def test_what_the_page_shared_or_others_said_of_it_is_gone_too() -> None:
    everywhere = written(repeated_everywhere(wordy_pdf([SECRET, OPEN]), SECRET))
    assert is_anywhere(SECRET, everywhere)
    redacted = boxed(everywhere, 1)
    assert not is_anywhere(SECRET, redacted)
    assert words_by_pdfium(redacted)[1].strip() == OPEN
    with pikepdf.open(io.BytesIO(redacted)) as document:
        assert set(document.Root.keys()) == {"/Type", "/Pages"}
        assert "/Annots" not in document.pages[1].obj


def test_a_form_with_the_resources_of_its_page_still_draws_what_it_names() -> None:
    document = wordy_pdf([SECRET, OPEN])
    form = pikepdf.Stream(document, line("Within", y=400).encode())
    form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, *SIZE])
    document.pages[1].obj.Resources.XObject = Dictionary(Form=document.make_indirect(form))
    document.pages[1].obj.Contents = pikepdf.Stream(document, b"/Form Do")
    redacted = boxed(written(document), 1)
    assert words_by_pdfium(redacted)[1].strip() == "Within"
    assert not is_anywhere(SECRET, redacted)


def test_an_earlier_state_of_the_file_is_not_carried_along(plain: bytes) -> None:
    """A PDF may hold its own past: whatever an editor took away and left in the bytes."""
    past = plain + b"\n" + written(wordy_pdf([OPEN])).replace(b"%PDF-1.3", b"%PDF-1.3")
    with pikepdf.open(io.BytesIO(past)) as document:
        pages = len(document.pages)
    assert not is_anywhere(SECRET, boxed(past, *range(1, pages + 1)))


def test_what_a_field_shows_stays_seen_on_a_page_that_is_not_blacked_out() -> None:
    document = wordy_pdf([SECRET, ""])
    shown = pikepdf.Stream(document, line("Filled", y=5, x=0).encode())
    shown.stream_dict = Dictionary(
        Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 200, 40], Resources=Dictionary(document.pages[0].obj.Resources)
    )
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, F=4, Rect=[72, 72, 272, 112], AP=Dictionary(N=document.make_indirect(shown)))
    document.pages[1].obj.Annots = pikepdf.Array([document.make_indirect(note)])
    assert words_by_pdfium(boxed(written(document), 1))[1].strip() == "Filled"


def test_the_same_paper_and_boxes_give_the_same_bytes_and_a_paper_that_is_kept(plain: bytes) -> None:
    redacted = boxed(plain, 1, 3)
    assert redacted == boxed(plain, 1, 3)
    paper = inspect(redacted, said="application/pdf", taken=ALL, largest=len(redacted))
    assert (paper.kind, paper.pages) == (PaperKind.PDF, 3)


@pytest.mark.parametrize("page", [0, 4, -1])
def test_a_page_that_is_not_there_is_named(plain: bytes, page: int) -> None:
    with pytest.raises(PageMissingError) as missing:
        boxed(plain, page)
    assert missing.value.page == page


def test_a_huge_page_is_drawn_more_coarsely() -> None:
    huge = a_pdf(lambda document: setattr(document.pages[0].obj, "MediaBox", pikepdf.Array([0, 0, 14_400, 14_400])))
    with pikepdf.open(io.BytesIO(boxed(huge, 1))) as document:
        picture = document.pages[0].obj.Resources.XObject.Page
        assert 0.9 * MOST_PIXELS_OF_A_PAGE < int(picture.Width) * int(picture.Height) <= 1.01 * MOST_PIXELS_OF_A_PAGE
        assert [float(side) for side in document.pages[0].mediabox] == [0, 0, 14_400, 14_400]


def test_a_picture_on_a_page_that_would_unpack_too_far_is_refused() -> None:
    def swell(document: pikepdf.Pdf) -> None:
        picture = pikepdf.Stream(document, b"")
        picture.stream_dict = Dictionary(Subtype=Name.Image, Width=60_000, Height=60_000, ColorSpace=Name.DeviceGray, BitsPerComponent=1)
        document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(Huge=document.make_indirect(picture)))

    with pytest.raises(PaperRefusedError) as refused:
        boxed(a_pdf(swell), 1)
    assert refused.value.fault is PaperFault.BOMB


@pytest.mark.parametrize(("kind", "content"), [(PaperKind.DOCX, a_docx()), (PaperKind.TEXT, b"words")])
def test_what_has_no_pages_cannot_be_boxed(kind: PaperKind, content: bytes) -> None:
    with pytest.raises(NotBoxableError):
        redact(content, kind, {1: (BOX,)})


@pytest.mark.parametrize(("kind", "form"), [(PaperKind.PNG, "PNG"), (PaperKind.JPEG, "JPEG")])
def test_a_picture_is_boxed_and_loses_whatever_it_says_beside_its_pixels(kind: PaperKind, form: str) -> None:
    words, exif = PngInfo(), Image.Exif()
    words.add_text("Comment", SECRET)
    exif[0x010E] = SECRET
    into = io.BytesIO()
    said = {"pnginfo": words} if form == "PNG" else {"comment": SECRET.encode()}
    Image.new("RGB", (100, 50), "white").save(into, form, exif=exif.tobytes(), **said)
    assert SECRET.encode() in into.getvalue()
    redacted = redact(into.getvalue(), kind, {1: (Box(x=0, y=0, width=0.5, height=1),)})
    assert SECRET.encode() not in redacted
    picture = Image.open(io.BytesIO(redacted))
    assert (picture.format, picture.size) == (form, (100, 50))
    assert [picture.convert("L").getpixel(place) for place in ((10, 25), (45, 25), (90, 25))] == pytest.approx([0, 0, 255], abs=3)


def test_what_lies_beneath_what_is_seen_through_is_gone() -> None:
    hidden = Image.new("RGBA", (20, 20), (12, 34, 56, 0))
    into = io.BytesIO()
    hidden.save(into, "PNG")
    redacted = Image.open(io.BytesIO(redact(into.getvalue(), PaperKind.PNG, {1: (Box(x=0, y=0, width=0.1, height=0.1),)})))
    assert redacted.mode == "RGB"
    assert redacted.getpixel((15, 15)) == (255, 255, 255)


def test_a_picture_that_was_turned_is_boxed_as_it_is_seen() -> None:
    turned, exif, into = Image.new("RGB", (40, 20), "white"), Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    turned.save(into, "JPEG", exif=exif.tobytes())
    redacted = Image.open(io.BytesIO(redact(into.getvalue(), PaperKind.JPEG, {1: (Box(x=0, y=0, width=1, height=0.25),)}))).convert("L")
    assert redacted.size == (20, 40)
    assert redacted.getpixel((10, 4)) < 20 < 230 < redacted.getpixel((10, 30))


@pytest.mark.parametrize("kind", [PaperKind.PDF, PaperKind.PNG, PaperKind.JPEG])
def test_what_cannot_be_read_is_refused_by_name(kind: PaperKind) -> None:
    whole = {PaperKind.PDF: a_pdf(pages=2), PaperKind.PNG: an_image("PNG"), PaperKind.JPEG: an_image("JPEG")}[kind]
    with pytest.raises(PaperRefusedError):
        redact(whole[: len(whole) // 10], kind, {1: (BOX,)})


def test_whatever_is_kept_is_blacked_out_or_refused_by_name() -> None:
    """200 papers, each with bytes changed here and there; of those that would be kept, the page that was named is a picture."""
    whole = written(repeated_everywhere(wordy_pdf([SECRET, OPEN]), SECRET))
    dice, done = Random("redaction"), 0
    for _ in range(200):
        content = mutated(whole, dice)
        try:
            inspect(content, said=None, taken=ALL, largest=1 << 20)
            redacted = boxed(content, 1)
        except PaperRefusedError:
            continue
        done += 1
        with pikepdf.open(io.BytesIO(redacted)) as document:
            assert [str(one.operator) for one in pikepdf.parse_content_stream(document.pages[0])] == ["q", "cm", "Do", "Q"]
            assert set(document.Root.keys()) == {"/Type", "/Pages"}
            assert set(document.pages[0].obj.Resources.XObject.keys()) == {"/Page"}
    assert done > 100


@pytest.mark.parametrize("where", ["content", "form"])
def test_a_layer_that_was_hidden_on_another_page_stays_hidden(where: str) -> None:
    """Which layers are seen is said for the whole document, which is not carried over."""
    document = wordy_pdf([SECRET, OPEN, f"{OPEN} three"])
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("Answers")))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    second, square = document.pages[1].obj, b"0 0 400 400 re f "
    if where == "content":
        second.Resources = Dictionary(Font=second.Resources.Font, Properties=Dictionary(L=layer))
        second.Contents = document.make_stream(b"/OC /L BDC " + square + b"EMC " + line(OPEN).encode())
    else:
        form = document.make_stream(square, Subtype=Name.Form, BBox=[0, 0, 400, 400], OC=layer)
        second.Resources = Dictionary(Font=second.Resources.Font, XObject=Dictionary(F=form))
        second.Contents = document.make_stream(b"/F Do " + line(OPEN).encode())
    redacted = boxed(written(document), 1)
    assert drawn(redacted, 1).getpixel((200, SIZE[1] - 200)) == 255
    assert words_by_pypdf(redacted)[2].strip() == f"{OPEN} three"
    assert not is_anywhere("Answers", redacted)
