"""The part of a record that shows support: each cycle of assess, plan, do, review, then meetings and who was told."""

from collections.abc import Iterator

from app.documents.drawing.outline import NOTHING, Part, Section, Table, Words, facts, table
from app.documents.record.entry_parts import part
from app.documents.record.labels import Names, consulted, counted, day, label, said, school_year, yes_no
from app.domain.cycle import Cycle
from app.domain.entries import (
    AnnualReportGiven,
    DepartureExplained,
    MeetingHeld,
    PersonTold,
    PlanAgreed,
    Provision,
    ReviewDateMoved,
    ReviewHeld,
    SessionDelivered,
    StaffTold,
)
from app.domain.record import Record


def cycle_sections(record: Record, names: Names) -> tuple[Section, ...]:
    """A section for each cycle, or one that says there is none."""
    if not record.cycles:
        return (Section("cycles", "Cycles of support", (Words(NOTHING),)),)
    return tuple(_cycle(cycle, names) for cycle in record.cycles)


def meetings_section(record: Record, names: Names) -> Section:
    """Each meeting held with the parents or offered to them, and each yearly report that they were given."""
    parts = (*_meetings(record, names), *_reports(record, names))
    return Section("meetings", "Meetings and reports", parts or (Words(NOTHING),))


def told_section(record: Record, names: Names) -> Section:
    """Who was told what, and how; and the reasons the school gave for departing from guidance."""
    rows = [
        (day(told.occurred_on), names.of(told.person), label(told.matter), label(told.how), str(told.about))
        for recorded, told in record.each(PersonTold)
        if recorded in record.tellings(told.about)
    ]
    departures = tuple(
        part(f"Reason given on {day(one.occurred_on)}", recorded, facts(guidance=one.rule, reason=one.reason))
        for recorded, one in record.each(DepartureExplained)
    )
    people = table("People who were told", ("Day", "Who", "About", "How", "About entry"), rows)
    return Section("told", "People told", (people, *departures))


def _cycle(cycle: Cycle, names: Names) -> Section:
    parts = (
        *_assessment(cycle, names),
        *_plan(cycle, names),
        *_moves(cycle),
        *_briefings(cycle, names),
        *_sessions(cycle, names),
        *_review(cycle),
    )
    return Section(f"cycle-{cycle.number}", f"Cycle {cycle.number}", parts or (Words(NOTHING),))


def _assessment(cycle: Cycle, names: Names) -> Iterator[Part]:
    made, recorded = cycle.assessment_entry, cycle.assessment
    if made is None or recorded is None:
        return
    shown = facts(
        teacher=names.of(made.teacher),
        senco=names.of(made.senco),
        what_the_teacher_sees=said(made.teachers_assessment),
        progress_and_attainment=said(made.progress_and_attainment),
        view_of_the_parents=said(made.parents_view),
        view_of_the_pupil=said(made.pupils_view),
        advice_from_outside=said(made.outside_advice),
        analysis=made.analysis,
    )
    yield part(f"Assess: assessment of {day(made.occurred_on)}", recorded, shown)


def _plan(cycle: Cycle, names: Names) -> Iterator[Part]:
    plan, recorded = cycle.plan_entry, cycle.plan
    if plan is None or recorded is None:
        return
    shown = facts(
        review_on=day(cycle.review_on or plan.review_on),
        responsible_teacher=names.of(plan.responsible_teacher),
        parents_consulted=consulted(plan.parents_consulted),
        pupil_consulted=consulted(plan.pupil_consulted),
        adjustments=plan.adjustments,
        teaching_strategies=plan.teaching_strategies,
        at_home=plan.home_contribution,
    )
    yield part(
        f"Plan: agreed on {day(plan.occurred_on)}",
        recorded,
        shown,
        outcomes_table(plan),
        provision_table(plan, names),
    )


def outcomes_table(plan: PlanAgreed) -> Table | Words:
    """What a plan is to bring about, an outcome to a row."""
    rows = [(str(one.number), one.text, one.measure, day(one.target_on), one.expected_impact) for one in plan.outcomes]
    return table("Outcomes sought", ("Number", "Outcome", "How it will be seen", "By", "Expected impact"), rows)


def provision_table(plan: PlanAgreed, names: Names) -> Table | Words:
    """The support of a plan, with how much of it there is a week and who gives it."""
    rows = [
        (
            str(one.number),
            one.support,
            ", ".join(map(str, one.outcomes)),
            amount(one),
            names.of(one.delivered_by),
            names.of(one.accountable_teacher),
        )
        for one in plan.provision
    ]
    return table("Provision", ("Number", "Support", "Serves outcomes", "How much", "Given by", "Accountable teacher"), rows)


def amount(one: Provision) -> str:
    """How much there is of a provision each week."""
    return f"{counted(one.sessions_per_week, 'session', 'sessions')} a week of {counted(one.minutes_per_session, 'minute', 'minutes')}"


def _moves(cycle: Cycle) -> Iterator[Part]:
    for recorded in cycle.moves:
        if isinstance(move := recorded.entry, ReviewDateMoved):
            shown = facts(new_date=day(move.review_on), agreed_with_parents_on=day(move.agreed_with_parents_on), reason=move.reason)
            yield part(f"Review date moved on {day(move.occurred_on)}", recorded, shown)


def _briefings(cycle: Cycle, names: Names) -> Iterator[Part]:
    for recorded in cycle.briefings:
        if isinstance(told := recorded.entry, StaffTold):
            yield part(f"Staff told on {day(told.occurred_on)}", recorded, facts(who=names.all_of(told.staff)))


def _sessions(cycle: Cycle, names: Names) -> Iterator[Part]:
    sessions = [(recorded, one) for recorded in cycle.sessions if isinstance(one := recorded.entry, SessionDelivered)]
    if not sessions and cycle.plan is None:
        return
    rows = [
        (
            day(one.occurred_on),
            str(one.provision),
            names.of(one.delivered_by),
            str(one.minutes),
            yes_no(one.took_place),
            one.remark or "-",
            str(recorded.number),
        )
        for recorded, one in sessions
    ]
    columns = ("Day", "Provision", "Given by", "Minutes", "Took place", "Remark", "Entry")
    yield Part("Do: sessions", (Words(delivered(cycle)), table("Sessions", columns, rows)))


def delivered(cycle: Cycle) -> str:
    """How many sessions the plan of a cycle foresees a week, how many took place, and how many did not; or that none is written down."""
    sessions = [one for recorded in cycle.sessions if isinstance(one := recorded.entry, SessionDelivered)]
    held = [one for one in sessions if one.took_place]
    planned = sum(one.sessions_per_week for one in cycle.plan_entry.provision) if cycle.plan_entry else 0
    foreseen = f"The plan foresees {counted(planned, 'session', 'sessions')} a week."
    if not sessions:
        return f"{foreseen} No session is written down."
    return (
        f"{foreseen} {counted(len(held), 'session', 'sessions')} took place "
        f"({sum(one.minutes for one in held)} minutes in all); {len(sessions) - len(held)} did not."
    )


def _review(cycle: Cycle) -> Iterator[Part]:
    review, recorded = cycle.review_entry, cycle.review
    if review is None or recorded is None:
        return
    shown = facts(
        quality_of_the_support=review.quality_of_support,
        view_of_the_parents=said(review.parents_view),
        view_of_the_pupil=said(review.pupils_view),
        next_step=label(review.next_step),
        reason=review.next_step_reason,
    )
    yield part(f"Review: held on {day(review.occurred_on)}", recorded, ratings_table(review, cycle.plan_entry), shown)


def ratings_table(review: ReviewHeld, plan: PlanAgreed | None) -> Table | Words:
    """What became of each outcome, in the words of the plan where it is at hand."""
    wording = {one.number: one.text for one in plan.outcomes} if plan else {}
    rows = [(f"{one.outcome}. {wording.get(one.outcome, '')}".strip(), label(one.impact), one.evidence) for one in review.ratings]
    return table("What became of each outcome", ("Outcome", "Result", "Evidence"), rows)


def _meetings(record: Record, names: Names) -> Iterator[Part]:
    for recorded, met in record.each(MeetingHeld):
        shown = facts(
            attended_by=names.all_of(met.attended_by),
            declined_by=names.all_of(met.declined_by),
            led_by=names.of(met.led_by),
            senco_present=yes_no(met.senco_present),
            length=counted(met.minutes, "minute", "minutes"),
            view_of_the_pupil=said(met.pupils_view),
            agreed=met.agreed,
            shared_with_staff_on=day(met.shared_with_staff_on),
            given_to_parents_on=day(met.given_to_parents_on),
        )
        yield part(f"Meeting on {day(met.occurred_on)}", recorded, shown)


def _reports(record: Record, names: Names) -> Iterator[Part]:
    for recorded, report in record.each(AnnualReportGiven):
        shown = facts(
            on_the_school_year=school_year(report.school_year),
            given_to=names.all_of(report.given_to),
            talk_about_it_offered=yes_no(report.discussion_offered),
        )
        yield part(f"Yearly report given on {day(report.occurred_on)}", recorded, shown)
