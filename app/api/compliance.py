"""How a school stands on a day: for each rule, how many duties are in which state, with the way down to them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.hot_reads import IfNoneMatch
from app.api.manners.body import StrictRoute
from app.api.manners.representations import Form, OneOf, file_response, shown_as
from app.api.manners.time_asked import TimeAsked, is_held, time_asked
from app.api.manners.time_travel import AsAt, KnownAt
from app.api.obligations import MayReadObligations
from app.api.shown.shapes import Day, Out
from app.db.compliance import Total, totals_of
from app.domain.obligation import State
from app.domain.rule import Actor, Certainty, Force, InForce, Wording
from app.domain.rules import RULES
from app.exchange.spreadsheets import table

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Compliance"], route_class=StrictRoute)
FORMS: Final = (Form.JSON, Form.CSV)
FormDep = Annotated[Form, Depends(OneOf(FORMS))]
COLUMNS: Final = ("as_at", "known_at_number", "rule", "duty", "citations", "certainty", "force", "who", "state", "count", "href")
A_TABLE: Final = f"{','.join(COLUMNS)}\r\n"
A_LINK: Final = "/v1/schools/999999/obligations?rule=review-by-the-agreed-date&state=broken&as_at=2015-03-01"


class CountOut(Out):
    """How many duties are in one state, and where they are listed."""

    state: State = Field(examples=["broken"])
    count: int = Field(examples=[2])
    href: str = Field(description="The list of these very duties, on the same day and as known at the same moment.", examples=[A_LINK])


class RuleTotalsOut(Out):
    """One rule's duties at the school, by state; states in which there are none are left out, and so are rules without a duty."""

    rule: str = Field(examples=["review-by-the-agreed-date"])
    duty: str = Field(description="As the rule said it on the day.", examples=["Review the plan by the date agreed in it"])
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.53"]])
    certainty: Certainty | None = Field(examples=["secondary"])
    force: Force = Field(examples=["should"])
    who: Actor = Field(examples=["teacher"])
    states: list[CountOut]


class StateCountsOut(Out):
    """All duties of one force by state; what is not known is counted apart, and never as kept or broken."""

    force: Force = Field(examples=["must"])
    counts: dict[State, int] = Field(examples=[{"kept": 41, "broken": 2, "not_known": 1}])


class ComplianceOut(Out):
    """How a school stands at the end of a day, as known at a ledger number."""

    as_at: Day
    known_at_number: int = Field(description="The ledger number to which the moment asked for resolved.", examples=[212])
    horizon: Day | None = Field(description="The last day of which anything can be told; null before a worker first derived it.")
    rules_version: str | None = Field(
        description="The version of the rules under which the duties were derived; null while they are derived anew.",
        examples=["0f3b2a9c6d5e"],
    )
    by_force: list[StateCountsOut]
    rules: list[RuleTotalsOut]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and what it resolved to; `known_at` is the moment as the caller named it, None for now."""

    urn: str
    time: TimeAsked
    known_at: datetime | None

    def href(self, total: Total) -> str:
        """The address of the duties counted in one total: the same day, as known at the same moment."""
        then = {} if self.known_at is None else {"known_at": self.known_at.astimezone(UTC).isoformat().replace("+00:00", "Z")}
        query = urlencode({"rule": total.rule, "state": total.state, "as_at": self.time.day.isoformat(), **then})
        return f"/v1/schools/{self.urn}/obligations?{query}"

    def wording(self, rule_id: str) -> Wording:
        """What a rule said on the day, or says today where it was not in force; a rule that is no more has its id alone."""
        rule = RULES.get(rule_id)
        if rule is None:
            return Wording(duty=rule_id, in_force=InForce(since=None), cites=())
        return rule.wording_on(self.time.day) or rule.wordings[-1]

    def rules(self, totals: Sequence[Total]) -> list[RuleTotalsOut]:
        """Group totals, which come in the order of their rules, by rule."""
        groups = groupby(totals, key=lambda total: (total.rule, total.force, total.who))
        return [self._of_rule(rule, force, who, found) for (rule, force, who), found in groups]

    def _of_rule(self, rule_id: str, force: str, who: str, totals: Iterable[Total]) -> RuleTotalsOut:
        wording, rule = self.wording(rule_id), RULES.get(rule_id)
        return RuleTotalsOut(
            rule=rule_id,
            duty=wording.duty,
            citations=[str(cited) for cited in wording.cites],
            certainty=rule.certainty if rule else None,
            force=Force(force),
            who=Actor(who),
            states=[CountOut(state=State(total.state), count=total.count, href=self.href(total)) for total in totals],
        )

    def table(self, totals: Sequence[Total]) -> str:
        """Write totals as CSV, one rule and state to a line."""
        return table(COLUMNS, (self._line(total) for total in totals))

    def _line(self, total: Total) -> tuple[str | int, ...]:
        wording, rule = self.wording(total.rule), RULES.get(total.rule)
        citations = "; ".join(str(cited) for cited in wording.cites)
        told = (total.rule, wording.duty, citations, rule.certainty.value if rule else "")
        counted = (total.force, total.who, total.state, total.count, self.href(total))
        return (self.time.day.isoformat(), self.time.known_at_number, *told, *counted)


def by_force(totals: Iterable[Total]) -> list[StateCountsOut]:
    """Add the totals of all rules up by force and state."""
    counts: dict[Force, Counter[State]] = {}
    for total in totals:
        counts.setdefault(Force(total.force), Counter())[State(total.state)] += total.count
    return [StateCountsOut(force=force, counts=dict(counts[force])) for force in Force if force in counts]


@router.get("/compliance", response_model=ComplianceOut, responses=shown_as(Form.CSV, csv=A_TABLE))
async def read_compliance(
    request: Request,
    response: Response,
    entrance: MayReadObligations,
    form: FormDep,
    as_at: AsAt = None,
    known_at: KnownAt = None,
    if_none_match: IfNoneMatch = None,
) -> ComplianceOut | Response:
    """Count every duty of the school, and of others towards its pupils, by rule and by how it stands on a day, as known at a moment."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance, read_only=True) as session:
        time = await time_asked(session, await casework.open(session), as_at, known_at)
        tag = time.version(f"compliance {form} {entrance.urn} {known_at}")
        if is_held(if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        totals = await totals_of(session, day=time.day, known_at=time.then)
    asked = Asked(entrance.urn, time, known_at)
    if form is Form.CSV:
        return file_response(form, asked.table(totals), {"ETag": tag})
    response.headers["ETag"], response.headers["Vary"] = tag, "Accept"
    return ComplianceOut(
        as_at=time.day,
        known_at_number=time.known_at_number,
        horizon=time.horizon,
        rules_version=time.rules_version,
        by_force=by_force(totals),
        rules=asked.rules(totals),
    )
