"""Steps beside the cycle: the baseline, the yearly report, moves between phases, health and adjustments."""

from types import MappingProxyType
from typing import Final

from app.domain.entries import (
    AdjustmentMade,
    AnnualReportGiven,
    BaselineTaken,
    HealthcarePlanLinked,
    MedicalConditionNoted,
    PhaseMoveExpected,
    PhaseMovePlanned,
    ProvisionMapped,
)
from app.domain.identification import take_baseline
from app.domain.step import PupilSteps, write_down

STEPS: Final[PupilSteps] = MappingProxyType(
    {
        BaselineTaken: take_baseline,
        AnnualReportGiven: write_down,
        PhaseMovePlanned: write_down,
        PhaseMoveExpected: write_down,
        ProvisionMapped: write_down,
        HealthcarePlanLinked: write_down,
        MedicalConditionNoted: write_down,
        AdjustmentMade: write_down,
    }
)
