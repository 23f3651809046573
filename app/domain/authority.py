"""What the local authority does on a request, as its client or the school writes it down, and what the school answers."""

from types import MappingProxyType
from typing import Final

from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    AuthorityDecided,
    DraftPlanServed,
    ExceptionClaimed,
    MediationCertified,
    PlacementAnswered,
    PlacementConsulted,
)
from app.domain.step import PupilSteps, write_down

STEPS: Final[PupilSteps] = MappingProxyType(
    {
        AuthorityDecided: write_down,
        AuthorityConsulted: write_down,
        DraftPlanServed: write_down,
        AdviceAsked: write_down,
        AdviceGiven: write_down,
        ExceptionClaimed: write_down,
        PlacementConsulted: write_down,
        PlacementAnswered: write_down,
        MediationCertified: write_down,
        AppealLodged: write_down,
        AppealDecided: write_down,
    }
)
