"""Answering people who ask to see a record, or complain of how data are handled."""

from types import MappingProxyType
from typing import Final

from app.domain.entries import (
    AccessAnswered,
    AccessAsked,
    AccessExtended,
    AccessPaused,
    AccessResumed,
    DataComplaintAcknowledged,
    DataComplaintMade,
    ExemptionsReviewed,
)
from app.domain.step import PupilSteps, write_down

STEPS: Final[PupilSteps] = MappingProxyType(
    {
        AccessAsked: write_down,
        AccessPaused: write_down,
        AccessResumed: write_down,
        AccessExtended: write_down,
        ExemptionsReviewed: write_down,
        AccessAnswered: write_down,
        DataComplaintMade: write_down,
        DataComplaintAcknowledged: write_down,
    }
)
