"""The day on which the sources were last read, and the days from which instruments govern."""

from datetime import date
from typing import Final

from app.domain.rule import InForce

READ_ON: Final = date(2026, 11, 22)

UNDATED: Final = InForce(since=None)
SINCE_2005: Final = InForce(since=date(2005, 1, 1))
SINCE_SEPTEMBER_2014: Final = InForce(since=date(2014, 9, 1))
SINCE_APRIL_2018: Final = InForce(since=date(2018, 4, 1))
SINCE_MAY_2018: Final = InForce(since=date(2018, 5, 25))

WINDOW_OPENS: Final = date(2014, 9, 1)
WINDOW_CLOSES: Final = date(2015, 8, 31)
TRANSITION_WINDOW: Final = InForce(since=WINDOW_OPENS, until=WINDOW_CLOSES)
"""The days on which a move out of School Action was in time; a later one is governed by the same rules, and is late."""

LAST_CENSUS_WITH_BESD: Final = date(2015, 1, 15)
"""A need held as BESD up to this census is no error; it is to be assessed anew before the spring census after it."""

STATEMENTS_OPEN_UNTIL: Final = date(2018, 3, 31)
"""The last day on which a statement could lawfully stand."""
