"""The words of a paper as they are searched for names: on its pages, in its margins, and what was deleted and still goes along."""

import io
import itertools
from collections.abc import Callable
from random import Random

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.documents.papers.inspection import MEDIA_TYPES, PaperKind, PaperRefusedError, inspect
from app.documents.papers.paper_text import MOST_REVISIONS, TextUnreadableError, text_of
from tests.documents.papers import a_docx, a_pdf, an_image, related
from tests.documents.wordy_papers import line, repeated_everywhere, wordy_pdf, written

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def words_of(kind: PaperKind, content: bytes, **bounds: object) -> list[str]:
    return list(text_of(MEDIA_TYPES[kind], iter([content[:7], content[7:]]), **bounds))


def test_the_words_of_a_pdf_come_by_page_and_then_from_its_margins() -> None:
    plain = words_of(PaperKind.PDF, written(wordy_pdf(["Reading", "Writing"])))
    assert [page.strip() for page in plain[:2]] == ["Reading", "Writing"]
    hidden = words_of(PaperKind.PDF, written(repeated_everywhere(wordy_pdf(["Reading", "Writing"]), "Xanthippe")))
    assert sum("Xanthippe" in words for words in hidden[2:]) >= 4


def test_the_words_of_a_word_document_are_put_together_over_its_runs() -> None:
    said = '<w:r><w:t>Xan</w:t></w:r><w:bookmarkStart w:name="a b"/><w:r><w:t>thippe</w:t></w:r><w:tab/><w:r><w:t>reads</w:t></w:r>'
    runs = f"<w:document {W}><w:p>{said}</w:p></w:document>"
    (words,) = [part for part in words_of(PaperKind.DOCX, a_docx({"word/document.xml": runs})) if part.strip()]
    assert words.split() == ["Xanthippe", "reads", "a", "b"]


@pytest.mark.parametrize("part", ["word/header1.xml", "word/comments.xml", "word/footnotes.xml", "docProps/core.xml"])
def test_words_beside_the_text_of_a_word_document_are_read_too(part: str) -> None:
    said = f"<w:x {W}><w:p><w:del><w:r><w:delText>Xanthippe</w:delText></w:r></w:del></w:p></w:x>"
    assert any("Xanthippe" in words for words in words_of(PaperKind.DOCX, a_docx({part: said})))


def test_a_text_is_its_words_and_a_picture_has_none() -> None:
    assert words_of(PaperKind.TEXT, "\ufeffŻółć reads.\n".encode()) == ["Żółć reads.\n"]
    assert words_of(PaperKind.PNG, an_image("PNG")) == words_of(PaperKind.JPEG, an_image("JPEG")) == []


def _captioned(form: str, **beside: object) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (8, 8)).save(into, form, **beside)  # type: ignore[arg-type]  # each form has its own
    return into.getvalue()


def _in_a_png() -> bytes:
    text = PngInfo()
    text.add_itxt("Description", "With Xanthippe", zip=True)
    return _captioned("PNG", pnginfo=text)


def _in_exif(tag: int, said: str | bytes) -> bytes:
    properties = Image.Exif()
    properties[tag] = said
    return _captioned("JPEG", exif=properties)


@pytest.mark.parametrize(
    "content",
    [
        _in_a_png(),
        _captioned("JPEG", comment=b"With Xanthippe"),
        _captioned("JPEG", xmp=b"<x:xmpmeta>With Xanthippe</x:xmpmeta>"),
        _in_exif(0x010E, "With Xanthippe"),
        _in_exif(0x9C9B, "With Xanthippe".encode("utf-16-le")),
    ],
    ids=["png", "comment", "xmp", "description", "title"],
)
def test_what_is_written_beside_a_picture_is_read(content: bytes) -> None:
    kind = PaperKind.PNG if content.startswith(b"\x89PNG") else PaperKind.JPEG
    assert any("With Xanthippe" in words for words in words_of(kind, content))


def test_no_paper_is_read_for_longer_or_further_than_the_bounds() -> None:
    ticks = itertools.count(step=7.0)
    with pytest.raises(TextUnreadableError):
        words_of(PaperKind.PDF, written(wordy_pdf(["word"] * 10)), within_s=30.0, monotonic=lambda: next(ticks))
    with pytest.raises(TextUnreadableError):
        words_of(PaperKind.TEXT, b"word " * 1_000_001)
    assert len(words_of(PaperKind.TEXT, b"word " * 1_000_000)) == 1


def test_what_is_no_paper_of_ours_is_named_as_unreadable() -> None:
    with pytest.raises(TextUnreadableError):
        list(text_of("application/zip", [b"PK"]))


@pytest.mark.parametrize("kind", [PaperKind.PDF, PaperKind.DOCX, PaperKind.TEXT])
def test_whatever_is_kept_is_read_or_named_as_unreadable(kind: PaperKind) -> None:
    """200 papers, each with bytes changed here and there: those that would be kept all come to one of the two."""
    dice, whole = Random(kind.value), _whole(kind)
    outcomes = {"kept": 0, "read": 0}
    for _ in range(200):
        content = mutated(whole, dice)
        try:
            inspect(content, said=None, taken=frozenset({kind}), largest=1 << 20)
        except PaperRefusedError:
            continue
        outcomes["kept"] += 1
        try:
            words_of(kind, content)
        except TextUnreadableError:
            continue
        outcomes["read"] += 1
    assert outcomes["kept"] >= outcomes["read"] > 0


def _whole(kind: PaperKind) -> bytes:
    if kind is PaperKind.PDF:
        return written(wordy_pdf(["Reading", "Writing"]))
    return a_docx({"word/header1.xml": f"<w:x {W}/>"}) if kind is PaperKind.DOCX else "Żółć reads. ".encode() * 20


def mutated(content: bytes, dice: Random) -> bytes:
    """Change a few bytes, take some away, or put some in twice."""
    changed = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        place = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[place] ^= 1 << dice.randrange(8)
            case 1:
                del changed[place : place + dice.randrange(1, 40)]
            case 2:
                changed[place:place] = changed[place : place + dice.randrange(1, 40)]
            case _:
                changed[place] = dice.randrange(256)
        if not changed:
            break
    return bytes(changed)


def test_a_pdf_of_nothing_but_blank_pages_has_no_words() -> None:
    assert all(not words.strip() for words in words_of(PaperKind.PDF, a_pdf(pages=3)))
    assert io.BytesIO(a_pdf()).read(5) == b"%PDF-"


def test_a_note_that_is_written_straight_into_its_page_is_read() -> None:
    document = wordy_pdf(["Reading"])
    document.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=String("As Xanthippe does."))])
    assert "As Xanthippe does." in words_of(PaperKind.PDF, written(document))


def _in_metadata(document: Pdf, said: String) -> None:
    with document.open_metadata() as metadata:
        metadata["dc:description"] = str(said)


def _in_a_choice(document: Pdf, said: String) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([Dictionary(FT=Name.Ch, T=String("who"), Opt=Array([said]))]))


def _in_a_stream_of_a_field(document: Pdf, said: String) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([Dictionary(FT=Name.Tx, T=String("who"), V=document.make_stream(bytes(said)))]))


def _in_a_label(document: Pdf, said: String) -> None:
    document.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=said)]))


def _in_a_layer(document: Pdf, said: String) -> None:
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=said))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary())


def _in_a_property(document: Pdf, said: String) -> None:
    document.docinfo["/Pupil"] = said


def _outside_the_page(document: Pdf, said: String) -> None:
    document.pages[0].obj.Contents = document.make_stream(line(str(said), y=5_000).encode())


def _cut_off(document: Pdf, said: String) -> None:
    document.pages[0].obj.Contents = document.make_stream(line(str(said)).encode())
    document.pages[0].obj.CropBox = Array([0, 0, 50, 50])


def _on_a_stamp(document: Pdf, said: String) -> None:
    page = document.pages[0].obj
    look = document.make_stream(line(str(said), x=2, y=2).encode())
    look.stream_dict.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 200, 20]), "/Resources": page.Resources})
    page.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 200, 20], AP=Dictionary(N=look))])


@pytest.mark.parametrize(
    "hide",
    [
        *(_in_metadata, _in_a_choice, _in_a_stream_of_a_field, _in_a_label, _in_a_layer, _in_a_property),
        *(_outside_the_page, _cut_off, _on_a_stamp),
    ],
)
def test_no_corner_of_a_pdf_is_passed_over(hide: Callable[[Pdf, String], None]) -> None:
    document = wordy_pdf(["Reading"])
    hide(document, String("As Xanthippe does"))
    assert any("As Xanthippe does" in words for words in words_of(PaperKind.PDF, written(document)))


def saved_over(content: bytes, stream: int, now: bytes) -> bytes:
    """A PDF with one of its streams replaced in the way of editors, who write the new one behind the old."""
    with pikepdf.open(io.BytesIO(content)) as document:
        root, size = document.Root.objgen[0], len(document.objects) + 1
    before = int(content.rpartition(b"startxref")[2].split()[0])
    body = b"%d 0 obj\n<</Length %d>>stream\n%s\nendstream\nendobj\n" % (stream, len(now), now)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (stream, len(content), size, root, before)
    return content + body + table + b"startxref\n%d\n%%%%EOF\n" % (len(content) + len(body))


def test_what_was_there_before_a_pdf_was_saved_over_itself_is_read_too() -> None:
    once = written(wordy_pdf(["Ada sat with Xanthippe."]))
    with pikepdf.open(io.BytesIO(once)) as document:
        stream = document.pages[0].obj.Contents.objgen[0]
    words = words_of(PaperKind.PDF, saved_over(once, stream, line("Ada sat.").encode()))
    assert [any(said in one for one in words) for said in ("Ada sat.", "Ada sat with Xanthippe.")] == [True, True]


def test_a_pdf_with_more_former_states_than_are_read_is_named_as_unreadable() -> None:
    content = written(wordy_pdf(["Reading"]))
    for _ in range(MOST_REVISIONS + 1):
        content = saved_over(content, 4, line("Reading").encode())
    with pytest.raises(TextUnreadableError):
        words_of(PaperKind.PDF, content)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("word/document.xml", f'<w:document {W}><w:p><w:drawing><x descr="Ada and Xanthippe"/></w:drawing></w:p></w:document>'),
        ("word/document.xml", f'<w:document {W}><w:sdt><w:alias w:val="Xanthippe"/></w:sdt></w:document>'),
        ("word/comments.xml", f'<w:comments {W}><w:comment w:author="Xanthippe"/></w:comments>'),
        ("word/_rels/document.xml.rels", related("hyperlink", "https://school.example/Xanthippe", outside=True)),
    ],
)
def test_words_in_the_attributes_of_a_word_document_are_read_too(part: str, said: str) -> None:
    assert any("Xanthippe" in words for words in words_of(PaperKind.DOCX, a_docx({part: said})))


def test_properties_beside_each_other_do_not_run_into_one_word() -> None:
    said = '<p xmlns:d="d"><d:title>About Xanthippe</d:title><d:subject>Reading</d:subject></p>'
    (words,) = [part for part in words_of(PaperKind.DOCX, a_docx({"docProps/core.xml": said})) if part.strip()]
    assert words.split() == ["About", "Xanthippe", "Reading"]
