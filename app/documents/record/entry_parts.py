"""A part of a document that shows one entry and says which."""

from app.documents.drawing.outline import Facts, Part, Table, Words
from app.domain.entries import Recorded


def part(heading: str, recorded: Recorded, *blocks: Words | Facts | Table) -> Part:
    """What an entry says, ending with its number in the ledger so that a reader finds it among the entries of a bundle."""
    corrects = "" if recorded.supersedes is None else f", which corrects entry {recorded.supersedes}"
    return Part(heading, (*blocks, Words(f"From entry {recorded.number} of the school's record{corrects}.")))
