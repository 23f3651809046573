"""Elements of an untrusted XML document, one at a time, with memory that does not grow with the file."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml.etree import ErrorTypes, XMLPullParser, XMLSyntaxError, _Element

from app.exchange.intake import FileRefusedError, Intake
from app.exchange.roll import Limits

Path = tuple[str, ...]

_PROLOG_PART: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE: Final = "<!DOCTYPE"
_NO_DOCTYPE: Final = "A document type declaration is not accepted; remove the line that begins with <!DOCTYPE."
_ENCODING: Final = "The bytes are not in the encoding that the first line declares (UTF-8 if it declares none)."
_WIDE_ENCODING: Final = re.compile(r"<\?xml[^>]{0,200}encoding\s*=\s*.(utf-?16|utf-?32|ucs-?[24]|iso-10646)", re.IGNORECASE)
_ENTITY_CODES: Final = frozenset({ErrorTypes.ERR_UNDECLARED_ENTITY, ErrorTypes.WAR_UNDECLARED_ENTITY})
_ENCODING_CODES: Final = frozenset(
    {ErrorTypes.ERR_INVALID_ENCODING, ErrorTypes.ERR_UNSUPPORTED_ENCODING, ErrorTypes.ERR_UNKNOWN_ENCODING, ErrorTypes.I18N_CONV_FAILED}
)


@dataclass(slots=True)
class _Walk:
    """Where in the document the parser is, and how much of it is being kept."""

    wanted: frozenset[Path]
    limits: Limits
    path: list[str] = field(default_factory=list)
    kept_depth: int = 0
    kept_elements: int = 0
    all_elements: int = 0
    quiet_bytes: int = 0

    def enter(self, element: _Element) -> None:
        if ":" in local_name(element):
            raise _translated(ErrorTypes.NS_ERR_QNAME, line_of(element))
        self.path.append(local_name(element))
        if len(self.path) == 1:
            self.enter_root(element)
        if len(self.path) > self.limits.depth:
            raise _refusal("too-deep", f"Elements are nested more than {self.limits.depth} deep.", element)
        if not self.kept_depth and tuple(self.path) in self.wanted:
            self.kept_depth, self.kept_elements = len(self.path), 0
        self.kept_elements += 1
        self.all_elements += 1
        if self.all_elements > self.limits.elements:
            raise _refusal("too-many-elements", f"The file has more than {self.limits.elements} elements.", element)
        if self.kept_depth and self.kept_elements > self.limits.elements_per_pupil:
            raise _refusal("too-many-elements", f"One part has more than {self.limits.elements_per_pupil} elements.", element)

    def enter_root(self, element: _Element) -> None:
        if element.getroottree().docinfo.internalDTD is not None:
            raise _refusal("doctype-not-accepted", _NO_DOCTYPE, element)
        if not any(path[0] == self.path[0] for path in self.wanted):
            raise _refusal("root-unexpected", "The outermost element is not the one that this kind of file has.", element)

    def leave(self, element: _Element) -> Iterator[tuple[Path, _Element]]:
        if self.kept_depth == len(self.path):
            yield tuple(self.path), element
            self.kept_depth = 0
        if not self.kept_depth:
            _release(element)
        self.path.pop()


def wanted_elements(intake: Intake, wanted: frozenset[Path], limits: Limits) -> Iterator[tuple[Path, _Element]]:
    """Yield each element at one of the wanted paths (local names from the root), complete, and forget it when the next is asked for.

    Raises FileRefusedError for a document type declaration, an entity, bad encoding, bad nesting, or more than the limits allow.
    """
    parser = XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    walk = _Walk(wanted, limits)
    first = True
    for piece in intake.pieces():
        if first:
            _look_at_start(piece)
        first = False
        yield from _parsed(parser, walk, piece)
    if first:
        raise FileRefusedError("file-empty", "The file is empty.")
    _close(parser)


def local_name(element: _Element) -> str:
    """The name without its namespace; a colon is left in one whose prefix is empty or was never declared."""
    return str(element.tag).rpartition("}")[2]


def line_of(element: _Element) -> int:
    """The line on which the element begins, 1 where the parser does not know."""
    line = element.sourceline
    return line if isinstance(line, int) else 1


def _parsed(parser: XMLPullParser, walk: _Walk, piece: bytes) -> Iterator[tuple[Path, _Element]]:
    """Give what this piece completes, then raise what was wrong in it; a piece may complete nothing only for so long."""
    fault = _fault_in(parser, piece)
    walk.quiet_bytes += len(piece)
    for event, element in parser.read_events():
        walk.quiet_bytes = 0
        if not isinstance(element, _Element):
            continue
        if event == "start":
            walk.enter(element)
        else:
            yield from walk.leave(element)
    if fault is not None:
        raise fault
    if walk.quiet_bytes > walk.limits.bytes_between_tags:
        raise FileRefusedError("part-too-long", f"A single tag, text or comment is longer than {walk.limits.bytes_between_tags} bytes.")


def _fault_in(parser: XMLPullParser, piece: bytes) -> FileRefusedError | None:
    try:
        parser.feed(piece)
    except XMLSyntaxError as error:
        return _translated(error.code, error.lineno or 1)  # type: ignore[attr-defined]  # missing in the stubs
    except (LookupError, ValueError):
        return FileRefusedError("encoding-wrong", _ENCODING)
    entities = [entry for entry in parser.feed_error_log if entry.type in _ENTITY_CODES]
    return _translated(entities[0].type, entities[0].line) if entities else None


def _close(parser: XMLPullParser) -> None:
    try:
        parser.close()
    except XMLSyntaxError as error:
        lines = [entry.line for entry in parser.feed_error_log]
        raise FileRefusedError("file-truncated", "The file ends before its last element is closed.", line=max(lines, default=1)) from error


def _translated(code: int, line: int) -> FileRefusedError:
    """Say in our words what the parser found; its own message is not used, because it quotes the file."""
    if code in _ENTITY_CODES:
        return FileRefusedError("entity-not-accepted", "Only the five entities that XML itself defines may be used.", line=line)
    if code in _ENCODING_CODES:
        return FileRefusedError("encoding-wrong", _ENCODING, line=line)
    if code == ErrorTypes.ERR_DOCUMENT_EMPTY:
        return FileRefusedError("not-xml", "This is not an XML document.", line=line)
    detail = "The XML is not well formed here: a tag, attribute or character is out of place."
    return FileRefusedError("xml-not-well-formed", detail, line=line)


def _look_at_start(start: bytes) -> None:
    """Look for a document type or a false encoding before the parser does, so that nothing declared there is ever read."""
    is_wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.removeprefix(codecs.BOM_UTF8).decode("utf-16" if is_wide else "latin-1", "ignore")
    if not is_wide and _WIDE_ENCODING.match(text):
        raise FileRefusedError("encoding-wrong", _ENCODING)
    at = 0
    while part := _PROLOG_PART.match(text, at):
        at = part.end()
    if text.startswith(_DOCTYPE, at):
        raise FileRefusedError("doctype-not-accepted", _NO_DOCTYPE, line=text.count("\n", 0, at) + 1)


def _refusal(cause: str, detail: str, element: _Element) -> FileRefusedError:
    return FileRefusedError(cause, detail, line=line_of(element))


def _release(element: _Element) -> None:
    """Free an element and the empty siblings before it; the parser still holds the newest one."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
