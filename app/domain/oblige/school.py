"""Duties of the school itself: what it must have, publish and return, whichever pupils it has."""

from types import MappingProxyType
from typing import Final

from app.domain.oblige import MetBy, SchoolDuty

DUTIES: Final[tuple[SchoolDuty, ...]] = ()
MET_BY: Final[MetBy] = MappingProxyType({})
