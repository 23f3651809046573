"""The vectors that we hold ourselves to, for others to hold their own software to."""

from functools import cache
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.faults import Fault
from app.api.manners.problems import invalid
from app.api.shown.shapes import Day, Out
from app.domain.rules import RULES, RULES_VERSION
from app.exchange.vectors import Vector, published

router = APIRouter(prefix="/v1/rules/vectors", tags=["Rules"], route_class=StrictRoute)

AN_ENTRY: Final = {"type": "pupil.enrolled", "occurred_on": "2009-09-01", "number": -1, "facts": {"date_of_birth": "2008-06-30"}}


class CheckOut(Out):
    """What must hold of the evaluation as at one day.

    `status`, `statuses`, `needs`, `rights`, `to_tell` and `undecided_transition` are members of the answer; `obligations` gives the states
    of a rule's duties in order of their due days, `due` those days; `findings` must be among those answered, `unremarked` must not, and
    `refusals` are all there are; `census` gives the numbers that `census_errors` has under a rule.
    """

    as_at: Day
    until: Day
    expect: dict[str, JsonValue] = Field(
        examples=[{"status": "K", "obligations": [{"rule": "review-by-the-agreed-date", "states": ["kept"]}], "refusals": []}]
    )


class VectorOut(Out):
    """A case: send `pupil`, `school` and `record` with each check's days to POST /v1/evaluations, and compare."""

    title: str = Field(examples=["A review on the agreed date, and one a day late"])
    why: str = Field(examples=["The day itself keeps the duty; the day after keeps it late."])
    rules: list[str] = Field(examples=[["review-by-the-agreed-date"]])
    pupil: str = Field(examples=["00000000-0000-0000-0000-000000000101"])
    school: list[dict[str, JsonValue]] = Field(examples=[[]])
    record: list[dict[str, JsonValue]] = Field(examples=[[AN_ENTRY]])
    checks: list[CheckOut]

    @classmethod
    def of(cls, vector: Vector) -> "VectorOut":
        """Write a vector for the wire."""
        return cls(
            title=vector.title,
            why=vector.why,
            rules=list(vector.rules),
            pupil=str(vector.pupil),
            school=list(vector.school),
            record=list(vector.record),
            checks=[CheckOut.model_validate({"as_at": c.as_at, "until": c.until, "expect": c.expect}) for c in vector.checks],
        )


class VectorsOut(Out):
    """The vectors, all invented, with the version of the rules they were published with."""

    rules_version: str = Field(examples=["0f3b2a9c6d5e"])
    items: list[VectorOut]


@router.get("", response_model=VectorsOut)
async def list_vectors(
    rule: Annotated[str | None, Query(pattern="^[a-z0-9-]{1,100}$", description="Those about this rule.", examples=[None])] = None,
) -> Response:
    """List the published vectors. Open to all; `graduated conformance` runs them against any server."""
    if rule is not None and rule not in RULES:
        raise invalid([Fault("rule", "unknown_rule", "There is no rule of this id; GET /v1/rules lists them.")])
    return Response(_written(rule), media_type="application/json")


@cache
def _written(rule: str | None) -> bytes:
    """Written once for each question there is, since anybody may ask and the answer is long."""
    chosen = (vector for vector in published() if rule is None or rule in vector.rules)
    return VectorsOut(rules_version=RULES_VERSION, items=[VectorOut.of(vector) for vector in chosen]).model_dump_json().encode()
