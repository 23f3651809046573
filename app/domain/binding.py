"""Which findings concern a school at all: a rule speaks only to the types of school it binds, while it is in force."""

from collections.abc import Iterable
from datetime import date

from app.domain.rule import Finding, Force, Rule
from app.domain.school import School


def binds(rule: Rule, school: School, on: date | None) -> bool:
    """Whether a rule speaks to this school on a day, or ever where no day is given; a school of unknown type is spoken to by all.

    What is only proposed speaks to nobody.
    """
    if rule.force is Force.PROPOSED:
        return False
    return (on is None or on in rule.in_force) and (school.school_type is None or school.school_type in rule.binds)


def binding(school: School, on: date | None, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep the findings whose rules speak to this school on the governing day; facts that look back have no such day."""
    return tuple(finding for finding in findings if binds(finding.rule, school, on))
