"""Involving specialists, hearing their advice and sharing it."""

from types import MappingProxyType
from typing import Final

from app.domain.entries import SpecialistAdviceShared, SpecialistAdvised, SpecialistInvolved
from app.domain.step import PupilSteps, write_down

STEPS: Final[PupilSteps] = MappingProxyType(
    {SpecialistInvolved: write_down, SpecialistAdvised: write_down, SpecialistAdviceShared: write_down}
)
