"""A document as headings, facts, tables and words, before it is HTML or PDF; both are drawn from this, so both say the same."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

NOTHING = "Nothing recorded."
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; line feeds in it are kept."""

    kind: ClassVar[str] = "words"
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each text is one item."""

    kind: ClassVar[str] = "items"
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, in order."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column headings; the first cell of a row is its heading."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of the third level with what stands under it."""

    kind: ClassVar[str] = "part"
    heading: str
    blocks: tuple[Words | Items | Facts | Table, ...]


Block = Words | Items | Facts | Table | Part


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second level; `id` is its place in the document, for links."""

    id: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A whole document; `reference` and `digest` (hex) stand on every page; what is in `unprinted` is shown nowhere.

    Without a `digest` it belongs to no frozen record, and none is shown.
    """

    title: str
    school: str
    reference: str
    digest: str = ""
    sections: tuple[Section, ...]
    unprinted: tuple[str, ...] = ()

    def printable(self) -> dict[str, object]:
        """Give the outline as plain lists and mappings for a template, cleaned of control characters and of what is never printed."""
        hidden = [re.compile(r"[\s-]*".join(map(re.escape, secret)), re.IGNORECASE) for secret in self.unprinted if secret]
        shown = {
            "title": self.title,
            "school": self.school,
            "reference": self.reference,
            "digest": self.digest,
            "sections": [
                {"id": one.id, "heading": one.heading, "blocks": [_plain(block) for block in one.blocks]} for one in self.sections
            ],
        }
        return {name: _cleaned(value, hidden) for name, value in shown.items()}


def table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table | Words:
    """A table, or the sentence that says there is nothing to put in it."""
    if not rows:
        return Words(NOTHING)
    return Table(caption, tuple(columns), tuple(tuple(row) for row in rows))


def facts(**rows: str | None) -> Facts:
    """Facts from keyword arguments, `given_on` read as 'Given on'; those that are None are left out."""
    return Facts(
        tuple((name.replace("_", " ").capitalize().replace("Senco", "SENCO"), value) for name, value in rows.items() if value is not None)
    )


def _plain(block: Block) -> dict[str, object]:
    if isinstance(block, Part):
        return {"kind": block.kind, "heading": block.heading, "blocks": [_plain(one) for one in block.blocks]}
    return {"kind": block.kind, **asdict(block)}


def _cleaned(value: object, hidden: Sequence[re.Pattern[str]]) -> object:
    if isinstance(value, str):
        text = _CONTROLS.sub(" ", value.replace("\r\n", "\n"))
        for pattern in hidden:
            text = pattern.sub("[not printed]", text)
        return text
    if isinstance(value, Mapping):
        return {name: _cleaned(one, hidden) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [_cleaned(one, hidden) for one in value]
    return value
