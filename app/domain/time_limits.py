"""When an exception lets a time limit of an EHC needs assessment go by: on which ground, for which clock, and over which days."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from app.domain.entries import Clock, ExceptionClaimed, ExceptionGround

_OF_THE_AUTHORITY: Final = frozenset(
    {
        ExceptionGround.SCHOOL_CLOSED,
        ExceptionGround.EARLY_YEARS_CLOSED,
        ExceptionGround.EXCEPTIONAL_PERSONAL_CIRCUMSTANCES,
        ExceptionGround.ABSENT_FROM_AREA,
    }
)
GROUNDS: Final[Mapping[Clock, frozenset[ExceptionGround]]] = MappingProxyType(
    {
        Clock.SIX_WEEKS: _OF_THE_AUTHORITY,
        Clock.SIXTEEN_WEEKS: _OF_THE_AUTHORITY,
        Clock.TWENTY_WEEKS: _OF_THE_AUTHORITY,
        Clock.ADVICE: frozenset(
            {ExceptionGround.EXCEPTIONAL_PERSONAL_CIRCUMSTANCES, ExceptionGround.ABSENT_FROM_AREA, ExceptionGround.MISSED_APPOINTMENT}
        ),
    }
)
"""Regulations 5(4) and 10(4), the latter for a final plan too by 13(3); for advice 8(2), which knows no closed school."""

FOUR_WEEKS: Final = timedelta(weeks=4)
LASTS_FOUR_WEEKS: Final = frozenset({ExceptionGround.SCHOOL_CLOSED, ExceptionGround.EARLY_YEARS_CLOSED, ExceptionGround.ABSENT_FROM_AREA})
"""Grounds that count only over four weeks or more without a break."""


def missing_for(claim: ExceptionClaimed) -> tuple[str, ...]:
    """Name what a claim lacks to be an exception at all; nothing is claimed by itself because a month is August."""
    lacking = []
    if claim.ground not in GROUNDS[claim.clock]:
        lacking.append("ground that the Regulations name for this clock")
    if not claim.evidence.strip():
        lacking.append("evidence for the exception")
    if claim.ground in LASTS_FOUR_WEEKS and claim.until_on is None:
        lacking.append("last day of the exception")
    elif claim.ground in LASTS_FOUR_WEEKS and not _lasts_four_weeks(claim):
        lacking.append("four continuous weeks")
    return tuple(lacking)


def excuses(claim: ExceptionClaimed, clock: Clock, due: date) -> bool:
    """Whether a claim lets this clock's last day go by: it stands on all it needs, and that day is one of its days, both ends inside."""
    covers = claim.from_on <= due and (claim.until_on is None or due <= claim.until_on)
    return claim.clock is clock and covers and not missing_for(claim)


def _lasts_four_weeks(claim: ExceptionClaimed) -> bool:
    return claim.until_on is not None and claim.until_on + timedelta(days=1) - claim.from_on >= FOUR_WEEKS
