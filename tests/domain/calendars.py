"""An invented school's calendar of 2025/2026, with the bank holidays that England had."""

from datetime import date

from app.domain.days import Calendar
from app.domain.entries import BankHolidaysLoaded, Closure, Entry, TermDated, TermName

DATED_ON = date(2025, 7, 1)
AUTUMN = TermDated(
    occurred_on=DATED_ON,
    term=TermName.AUTUMN,
    first_on=date(2025, 9, 3),
    last_on=date(2025, 12, 19),
    closures=(Closure(first_on=date(2025, 10, 27), last_on=date(2025, 10, 31), reason="half-term"),),
)
SPRING = TermDated(
    occurred_on=DATED_ON,
    term=TermName.SPRING,
    first_on=date(2026, 1, 5),
    last_on=date(2026, 3, 27),
    closures=(Closure(first_on=date(2026, 2, 16), last_on=date(2026, 2, 20), reason="half-term"),),
)
SUMMER = TermDated(
    occurred_on=DATED_ON,
    term=TermName.SUMMER,
    first_on=date(2026, 4, 13),
    last_on=date(2026, 7, 21),
    closures=(Closure(first_on=date(2026, 5, 25), last_on=date(2026, 5, 29), reason="half-term"),),
)
HOLIDAYS_2025 = BankHolidaysLoaded(
    occurred_on=DATED_ON,
    year=2025,
    days=tuple(date(2025, *at) for at in ((1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26))),
    source="looked up",
)
HOLIDAYS_2026 = BankHolidaysLoaded(
    occurred_on=DATED_ON,
    year=2026,
    days=tuple(date(2026, *at) for at in ((1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28))),
    source="looked up",
)
WHOLE_YEAR: tuple[Entry, ...] = (AUTUMN, SPRING, SUMMER, HOLIDAYS_2025, HOLIDAYS_2026)
CALENDAR = Calendar(terms=(AUTUMN, SPRING, SUMMER), bank_holidays=(HOLIDAYS_2025, HOLIDAYS_2026))
