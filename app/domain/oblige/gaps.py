"""A duty that runs on every day: a gap opens on a day and closes with what is met, or stays open."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from app.domain.obligation import Obligation, Shape
from app.domain.rule import Rule

Met = tuple[date, int]
"""The day on which something was there, and the number of the entry that says so."""


def gap(
    rule: Rule, opens: date, closing: Met | None, *, occasion: str = "", person: UUID | None = None, ended_on: date | None = None
) -> Iterator[Obligation]:
    """The gap from a day on, or from the rule's first day if that is later; none where it is closed on the same day or before."""
    opens = max(opens, rule.in_force.since or opens)
    if closing is None or closing[0] > opens:
        yield Obligation(
            rule=rule,
            shape=Shape.CONTINUOUS,
            occasion=occasion or f"from {opens}",
            person=person,
            arises_on=opens,
            due=None,
            met_on=closing[0] if closing else None,
            met_by=closing[1] if closing else None,
            ended_on=ended_on,
        )
