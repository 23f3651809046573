"""The rules as dated law: what each says and said, whom it binds, where it is written, how it is checked, and how well that was read."""

from difflib import get_close_matches
from functools import cache
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import Field

from app.api.manners.body import StrictRoute
from app.api.manners.faults import Fault
from app.api.manners.pages import PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.shown.shapes import Day, Out
from app.api.vectors import VectorOut
from app.domain.codes import SchoolType
from app.domain.rule import Actor, Certainty, Checking, Force, Rule, Wording
from app.domain.rules import RULES, RULES_VERSION
from app.exchange.vectors import examples_of

router = APIRouter(prefix="/v1/rules", tags=["Rules"], route_class=StrictRoute)
_ROWS = {row for rule in RULES.values() for row in rule.rows}
_LIST = "rules"


def nearest_rule(rule_id: str) -> str:
    """Name the rule whose id looks most like one that there is not."""
    return get_close_matches(rule_id, RULES, n=1, cutoff=0.0)[0]


class WordingOut(Out):
    """What a rule says from a day until a day, both inside; null where it began before our sources, or still holds."""

    duty: str = Field(examples=["Review the plan by the date agreed in it"])
    since: Day | None
    until: Day | None
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.53"]])

    @classmethod
    def of(cls, wording: Wording) -> Self:
        """Write a wording for the wire."""
        since, until = wording.in_force.since, wording.in_force.until
        return cls(duty=wording.duty, since=since, until=until, citations=[str(cited) for cited in wording.cites])


class RuleOut(Out):
    """A rule; `certainty` says how near to the primary text our reading came, `checked` when it was last read."""

    id: str = Field(examples=["review-by-the-agreed-date"])
    rows: list[str] = Field(description="The rows of the rulebook that it carries.", examples=[["APDR-07"]])
    duty: str = Field(description="As it says it today.", examples=["Review the plan by the date agreed in it"])
    who: Actor = Field(examples=["teacher"])
    force: Force = Field(examples=["should"])
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.53"]])
    certainty: Certainty = Field(examples=["secondary"])
    checked: Day
    in_force_since: Day | None
    in_force_until: Day | None
    binds: list[SchoolType] = Field(examples=[["maintained_mainstream"]])
    checking: Checking = Field(description="How it is checked here, if a machine can check it at all.", examples=["obligation"])
    shown_by: str = Field(
        description="The test that shows a property of the system, or why no machine can check the rule; otherwise mostly empty.",
        examples=[""],
    )
    leaflets_differ: str = Field(description="Where a leaflet for parents says otherwise, and which of the two holds.", examples=[""])
    wordings: list[WordingOut] = Field(description="What it said by date, today's last.")

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Write a rule for the wire."""
        return cls(
            id=rule.id,
            rows=list(rule.rows),
            duty=rule.duty,
            who=rule.who,
            force=rule.force,
            citations=[str(cited) for cited in rule.cites],
            certainty=rule.certainty,
            checked=rule.checked,
            in_force_since=rule.in_force.since,
            in_force_until=rule.in_force.until,
            binds=sorted(rule.binds),
            checking=rule.checking,
            shown_by=rule.shown_by,
            leaflets_differ=rule.leaflets_differ,
            wordings=[WordingOut.of(wording) for wording in rule.wordings],
        )


class ExamplesOut(Out):
    """A published case that shows the rule kept, and one that shows it broken, late or refused; null where no machine can tell."""

    kept: VectorOut | None
    broken: VectorOut | None


class RuleWithExamplesOut(RuleOut):
    """A rule with an example each way."""

    examples: ExamplesOut

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Write a rule and its examples for the wire."""
        return cls(**RuleOut.of(rule).model_dump(), examples=_examples(rule.id))


@cache
def _examples(rule_id: str) -> ExamplesOut:
    found = examples_of(rule_id)
    kept, broken = (None if vector is None else VectorOut.of(vector) for vector in (found.kept, found.broken))
    return ExamplesOut(kept=kept, broken=broken)


class RulesOut(Out):
    """A page of rules, in the order of their instruments; `version` changes whenever a rule does."""

    version: str = Field(examples=["0f3b2a9c6d5e"])
    items: list[RuleOut]
    next: str | None = Field(default=None, examples=[None])


RowAsked = Annotated[
    str | None,
    Query(pattern="^[A-Z]{2,5}-[0-9]{2}$", description="The rules that carry this row of the rulebook.", examples=["APDR-07"]),
]


@router.get("")
async def list_rules(
    paging: PagingDep,
    force: Annotated[Force | None, Query(description="Rules of this force.", examples=["must"])] = None,
    checking: Annotated[Checking | None, Query(description="Rules that are checked in this way.", examples=["obligation"])] = None,
    row: RowAsked = None,
) -> RulesOut:
    """List the rules we apply, with their sources. Open to all."""
    if row is not None and row not in _ROWS:
        nearest = get_close_matches(row, sorted(_ROWS), n=1, cutoff=0.0)[0]
        raise invalid([Fault("row", "row_unknown", f"The rulebook has no such row; the nearest is {nearest}.")])
    after = paging.after(_LIST)
    found = [rule for rule in RULES.values() if force in (None, rule.force) and checking in (None, rule.checking)]
    found = [rule for rule in found if row is None or row in rule.rows]
    start = 1 + next((place for place, rule in enumerate(found) if after and rule.id == after[0]), -1)
    listed = paging.page(_LIST, found[start : start + paging.fetch], RuleOut.of)
    return RulesOut(version=RULES_VERSION, items=listed.items, next=listed.next)


@router.get("/{rule_id}")
async def read_rule(rule_id: Annotated[str, Path(max_length=100, examples=["review-by-the-agreed-date"])]) -> RuleWithExamplesOut:
    """Read one rule, with all that it said by date and an example each way. Open to all."""
    rule = RULES.get(rule_id)
    if rule is None:
        raise ApiError("not-found", f"There is no rule of this id; the nearest is {nearest_rule(rule_id)}. GET /v1/rules lists them all.")
    return RuleWithExamplesOut.of(rule)
