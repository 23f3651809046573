"""The profiles that come with the software, one file each; any other is loaded by whoever it concerns and kept by version."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.domain.profile import Profile
from app.domain.profiles.borough_form_2018 import BOROUGH_FORM_2018
from app.domain.profiles.cycles_and_costs import CYCLES_AND_COSTS
from app.domain.profiles.national import NATIONAL
from app.domain.profiles.tribunal import TRIBUNAL

SHIPPED: Final[Mapping[str, Profile]] = MappingProxyType(
    {profile.id: profile for profile in (NATIONAL, TRIBUNAL, CYCLES_AND_COSTS, BOROUGH_FORM_2018)}
)
