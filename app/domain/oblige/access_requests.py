"""Duties towards people who ask to see a record."""

from types import MappingProxyType
from typing import Final

from app.domain.oblige import Duty, MetBy

DUTIES: Final[tuple[Duty, ...]] = ()
MET_BY: Final[MetBy] = MappingProxyType({})
