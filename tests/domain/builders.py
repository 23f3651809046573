"""Small invented records for the domain's tests: one pupil, one school, a few people, and an entry of most kinds."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TypeVar
from uuid import UUID

from app.domain.author import Assurance, Author, AuthorKind
from app.domain.codes import AreaOfNeed, NeedType, SchoolType, SenStatus, StaffRole
from app.domain.entries import (
    AssessmentMade,
    ConcernRaised,
    Consulted,
    ContactDescribed,
    DiscussionHeld,
    Domain,
    EhcPlanCeased,
    EhcPlanIssued,
    Entry,
    EvidenceSource,
    Impact,
    Judgement,
    NeedImported,
    NeedsSet,
    NextStep,
    Outcome,
    OutcomeRated,
    PlanAgreed,
    Provision,
    PupilEnrolled,
    Raiser,
    RankedNeed,
    Recorded,
    ReviewHeld,
    RoleGiven,
    SchoolDescribed,
    SenDecided,
    Source,
    StatusImported,
    SupportEnded,
    TeachingAdapted,
    TransitionDecided,
)
from app.domain.record import Record
from app.domain.school import School

PUPIL, OTHER_PUPIL = UUID(int=0x101), UUID(int=0x102)
TEACHER, SENCO, HEAD, ASSISTANT, CLERK, STRANGER = (UUID(int=0x200 + n) for n in range(1, 7))
MOTHER, FATHER, GRANDMOTHER = (UUID(int=0x300 + n) for n in range(1, 4))
CLIENT = UUID(int=0x401)
ELSEWHERE = Source(job=UUID(int=0x501), file_digest="0" * 64, line=7)

ROLES = {
    TEACHER: StaffRole.TEACHER,
    SENCO: StaffRole.SENCO,
    HEAD: StaffRole.HEAD,
    ASSISTANT: StaffRole.TEACHING_ASSISTANT,
    CLERK: StaffRole.ADMINISTRATOR,
}
SAID = EvidenceSource(says="Reads alone for five minutes.")
CONSULTED = Consulted(on=date(2025, 9, 10))

E = TypeVar("E", bound=Entry)


def staff(person: UUID = SENCO, assurance: Assurance = Assurance.ASSERTED) -> Author:
    return Author(kind=AuthorKind.STAFF, id=person, assurance=assurance)


AS_TEACHER, AS_SENCO, AS_HEAD = staff(TEACHER), staff(SENCO), staff(HEAD)
AS_MOTHER = Author(kind=AuthorKind.CONTACT, id=MOTHER)
AS_PUPIL = Author(kind=AuthorKind.PUPIL, id=PUPIL)
AS_IMPORT = Author(kind=AuthorKind.IMPORT, id=CLERK)
AS_CLIENT = Author(kind=AuthorKind.CLIENT, id=CLIENT)


def recorded(
    entry: Entry,
    number: int = 1,
    *,
    pupil: UUID | None = PUPIL,
    by: Author = AS_SENCO,
    at: datetime | None = None,
    supersedes: int | None = None,
) -> Recorded:
    """An entry as the ledger holds it, written at four in the afternoon of its own day unless said otherwise."""
    moment = at or datetime.combine(entry.occurred_on, time(16), UTC)
    return Recorded(number=number, recorded_at=moment, author=by, entry=entry, pupil=pupil, supersedes=supersedes)


def a_school(
    *entries: Entry,
    kind: SchoolType = SchoolType.MAINTAINED_MAINSTREAM,
    record_begins_on: date = date(2014, 9, 1),
) -> School:
    """A school in authority 999 with one of each role since 2010; its entries are numbered from -1000 up."""
    opening: list[Entry] = [
        SchoolDescribed(occurred_on=date(2010, 1, 1), school_type=kind, authority="999", record_begins_on=record_begins_on),
        *(RoleGiven(occurred_on=date(2010, 1, 1), staff=person, role=role) for person, role in ROLES.items()),
    ]
    return School.fold(recorded(entry, n - 1000, pupil=None) for n, entry in enumerate([*opening, *entries]))


A_SCHOOL = a_school()


def a_record(*entries: Entry | Recorded, school: School = A_SCHOOL, pupil: UUID = PUPIL) -> Record:
    """The record of these entries; what is not recorded yet gets its place, from 1, as its number."""
    return Record.fold(
        school, (e if isinstance(e, Recorded) else recorded(e, n, pupil=pupil) for n, e in enumerate(entries, start=1)), pupil
    )


def with_changes(entry: E, changes: dict[str, object]) -> E:
    return replace(entry, **changes)  # type: ignore[arg-type]


def enrolled(born: date = date(2013, 11, 20), on: date = date(2014, 9, 1), *, english: bool | None = True) -> PupilEnrolled:
    return PupilEnrolled(occurred_on=on, date_of_birth=born, year_group="4", first_language_english=english)


def a_contact(contact: UUID = MOTHER, on: date = date(2014, 9, 1), **changes: object) -> ContactDescribed:
    entry = ContactDescribed(occurred_on=on, contact=contact, relationship="parent", parental_responsibility=True, has_care=True)
    return with_changes(entry, changes)


def imported(status: SenStatus, since: date, source: Source = ELSEWHERE) -> StatusImported:
    return StatusImported(occurred_on=since, status=status, source=source)


def need_imported(need: NeedType, since: date, until: date | None = None, rank: int = 1) -> NeedImported:
    return NeedImported(occurred_on=since, need_type=need, rank=rank, until=until, source=ELSEWHERE)


def needs_set(on: date, *needs: NeedType) -> NeedsSet:
    ranked = tuple(RankedNeed(need_type=need, rank=rank) for rank, need in enumerate(needs, start=1))
    areas = (AreaOfNeed.COGNITION_AND_LEARNING,)
    return NeedsSet(occurred_on=on, needs=ranked, areas=areas, reason="Assessed.", parents_told_on=on)


def a_concern(on: date, by: Raiser = Raiser.PARENT) -> ConcernRaised:
    return ConcernRaised(occurred_on=on, raised_by=by, domain=Domain.COMMUNICATION, words="Hard to follow in a group.")


def teaching_adapted(on: date) -> TeachingAdapted:
    return TeachingAdapted(occurred_on=on, tried="Phonics again, daily.", effect="Some letters firmer.")


def a_discussion(on: date, **changes: object) -> DiscussionHeld:
    entry = DiscussionHeld(
        occurred_on=on,
        with_parents=True,
        with_pupil=True,
        strengths="Builds and draws.",
        difficulties="Reading aloud.",
        parents_concerns="Homework takes hours.",
        outcomes_agreed="Reads a page a day.",
        next_steps="Assess phonics.",
        note_given_on=on,
        advice_service_named=True,
    )
    return with_changes(entry, changes)


def sen_decided(on: date, judgement: Judgement = Judgement.SEN_SUPPORT, **changes: object) -> SenDecided:
    entry = SenDecided(
        occurred_on=on,
        judgement=judgement,
        difficulty="Decodes well below others of the same age.",
        provision_beyond_ordinary="A daily taught reading programme.",
        reason="Teaching aimed at the gap did not close it.",
        considered=("progress", "parents", "pupil"),
        parents_view="Agrees.",
        pupils_view="Wants help with reading.",
        review_on=date(on.year + 1, 2, 1),
    )
    return with_changes(entry, changes)


def a_transition(
    on: date, judgement: Judgement | SenStatus = SenStatus.SEN_SUPPORT, came_from: SenStatus = SenStatus.SCHOOL_ACTION, **changes: object
) -> TransitionDecided:
    entry = TransitionDecided(
        occurred_on=on,
        programme="school-action",
        came_from=came_from,
        judgement=SenStatus(judgement),
        reviewed_on=on,
        reviewers=(TEACHER,),
        needs_analysis="Reading is two years behind.",
        ordinarily_available="Small group phonics and a reading corner.",
        reason="More than the ordinary offer is needed.",
        pupils_view="Likes the small group.",
        parents_view="Wants it to go on.",
    )
    return with_changes(entry, changes)


def an_assessment(on: date, cycle: int = 1, **changes: object) -> AssessmentMade:
    entry = AssessmentMade(
        occurred_on=on,
        cycle=cycle,
        teacher=TEACHER,
        senco=SENCO,
        teachers_assessment=SAID,
        progress_and_attainment=SAID,
        parents_view=SAID,
        pupils_view=SAID,
        analysis="Blending is weak.",
    )
    return with_changes(entry, changes)


def a_plan(on: date, review_on: date, cycle: int = 1, **changes: object) -> PlanAgreed:
    outcome = Outcome(number=1, text="Blends three sounds.", measure="Screening", target_on=review_on, expected_impact="Reads words.")
    provision = Provision(
        number=1,
        support="Taught reading",
        outcomes=(1,),
        sessions_per_week=3,
        minutes_per_session=20,
        delivered_by=ASSISTANT,
        accountable_teacher=TEACHER,
    )
    entry = PlanAgreed(
        occurred_on=on,
        cycle=cycle,
        outcomes=(outcome,),
        provision=(provision,),
        review_on=review_on,
        responsible_teacher=TEACHER,
        parents_consulted=Consulted(on=on),
        pupil_consulted=Consulted(on=on),
    )
    return with_changes(entry, changes)


def a_review(on: date, cycle: int = 1, **changes: object) -> ReviewHeld:
    entry = ReviewHeld(
        occurred_on=on,
        cycle=cycle,
        ratings=(OutcomeRated(outcome=1, impact=Impact.GOOD_PROGRESS, evidence="Blends most words of three sounds."),),
        quality_of_support="Given as planned.",
        parents_view=SAID,
        pupils_view=SAID,
        next_step=NextStep.CONTINUE,
        next_step_reason="It works.",
    )
    return with_changes(entry, changes)


def support_ended(on: date, review: int) -> SupportEnded:
    return SupportEnded(
        occurred_on=on,
        review=review,
        reason="The ordinary offer is enough.",
        parents_consulted=Consulted(on=on),
        pupil_consulted=Consulted(on=on),
        monitor_on=date(on.year + 1, 1, 31),
    )


def plan_issued(on: date, **changes: object) -> EhcPlanIssued:
    return with_changes(EhcPlanIssued(occurred_on=on, authority="999"), changes)


def plan_ceased(on: date, judgement: Judgement = Judgement.SEN_SUPPORT) -> EhcPlanCeased:
    return EhcPlanCeased(occurred_on=on, authority="999", judgement=judgement, reason="The authority ceased the plan.")
