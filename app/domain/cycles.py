"""The steps of the graduated approach: assess, plan, do, review, and the end of support."""

from collections.abc import Iterable, Iterator
from itertools import chain
from uuid import UUID

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.codes import PlanType, SenStatus
from app.domain.cycle import Cycle
from app.domain.decision import Decision
from app.domain.entries import (
    AssessmentMade,
    PlanAgreed,
    Provision,
    ReviewDateMoved,
    ReviewHeld,
    SessionDelivered,
    StaffTold,
    SupportEnded,
)
from app.domain.moves import move_refusal
from app.domain.nobody_to_tell import telling_findings
from app.domain.plans import impossible_plan, plan_findings
from app.domain.record import Record
from app.domain.reviews import exit_findings, impossible_review, review_findings
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    AGREE_PLAN_WITH_PARENTS_AND_PUPIL,
    ANALYSE_NEEDS_FROM_ALL_SOURCES,
    END_SUPPORT_AT_A_REVIEW,
    EXPLAIN_THE_IMPACT_TO_PARENTS,
    HAVE_A_PLAN_ON_SEN_SUPPORT,
    LOG_DELIVERY,
    MAKE_PARENTS_AWARE_OF_THE_PLAN,
    REVIEW_BY_THE_AGREED_DATE,
    REVIEW_EACH_OUTCOME_WITH_VIEWS,
    TELL_ALL_STAFF,
)

SOURCES = ("teachers_assessment", "progress_and_attainment", "parents_view", "pupils_view")


def make_assessment(record: Record, entry: AssessmentMade, by: Author) -> Decision:
    """Open the next cycle with an analysis of needs, or look again in the open one (Code of Practice 6.45)."""
    cycle = _cycle(record, entry.cycle)
    is_settled = cycle is not None and cycle.review is not None and cycle.assessment is not None
    refusal = role_refusal(record, entry, by) or _stale(record, entry.cycle, is_settled=is_settled)
    return answered(record, entry, refusal, _assessment_findings(record, entry))


def agree_plan(record: Record, entry: PlanAgreed, by: Author) -> Decision:
    """Agree what will be done in a cycle until its review; one plan a cycle, changed by correction or in the next (6.48)."""
    cycle = _cycle(record, entry.cycle)
    refusal = (
        role_refusal(record, entry, by)
        or _already_planned(cycle)
        or _stale(record, entry.cycle, is_settled=False)
        or impossible_plan(entry)
        or _of_another_kind(entry)
    )
    nobody = telling_findings(record, entry.occurred_on, MAKE_PARENTS_AWARE_OF_THE_PLAN)
    return answered(record, entry, refusal, chain(plan_findings(record, cycle, entry), nobody))


def _of_another_kind(entry: PlanAgreed) -> Finding | None:
    """Refuse a plan that is none of the school's: an authority's, or one that no law knows yet."""
    if entry.plan_type is not PlanType.EHC and not entry.plan_type.is_reserved:
        return None
    cure = "call a form of the school's own isp_local; an authority's plan is recorded as issued"
    return AGREE_PLAN_WITH_PARENTS_AND_PUPIL.broken(plan_type=entry.plan_type, cure=cure)


def move_review_date(record: Record, entry: ReviewDateMoved, by: Author) -> Decision:
    """Put the review on another day; it counts only if the parents agreed before the day that it moves (6.53)."""
    cycle = _cycle(record, entry.cycle)
    refusal = role_refusal(record, entry, by) or _no_plan(cycle, entry.cycle) or _impossible_move(cycle, entry)
    if refusal or cycle is None or cycle.review_on is None:
        return answered(record, entry, refusal)
    facts: dict[str, Fact] = {"cycle": entry.cycle, "agreed_on": str(entry.agreed_with_parents_on), "was_due_on": str(cycle.review_on)}
    if entry.agreed_with_parents_on < cycle.review_on:
        return answered(record, entry, None, (REVIEW_BY_THE_AGREED_DATE.kept().shown_by(facts),))
    late = REVIEW_BY_THE_AGREED_DATE.broken(cure="hold the review; its first date stands").shown_by(facts)
    return answered(record, entry, None, (late,))


def tell_staff(record: Record, entry: StaffTold, by: Author) -> Decision:
    """Tell the staff named what the plan asks of them (6.49); there must be a plan."""
    cycle = _cycle(record, entry.cycle)
    refusal = role_refusal(record, entry, by) or _no_plan(cycle, entry.cycle)
    if refusal or cycle is None:
        return answered(record, entry, refusal)
    told = frozenset(entry.staff).union(*(b.entry.staff for b in cycle.briefings if isinstance(b.entry, StaffTold)))
    left = staff_to_tell(cycle) - told
    finding = TELL_ALL_STAFF.broken(cycle=entry.cycle, staff_not_told=len(left)) if left else TELL_ALL_STAFF.kept(cycle=entry.cycle)
    return answered(record, entry, None, (finding,))


def deliver_session(record: Record, entry: SessionDelivered, by: Author) -> Decision:
    """Log one session of a provision that the plan names, given or not; one not given says why."""
    cycle = _cycle(record, entry.cycle)
    refusal = role_refusal(record, entry, by) or _no_plan(cycle, entry.cycle)
    if refusal is None and cycle and entry.provision not in {item.number for item in provision_of(cycle)}:
        refusal = LOG_DELIVERY.broken(cycle=entry.cycle, provision=entry.provision, missing=("provision in the plan",))
    if refusal:
        return answered(record, entry, refusal)
    unexplained = not entry.took_place and not entry.remark
    finding = LOG_DELIVERY.broken(missing=("reason why it was not given",)) if unexplained else LOG_DELIVERY.kept(cycle=entry.cycle)
    return answered(record, entry, None, (finding,))


def hold_review(record: Record, entry: ReviewHeld, by: Author) -> Decision:
    """Close a cycle with what the support achieved (6.53 to 6.56); late or incomplete is remarked on and never barred."""
    cycle = _cycle(record, entry.cycle)
    refusal = role_refusal(record, entry, by) or _no_plan(cycle, entry.cycle) or impossible_review(cycle, entry)
    if refusal or cycle is None:
        return answered(record, entry, refusal)
    nobody = telling_findings(record, entry.occurred_on, EXPLAIN_THE_IMPACT_TO_PARENTS)
    return answered(record, entry, None, chain(review_findings(record, cycle, entry), nobody))


def end_support(record: Record, entry: SupportEnded, by: Author) -> Decision:
    """End SEN Support on the strength of a review; the pupil's status becomes N."""
    review = record.entry(entry.review)
    refusal = role_refusal(record, entry, by) or move_refusal(record, entry, SenStatus.NONE)
    if refusal is None and (review is None or not isinstance(review.entry, ReviewHeld)):
        refusal = END_SUPPORT_AT_A_REVIEW.broken(review=entry.review, missing=("review",))
    nobody = telling_findings(record, entry.occurred_on, END_SUPPORT_AT_A_REVIEW)
    return answered(record, entry, refusal, chain(exit_findings(record, entry), nobody))


def provision_of(cycle: Cycle) -> tuple[Provision, ...]:
    """The provision of the cycle's plan, none before there is a plan."""
    return cycle.plan_entry.provision if cycle.plan_entry else ()


def staff_to_tell(cycle: Cycle) -> frozenset[UUID]:
    """Everybody the plan names as giving or answering for provision, but for the responsible teacher, who agreed it."""
    plan = cycle.plan_entry
    if plan is None:
        return frozenset()
    named = {person for item in plan.provision for person in (item.delivered_by, item.accountable_teacher)}
    return frozenset(named - {plan.responsible_teacher})


def _cycle(record: Record, number: int) -> Cycle | None:
    return next((cycle for cycle in record.cycles if cycle.number == number), None)


def _stale(record: Record, number: int, *, is_settled: bool) -> Finding | None:
    """Take a cycle that is known and not settled, or the next one when none is open."""
    last = record.last_cycle.number if record.last_cycle else 0
    is_known = _cycle(record, number) is not None
    if not is_settled and (is_known or (record.current_cycle is None and number == last + 1)):
        return None
    expected = record.current_cycle.number if record.current_cycle else last + 1
    return HAVE_A_PLAN_ON_SEN_SUPPORT.broken(cycle=number, expected_cycle=expected, cure="name the expected cycle, or correct the entry")


def _already_planned(cycle: Cycle | None) -> Finding | None:
    if cycle is None or cycle.plan is None:
        return None
    number = cycle.plan.number
    cure = (
        f"cycle {cycle.number} has a plan, entry {number}; send it again with corrects {number} to change it; a review opens the next cycle"
    )
    return HAVE_A_PLAN_ON_SEN_SUPPORT.broken(cycle=cycle.number, plan=number, cure=cure)


def _no_plan(cycle: Cycle | None, number: int) -> Finding | None:
    if cycle is not None and cycle.plan is not None:
        return None
    return AGREE_PLAN_WITH_PARENTS_AND_PUPIL.broken(cycle=number, missing=("plan",), cure="agree a plan first")


def _impossible_move(cycle: Cycle | None, entry: ReviewDateMoved) -> Finding | None:
    plan = cycle.plan_entry if cycle else None
    facts: dict[str, Fact] = {"cycle": entry.cycle, "review_on": str(entry.review_on), "agreed_on": str(entry.agreed_with_parents_on)}
    if plan and entry.review_on <= plan.occurred_on:
        return REVIEW_BY_THE_AGREED_DATE.broken(plan_on=str(plan.occurred_on), cure="choose a day after the plan").shown_by(facts)
    if entry.agreed_with_parents_on > entry.occurred_on:
        return REVIEW_BY_THE_AGREED_DATE.broken(cure="record the agreement once it is made").shown_by(facts)
    if cycle and cycle.review and cycle.review.entry.occurred_on <= entry.occurred_on:
        return REVIEW_EACH_OUTCOME_WITH_VIEWS.broken(
            reviewed_on=str(cycle.review.entry.occurred_on), cure="the review was held; set the next date in the plan of the next cycle"
        ).shown_by(facts)
    return None


def _assessment_findings(record: Record, entry: AssessmentMade) -> Iterator[Finding]:
    missing = tuple(_missing_sources(entry))
    if missing:
        yield ANALYSE_NEEDS_FROM_ALL_SOURCES.broken(missing=missing, cycle=entry.cycle, cure="give the source, or say why it is missing")
    else:
        yield ANALYSE_NEEDS_FROM_ALL_SOURCES.kept(cycle=entry.cycle)


def _missing_sources(entry: AssessmentMade) -> Iterable[str]:
    yield from (name for name in SOURCES if not getattr(entry, name).says and not getattr(entry, name).missing_because)
    if entry.senco is None:
        yield "senco"
    if not entry.analysis.strip():
        yield "analysis"
