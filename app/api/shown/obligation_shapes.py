"""An obligation as it goes over the wire, and a page of them, written without building each again that was written before."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

from pydantic import Field

from app.api.manners.steps import A_PERSON, A_PUPIL
from app.api.shown.shapes import Day, Out
from app.api.shown.verdicts import VerdictOut
from app.domain.obligation import Obligation, Shape, State
from app.domain.rule import Actor, Force, Rule
from app.domain.rules import RULES
from app.domain.verdict import verdict_on

KEPT: Final = 8192
"""So many obligations are kept as they were written, about 2 kB each."""


class ObligationOut(Out):
    """One duty on one occasion: who owes it by when, what met it, and how it stands on the day asked for."""

    pupil: UUID | None = Field(description="Whose record it is about; null for what the school itself owes.", examples=[A_PUPIL])
    person: UUID | None = Field(description="The person it is owed to, where it is owed per person.", examples=[A_PERSON])
    rule: str = Field(examples=["review-by-the-agreed-date"])
    duty: str = Field(examples=["Review the plan by the date agreed in it"])
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.53"]])
    who: Actor = Field(examples=["teacher"])
    force: Force = Field(examples=["should"])
    shape: Shape = Field(examples=["dated"])
    occasion: str = Field(examples=["1"])
    state: State = Field(examples=["due"])
    arises_on: Day
    opens_on: Day | None
    due: Day | None = Field(description="The last day on which it is kept in time; none where every day of the gap breaks it.")
    met_on: Day | None
    met_by: int | None = Field(description="The entry that met it.", examples=[None])
    ended_on: Day | None
    missing: list[str] = Field(description="Facts without which the state is not known.", examples=[[]])
    verdict: VerdictOut | None = Field(description="Why it stands so; null where the rule is no longer applied.")

    @classmethod
    def of(cls, row: Mapping[str, Any], day: date) -> Self:
        """Write an obligation for the wire, explained as it stands at the end of a day."""
        rule = RULES.get(row["rule"])
        verdict = None if rule is None else verdict_on(_obligation(row, rule), day)
        shown = {name: row[name] for name in cls.model_fields if name in row}
        return cls(
            pupil=row["pupil_id"],
            person=row["person_id"],
            duty=rule.duty if rule else row["rule"],
            citations=list(rule.sources) if rule else [],
            verdict=None if verdict is None else VerdictOut.of(verdict),
            **shown,
        )


def _obligation(row: Mapping[str, Any], rule: Rule) -> Obligation:
    """Rebuild what was derived from the row that keeps it."""
    kept = ("occasion", "arises_on", "due", "opens_on", "met_on", "met_by", "ended_on", "excused_by", "departed_by")
    facts = {name: row[name] for name in kept}
    return Obligation(rule=rule, shape=Shape(row["shape"]), person=row["person_id"], missing=tuple(row["missing"]), **facts)


class ObligationsOut(Out):
    """A page of obligations on a day, as known at a ledger number; none beyond the horizon are derived yet."""

    as_at: Day
    known_at_number: int = Field(description="The ledger number to which the moment asked for resolved.", examples=[212])
    horizon: Day | None
    items: list[ObligationOut]
    next: str | None = Field(default=None, examples=[None])

    def with_items(self, items: Iterable[bytes]) -> bytes:
        """Write the page as JSON with these for its items."""
        head, none, tail = self.model_dump_json().encode().partition(b'"items":[]')
        return b"".join((head, none[:-1], b",".join(items), none[-1:], tail))


class Written:
    """Obligations as they were last written, by row and day; a row is never changed in place, and a process knows one state of the law."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, date], bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def one(self, row: Mapping[str, Any], day: date) -> bytes:
        """Write one obligation as JSON."""
        key = str(row["id"]), day
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = ObligationOut.of(row, day).model_dump_json().encode()
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return found

    def all_of(self, ids: Iterable[str], day: date) -> list[bytes] | None:
        """Give what was written of these rows, None unless all of it is kept still."""
        found: list[bytes] = []
        for key in ((id_, day) for id_ in ids):
            if (kept := self._kept.get(key)) is None:
                return None
            self._kept.move_to_end(key)
            found.append(kept)
        return found
