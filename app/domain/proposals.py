"""The next regime, as far as it is only proposed: a sketch that nobody owes anything under, and the names that are kept free for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.domain.codes import PlanType, SenStatus, SupportLayer
from app.domain.rule import Rule
from app.domain.rules.proposed_support_plans import KEEP_TO_THE_LAW_UNTIL_IT_CHANGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A migration that may come: out of which statuses, into which kind of plan, from which year at the earliest. No step knows it."""

    id: str
    from_codes: frozenset[SenStatus]
    plan_type: PlanType
    layers: tuple[SupportLayer, ...]
    earliest_year: int
    rule: Rule


INDIVIDUAL_SUPPORT_PLANS: Final = Proposal(
    id="individual-support-plans",
    from_codes=frozenset({SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN}),
    plan_type=PlanType.ISP_STATUTORY,
    layers=tuple(SupportLayer),
    earliest_year=2029,
    rule=KEEP_TO_THE_LAW_UNTIL_IT_CHANGES,
)

PROPOSALS: Final[Mapping[str, Proposal]] = MappingProxyType({INDIVIDUAL_SUPPORT_PLANS.id: INDIVIDUAL_SUPPORT_PLANS})
"""What becomes law moves to app.domain.programmes with codes, days and rules of its own."""
