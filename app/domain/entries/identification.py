"""Entries on the way to a decision about special educational needs."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.codes import SenStatus
from app.domain.entries.entry import Entry


class Raiser(StrEnum):
    """Who raised a concern."""

    PARENT = "parent"
    PUPIL = "pupil"
    TEACHER = "teacher"
    OTHER = "other"


class Domain(StrEnum):
    """What a concern or a check is about."""

    ATTAINMENT = "attainment"
    COMMUNICATION = "communication"
    SOCIAL = "social"
    EMOTIONAL = "emotional"
    PHYSICAL = "physical"
    INDEPENDENCE = "independence"
    PARTICIPATION = "participation"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernRaised(Entry):
    """Somebody thinks that the pupil may have special educational needs."""

    type: ClassVar[str] = "concern.raised"
    raised_by: Raiser
    contact: UUID | None = None
    domain: Domain
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcernAnswered(Entry):
    """The school compared a concern with its own view and answered it."""

    type: ClassVar[str] = "concern.answered"
    concern: int
    answer: str
    other_explanations: tuple[str, ...] = ()
    review_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A result on a day, on the measure's own scale, with the mean of pupils who began level where it is known."""

    taken_on: date
    score: float
    peers: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressChecked(Entry):
    """A teacher looked at progress; the measurements are in order of their days."""

    type: ClassVar[str] = "progress.checked"
    domain: Domain
    measure: str
    measurements: tuple[Measurement, ...]
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingAdapted(Entry):
    """High-quality teaching aimed at the weak area was tried first, with what it changed."""

    type: ClassVar[str] = "teaching.adapted"
    tried: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscussionHeld(Entry):
    """An early talk with parents and pupil, with the short note given of it."""

    type: ClassVar[str] = "discussion.held"
    with_parents: bool
    with_pupil: bool
    strengths: str
    difficulties: str
    parents_concerns: str
    outcomes_agreed: str
    next_steps: str
    note_given_on: date | None = None
    advice_service_named: bool = False


class Judgement(StrEnum):
    """The two answers of a decision about SEN Support."""

    SEN_SUPPORT = "K"
    NO_SEN = "N"

    @property
    def status(self) -> SenStatus:
        """The status that the answer gives the pupil."""
        return SenStatus(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenDecided(Entry):
    """A named person decided, with reasons, whether the pupil has special educational needs."""

    type: ClassVar[str] = "sen.decided"
    judgement: Judgement
    difficulty: str | None = None
    provision_beyond_ordinary: str | None = None
    reason: str
    considered: tuple[str, ...]
    parents_view: str | None = None
    pupils_view: str | None = None
    home_language_considered: str | None = None
    no_first_response_because: str | None = None
    provision_starts_on: date | None = None
    review_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionDecided(Entry):
    """A named person looked again at one pupil whose category is withdrawn and decided, with reasons, which status follows.

    From and to which statuses a pupil may go is the programme's to say.
    """

    type: ClassVar[str] = "transition.decided"
    programme: str
    came_from: SenStatus
    judgement: SenStatus
    reviewed_on: date
    reviewers: tuple[UUID, ...]
    needs_analysis: str
    ordinarily_available: str
    reason: str
    pupils_view: str | None = None
    pupils_view_missing_because: str | None = None
    parents_view: str | None = None
    parents_view_missing_because: str | None = None
    provision_starts_on: date | None = None
