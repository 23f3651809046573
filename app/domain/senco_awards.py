"""Which qualification of a SENCO counts, and from whom one is asked at all."""

from datetime import date
from typing import Final

from app.domain.entries import SencoAward, SencoDescribed, SencoQualified

ASKED_AFTER: Final = date(2009, 9, 1)
"""Who became a SENCO on this day or before is asked for no qualification."""
LONG_SERVICE_MONTHS: Final = 12
"""Nor is anybody who had already been one for more than so many months in all."""
NATIONAL_AWARD_BEGUN_BEFORE: Final = date(2024, 9, 1)
NATIONAL_AWARD_COMPLETED_BEFORE: Final = date(2027, 9, 1)
"""The two days of SI 2024/535; neither is inside."""


def is_asked(described: SencoDescribed) -> bool:
    """Whether the regulations ask this SENCO for a qualification (regulation 49(4))."""
    return described.became_senco_on > ASKED_AFTER and described.months_as_senco_before <= LONG_SERVICE_MONTHS


def counts(qualified: SencoQualified) -> bool:
    """Whether a qualification counts: the professional one always, the National Award if begun and completed in time."""
    if qualified.award is SencoAward.PROFESSIONAL_QUALIFICATION:
        return True
    return qualified.began_on < NATIONAL_AWARD_BEGUN_BEFORE and qualified.occurred_on < NATIONAL_AWARD_COMPLETED_BEFORE
