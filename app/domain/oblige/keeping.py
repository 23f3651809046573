"""Duties about where a record goes when the pupil leaves, and how long it is kept."""

from types import MappingProxyType
from typing import Final

from app.domain.oblige import Duty, MetBy

DUTIES: Final[tuple[Duty, ...]] = ()
MET_BY: Final[MetBy] = MappingProxyType({})
