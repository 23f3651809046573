"""The yearly review of an EHC plan: the meeting, its report, the decision and the amended plan."""

from types import MappingProxyType
from typing import Final

from app.domain.entries import AnnualReviewDecided, AnnualReviewHeld, AnnualReviewReported, EhcPlanAmended
from app.domain.step import PupilSteps, write_down

STEPS: Final[PupilSteps] = MappingProxyType(
    {AnnualReviewHeld: write_down, AnnualReviewReported: write_down, AnnualReviewDecided: write_down, EhcPlanAmended: write_down}
)
