"""A verdict as it goes over the wire: which law, which facts, what is missing and what would cure it."""

from typing import Self

from pydantic import Field, JsonValue

from app.api.shown.shapes import Day, Out
from app.domain.rule import Actor, Certainty, Force
from app.domain.verdict import Verdict

A_SENTENCE = (
    "Broken: Review the support on or before the date agreed in the plan. It was due by 11 December 2015 and has not been done, as far "
    "as the record shows. SEND Code of Practice 0 to 25, January 2015, paragraph 6.53."
)
A_CURE = "do it now and record it (review.held); it then counts as kept late; if it was done already, record it with its own day"


class VerdictOut(Out):
    """Why something stands as it does, in the wording in force on `governed_on`; people by id only."""

    rule: str = Field(examples=["review-by-the-agreed-date"])
    rules_version: str = Field(examples=["0f3b2a9c6d5e"])
    governed_on: Day
    wording: str = Field(examples=["Review the support on or before the date agreed in the plan"])
    wording_since: Day | None
    wording_until: Day | None
    who: Actor = Field(examples=["teacher"])
    force: Force = Field(examples=["should"])
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.53"]])
    certainty: Certainty = Field(examples=["secondary"])
    used: dict[str, JsonValue] = Field(description="The facts it rests on, by name.", examples=[{"due": "2015-12-11", "occasion": "1"}])
    missing: list[str] = Field(description="The facts it lacks.", examples=[[]])
    cure: str = Field(
        description="What would put it right; kinds of entry in brackets are at `/docs/entries`.",
        examples=[A_CURE],
    )
    sentence: str = Field(examples=[A_SENTENCE])

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Write a verdict for the wire."""
        rule, wording = verdict.rule, verdict.wording
        return cls(
            rule=rule.id,
            rules_version=verdict.rules_version,
            governed_on=verdict.governed_on,
            wording=wording.duty,
            wording_since=wording.in_force.since,
            wording_until=wording.in_force.until,
            who=rule.who,
            force=rule.force,
            citations=[str(place) for place in wording.cites],
            certainty=rule.certainty,
            used=dict(verdict.used),
            missing=list(verdict.missing),
            cure=verdict.cure,
            sentence=verdict.sentence,
        )
