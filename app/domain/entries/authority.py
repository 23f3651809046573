"""Entries about what the local authority did on a request, a plan or a review; recorded by its client, or by the school that was told."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.entry import Entry


class AuthorityDecision(StrEnum):
    """What an authority decides on a request (Children and Families Act 2014, sections 36 and 37)."""

    ASSESS = "assess"
    NOT_ASSESS = "not_assess"
    NO_PLAN = "no_plan"


class LetterContent(StrEnum):
    """What a letter that says no must tell (Special Educational Needs and Disability Regulations 2014, regulations 5(3) and 10(3))."""

    RIGHT_OF_APPEAL = "right_of_appeal"
    TIME_LIMITS = "time_limits"
    MEDIATION = "mediation"
    DISAGREEMENT_RESOLUTION = "disagreement_resolution"
    ADVICE_SERVICES = "advice_services"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityDecided(Entry):
    """The authority told the family what it decided on a request; `told_in_letter` is what the letter held."""

    type: ClassVar[str] = "authority.decided"
    request: UUID
    decision: AuthorityDecision
    reasons: str | None = None
    told_in_letter: tuple[LetterContent, ...] = ()


class NotifiedOffice(StrEnum):
    """Who is notified that an authority considers assessing (regulation 4(2)); whoever leads the school, setting or college is the head."""

    COMMISSIONING_BODY = "commissioning_body"
    SOCIAL_CARE = "social_care"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityConsulted(Entry):
    """The authority consulted the family on a request, told them that they may give views and evidence, and notified the offices named."""

    type: ClassVar[str] = "authority.consulted"
    request: UUID
    family_may_give_evidence: bool = False
    notified: tuple[NotifiedOffice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlanServed(Entry):
    """The authority served a draft plan; the fifteen days for answering begin with this day."""

    type: ClassVar[str] = "draft_plan.served"
    request: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceAsked(Entry):
    """The school received the authority's request for advice on the pupil."""

    type: ClassVar[str] = "advice.asked"
    request: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceGiven(Entry):
    """The school gave its advice; `asked` is the number of the entry that records the asking."""

    type: ClassVar[str] = "advice.given"
    asked: int


class Clock(StrEnum):
    """Which of the authority's or the school's clocks an exception is claimed for."""

    SIX_WEEKS = "six_weeks"
    SIXTEEN_WEEKS = "sixteen_weeks"
    TWENTY_WEEKS = "twenty_weeks"
    ADVICE = "advice"


class ExceptionGround(StrEnum):
    """Why a clock cannot be kept to (Special Educational Needs and Disability Regulations 2014, regulations 5(4), 8(2) and 10(4))."""

    SCHOOL_CLOSED = "school_closed"
    EARLY_YEARS_CLOSED = "early_years_closed"
    EXCEPTIONAL_PERSONAL_CIRCUMSTANCES = "exceptional_personal_circumstances"
    ABSENT_FROM_AREA = "absent_from_area"
    MISSED_APPOINTMENT = "missed_appointment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionClaimed(Entry):
    """An exception to a clock was claimed for the days from `from_on` to `until_on`, both inside, on the evidence named.

    Of a closed school or setting they are the days on which it is closed. `request` names whose clock it is, and for the clock of advice
    `asked` the number of the entry that records the asking.
    """

    type: ClassVar[str] = "exception.claimed"
    clock: Clock
    ground: ExceptionGround
    request: UUID | None = None
    asked: int | None = None
    from_on: date
    until_on: date | None = None
    evidence: str
    family_told_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementConsulted(Entry):
    """The authority consulted this school on naming it in the pupil's plan."""

    type: ClassVar[str] = "placement.consulted"
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementAnswered(Entry):
    """The school answered a consultation; `consultation` is the number of its entry."""

    type: ClassVar[str] = "placement.answered"
    consultation: int
    can_meet_need: bool
    reason: str


class Recommendation(StrEnum):
    """What a review recommends or an authority decides about a plan."""

    MAINTAIN = "maintain"
    AMEND = "amend"
    CEASE = "cease"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualReviewHeld(Entry):
    """The meeting of a plan's review was held; the papers had gone out on `papers_sent_on`."""

    type: ClassVar[str] = "annual_review.held"
    papers_sent_on: date | None = None
    pupil_took_part: bool
    parents_took_part: bool
    recommendation: Recommendation


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualReviewReported(Entry):
    """The report of a review went to all who were invited and to the authority; `review` is the number of the meeting's entry."""

    type: ClassVar[str] = "annual_review.reported"
    review: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualReviewDecided(Entry):
    """The authority told the family what it decided after a review; `review` is the number of the meeting's entry."""

    type: ClassVar[str] = "annual_review.decided"
    review: int
    decision: Recommendation
    changes_sent_with_notice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EhcPlanAmended(Entry):
    """The authority sent the amended plan, after a review (the number of the meeting's entry) or for a move of phase."""

    type: ClassVar[str] = "ehc_plan.amended"
    review: int | None = None
    names_setting_for_next_phase: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MediationCertified(Entry):
    """A mediation certificate was issued about a decision, which `about` names by the number of its entry.

    `answered_on` is the day the family said whether they want mediation, `mediated_on` the day it was held, if it was.
    """

    type: ClassVar[str] = "mediation.certified"
    about: int
    mediated: bool
    answered_on: date | None = None
    mediated_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLodged(Entry):
    """The family appealed against a decision, which `about` names by the number of its entry; perhaps about the placement alone."""

    type: ClassVar[str] = "appeal.lodged"
    about: int
    placement_alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided(Entry):
    """An appeal ended; `appeal` is the number of its entry."""

    type: ClassVar[str] = "appeal.decided"
    appeal: int
    allowed: bool
