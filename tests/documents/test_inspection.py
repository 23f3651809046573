"""What is kept of the papers that people hand in, and what is refused by name: liars, the encrypted, bombs, the empty and the active."""

from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from app.documents.papers.inspection import MEDIA_TYPES, SENTENCES, Paper, PaperFault, PaperKind, PaperRefusedError, inspect
from tests.documents.papers import a_docx, a_pdf, an_image, related

ALL = frozenset(PaperKind)
LARGEST = 4 << 20
JPEG, PNG = an_image("JPEG"), an_image("PNG")


def looked(content: bytes, said: str | None = None, taken: frozenset[PaperKind] = ALL, largest: int = LARGEST) -> Paper:
    return inspect(content, said=said, taken=taken, largest=largest)


def fault_of(content: bytes, said: str | None = None, taken: frozenset[PaperKind] = ALL, largest: int = LARGEST) -> PaperFault:
    with pytest.raises(PaperRefusedError) as refused:
        looked(content, said, taken, largest)
    assert str(refused.value) == SENTENCES[refused.value.fault]
    return refused.value.fault


@pytest.mark.parametrize(
    ("content", "kind", "pages"),
    [
        (a_pdf(pages=3), PaperKind.PDF, 3),
        (a_docx(), PaperKind.DOCX, None),
        (JPEG, PaperKind.JPEG, 1),
        (PNG, PaperKind.PNG, 1),
        (b"Ada likes words.\n", PaperKind.TEXT, None),
        ("\ufeffZażółć gęślą jaźń\r\n".encode(), PaperKind.TEXT, None),
    ],
)
def test_a_paper_is_what_its_bytes_say(content: bytes, kind: PaperKind, pages: int | None) -> None:
    assert looked(content) == Paper(kind=kind, pages=pages)
    assert looked(content, MEDIA_TYPES[kind]) == Paper(kind=kind, pages=pages)


@pytest.mark.parametrize(("content", "said"), [(PNG, "image/jpeg"), (a_docx(), "application/pdf"), (b"words", "application/pdf")])
def test_a_paper_that_lies_about_its_type_is_refused(content: bytes, said: str) -> None:
    assert fault_of(content, said) is PaperFault.LIES


def test_an_empty_paper_is_refused() -> None:
    assert fault_of(b"") is PaperFault.EMPTY


@pytest.mark.parametrize(("largest", "is_kept"), [(len(PNG), True), (len(PNG) - 1, False)])
def test_a_paper_may_be_as_large_as_the_bound_and_no_larger(largest: int, is_kept: bool) -> None:
    if is_kept:
        assert looked(PNG, largest=largest).kind is PaperKind.PNG
    else:
        assert fault_of(PNG, largest=largest) is PaperFault.TOO_LARGE


def test_a_type_that_is_not_taken_is_refused() -> None:
    assert fault_of(PNG, taken=frozenset({PaperKind.PDF})) is PaperFault.TYPE_NOT_TAKEN


@pytest.mark.parametrize("content", [b"MZ\x90\x00program", b"GIF89a\x01\x00", b"\x00\x01\x02", b"Latin \xe9\xe8", b"<a>\x1b[31m</a>"])
def test_what_is_none_of_the_known_kinds_is_refused(content: bytes) -> None:
    assert fault_of(content) is PaperFault.UNKNOWN_TYPE


def test_an_archive_that_is_no_document_is_refused() -> None:
    assert fault_of(a_docx({"word/document.xml": ""}).replace(b"word/document.xml", b"word/dokument.xml")) is PaperFault.UNKNOWN_TYPE


@pytest.mark.parametrize("content", [a_pdf(password="word"), bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)])
def test_an_encrypted_paper_is_refused(content: bytes) -> None:
    assert fault_of(content) is PaperFault.ENCRYPTED


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def on_opening(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = script()


def on_a_page(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = Dictionary(O=script())


def on_closing(document: pikepdf.Pdf) -> None:
    document.Root.AA = Dictionary(WC=script())


def named(document: pikepdf.Pdf) -> None:
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("one"), document.make_indirect(script())])))


def launched(document: pikepdf.Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.Launch, F=String("a.exe")))
    document.pages[0].obj.Annots = Array([document.make_indirect(link)])


def attached(document: pikepdf.Pdf) -> None:
    document.attachments["a.txt"] = b"words"


def a_form_that_is_a_program(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(XFA=Array([String("template")]))


def an_address_on_opening(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.URI, URI=String("https://example.com"))


def printed_on_opening(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.Named, N=Name.Print)


def drawn_from_another_file(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Contents = document.make_stream(b"q Q", F=String("https://example.com/a"))


def a_page_of_another_file(document: pikepdf.Pdf) -> None:
    form = document.make_stream(b"", Subtype=Name.Form, BBox=[0, 0, 9, 9], Ref=Dictionary(F=String("a.pdf"), Page=0))
    document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=form))


ACTIVE_PDFS = [
    *(on_opening, on_a_page, on_closing, named, launched, attached, a_form_that_is_a_program),
    *(an_address_on_opening, printed_on_opening, drawn_from_another_file, a_page_of_another_file),
]


@pytest.mark.parametrize("change", ACTIVE_PDFS, ids=lambda change: change.__name__)
def test_a_pdf_that_does_something_is_refused(change: Callable[[pikepdf.Pdf], None]) -> None:
    assert fault_of(a_pdf(change)) is PaperFault.ACTIVE


def test_a_pdf_with_a_link_and_a_first_page_is_kept() -> None:
    def change(document: pikepdf.Pdf) -> None:
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=String("https://example.com"))
        )
        document.pages[0].obj.Annots = Array([document.make_indirect(link)])
        document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])

    assert looked(a_pdf(change)).pages == 1


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "word/activeX/activeX1.xml", "word/embeddings/oleObject1.bin"])
def test_a_document_with_macros_or_embedded_things_is_refused(name: str) -> None:
    assert fault_of(a_docx({name: b"x"})) is PaperFault.ACTIVE


@pytest.mark.parametrize(
    ("kind", "outside", "is_kept"),
    [("attachedTemplate", True, False), ("image", True, False), ("hyperlink", True, True), ("image", False, True)],
)
def test_a_document_that_fetches_something_on_opening_is_refused(kind: str, outside: bool, is_kept: bool) -> None:
    content = a_docx({"word/_rels/document.xml.rels": related(kind, "https://example.com/a", outside=outside)})
    if is_kept:
        assert looked(content).kind is PaperKind.DOCX
    else:
        assert fault_of(content) is PaperFault.ACTIVE


@pytest.mark.parametrize("kind", ["vbaProject", "oleObject", "control", "aFChunk", "subDocument"])
def test_a_part_is_what_its_relationship_says_whatever_it_is_called(kind: str) -> None:
    said = related(kind, "plain.bin", outside=False)
    assert fault_of(a_docx({"word/_rels/document.xml.rels": said, "word/plain.bin": b"x"})) is PaperFault.ACTIVE


def test_a_document_with_macros_by_its_list_of_types_is_refused() -> None:
    kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
    types = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override ContentType="{kind}"/></Types>'
    assert fault_of(a_docx({"[Content_Types].xml": types})) is PaperFault.ACTIVE


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def with_a_field(*pieces: str) -> bytes:
    """A document with a field whose words are cut into pieces, each in a run of its own."""
    said = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end")]
    return a_docx({"word/document.xml": f'<w:document xmlns:w="{W}"><w:p>{marks[0]}{said}{marks[1]}</w:p></w:document>'})


@pytest.mark.parametrize("pieces", [("DDEAUTO c:\\cmd.exe",), (" dde ", "excel"), ("DDE", "AUTO cmd"), (" LINK Excel.Sheet.8 a.xls",)])
def test_a_field_that_starts_something_is_refused(pieces: tuple[str, ...]) -> None:
    assert fault_of(with_a_field(*pieces)) is PaperFault.ACTIVE


def test_a_field_in_one_piece_that_starts_something_is_refused() -> None:
    simple = f'<w:document xmlns:w="{W}"><w:p><w:fldSimple w:instr=" DDEAUTO cmd "/></w:p></w:document>'
    assert fault_of(a_docx({"word/document.xml": simple})) is PaperFault.ACTIVE


@pytest.mark.parametrize("pieces", [(" PAGE ",), (' HYPERLINK "https://example.com" \\o "a link or import "',), ("LINKED",), ("TOC \\o",)])
def test_a_field_that_only_shows_something_is_kept(pieces: tuple[str, ...]) -> None:
    assert looked(with_a_field(*pieces)).kind is PaperKind.DOCX


def test_an_archive_that_swells_is_refused() -> None:
    assert fault_of(a_docx({"word/media/a.bin": bytes(8 << 20)})) is PaperFault.BOMB
    assert looked(a_docx({"word/media/a.bin": bytes(512 << 10)})).kind is PaperKind.DOCX


def test_an_archive_of_too_many_parts_is_refused() -> None:
    assert fault_of(a_docx({f"word/media/{place}": b"" for place in range(2_000)})) is PaperFault.BOMB


def test_a_picture_of_too_many_points_is_refused() -> None:
    assert fault_of(an_image("PNG", (8_001, 10_000))) is PaperFault.BOMB


def test_a_picture_that_moves_is_refused() -> None:
    assert fault_of(an_image("PNG", frames=3)) is PaperFault.BOMB


@pytest.mark.parametrize("content", [a_pdf()[:200], a_docx()[:120], JPEG[:200], PNG[:40]])
def test_a_paper_that_breaks_off_is_refused(content: bytes) -> None:
    assert fault_of(content) is PaperFault.DAMAGED


WHOLE = {"pdf": a_pdf(named), "docx": a_docx({"word/vbaProject.bin": b"x"}), "jpg": JPEG, "png": PNG}


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_whatever_is_handed_in_is_looked_at_or_refused_and_nothing_else(kind: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert looked(bytes(content)).kind in PaperKind
    except PaperRefusedError as refused:
        assert refused.fault in PaperFault


def test_every_fault_has_its_sentence() -> None:
    assert set(SENTENCES) == set(PaperFault)
