"""Duties beside the cycle: the baseline, the yearly report, moves between phases."""

from types import MappingProxyType
from typing import Final

from app.domain.oblige import Duty, MetBy

DUTIES: Final[tuple[Duty, ...]] = ()
MET_BY: Final[MetBy] = MappingProxyType({})
