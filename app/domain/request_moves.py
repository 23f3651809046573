"""The state table of a request for an EHC needs assessment: which stage may follow which, by what was done, and nothing else may."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from app.domain.entries import (
    AdviceAsked,
    AuthorityConsulted,
    AuthorityDecided,
    AuthorityDecision,
    DraftPlanServed,
    EhcPlanIssued,
    EhcRequestWithdrawn,
    Entry,
    EvidenceReceived,
    EvidenceSubmitted,
    ExceptionClaimed,
    Requester,
)

T = TypeVar("T")


class Stage(StrEnum):
    """How far a request has come.

    Drafted is a school's or a college's own that has not left it; received is the authority's own word, not a deemed day; deciding is that
    the authority has begun on it. Mediation and appeal are no stages: they are dated facts beside one.
    """

    BROUGHT_TO_NOTICE = "brought_to_notice"
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    DECIDING = "deciding"
    ASSESSING = "assessing"
    NOT_ASSESSED = "not_assessed"
    PLAN_REFUSED = "plan_refused"
    PLAN_DRAFTED = "plan_drafted"
    PLAN_FINAL = "plan_final"
    WITHDRAWN = "withdrawn"


class Deed(StrEnum):
    """What was done on a request, as its stage goes by it."""

    EVIDENCE_SUBMITTED = "evidence submitted"
    MADE_AVAILABLE = "deemed received"
    RECEIVED = "received, by the authority's own word"
    BEGUN = "family consulted, advice asked or an exception claimed"
    DECIDED_TO_ASSESS = "decided to assess"
    DECIDED_NOT_TO_ASSESS = "decided not to assess"
    DECIDED_ON_NO_PLAN = "decided to make no plan"
    DRAFT_SERVED = "draft plan served"
    PLAN_ISSUED = "final plan"
    APPEAL_ALLOWED = "appeal allowed against the refusal to assess"
    TAKEN_BACK = "withdrawn"


BEGINS_AS: Final[Mapping[Requester, Stage]] = MappingProxyType(
    {
        Requester.PARENT: Stage.SUBMITTED,
        Requester.YOUNG_PERSON: Stage.SUBMITTED,
        Requester.SCHOOL: Stage.DRAFTED,
        Requester.POST_16_INSTITUTION: Stage.DRAFTED,
        Requester.SOMEBODY_ELSE: Stage.BROUGHT_TO_NOTICE,
    }
)
"""A family's request travels alone and is there at once; a school's or a college's waits for its evidence."""

_OUTCOMES: Final[Mapping[Deed, Stage]] = MappingProxyType(
    {
        Deed.DECIDED_TO_ASSESS: Stage.ASSESSING,
        Deed.DECIDED_NOT_TO_ASSESS: Stage.NOT_ASSESSED,
        Deed.DECIDED_ON_NO_PLAN: Stage.PLAN_REFUSED,
        Deed.DRAFT_SERVED: Stage.PLAN_DRAFTED,
        Deed.PLAN_ISSUED: Stage.PLAN_FINAL,
    }
)
"""What an authority may come to on an open request; a school that was not told of a step in between still writes down the next."""
_BESIDE: Final = (Deed.EVIDENCE_SUBMITTED, Deed.MADE_AVAILABLE, Deed.RECEIVED, Deed.BEGUN, Deed.APPEAL_ALLOWED)


def _staying(stage: Stage, *deeds: Deed) -> Mapping[Deed, Stage]:
    return dict.fromkeys(deeds, stage)


_ROWS: Final[Mapping[Stage, Mapping[Deed, Stage]]] = {
    Stage.DRAFTED: {
        Deed.EVIDENCE_SUBMITTED: Stage.SUBMITTED,
        Deed.MADE_AVAILABLE: Stage.SUBMITTED,
        Deed.RECEIVED: Stage.RECEIVED,
        Deed.BEGUN: Stage.DECIDING,
        **_OUTCOMES,
        Deed.TAKEN_BACK: Stage.WITHDRAWN,
    },
    Stage.SUBMITTED: {
        **_staying(Stage.SUBMITTED, Deed.EVIDENCE_SUBMITTED, Deed.MADE_AVAILABLE),
        Deed.RECEIVED: Stage.RECEIVED,
        Deed.BEGUN: Stage.DECIDING,
        **_OUTCOMES,
        Deed.TAKEN_BACK: Stage.WITHDRAWN,
    },
    Stage.RECEIVED: {
        **_staying(Stage.RECEIVED, Deed.EVIDENCE_SUBMITTED, Deed.MADE_AVAILABLE, Deed.RECEIVED),
        Deed.BEGUN: Stage.DECIDING,
        **_OUTCOMES,
        Deed.TAKEN_BACK: Stage.WITHDRAWN,
    },
    Stage.DECIDING: {
        **_staying(Stage.DECIDING, Deed.EVIDENCE_SUBMITTED, Deed.MADE_AVAILABLE, Deed.RECEIVED, Deed.BEGUN),
        **_OUTCOMES,
        Deed.TAKEN_BACK: Stage.WITHDRAWN,
    },
    Stage.ASSESSING: {
        **_staying(Stage.ASSESSING, *_BESIDE, Deed.DECIDED_TO_ASSESS),
        Deed.DECIDED_ON_NO_PLAN: Stage.PLAN_REFUSED,
        Deed.DRAFT_SERVED: Stage.PLAN_DRAFTED,
        Deed.PLAN_ISSUED: Stage.PLAN_FINAL,
        Deed.TAKEN_BACK: Stage.WITHDRAWN,
    },
    Stage.NOT_ASSESSED: {
        **_staying(Stage.NOT_ASSESSED, *_BESIDE, Deed.DECIDED_NOT_TO_ASSESS),
        Deed.APPEAL_ALLOWED: Stage.ASSESSING,
        Deed.DECIDED_TO_ASSESS: Stage.ASSESSING,
        Deed.DECIDED_ON_NO_PLAN: Stage.PLAN_REFUSED,
        Deed.DRAFT_SERVED: Stage.PLAN_DRAFTED,
        Deed.PLAN_ISSUED: Stage.PLAN_FINAL,
    },
    Stage.PLAN_REFUSED: {
        **_staying(Stage.PLAN_REFUSED, *_BESIDE, Deed.DECIDED_ON_NO_PLAN),
        Deed.DRAFT_SERVED: Stage.PLAN_DRAFTED,
        Deed.PLAN_ISSUED: Stage.PLAN_FINAL,
    },
    Stage.PLAN_DRAFTED: {
        **_staying(Stage.PLAN_DRAFTED, *_BESIDE, Deed.DRAFT_SERVED),
        Deed.DECIDED_ON_NO_PLAN: Stage.PLAN_REFUSED,
        Deed.PLAN_ISSUED: Stage.PLAN_FINAL,
        Deed.TAKEN_BACK: Stage.WITHDRAWN,
    },
    Stage.PLAN_FINAL: _staying(Stage.PLAN_FINAL, *_BESIDE, Deed.PLAN_ISSUED),
    Stage.WITHDRAWN: {},
    Stage.BROUGHT_TO_NOTICE: {},
}
MOVES: Final[Mapping[tuple[Stage, Deed], Stage]] = MappingProxyType(
    {(came_from, deed): to for came_from, row in _ROWS.items() for deed, to in row.items()}
)
"""Where each deed leads from each stage; a pair that is not in it leads nowhere, and its step is refused."""

_BY_DECISION: Final[Mapping[AuthorityDecision, Deed]] = MappingProxyType(
    {
        AuthorityDecision.ASSESS: Deed.DECIDED_TO_ASSESS,
        AuthorityDecision.NOT_ASSESS: Deed.DECIDED_NOT_TO_ASSESS,
        AuthorityDecision.NO_PLAN: Deed.DECIDED_ON_NO_PLAN,
    }
)
_BY_KIND: Final[Mapping[type[Entry], Deed]] = MappingProxyType(
    {
        EvidenceSubmitted: Deed.EVIDENCE_SUBMITTED,
        AuthorityConsulted: Deed.BEGUN,
        AdviceAsked: Deed.BEGUN,
        ExceptionClaimed: Deed.BEGUN,
        DraftPlanServed: Deed.DRAFT_SERVED,
        EhcPlanIssued: Deed.PLAN_ISSUED,
        EhcRequestWithdrawn: Deed.TAKEN_BACK,
    }
)


def deed_of(entry: Entry) -> Deed | None:
    """What an entry does on the request it names, None where it moves none; whether an appeal does hangs on what it was about."""
    match entry:
        case AuthorityDecided(decision=decision):
            return _BY_DECISION[decision]
        case EvidenceReceived(deemed=deemed):
            return Deed.MADE_AVAILABLE if deemed else Deed.RECEIVED
        case _:
            return _BY_KIND.get(type(entry))


def walk(began: Stage, deeds: Iterable[tuple[T, Deed]]) -> tuple[Stage, tuple[T, ...]]:
    """Follow deeds in their order; gives the last stage, and those deeds, by what each came with, that led nowhere."""
    stage, idle = began, []
    for which, deed in deeds:
        to = MOVES.get((stage, deed))
        if to is None:
            idle.append(which)
        else:
            stage = to
    return stage, tuple(idle)
