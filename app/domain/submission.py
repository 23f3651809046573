"""What a school must have settled before evidence leaves it: a second person or a waiver, what is left out, and others who are named."""

from collections.abc import Iterator
from typing import Final

from app.domain.entries import (
    EhcAssessmentRequested,
    EntryWithdrawn,
    Erased,
    EvidenceReceived,
    EvidenceSubmitted,
    PupilEnrolled,
    RecordMerged,
    SettingName,
    StatusImported,
    TellingUndone,
)
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL, REVIEW_EXEMPTIONS_BEFORE_RELEASE
from app.domain.school import School

NEVER_LEFT_OUT: Final = (
    PupilEnrolled,
    StatusImported,
    EhcAssessmentRequested,
    EvidenceSubmitted,
    EvidenceReceived,
    RecordMerged,
    EntryWithdrawn,
    TellingUndone,
)
"""Without these nobody could tell whom the evidence is about, for what it was made, or which of its entries do not stand."""


def waiver_of(school: School, entry: EvidenceSubmitted) -> int | None:
    """The number of the school's own choice to let evidence go without a second person on the day, None where it made none."""
    if school.setting(SettingName.SECOND_PERSON_FOR_EVIDENCE, entry.occurred_on) == 1:
        return None
    return school.number_of_setting(SettingName.SECOND_PERSON_FOR_EVIDENCE, entry.occurred_on)


def unsettled(record: Record, entry: EvidenceSubmitted) -> Finding | None:
    """Refuse what nobody settled: a waiver that the school never made, a passage that cannot be left out, others named without a word."""
    return _false_waiver(record.school, entry) or _impossible_omission(record, entry) or _others_unexplained(entry)


def settled(record: Record, entry: EvidenceSubmitted) -> Iterator[Finding]:
    """Remark on what was left out and on others who are named all the same; neither is wrong by itself."""
    if entry.left_out or entry.others_named:
        named = entry.others_named
        yield REVIEW_EXEMPTIONS_BEFORE_RELEASE.kept(left_out=len(entry.left_out), others_named=len(named.pupils) if named else 0)


def _false_waiver(school: School, entry: EvidenceSubmitted) -> Finding | None:
    if entry.waived_by is None or (entry.confirmed_by is None and entry.waived_by == waiver_of(school, entry)):
        return None
    return LEAVE_A_TRAIL.broken(waived_by=entry.waived_by, missing=("second person",))


def _impossible_omission(record: Record, entry: EvidenceSubmitted) -> Finding | None:
    """What was corrected or withdrawn goes out too, as it was first written, and so may be left out."""
    rule, seen, known = REVIEW_EXEMPTIONS_BEFORE_RELEASE, set[int](), {recorded.number: recorded for recorded in record.known}
    for one in entry.left_out:
        recorded = known.get(one.number)
        if recorded is None or isinstance(recorded.entry, Erased) or one.number in seen:
            return rule.broken(left_out=one.number, cure="name entries of this record that were not erased, each once")
        if isinstance(recorded.entry, NEVER_LEFT_OUT):
            return rule.broken(left_out=one.number, cure="send this one; without it nobody can tell what the evidence is")
        if not one.reason.strip():
            return rule.broken(left_out=one.number, missing=("reason",))
        seen.add(one.number)
    return None


def _others_unexplained(entry: EvidenceSubmitted) -> Finding | None:
    named = entry.others_named
    if named is None or named.reason.strip():
        return None
    return REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(
        pupils=", ".join(map(str, named.pupils)),
        entries=", ".join(map(str, named.entries)),
        papers=", ".join(map(str, named.papers)),
        cure="leave those entries out, black out those papers, or say why others are named (others_named_because)",
    )
