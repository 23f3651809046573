"""On which days a pupil's record may be written of: those on this school's roll, but for what belongs to no such day."""

from typing import Final

from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    AuthorityDecided,
    CapacityDecided,
    CareDescribed,
    ContactDescribed,
    ContactDetailsChanged,
    ContactDetailsConfirmed,
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    DepartureExplained,
    DraftPlanServed,
    EhcAssessmentRequested,
    EhcPlanCeased,
    EhcPlanIssued,
    EhcRequestWithdrawn,
    Entry,
    EntryWithdrawn,
    EvidenceReceived,
    EvidenceSubmitted,
    ExceptionClaimed,
    HoldLifted,
    HoldPlaced,
    HomeDescribed,
    MediationCertified,
    NeedImported,
    PersonTold,
    PlacementAnswered,
    PlacementConsulted,
    PupilEnrolled,
    PupilLeft,
    RecordMerged,
    RecordReceipted,
    RecordSent,
    StatusImported,
    TellingUndone,
)
from app.domain.record import Record

OF_THE_ROLL: Final = (
    *(PupilEnrolled, PupilLeft, StatusImported, NeedImported),
    *(ContactDescribed, ContactDetailsChanged, ContactDetailsConfirmed, CapacityDecided, CareDescribed, HomeDescribed),
)
"""Facts of the roll itself, of the people around, and history of other schools."""
BEFORE_ENROLMENT: Final = (PlacementConsulted, PlacementAnswered)
"""What a school is asked about a pupil who is to come."""
AFTER_LEAVING: Final = (
    EntryWithdrawn,
    DepartureExplained,
    PersonTold,
    TellingUndone,
    EhcAssessmentRequested,
    EhcRequestWithdrawn,
    EvidenceSubmitted,
    EvidenceReceived,
    EhcPlanIssued,
    EhcPlanCeased,
    AuthorityConsulted,
    AuthorityDecided,
    DraftPlanServed,
    ExceptionClaimed,
    AdviceAsked,
    AdviceGiven,
    MediationCertified,
    AppealLodged,
    AppealDecided,
    ContributionAsked,
    ContributionGiven,
    ContributionDeclined,
    RecordSent,
    RecordReceipted,
    RecordMerged,
    HoldPlaced,
    HoldLifted,
)
"""What still happens once a pupil has left: the record is mended, sent on and held, people are told, and the authority goes on."""


def off_roll(record: Record, entry: Entry) -> str | None:
    """Say why an entry's day does not fit the pupil's time on roll, None where it does; the first day off roll is still inside."""
    if isinstance(entry, OF_THE_ROLL + BEFORE_ENROLMENT):
        return None
    then = record.as_at(entry.occurred_on)
    if then.enrolled_on is None and record.enrolled_on is not None:
        return "lies before the pupil came on roll"
    if then.left_on is not None and entry.occurred_on > then.left_on and not isinstance(entry, AFTER_LEAVING):
        return "lies after the pupil left"
    return None
