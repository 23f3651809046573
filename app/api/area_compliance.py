"""How the schools of an authority or a trust stand at the end of a month: counts that tell of no single pupil, and of no school unasked."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs_authority, needs_trust
from app.api.manners.faults import Fault
from app.api.manners.pages import Paging, PagingDep
from app.api.manners.problems import invalid
from app.api.manners.representations import Form, OneOf, file_response, shown_as
from app.api.shown.shapes import CivilDate, Day, Out
from app.casework.totals import month_ends_before
from app.db import totals
from app.db.client_entrance import AuthorityEntrance, TrustEntrance
from app.db.totals import Totals
from app.domain.calendar import civil_day
from app.domain.disclosure import Disclosed, Shown, disclose
from app.domain.obligation import State
from app.domain.rule import Actor, Force
from app.domain.rules import RULES
from app.exchange.spreadsheets import table

router = APIRouter(prefix="/v1", tags=["Compliance"], route_class=StrictRoute)
MayReadAuthority = Annotated[AuthorityEntrance, Depends(needs_authority("totals:read"))]
MayReadTrust = Annotated[TrustEntrance, Depends(needs_trust("totals:read"))]
FormDep = Annotated[Form, Depends(OneOf((Form.JSON, Form.CSV)))]
COLUMNS: Final = ("month_end", "school", "rule", "duty", "force", "who", "state", "count")
MASKED: Final = "masked"
A_TABLE: Final = f"{','.join(COLUMNS)}\r\n"
Counted = tuple[str, str]
"""A rule and a state."""


async def _month_end(
    month_end: Annotated[
        CivilDate | None,
        Query(description="The last day of a month; the newest there is where it is left out.", examples=["2015-08-31"]),
    ] = None,
) -> date | None:
    """Take the last day of a month alone."""
    if month_end is not None and (month_end + timedelta(days=1)).day != 1:
        raise invalid([Fault("month_end", "no_month_end", "Totals are kept for the last days of months; send one of those.")])
    return month_end


MonthEnd = Annotated[date | None, Depends(_month_end)]


class MaskedCountOut(Out):
    """How many duties are in one state: rounded to 5, or null where it is 1 to 4, or where one that is could be worked out from it."""

    state: State = Field(examples=["broken"])
    count: int | None = Field(examples=[25])


class AreaRuleOut(Out):
    """One rule's duties by state; states without any are left out."""

    rule: str = Field(examples=["decide-each-school-action-pupil"])
    duty: str = Field(examples=["Decide for each pupil on School Action whether SEN Support follows"])
    force: Force | None = Field(examples=["history"])
    who: Actor | None = Field(examples=["school"])
    states: list[MaskedCountOut]


class SchoolTotalsOut(Out):
    """One school that let this client see its own totals."""

    school: str = Field(description="The school's unique reference number.", examples=["999999"])
    rules: list[AreaRuleOut]


class AreaComplianceOut(Out):
    """The schools of an area at the end of a month, as known when the totals were built: all together, and each that granted it.

    `schools_together` says how many are counted in `rules`. A single school that did not grant it is never to be worked out: where it is
    the only one left, one that did is left out with it, and where there is no other nothing is shown.
    """

    month_end: Day
    schools_together: int = Field(examples=[41])
    rules: list[AreaRuleOut]
    schools: list[SchoolTotalsOut]
    next: str | None = Field(default=None, examples=[None])


@dataclass(frozen=True, slots=True)
class Area:
    """What was found for one month's end, made fit to be shown."""

    month_end: date
    found: Disclosed[str, Counted]
    own: frozenset[str]

    def schools(self) -> list[str]:
        """The schools that this client sees by themselves."""
        return sorted(self.own & set(self.found.shown))

    def together(self) -> list[AreaRuleOut]:
        """All schools together."""
        return _rules({counted: line.shown_total for counted, line in self.found.lines.items() if line.total})

    def of_school(self, urn: str) -> SchoolTotalsOut:
        """One school that is shown by itself."""
        return SchoolTotalsOut(school=urn, rules=_rules(self._counts(urn)))

    def _counts(self, urn: str) -> dict[Counted, Shown]:
        return {counted: line.shown(urn) for counted, line in self.found.lines.items() if line.schools[urn]}

    def table(self) -> str:
        """Write all of it as CSV; the first lines, which name no school, are of all together."""
        return table(COLUMNS, self._lines())

    def _lines(self) -> Iterator[Sequence[str | int]]:
        whole: dict[Counted, Shown] = {counted: line.shown_total for counted, line in self.found.lines.items() if line.total}
        for urn, counts in [("", whole), *((urn, self._counts(urn)) for urn in self.schools())]:
            for (rule_id, state), count in counts.items():
                rule = RULES.get(rule_id)
                told = (rule.duty, rule.force.value, rule.who.value) if rule else ("", "", "")
                yield (self.month_end.isoformat(), urn, rule_id, *told, state, MASKED if count is None else count)


def _rules(counts: Mapping[Counted, Shown]) -> list[AreaRuleOut]:
    return [
        AreaRuleOut(
            rule=rule_id,
            duty=RULES[rule_id].duty if rule_id in RULES else rule_id,
            force=RULES[rule_id].force if rule_id in RULES else None,
            who=RULES[rule_id].who if rule_id in RULES else None,
            states=[MaskedCountOut(state=State(state), count=count) for (_, state), count in found],
        )
        for rule_id, found in groupby(counts.items(), key=lambda item: item[0][0])
    ]


def disclosed(found: Totals) -> Disclosed[str, Counted]:
    """Mask and round what was counted, in the order of rules and states."""
    counted = {key for counts in (*found.granted.values(), found.others) for key in counts}
    return disclose(found.granted, found.others, found.left_out, order=sorted(counted))


_AS_FILE = shown_as(Form.CSV, csv=A_TABLE)


@router.get("/local-authorities/{code}/compliance", response_model=AreaComplianceOut, responses=_AS_FILE)
async def read_authority_compliance(
    request: Request, response: Response, entrance: MayReadAuthority, form: FormDep, paging: PagingDep, month_end: MonthEnd = None
) -> AreaComplianceOut | Response:
    """See how all schools of the authority stand at the end of a month, and each that granted it. Decisions about School Action pupils
    still open, made and late are the states of the rule decide-each-school-action-pupil.
    """
    async with request.app.state.sessions.enter_authority(entrance, read_only=True) as session:
        day = month_end or await totals.newest_of_authority(session) or _last_month_end(request)
        found = await totals.of_authority(session, day, entrance.client_id)
    return await _answer(response, form, paging, day, found, f"totals of authority {entrance.authority}")


@router.get("/trusts/{trust_id}/compliance", response_model=AreaComplianceOut, responses=_AS_FILE)
async def read_trust_compliance(
    request: Request, response: Response, entrance: MayReadTrust, form: FormDep, paging: PagingDep, month_end: MonthEnd = None
) -> AreaComplianceOut | Response:
    """See how the schools that were in the trust at the end of a month stood then, all together, and each that granted it."""
    async with request.app.state.sessions.enter_trust(entrance, read_only=True) as session:
        day = month_end or await totals.newest_of_trust(session) or _last_month_end(request)
        found = await totals.of_trust(session, day, entrance.client_id)
    return await _answer(response, form, paging, day, found, f"totals of trust {entrance.trust}")


async def _answer(response: Response, form: Form, paging: Paging, day: date, found: Totals, name: str) -> AreaComplianceOut | Response:
    area = Area(day, await asyncio.to_thread(partial(disclosed, found)), found.own)
    if form is Form.CSV:
        return file_response(form, area.table(), {})
    response.headers["Vary"] = "Accept"
    after = paging.after(name)
    schools = [urn for urn in area.schools() if after is None or urn > str(after[0])][: paging.fetch]
    listed = paging.page(name, schools, area.of_school, key=lambda urn: (urn,))
    return AreaComplianceOut(
        month_end=day,
        schools_together=area.found.counted if area.found.lines else 0,
        rules=area.together(),
        schools=listed.items,
        next=listed.next,
    )


def _last_month_end(request: Request) -> date:
    (last,) = month_ends_before(civil_day(request.app.state.casework.means.now()), 1)
    return last
