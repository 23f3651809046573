"""Sending a record on, joining doubles, and holding what may not be erased."""

from types import MappingProxyType
from typing import Final

from app.domain.entries import HoldLifted, HoldPlaced, RecordMerged, RecordReceipted, RecordSent
from app.domain.step import PupilSteps, write_down

STEPS: Final[PupilSteps] = MappingProxyType(
    {RecordSent: write_down, RecordReceipted: write_down, RecordMerged: write_down, HoldPlaced: write_down, HoldLifted: write_down}
)
