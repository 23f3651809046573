"""PDFs with words on their pages, and with the same words in every corner where a PDF can keep them beside its pages."""

import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from pypdf import PdfReader
from pypdf.errors import PyPdfError

SIZE = (595, 842)


def line(words: str, y: int = 700, x: int = 72) -> str:
    return f"BT /F1 24 Tf {x} {y} Td ({words}) Tj ET "


def wordy_pdf(pages: Sequence[str]) -> pikepdf.Pdf:
    """Pages that share one dictionary of resources, which they inherit."""
    document = pikepdf.new()
    for words in pages:
        document.add_blank_page(page_size=SIZE)
        document.pages[-1].obj.Contents = pikepdf.Stream(document, line(words).encode())
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    shared = document.make_indirect(Dictionary(Font=Dictionary(F1=document.make_indirect(font))))
    for page in document.pages:
        page.obj.Resources = shared
    return document


def written(document: pikepdf.Pdf) -> bytes:
    into = io.BytesIO()
    document.save(into)
    return into.getvalue()


def repeated_everywhere(document: pikepdf.Pdf, secret: str) -> pikepdf.Pdf:
    """Put a secret of the first page into every corner that another page, or the document, leads to."""
    first, second = document.pages[0].obj, document.pages[1].obj
    form = pikepdf.Stream(document, line(secret).encode())
    form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 595, 842], Resources=Dictionary(first.Resources))
    tiles = pikepdf.Stream(document, b"0 0 1 1 re f")
    tiles.stream_dict = Dictionary(PatternType=1, PaintType=1, TilingType=1, BBox=[0, 0, 9, 9], XStep=9, YStep=9, Resources=first.Resources)
    shared = first.Resources
    shared.XObject = Dictionary(Secret=document.make_indirect(form))
    shared.Properties = Dictionary(Hidden=document.make_indirect(Dictionary(ActualText=String(secret))))
    shared.Pattern = Dictionary(Tiles=document.make_indirect(tiles))
    first.Contents = pikepdf.Stream(document, b"/Span /Hidden BDC /Secret Do EMC " + first.Contents.read_bytes())
    second.Contents = pikepdf.Stream(document, b"/Pattern cs /Tiles scn 0 0 9 9 re f " + second.Contents.read_bytes())
    second.PieceInfo = Dictionary(Editor=Dictionary(Private=String(secret)))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], Contents=String(secret), Dest=Array([first, Name.Fit]))
    field = document.make_indirect(Dictionary(FT=Name.Tx, T=String("name"), V=String(secret), Kids=Array()))
    widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[0, 0, 9, 9], Parent=field, P=second)
    field.Kids.append(document.make_indirect(widget))
    second.Annots = Array([document.make_indirect(link), field.Kids[0]])
    document.Root.AcroForm = Dictionary(Fields=Array([field]))
    document.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String(secret), Array([first, Name.Fit])])))
    document.docinfo["/Title"] = secret
    with document.open_metadata() as metadata:
        metadata["dc:description"] = secret
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(secret, 0))
    return document


def all_bytes(content: bytes) -> Iterator[bytes]:
    """The file as it is, each of its streams as it is and unpacked, and each of its strings."""
    yield content
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(packed)
        except zlib.error:
            continue
    with pikepdf.open(io.BytesIO(content)) as document:
        for thing in document.objects:
            yield thing.unparse(resolved=True)
            if isinstance(thing, pikepdf.Stream):
                yield thing.read_raw_bytes()
                if thing.get("/Subtype") != "/Image":
                    yield thing.read_bytes()


def is_anywhere(secret: str, content: bytes) -> bool:
    """Whether a word is in a file in any of the ways in which a PDF writes words, by bytes or by either of two readers."""
    forms = (secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-le"), secret.encode().hex().encode())
    if any(form in piece or form.upper() in piece for piece in all_bytes(content) for form in forms):
        return True
    return any(secret in text for text in (*_words_or_none(words_by_pypdf, content), *_words_or_none(words_by_pdfium, content)))


def _words_or_none(reader: Callable[[bytes], list[str]], content: bytes) -> list[str]:
    """What a reader finds in a file that another may be able to read and it may not."""
    try:
        return reader(content)
    except (PyPdfError, pypdfium2.PdfiumError, ValueError):
        return []


def words_by_pypdf(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def words_by_pdfium(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    return [document[number].get_textpage().get_text_bounded() for number in range(len(document))]


def drawn(content: bytes, page: int) -> Image.Image:
    return pypdfium2.PdfDocument(content)[page].render(scale=1).to_pil().convert("L")
