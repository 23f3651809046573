"""The migrations from one regime to the next, as data: those that are law or guidance, and, where the operator shows them, proposals."""

from typing import Self

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.shown.shapes import Day, Out
from app.domain.codes import PlanType, SenStatus, StaffRole, SupportLayer
from app.domain.programmes import PROGRAMMES, Programme
from app.domain.proposals import PROPOSALS, Proposal

router = APIRouter(prefix="/v1/programmes", tags=["Transition"], route_class=StrictRoute)


class ProgrammeOut(Out):
    """A migration: whom it moves where, in which days, who decides, what a decision holds, and the rules behind it."""

    id: str = Field(examples=["school-action"])
    from_codes: list[SenStatus] = Field(examples=[["A", "P"]])
    to_codes: list[SenStatus] = Field(examples=[["K", "N"]])
    window_from: Day | None
    window_to: Day | None = Field(description="The last day in time; a later decision takes effect and is late.")
    deciders: list[StaffRole] = Field(examples=[["head", "senco"]])
    reviewers: list[StaffRole] = Field(description="One of these at least looked at the pupil.", examples=[["head", "senco", "teacher"]])
    holds: list[str] = Field(description="Facts without which there is no decision.", examples=[["reason"]])
    weighs: list[str] = Field(description="Facts that are remarked on where they are missing without a reason.", examples=[["pupils_view"]])
    rules: list[str] = Field(examples=[["decide-each-school-action-pupil"]])

    @classmethod
    def of(cls, programme: Programme) -> Self:
        """Write a programme for the wire."""
        rules = programme.rules
        cited = (rules.begins, rules.decide, rules.record, rules.finish, rules.tell, rules.set_type)
        return cls(
            id=programme.id,
            from_codes=sorted(programme.from_codes),
            to_codes=sorted(programme.to_codes),
            window_from=programme.window.since,
            window_to=programme.window.until,
            deciders=sorted(programme.deciders),
            reviewers=sorted(programme.reviewers),
            holds=list(programme.holds),
            weighs=list(programme.weighs),
            rules=[rule.id for rule in cited if rule],
        )


class ProposalOut(Out):
    """A migration that is only proposed: reserved, and enforced by nobody."""

    id: str = Field(examples=["individual-support-plans"])
    from_codes: list[SenStatus] = Field(examples=[["E", "K"]])
    plan_type: PlanType = Field(examples=["isp_statutory"])
    layers: list[SupportLayer] = Field(examples=[["targeted", "targeted_plus", "specialist"]])
    earliest_year: int = Field(examples=[2029])
    rule: str = Field(examples=["keep-to-the-law-until-it-changes"])

    @classmethod
    def of(cls, proposal: Proposal) -> Self:
        """Write a proposal for the wire."""
        return cls(
            id=proposal.id,
            from_codes=sorted(proposal.from_codes),
            plan_type=proposal.plan_type,
            layers=list(proposal.layers),
            earliest_year=proposal.earliest_year,
            rule=proposal.rule.id,
        )


class ProgrammesOut(Out):
    """The migrations; `proposals` is empty unless the operator of this installation shows them."""

    items: list[ProgrammeOut]
    proposals: list[ProposalOut] = Field(examples=[[]])


@router.get("")
async def list_programmes(request: Request) -> ProgrammesOut:
    """List the migrations that pupils go through. Open to all."""
    shown = PROPOSALS.values() if request.app.state.shows_proposals else ()
    return ProgrammesOut(
        items=[ProgrammeOut.of(programme) for programme in PROGRAMMES.values()], proposals=[ProposalOut.of(proposal) for proposal in shown]
    )
