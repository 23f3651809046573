"""Papers in a record: blacking out places in one, and which entries name each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import ContributionGiven, Entry, PaperRedacted
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.data_protection import REVIEW_EXEMPTIONS_BEFORE_RELEASE
from app.domain.step import PupilSteps


def redact_paper(record: Record, entry: PaperRedacted, by: Author) -> Decision:
    """Put a blacked-out paper in the place of another; to change what is blacked out, correct the entry or black out the newer paper."""
    return answered(record, entry, role_refusal(record, entry, by) or _says_too_little(entry) or _goes_in_a_circle(record, entry))


def redactions_of(record: Record) -> Mapping[UUID, tuple[int, PaperRedacted]]:
    """Give, by the paper it began with, each blacking out that stands, with its ledger number."""
    return {entry.paper: (recorded.number, entry) for recorded, entry in record.each(PaperRedacted)}


def entries_naming(record: Record) -> Mapping[UUID, tuple[int, ...]]:
    """Give, by paper, the ledger numbers of all entries that name it, in order; those that were corrected since name it too."""
    found: dict[UUID, tuple[int, ...]] = {}
    for recorded in sorted(record.known, key=lambda one: one.number):
        for paper in _named_by(recorded.entry):
            found[paper] = (*found.get(paper, ()), recorded.number)
    return found


def _named_by(entry: Entry) -> frozenset[UUID]:
    match entry:
        case ContributionGiven():
            return frozenset(paper.id for paper in entry.papers)
        case PaperRedacted():
            return frozenset({entry.paper, entry.redacted.id})
        case _:
            return frozenset()


def _says_too_little(entry: PaperRedacted) -> Finding | None:
    missing = []
    if not entry.reason.strip():
        missing.append("reason")
    if not entry.pages or entry.pages != tuple(sorted(set(entry.pages))) or entry.pages[0] < 1:
        missing.append("pages, each once, in order")
    return REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(missing=tuple(missing)) if missing else None


def _goes_in_a_circle(record: Record, entry: PaperRedacted) -> Finding | None:
    """One paper goes out in the place of another, so each begins one blacking out at most, and none leads back."""
    standing = redactions_of(record)
    if entry.paper in standing:
        cure = "correct the entry that blacked it out before, or black out the paper that came of it"
        return REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(blacked_out_by=standing[entry.paper][0], cure=cure)
    if entry.redacted.id == entry.paper or entry.redacted.id in standing:
        cure = "name the paper that the blacking out made, which is neither the first nor one that was blacked out itself"
        return REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(missing=("a paper of its own that came of it",), cure=cure)
    return None


STEPS: Final[PupilSteps] = MappingProxyType({PaperRedacted: redact_paper})
