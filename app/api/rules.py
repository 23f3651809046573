"""The rules as dated law: what each says, whom it binds, where it is written, and how well that was checked."""

from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import Field

from app.api.body import StrictRoute
from app.api.problems import ApiError
from app.api.shapes import Day, Out
from app.domain.codes import SchoolType
from app.domain.rule import Actor, Certainty, Force, Rule
from app.domain.rules import RULES, RULES_VERSION

router = APIRouter(prefix="/v1/rules", tags=["Rules"], route_class=StrictRoute)


class RuleOut(Out):
    """A rule; `certainty` says how near to the primary text our reading came, `checked` when it was last read."""

    id: str = Field(examples=["review-by-the-agreed-date"])
    duty: str = Field(examples=["Review the plan by the date agreed in it"])
    who: Actor = Field(examples=["teacher"])
    force: Force = Field(examples=["should"])
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.53"]])
    certainty: Certainty = Field(examples=["secondary"])
    checked: Day
    in_force_since: Day | None
    in_force_until: Day | None
    binds: list[SchoolType] = Field(examples=[["maintained_mainstream"]])

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Write a rule for the wire."""
        return cls(
            id=rule.id,
            duty=rule.duty,
            who=rule.who,
            force=rule.force,
            citations=[str(cited) for cited in rule.cites],
            certainty=rule.certainty,
            checked=rule.checked,
            in_force_since=rule.in_force.since,
            in_force_until=rule.in_force.until,
            binds=sorted(rule.binds),
        )


class RulesOut(Out):
    """All rules, in the order of their instruments; `version` changes whenever a rule does."""

    version: str = Field(examples=["0f3b2a9c6d5e"])
    items: list[RuleOut]


@router.get("")
async def list_rules() -> RulesOut:
    """List every rule we apply, with its source. Open to all."""
    return RulesOut(version=RULES_VERSION, items=[RuleOut.of(rule) for rule in RULES.values()])


@router.get("/{rule_id}")
async def read_rule(rule_id: Annotated[str, Path(max_length=100, examples=["review-by-the-agreed-date"])]) -> RuleOut:
    """Read one rule. Open to all."""
    rule = RULES.get(rule_id)
    if rule is None:
        raise ApiError("not-found")
    return RuleOut.of(rule)
