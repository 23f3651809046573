"""Whether a Word document does something when it is opened, or fetches from elsewhere: by what its parts are, and by its fields."""

import re
import zipfile
from collections.abc import Iterator
from typing import Final

from lxml import etree

PARTS: Final = ("vbaproject", "activex", "oleobject", "embeddings/")
KINDS: Final = frozenset({"vbaproject", "wordvbadata", "oleobject", "control", "activexcontrolbinary", "afchunk", "subdocument"})
"""A part is what the relationship that leads to it says, whatever it is called; the last two are documents of another make within."""
HARMLESS_OUTSIDE: Final = frozenset({"hyperlink"})
WITH_MACROS: Final = ("macroenabled", "vbaproject")
FIELDS: Final = re.compile(r"\s*(?:DDE|DDEAUTO|LINK|IMPORT|DATABASE|INCLUDETEXT)(?:\s|$)", re.IGNORECASE)
"""Fields that start a program or read a file when they are brought up to date."""
_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT: Final = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"


def is_active(archive: zipfile.ZipFile) -> bool:
    """Whether it holds programs or other files, takes a template or picture from elsewhere, or has fields that act.

    A link that a person may click on is none of that. Raises the errors of the readers.
    """
    parts = archive.infolist()
    if any(active in part.filename.lower() for part in parts for active in PARTS):
        return True
    return any(_part_acts(archive, part) for part in parts)


def _part_acts(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    name = part.filename.lower()
    if name.endswith(".rels"):
        return any(_relation_acts(element) for element in _elements(archive, part))
    if name == "[content_types].xml":
        return any(kind in element.get("ContentType", "").lower() for element in _elements(archive, part) for kind in WITH_MACROS)
    return name.endswith(".xml") and any(FIELDS.match(field) for field in _fields(archive, part))


def _relation_acts(element: etree._Element) -> bool:
    kind = element.get("Type", "").lower().rpartition("/")[2]
    is_outside = element.get("TargetMode", "").lower() == "external"
    return kind in KINDS or (is_outside and kind not in HARMLESS_OUTSIDE)


def _fields(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[str]:
    """Give what each field says; what one says may be cut into pieces, and lies between two marks."""
    saying: list[str] = []
    for element in _elements(archive, part):
        tag = element.tag if isinstance(element.tag, str) else ""
        name = tag.removeprefix(_WORD).removeprefix(_STRICT)
        if name == "fldSimple":
            yield next((str(value) for key, value in element.items() if etree.QName(key).localname == "instr"), "")
        elif name == "instrText":
            saying.append(str(element.text or ""))
        elif name == "fldChar":
            yield "".join(saying)
            saying.clear()
    yield "".join(saying)


def _elements(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[etree._Element]:
    """Give the elements of a part once each is whole, and keep none."""
    with archive.open(part) as file:
        for _, element in etree.iterparse(file, events=("end",), resolve_entities=False, no_network=True, huge_tree=False):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
