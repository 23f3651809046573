"""Setting the days on which the school is open: its terms, and the bank holidays that were looked up for it."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from app.domain.author import Author
from app.domain.calendar import school_year_of
from app.domain.days import ORDER
from app.domain.decision import Decision
from app.domain.entries import BankHolidaysLoaded, Closure, TermDated
from app.domain.roles import school_role_refusal
from app.domain.rule import Fact, Finding
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.school import School
from app.domain.step import SchoolSteps

FEWEST: Final = 8
"""So many bank holidays England has in every year, and more in some."""


def date_term(school: School, entry: TermDated, by: Author) -> Decision:
    """Set a term of a school year; once set it is corrected, not set again, and no two terms share a day."""
    refusal = (
        school_role_refusal(school, entry, by)
        or _impossible_days(entry)
        or _already_set(school, entry)
        or _among_the_others(school, entry)
        or next(_impossible_closures(entry), None)
    )
    return Decision.refused(refusal) if refusal else Decision.taken(entry)


def load_bank_holidays(school: School, entry: BankHolidaysLoaded, by: Author) -> Decision:
    """Note the bank holidays of a calendar year; where one is proclaimed later, the entry is corrected."""
    refusal = school_role_refusal(school, entry, by) or _already_loaded(school, entry) or _impossible_holidays(entry)
    return Decision.refused(refusal) if refusal else Decision.taken(entry, findings=tuple(_too_few(entry)))


def _too_few(entry: BankHolidaysLoaded) -> Iterator[Finding]:
    if len(entry.days) < FEWEST:
        cure = f"England has at least {FEWEST} bank holidays a year; correct the entry with all of them, for every working day rests on it"
        yield LEAVE_A_TRAIL.broken(entry=entry.type, year=entry.year, days=len(entry.days), cure=cure)


def _impossible_days(entry: TermDated) -> Finding | None:
    if entry.last_on < entry.first_on:
        return _refused(entry, cure="give a last day that is not before the first")
    if school_year_of(entry.first_on) != school_year_of(entry.last_on):
        ends = date(school_year_of(entry.first_on) + 1, 8, 31)
        return _refused(entry, cure=f"end the term by {ends}, when the school year ends; what follows is a term of the next one")
    return None


def _already_set(school: School, entry: TermDated) -> Finding | None:
    year = school_year_of(entry.first_on)
    same = ((r, term) for r, term in school.each(TermDated) if term.term is entry.term and school_year_of(term.first_on) == year)
    number = next((recorded.number for recorded, _ in same), None)
    if number is None:
        return None
    return _refused(entry, set_by=number, cure=f"correct entry {number}, which sets the {entry.term} term {year}/{year + 1}")


def _among_the_others(school: School, entry: TermDated) -> Finding | None:
    """Refuse days that another term has, and a term that would come before an earlier one of its school year."""
    for recorded, other in school.each(TermDated):
        named = f"entry {recorded.number} ({other.term} term, {other.first_on} to {other.last_on})"
        if entry.first_on <= other.last_on and other.first_on <= entry.last_on:
            return _refused(entry, overlaps=recorded.number, cure=f"choose days outside {named}, or correct that entry")
        is_same_year = school_year_of(other.first_on) == school_year_of(entry.first_on)
        if is_same_year and (ORDER.index(other.term) < ORDER.index(entry.term)) != (other.first_on < entry.first_on):
            return _refused(entry, out_of_order_with=recorded.number, cure=f"put autumn, spring and summer in order with {named}")
    return None


def _impossible_closures(entry: TermDated) -> Iterator[Finding]:
    for closed in entry.closures:
        if closed.last_on < closed.first_on:
            yield _closure(entry, closed, cure="give a last day of the closure that is not before its first")
        elif closed.first_on < entry.first_on or entry.last_on < closed.last_on:
            yield _closure(entry, closed, cure="keep the closure within the term, or give the term other days")
    in_order = sorted(entry.closures, key=lambda closed: closed.first_on)
    for earlier, later in pairwise(in_order):
        if later.first_on <= earlier.last_on:
            yield _closure(entry, later, overlaps=f"{earlier.first_on} to {earlier.last_on}", cure="make one closure of the two")


def _already_loaded(school: School, entry: BankHolidaysLoaded) -> Finding | None:
    number = next((recorded.number for recorded, loaded in school.each(BankHolidaysLoaded) if loaded.year == entry.year), None)
    cure = f"correct entry {number}, which holds the bank holidays of {entry.year}"
    return None if number is None else LEAVE_A_TRAIL.broken(entry=entry.type, year=entry.year, loaded_by=number, cure=cure)


def _impossible_holidays(entry: BankHolidaysLoaded) -> Finding | None:
    if not entry.days:
        return LEAVE_A_TRAIL.broken(entry=entry.type, year=entry.year, missing=("bank holidays of the year",))
    wrong = _listed(day for day in entry.days if day.year != entry.year)
    twice = _listed(day for day in sorted(set(entry.days)) if entry.days.count(day) > 1)
    if wrong:
        return LEAVE_A_TRAIL.broken(entry=entry.type, year=entry.year, days=wrong, cure="give the days of that year alone")
    return LEAVE_A_TRAIL.broken(entry=entry.type, year=entry.year, days=twice, cure="give each day once") if twice else None


def _listed(days: Iterator[date]) -> str:
    return ", ".join(str(day) for day in days)


def _refused(entry: TermDated, *, cure: str, **used: Fact) -> Finding:
    days = {"first_on": str(entry.first_on), "last_on": str(entry.last_on)}
    return LEAVE_A_TRAIL.broken(entry=entry.type, term=entry.term, cure=cure, **days).shown_by(used)


def _closure(entry: TermDated, closed: Closure, *, cure: str, **used: Fact) -> Finding:
    return _refused(entry, closure=f"{closed.first_on} to {closed.last_on}", **used, cure=cure)


STEPS: Final[SchoolSteps] = MappingProxyType({TermDated: date_term, BankHolidaysLoaded: load_bank_holidays})
