"""What is true of the pupil beside the record of needs: capacity, care, home, and whom the young person lets be told."""

from types import MappingProxyType
from typing import Final

from app.domain.entries import CapacityDecided, CareDescribed, HomeDescribed, SharingAgreed
from app.domain.step import PupilSteps, write_down

STEPS: Final[PupilSteps] = MappingProxyType(
    {CapacityDecided: write_down, CareDescribed: write_down, HomeDescribed: write_down, SharingAgreed: write_down}
)
