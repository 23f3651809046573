"""One turn of assess, plan, do, review, gathered from the entries that carry its number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.entries import AssessmentMade, Entry, PlanAgreed, Recorded, ReviewDateMoved, ReviewHeld, SessionDelivered, StaffTold


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A numbered cycle; of two assessments, plans or reviews in one cycle the later counts, and the rest are in order of effect."""

    number: int
    assessment: Recorded | None = None
    plan: Recorded | None = None
    review: Recorded | None = None
    moves: tuple[Recorded, ...] = ()
    briefings: tuple[Recorded, ...] = ()
    sessions: tuple[Recorded, ...] = ()

    @property
    def assessment_entry(self) -> AssessmentMade | None:
        """The assessment itself."""
        return self.assessment.entry if self.assessment and isinstance(self.assessment.entry, AssessmentMade) else None

    @property
    def plan_entry(self) -> PlanAgreed | None:
        """The plan itself."""
        return self.plan.entry if self.plan and isinstance(self.plan.entry, PlanAgreed) else None

    @property
    def review_entry(self) -> ReviewHeld | None:
        """The review itself."""
        return self.review.entry if self.review and isinstance(self.review.entry, ReviewHeld) else None

    @property
    def begins_on(self) -> date | None:
        """The day of the cycle's first part that is known, None for a number without any."""
        parts = (self.assessment, self.plan, self.review)
        return min((part.entry.occurred_on for part in parts if part), default=None)

    @property
    def review_on(self) -> date | None:
        """The last day for the review as it now stands; a move counts only if the parents agreed before the day that it moves."""
        due = self.plan_entry.review_on if self.plan_entry else None
        for move in (moved.entry for moved in self.moves):
            if due is not None and isinstance(move, ReviewDateMoved) and move.agreed_with_parents_on < due:
                due = move.review_on
        return due


PARTS = AssessmentMade | PlanAgreed | ReviewDateMoved | StaffTold | SessionDelivered | ReviewHeld


def cycles_of(entries: Iterable[Recorded]) -> tuple[Cycle, ...]:
    """Gather the cycles in order of their numbers."""
    parts: dict[int, dict[type[Entry], list[Recorded]]] = {}
    for recorded in entries:
        if isinstance(recorded.entry, PARTS):
            parts.setdefault(recorded.entry.cycle, {}).setdefault(type(recorded.entry), []).append(recorded)
    return tuple(_cycle(number, parts[number]) for number in sorted(parts))


def _cycle(number: int, parts: Mapping[type[Entry], list[Recorded]]) -> Cycle:
    def last(kind: type[Entry]) -> Recorded | None:
        return parts[kind][-1] if kind in parts else None

    return Cycle(
        number=number,
        assessment=last(AssessmentMade),
        plan=last(PlanAgreed),
        review=last(ReviewHeld),
        moves=tuple(parts.get(ReviewDateMoved, ())),
        briefings=tuple(parts.get(StaffTold, ())),
        sessions=tuple(parts.get(SessionDelivered, ())),
    )
