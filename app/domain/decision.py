"""What a step answers: the entries it adds with its remarks, or why there is no such step upon this record."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.entries import Entry
from app.domain.rule import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer of a step; refused means that nothing is stored, and the findings say under which rule and why."""

    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    is_refused: bool = False

    @classmethod
    def taken(cls, *entries: Entry, findings: Iterable[Finding] = ()) -> "Decision":
        """Answer with the entries to append, in order, and the remarks on them."""
        return cls(entries=entries, findings=tuple(findings))

    @classmethod
    def refused(cls, *findings: Finding) -> "Decision":
        """Answer that there is no such step upon this record."""
        return cls(findings=findings, is_refused=True)
