"""Invented pupils' lives: what a school wrote down over some years, punctual or not. Law and derivation are the real ones."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final
from uuid import UUID

from app.domain.codes import NEED_CODES, AreaOfNeed, NeedType, SenStatus
from app.domain.entries import (
    AssessmentMade,
    ConcernAnswered,
    ConcernRaised,
    Consulted,
    ContactDescribed,
    DiscussionHeld,
    Domain,
    EhcPlanIssued,
    Entry,
    EvidenceSource,
    Impact,
    Judgement,
    Matter,
    MeetingHeld,
    NeedsSet,
    NextStep,
    Outcome,
    OutcomeRated,
    PersonTold,
    PlanAgreed,
    Provision,
    PupilEnrolled,
    PupilLeft,
    Raiser,
    RankedNeed,
    ReviewHeld,
    SenDecided,
    Source,
    StaffTold,
    StatusImported,
    Telling,
)

A_YEAR: Final = 365
BETWEEN_REVIEWS: Final = 120
SAID: Final = EvidenceSource(says="Works best in a small group with the text read out first.")
ENGLISH_FIRST: Final = 0.8
HAVE_TWO_PARENTS: Final = 0.7
LEAVE_WITHIN_A_YEAR: Final = 0.3
LOADED_FROM_A_ROLL: Final = 0.3

Numbers = Mapping[str, int]
Making = Callable[[Numbers], Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who is who in a life, by id: the pupil, the parents, and the staff of the school."""

    pupil: UUID
    parents: tuple[UUID, ...]
    teacher: UUID
    senco: UUID
    assistant: UUID


@dataclass(slots=True, kw_only=True)
class Life:
    """A life under way: what happens, by day and by the word under which later entries refer to it; nothing happens after `today`."""

    dice: Random
    people: People
    today: date
    happenings: list[tuple[date, str, Making]] = field(default_factory=list)

    def happens(self, day: date, word: str, making: Making) -> bool:
        """Note what happens on a day, unless it lies in the future; tells whether it was noted."""
        if day <= self.today:
            self.happenings.append((day, word, making))
        return day <= self.today

    def entries(self, first: int) -> list[Entry]:
        """Give the entries in order of their days, which have the numbers from `first` on."""
        ordered = sorted(self.happenings, key=lambda happening: happening[0])
        numbers = {word: number for number, (_, word, _) in enumerate(ordered, start=first)}
        return [making(numbers) for _, _, making in ordered]

    def after(self, day: date, within: int) -> date | None:
        """Draw the day on which something owed is done: mostly within the days, sometimes late, sometimes never."""
        luck = self.dice.random()
        if luck < 0.82:
            return day + timedelta(days=self.dice.randint(0, within))
        return day + timedelta(days=within + self.dice.randint(1, 40)) if luck < 0.94 else None


def a_life_on_support(dice: Random, people: People, need: NeedType, today: date) -> Life:
    """A pupil whose parents or teachers worried, who came on SEN Support and has gone through some cycles since."""
    life = Life(dice=dice, people=people, today=today)
    decided_on = today - timedelta(days=dice.randint(20, 6 * A_YEAR))
    _comes_on_roll(life, decided_on - timedelta(days=dice.randint(90, 2 * A_YEAR)))
    _concern(life, decided_on - timedelta(days=dice.randint(40, 80)))
    life.happens(decided_on, "decision", lambda _: _decided(decided_on))
    life.happens(decided_on, "needs", lambda _: _needs(decided_on, need))
    _tell(life, "decision", Matter.SEN_PROVISION, decided_on)
    _cycles(life, decided_on)
    _meetings(life, decided_on)
    return life


def a_life_loaded_from_a_roll(dice: Random, people: People, need: NeedType, today: date) -> Life:
    """A pupil whose SEN Support another school decided on, lately come with the roll; some have left again."""
    life = Life(dice=dice, people=people, today=today)
    came_on = today - timedelta(days=dice.randint(5, A_YEAR))
    _comes_on_roll(life, came_on)
    source = Source(job=people.senco, file_digest="0" * 64, line=1)
    life.happens(came_on, "status", lambda _: StatusImported(occurred_on=came_on, status=SenStatus.SEN_SUPPORT, source=source))
    life.happens(came_on, "needs", lambda _: _needs(came_on, need))
    _meetings(life, came_on)
    left_on = came_on + timedelta(days=dice.randint(10, A_YEAR))
    if dice.random() < LEAVE_WITHIN_A_YEAR:
        life.happenings = [happening for happening in life.happenings if happening[0] < left_on]
        life.happens(left_on, "leaving", lambda _: PupilLeft(occurred_on=left_on, reason="Moved away."))
    return life


def a_life_with_a_plan(dice: Random, people: People, need: NeedType, today: date) -> Life:
    """A pupil with an EHC plan of the authority."""
    life = Life(dice=dice, people=people, today=today)
    issued_on = today - timedelta(days=dice.randint(20, 8 * A_YEAR))
    _comes_on_roll(life, issued_on - timedelta(days=dice.randint(90, A_YEAR)))
    life.happens(issued_on, "plan", lambda _: EhcPlanIssued(occurred_on=issued_on, authority="999"))
    life.happens(issued_on, "needs", lambda _: _needs(issued_on, need))
    _meetings(life, issued_on)
    return life


def _comes_on_roll(life: Life, day: date) -> None:
    born = day - timedelta(days=life.dice.randint(4 * A_YEAR, 9 * A_YEAR))
    english = life.dice.random() < ENGLISH_FIRST
    life.happens(day, "enrolment", lambda _: PupilEnrolled(occurred_on=day, date_of_birth=born, first_language_english=english))
    for parent in life.people.parents:
        life.happens(day, f"parent {parent}", lambda _, parent=parent: _parent(parent, day))


def _concern(life: Life, day: date) -> None:
    raiser = life.dice.choice((Raiser.PARENT, Raiser.PARENT, Raiser.TEACHER, Raiser.PUPIL))
    contact = life.people.parents[0] if raiser is Raiser.PARENT else None
    words = "Finds reading hard and gives up after a line or two."
    life.happens(
        day,
        "concern",
        lambda _: ConcernRaised(occurred_on=day, raised_by=raiser, contact=contact, domain=Domain.ATTAINMENT, words=words),
    )
    answered_on = life.after(day, 14)
    if answered_on:
        answer = "We see it too and will look closer."
        life.happens(answered_on, "answer", lambda at: ConcernAnswered(occurred_on=answered_on, concern=at["concern"], answer=answer))
    talked_on, note_on = day + timedelta(days=25), life.after(day + timedelta(days=25), 7)
    life.happens(talked_on, "discussion", lambda _: _discussion(talked_on, note_on))


def _cycles(life: Life, since: date) -> None:
    begins, cycle = since + timedelta(days=life.dice.randint(0, 20)), 1
    while begins <= life.today:
        reviewed_on = _cycle(life, cycle, begins)
        if reviewed_on is None:
            return
        begins, cycle = reviewed_on + timedelta(days=life.dice.randint(0, 15)), cycle + 1


def _cycle(life: Life, cycle: int, begins: date) -> date | None:
    """One turn of assess, plan, do, review; gives the day of the review, None where it was never held."""
    people, agreed_on = life.people, begins + timedelta(days=life.dice.randint(3, 12))
    review_on = agreed_on + timedelta(days=life.dice.randint(60, BETWEEN_REVIEWS))
    life.happens(begins, f"assessment {cycle}", lambda _: _assessed(begins, cycle, people))
    if life.happens(agreed_on, f"plan {cycle}", lambda _: _planned(agreed_on, review_on, cycle, people)):
        _tell(life, f"plan {cycle}", Matter.PLAN, agreed_on)
        told_on = life.after(agreed_on, 7)
        if told_on:
            life.happens(told_on, f"staff {cycle}", lambda _: StaffTold(occurred_on=told_on, cycle=cycle, staff=(people.assistant,)))
    held_on = life.after(review_on - timedelta(days=7), 7)
    if held_on and life.happens(held_on, f"review {cycle}", lambda _: _reviewed(held_on, cycle)):
        _tell(life, f"review {cycle}", Matter.REVIEW, held_on)
        return held_on
    return None


def _meetings(life: Life, since: date) -> None:
    day, count = since + timedelta(days=life.dice.randint(10, 90)), 0
    while day <= life.today:
        life.happens(day, f"meeting {count}", lambda _, day=day: _meeting(day, life.people))
        day, count = day + timedelta(days=life.dice.randint(80, 170)), count + 1


def _tell(life: Life, word: str, matter: Matter, day: date) -> None:
    for parent in life.people.parents:
        told_on = life.after(day, 7)
        if told_on:
            life.happens(told_on, f"{word} told {parent}", _telling(told_on, parent, matter, word))


def _telling(day: date, person: UUID, matter: Matter, word: str) -> Making:
    return lambda at: PersonTold(occurred_on=day, person=person, matter=matter, about=at[word], notice=None, how=Telling.IN_PERSON)


def _parent(contact: UUID, day: date) -> ContactDescribed:
    return ContactDescribed(occurred_on=day, contact=contact, relationship="parent", parental_responsibility=True, has_care=True)


def _discussion(day: date, note_on: date | None) -> DiscussionHeld:
    return DiscussionHeld(
        occurred_on=day,
        with_parents=True,
        with_pupil=True,
        strengths="Builds, draws and tells stories.",
        difficulties="Reading aloud and spelling.",
        parents_concerns="Homework takes all evening.",
        outcomes_agreed="Reads a page a day with an adult.",
        next_steps="Look at phonics together.",
        note_given_on=note_on,
        advice_service_named=True,
    )


def _decided(day: date) -> SenDecided:
    return SenDecided(
        occurred_on=day,
        judgement=Judgement.SEN_SUPPORT,
        difficulty="Learns to read much more slowly than others of the same age.",
        provision_beyond_ordinary="A daily taught reading programme.",
        reason="Teaching aimed at the gap did not close it.",
        considered=("progress", "parents", "pupil"),
        parents_view="Agree.",
        pupils_view="Wants help.",
    )


def _needs(day: date, need: NeedType) -> NeedsSet:
    area = NEED_CODES[need].area or AreaOfNeed.COGNITION_AND_LEARNING
    return NeedsSet(occurred_on=day, needs=(RankedNeed(need_type=need, rank=1),), areas=(area,), reason="As assessed.")


def _assessed(day: date, cycle: int, people: People) -> AssessmentMade:
    return AssessmentMade(
        occurred_on=day,
        cycle=cycle,
        teacher=people.teacher,
        senco=people.senco,
        teachers_assessment=SAID,
        progress_and_attainment=SAID,
        parents_view=SAID,
        pupils_view=SAID,
        analysis="Blending is weak, comprehension is sound.",
    )


def _planned(day: date, review_on: date, cycle: int, people: People) -> PlanAgreed:
    outcomes: Iterator[Outcome] = (
        Outcome(number=n, text="Reads a page alone.", measure="Running record", target_on=review_on, expected_impact="Reads by choice.")
        for n in (1, 2)
    )
    provision = Provision(
        number=1,
        support="Taught reading in a group of three",
        outcomes=(1, 2),
        sessions_per_week=3,
        minutes_per_session=20,
        delivered_by=people.assistant,
        accountable_teacher=people.teacher,
    )
    return PlanAgreed(
        occurred_on=day,
        cycle=cycle,
        outcomes=tuple(outcomes),
        provision=(provision,),
        teaching_strategies="Read instructions out, give time.",
        review_on=review_on,
        responsible_teacher=people.teacher,
        parents_consulted=Consulted(on=day),
        pupil_consulted=Consulted(on=day),
    )


def _reviewed(day: date, cycle: int) -> ReviewHeld:
    return ReviewHeld(
        occurred_on=day,
        cycle=cycle,
        ratings=tuple(OutcomeRated(outcome=n, impact=Impact.SOME_PROGRESS, evidence="Running record of the week.") for n in (1, 2)),
        quality_of_support="Given as planned.",
        parents_view=SAID,
        pupils_view=SAID,
        next_step=NextStep.CONTINUE,
        next_step_reason="It begins to work.",
    )


def _meeting(day: date, people: People) -> MeetingHeld:
    return MeetingHeld(
        occurred_on=day,
        attended_by=people.parents,
        led_by=people.teacher,
        senco_present=True,
        minutes=30,
        pupils_view=SAID,
        agreed="Go on as planned.",
        shared_with_staff_on=day,
        given_to_parents_on=day,
    )
