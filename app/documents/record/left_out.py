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
    ContactDetailsConfirmed,
    DataComplaintAcknowledged,
    DataComplaintMade,
    Entry,
    EntryWithdrawn,
    Erased,
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
        ContactDetailsConfirmed: _FAMILY,
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

IN_THE_BUNDLE: Final = frozenset({RecordMerged, TellingUndone, EntryWithdrawn})
"""Kinds that nobody reads and a verifier still needs: they join records, or say that another entry does not stand."""
STAYS_AT_THE_SCHOOL: Final = frozenset(kind.type for kind in LEFT_OUT if kind not in IN_THE_BUNDLE)
"""The types of entry of which an authority gets the bare digest, as it does of every other child's."""


def goes_out(entry: Entry) -> bool:
    """Whether an entry goes into the evidence of a request; the content of an erased one is gone, and its type alone decides."""
    return (entry.erased_type if isinstance(entry, Erased) else entry.type) not in STAYS_AT_THE_SCHOOL
