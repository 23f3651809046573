"""A step in thought: what came of it, how it is decided with a correction, and how an earlier answer is rebuilt from the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar
from uuid import UUID

from app.casework.versions import version_of
from app.db import idempotency
from app.db.ledger import Draft
from app.domain.author import Author
from app.domain.corrections import decided
from app.domain.decision import Decision
from app.domain.entries import Entry, Recorded
from app.domain.record import Record
from app.domain.roles import late_role
from app.domain.rule import Finding
from app.domain.school import School

E_contra = TypeVar("E_contra", bound=Entry, contravariant=True)
W_contra = TypeVar("W_contra", Record, School, contravariant=True)
E = TypeVar("E", bound=Entry)
W = TypeVar("W", Record, School)


class StepOn(Protocol[W_contra, E_contra]):
    """A step of the domain on a pupil's record or on the school's own: it answers and does nothing."""

    def __call__(self, whole: W_contra, entry: E_contra, by: Author, /) -> Decision:
        """Decide whether the entry may be added."""


class Step(Protocol[E_contra]):
    """A step on a pupil's record."""

    def __call__(self, record: Record, entry: E_contra, by: Author, /) -> Decision:
        """Decide whether the entry may be added to the record."""


class SchoolStep(Protocol[E_contra]):
    """A step of the school itself."""

    def __call__(self, school: School, entry: E_contra, by: Author, /) -> Decision:
        """Decide whether the entry may be added to what the school's own record says."""


class RecordMovedOnError(Exception):
    """The record is no longer in the version that the client saw."""

    def __init__(self, current: str) -> None:
        super().__init__("moved on")
        self.current = current


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a step: the entries as recorded, the remarks, and the record's new version. A dry run records nothing."""

    entries: tuple[Recorded, ...] = ()
    would_append: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    number: int | None = None
    etag: str | None = None
    references: Mapping[str, object] = field(default_factory=dict)


def decide(whole: W, corrects: int | None, step: StepOn[W, E], entry: E, author: Author) -> tuple[W, Decision]:
    """Take a step in thought, and remark on who takes it."""
    before, decision = decided(whole, corrects, step, entry, author)
    return before, _remarked(before, decision, entry, author)


def _remarked(whole: Record | School, decision: Decision, entry: Entry, author: Author) -> Decision:
    """Remark on an author whose role became known only after the day they write of."""
    school = whole if isinstance(whole, School) else whole.school
    remark = None if decision.is_refused else late_role(school, entry, author)
    return decision if remark is None else replace(decision, findings=(*decision.findings, remark))


def require_version(if_match: str | None, whole: Record | School) -> None:
    """Refuse a write upon a version that is no longer the newest. Raises RecordMovedOnError."""
    current = version_of(whole)
    if if_match is not None and if_match not in ("*", current, current.removeprefix("W/")):
        raise RecordMovedOnError(current)


def drafts_of(
    entries: Sequence[Entry], author: Author, client_id: UUID, *, pupil_id: UUID | None, corrects: int | None
) -> tuple[Draft, ...]:
    """Draft what a step adds; the first of its entries supersedes what is corrected."""
    return tuple(
        Draft(entry=entry, author=author, pupil_id=pupil_id, client_id=client_id, supersedes=corrects if i == 0 else None)
        for i, entry in enumerate(entries)
    )


def taken_of(recorded: tuple[Recorded, ...], findings: Sequence[Finding], version: str, references: Mapping[str, object]) -> Taken:
    """Say what came of a write that was recorded, after which the record has this version."""
    return Taken(entries=recorded, findings=tuple(findings), number=recorded[-1].number, etag=version, references=references)


def replayed(whole: W, kept: idempotency.LedTo, corrects: int | None, step: StepOn[W, E], entry: E) -> Taken:
    """Rebuild an earlier answer from the ledger: the entries are read back, the remarks are worked out again on the record as it was."""
    numbers = frozenset(idempotency.numbers(kept))
    recorded = tuple(r for r in whole.known if r.number in numbers)
    _, decision = decide(whole.known_at(min(numbers) - 1), corrects, step, entry, recorded[0].author)
    return taken_of(recorded, decision.findings, version_of(whole.known_at(max(numbers))), idempotency.references(kept))
