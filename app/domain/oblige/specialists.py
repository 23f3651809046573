"""Duties about specialists: involving them in time, with the parents, and sharing what they say."""

from types import MappingProxyType
from typing import Final

from app.domain.oblige import Duty, MetBy

DUTIES: Final[tuple[Duty, ...]] = ()
MET_BY: Final[MetBy] = MappingProxyType({})
