"""The bank holidays of England, as a published list has them; the domain itself never works out any."""

from datetime import date
from importlib.metadata import version

import holidays

SOURCE = f"python-holidays {version('holidays')}, England"


def bank_holidays_of(year: int) -> tuple[date, ...]:
    """The bank holidays of a calendar year from 1900 to 2100 in their order; one proclaimed after the list was made is not in it."""
    listed = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return tuple(sorted(day for day in listed if day.year == year))
