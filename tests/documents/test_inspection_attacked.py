"""Papers made to harm whoever looks into them: nothing comes of any but that it is kept, or refused by name, with little memory used."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from random import Random

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from app.documents.papers.inspection import Paper, PaperFault, PaperKind, PaperRefusedError, inspect
from app.documents.papers.pdf_weight import MOST_OBJECTS
from tests.documents.papers import a_docx, a_pdf, an_image, related
from tests.documents.test_paper_text import mutated
from tests.documents.wordy_papers import repeated_everywhere, wordy_pdf, written

ALL = frozenset(PaperKind)
LARGEST = 4 << 20
MUTANTS = 400


def outcome(content: bytes, said: str | None = None) -> Paper | PaperFault:
    try:
        return inspect(content, said=said, taken=ALL, largest=LARGEST)
    except PaperRefusedError as refused:
        return refused.fault


WHOLE = {
    "pdf": written(repeated_everywhere(wordy_pdf(["Reading", "Writing"]), "Xanthippe")),
    "docx": a_docx({"word/_rels/document.xml.rels": related("hyperlink", "https://school.example", outside=True), "a.txt": "words " * 99}),
    "png": an_image("PNG", (40, 30)),
    "jpg": an_image("JPEG", (40, 30)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_changed_paper_is_kept_or_refused_by_name_and_nothing_else(name: str) -> None:
    dice = Random(f"inspection {name}")
    outcomes = [outcome(mutated(WHOLE[name], dice)) for _ in range(MUTANTS)]
    assert isinstance(outcome(WHOLE[name]), Paper)
    assert sum(isinstance(found, PaperFault) for found in outcomes) > MUTANTS // 10


@pytest.mark.parametrize("name", WHOLE)
def test_a_paper_that_was_cut_off_anywhere_is_kept_or_refused_by_name(name: str) -> None:
    whole = WHOLE[name]
    for end in range(0, len(whole), max(1, len(whole) // 100)):
        outcome(whole[:end])
    assert outcome(whole[:9]) is PaperFault.DAMAGED


def object_stream_that_swells(megabytes: int) -> bytes:
    """A PDF whose reader must unpack a stream of spaces before it knows what is in the file."""
    packing = zlib.compressobj(9)
    packed = packing.compress(b"3 0 ") + b"".join(packing.compress(b" " * (1 << 20)) for _ in range(megabytes)) + packing.flush()
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[4 0 R]/Count 1>>",
        4: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/X 3 0 R>>",
        5: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    }
    body, places = b"%PDF-1.5\n", {}
    for number, text in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    rows = [(0, 0, 65535), (1, places[1], 0), (1, places[2], 0), (2, 5, 0), (1, places[4], 0), (1, places[5], 0), (1, len(body), 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    found = b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>stream\n%s\nendstream\nendobj\n" % (len(table), table)
    return body + found + b"startxref\n%d\n%%%%EOF" % len(body)


@pytest.mark.parametrize(("megabytes", "is_kept"), [(90, True), (110, False)])
def test_an_object_stream_that_unpacks_to_more_than_100_mb_is_a_bomb(megabytes: int, is_kept: bool) -> None:
    found = outcome(object_stream_that_swells(megabytes))
    assert isinstance(found, Paper) if is_kept else found is PaperFault.BOMB


@pytest.mark.parametrize(("count", "is_kept"), [(MOST_OBJECTS - 10, True), (MOST_OBJECTS + 10, False)])
def test_a_pdf_of_more_things_than_any_document_is_a_bomb(count: int, is_kept: bool) -> None:
    plain = a_pdf()
    many = plain[: plain.rindex(b"xref")] + b"".join(b"%d 0 obj 1 endobj\n" % (number + 10) for number in range(count)) + b"%%EOF"
    found = inspect_largest(many)
    assert isinstance(found, Paper) if is_kept else found is PaperFault.BOMB


def inspect_largest(content: bytes) -> Paper | PaperFault:
    try:
        return inspect(content, said=None, taken=ALL, largest=len(content))
    except PaperRefusedError as refused:
        return refused.fault


def with_a_stream(content: bytes, **said: object) -> bytes:
    document, into = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    stream = pikepdf.Stream(document, b"")
    stream.write(content, filter=said.pop("Filter", None))
    for name, value in said.items():
        stream[f"/{name}"] = value
    document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=document.make_indirect(stream)))
    document.save(into, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return into.getvalue()


def test_a_stream_packed_twice_is_a_bomb() -> None:
    twice = zlib.compress(zlib.compress(bytes(1 << 20)))
    assert outcome(with_a_stream(twice, Filter=Array([Name.FlateDecode, Name.FlateDecode]))) is PaperFault.BOMB
    assert isinstance(outcome(with_a_stream(zlib.compress(bytes(1 << 20)), Filter=Name.FlateDecode)), Paper)


@pytest.mark.parametrize(("side", "is_kept"), [(8_900, True), (9_000, False)])
def test_a_picture_within_a_pdf_has_at_most_80_million_points(side: int, is_kept: bool) -> None:
    found = outcome(with_a_stream(b"", Subtype=Name.Image, Width=side, Height=side))
    assert isinstance(found, Paper) if is_kept else found is PaperFault.BOMB


def test_a_picture_that_unpacks_to_more_than_its_points_is_a_bomb() -> None:
    swollen = zlib.compress(bytes(3 << 20))
    said = {"Filter": Name.FlateDecode, "Subtype": Name.Image, "Width": 10, "Height": 10}
    assert outcome(with_a_stream(swollen, **said)) is PaperFault.BOMB


def zipped() -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("program.exe", b"MZ")
    return into.getvalue()


@pytest.mark.parametrize("whole", [a_pdf(), an_image("PNG"), an_image("JPEG")])
def test_a_paper_that_is_an_archive_too_is_refused(whole: bytes) -> None:
    assert isinstance(outcome(whole), Paper)
    assert outcome(whole + zipped()) is PaperFault.LIES


@pytest.mark.parametrize("page", [b"<html><script>alert(1)</script></html>\n", b"<!--\n", b"GIF89a/*\n"])
def test_a_pdf_that_begins_as_something_else_is_no_pdf(page: bytes) -> None:
    """Some readers look for the head of a PDF within its first bytes, browsers for the head of a page."""
    polyglot = page + WHOLE["pdf"]
    assert outcome(polyglot, "application/pdf") in (PaperFault.LIES, PaperFault.UNKNOWN_TYPE)
    assert outcome(polyglot) is PaperFault.UNKNOWN_TYPE


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"<html><script>alert(1)</script></html>", "text/html"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")],
)
def test_a_page_with_a_script_is_at_most_a_text(content: bytes, said: str) -> None:
    assert outcome(content, said) is PaperFault.LIES
    assert outcome(content) == Paper(kind=PaperKind.TEXT, pages=None)


def test_what_nests_more_deeply_than_any_document_is_refused() -> None:
    deep = a_pdf().replace(b"/Type /Page\n", b"/Type /Page /X " + b"[" * 5_000 + b"]" * 5_000 + b"\n")
    assert isinstance(outcome(deep), Paper | PaperFault)
    nested = "<a>" * 100_000
    relations = a_docx({"word/_rels/document.xml.rels": nested})
    assert outcome(relations) is PaperFault.DAMAGED


@pytest.mark.parametrize("words", ["10\u00a0%", "co\u00adoperate", "\U0001f468\u200d\U0001f467 reads", "\u05d0\u200f reads"])
def test_a_text_with_spaces_and_marks_that_nobody_sees_is_a_text(words: str) -> None:
    assert outcome(words.encode()) == Paper(kind=PaperKind.TEXT, pages=None)


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9f"])
def test_a_text_with_control_characters_is_none(character: str) -> None:
    assert outcome(f"Ada {character} reads".encode()) is PaperFault.UNKNOWN_TYPE


def a_link(action: Dictionary) -> Dictionary:
    return Dictionary(Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)


SCRIPT = {"S": Name.JavaScript, "JS": pikepdf.String("app.alert(1)")}
JUMP = {"S": Name.GoTo, "D": Array([0, Name.Fit])}


@pytest.mark.parametrize(
    ("annotation", "is_kept"),
    [
        (lambda: a_link(Dictionary(**JUMP)), True),
        (lambda: a_link(Dictionary(S=Name.URI, URI=pikepdf.String("https://school.example"))), True),
        (lambda: a_link(Dictionary(**SCRIPT)), False),
        (lambda: a_link(Dictionary(S=Name.JavaScript)), False),
        (lambda: a_link(Dictionary(**JUMP, Next=Dictionary(S=Name.Launch, F=pikepdf.String("a.exe")))), False),
        (lambda: a_link(Dictionary(**JUMP, Next=Array([Dictionary(**JUMP), Dictionary(S=Name.SubmitForm)]))), False),
        (lambda: Dictionary(Subtype=Name.Highlight, Rect=[0, 0, 9, 9], AA=Dictionary(K=Dictionary(**JUMP))), False),
        (lambda: Dictionary(Subtype=Name.Highlight, Rect=[0, 0, 9, 9], MK=Dictionary(X=Dictionary(**SCRIPT))), False),
        (lambda: Dictionary(Subtype=Name.Text, Rect=[0, 0, 9, 9], FS=Dictionary(EF=Dictionary())), False),
        (lambda: Dictionary(Subtype=Name.Sound, Rect=[0, 0, 9, 9]), False),
        (lambda: Dictionary(Subtype=Name.Screen, Rect=[0, 0, 9, 9]), False),
    ],
)
@pytest.mark.parametrize("is_indirect", [True, False])
def test_what_acts_is_found_however_deep_it_lies(annotation: Callable[[], Dictionary], is_kept: bool, is_indirect: bool) -> None:
    def change(document: pikepdf.Pdf) -> None:
        note = annotation()
        document.pages[0].obj.Annots = Array([document.make_indirect(note) if is_indirect else note])

    found = outcome(a_pdf(change))
    assert isinstance(found, Paper) if is_kept else found is PaperFault.ACTIVE


def drawn_over_and_over(depth: int, times: int, *, draw: bytes = b"/A Do ", name: Name = Name.A) -> bytes:
    """A PDF of a kilobyte or two whose forms draw each other, so that its last words are drawn `times` to the power of `depth`."""
    document = wordy_pdf(["Reading"])
    held, content = document.pages[0].obj.Resources, b"BT /F1 9 Tf (ab) Tj ET"
    for _ in range(depth):
        form = document.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 500, 500], Resources=held)
        held, content = Dictionary(XObject=Dictionary({str(name): form})), draw * times
    document.pages[0].obj.Resources = held
    document.pages[0].obj.Contents = document.make_stream(content)
    return written(document)


@pytest.mark.parametrize(
    ("draw", "name"),
    [(b"/A Do ", Name.A), (b"/#41 Do ", Name.A), (b"/A%\nDo ", Name.A), (b"/A\nDo\n", Name.A), ("/\u00e9 Do ".encode(), Name("/\u00e9"))],
)
def test_forms_that_draw_each_other_over_and_over_are_a_bomb(draw: bytes, name: Name) -> None:
    assert outcome(drawn_over_and_over(4, 60, draw=draw, name=name)) is PaperFault.BOMB
    assert isinstance(outcome(drawn_over_and_over(3, 9, draw=draw, name=name)), Paper)


def test_a_form_that_draws_with_what_its_page_has_is_weighed_too() -> None:
    document = pikepdf.open(io.BytesIO(drawn_over_and_over(4, 60)))
    document.pages[0].obj.Resources.XObject.B = document.make_stream(b"/A Do " * 60, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    document.pages[0].obj.Contents = document.make_stream(b"/B Do")
    assert outcome(written(document)) is PaperFault.BOMB


@pytest.mark.parametrize("where", ["note", "pattern", "mask", "letter"])
def test_what_is_drawn_in_other_ways_is_weighed_too(where: str) -> None:
    document = pikepdf.open(io.BytesIO(drawn_over_and_over(5, 60)))
    page = document.pages[0].obj
    form = page.Resources.XObject.A
    held: dict[str, Dictionary] = {
        "note": Dictionary(),
        "pattern": Dictionary(Pattern=Dictionary(P=form)),
        "mask": Dictionary(ExtGState=Dictionary(G=Dictionary(SMask=Dictionary(S=Name.Alpha, G=form)))),
        "letter": Dictionary(Font=Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.Type3, CharProcs=Dictionary(a=form)))),
    }
    page.Resources, page.Contents = held[where], document.make_stream(b"q Q")
    if where == "note":
        page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 9, 9], AP=Dictionary(N=Dictionary(On=form)))])
    assert outcome(written(document)) is PaperFault.BOMB


def test_a_form_that_draws_itself_is_no_bomb_and_ends() -> None:
    document = wordy_pdf(["Reading"])
    form = document.make_stream(b"/A Do " * 60, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    form.Resources = Dictionary(XObject=Dictionary(A=form))
    document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=form))
    document.pages[0].obj.Contents = document.make_stream(b"/A Do " * 60)
    assert isinstance(outcome(written(document)), Paper)


def test_a_document_of_endless_markup_is_a_bomb_however_little_it_swells() -> None:
    """Bytes by chance are packed to no fewer, so it is not for swelling that it is refused."""
    noise = Random("markup").randbytes(1 << 20).hex().encode()
    parts = {f"word/{place}.xml": b"<a>" + noise + b"</a>" for place in range(24)}
    content = a_docx(parts, compress=False)
    assert isinstance(inspect(content, said=None, taken=ALL, largest=64 << 20), Paper)
    with pytest.raises(PaperRefusedError) as refused:
        inspect(a_docx({**parts, "word/more.xml": parts["word/0.xml"]}, compress=False), said=None, taken=ALL, largest=64 << 20)
    assert refused.value.fault is PaperFault.BOMB


def test_a_document_of_a_million_elements_is_looked_into_with_little_memory() -> None:
    content = a_docx({"word/document.xml": b"<a>" + b"<b>1</b>" * 1_000_000 + b"</a>"}, compress=False)
    asked = "import resource, sys; from app.documents.papers.inspection import PaperKind, inspect; content = sys.stdin.buffer.read();"
    told = "before = peak(); inspect(content, said=None, taken=frozenset(PaperKind), largest=1 << 30); print(peak() - before)"
    peak = "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
    found = subprocess.run([sys.executable, "-c", f"{asked} {peak} {told}"], input=content, capture_output=True, check=True, timeout=60)
    assert int(found.stdout) < 40_000, "kilobytes; a tree of the whole takes more than 100,000"
