"""Which kinds of a pupil's entries no document for reading shows, each with the reason; they still stand in the record itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.domain.entries import (
    AccessAnswered,
    AccessAsked,
    AccessExtended,
    AccessPaused,
    AccessResumed,
    ContactDescribed,
    ContactDetailsChanged,
    DataComplaintAcknowledged,
    DataComplaintMade,
    Entry,
    EntryWithdrawn,
    ExemptionsReviewed,
    HoldLifted,
    HoldPlaced,
    RecordMerged,
    RecordReceipted,
    RecordSent,
    SharingAgreed,
    TellingUndone,
)

_FAMILY: Final = "who in the family is restricted, and why, is for those who must heed it, and for no reader of the pupil's needs"
_ACCESS: Final = "who asked to see the record, and what was held back, is between that person and the school"
_COMPLAINT: Final = "a complaint of how data are handled is between that person and the school"
_HOLD: Final = "why the school may not erase yet is its own administration and says nothing of the pupil's needs"
_WHEREABOUTS: Final = "where the record lay, went and was joined is the school's own administration; the entries themselves are shown"
_UNDONE: Final = "what it undoes is shown no more, and that is all it says"

LEFT_OUT: Final[Mapping[type[Entry], str]] = MappingProxyType(
    {
        ContactDescribed: _FAMILY,
        ContactDetailsChanged: _FAMILY,
        SharingAgreed: _FAMILY,
        AccessAsked: _ACCESS,
        AccessPaused: _ACCESS,
        AccessResumed: _ACCESS,
        AccessExtended: _ACCESS,
        ExemptionsReviewed: _ACCESS,
        AccessAnswered: _ACCESS,
        DataComplaintMade: _COMPLAINT,
        DataComplaintAcknowledged: _COMPLAINT,
        HoldPlaced: _HOLD,
        HoldLifted: _HOLD,
        RecordMerged: _WHEREABOUTS,
        RecordSent: _WHEREABOUTS,
        RecordReceipted: _WHEREABOUTS,
        TellingUndone: _UNDONE,
        EntryWithdrawn: _UNDONE,
    }
)
