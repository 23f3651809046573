"""Steps about EHC plans and requests for an EHC needs assessment; no local threshold ever refuses a request."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from app.domain.answer import answered
from app.domain.author import Author, AuthorKind
from app.domain.calendar import add_months
from app.domain.care import home_authority
from app.domain.codes import SenStatus
from app.domain.cures import cure_of
from app.domain.decision import Decision
from app.domain.entries import (
    AuthorityDecided,
    AuthorityDecision,
    ContactDescribed,
    EhcAssessmentRequested,
    EhcPlanCeased,
    EhcPlanIssued,
    EhcRequestWithdrawn,
    EvidenceReceived,
    EvidenceSubmitted,
    Judgement,
    LawfulBasis,
    PlanRecipient,
    PlanSection,
    Requester,
)
from app.domain.local_expectations import local_findings
from app.domain.meetings import known_people
from app.domain.moves import move_refusal
from app.domain.nobody_to_tell import telling_findings
from app.domain.people import RightHolder, is_parent, lack_of_capacity, right_holder
from app.domain.profile import Profile
from app.domain.record import Record
from app.domain.request_course import course_of, courses_of, leads_nowhere, receipts_of
from app.domain.request_moves import Stage
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding, Rule
from app.domain.rules.children_and_families_act_2014 import (
    ASK_FOR_AN_EHC_NEEDS_ASSESSMENT,
    HONOUR_WHO_HOLDS_THE_RIGHTS,
    INFORM_PARENTS_OF_SEN_PROVISION,
    LET_SOMEBODY_ACT_FOR_WHO_CANNOT,
    NEVER_REFUSE_A_REQUEST,
    TAKE_NOTICE_FOR_NO_REQUEST,
    WEIGH_AN_EARLIER_ASSESSMENT,
)
from app.domain.rules.data_protection import RECORD_WHY_EVIDENCE_IS_SHARED
from app.domain.rules.send_regulations_2014.assessments import (
    AUTHORITY_DECIDES_WITHIN_SIX_WEEKS,
    AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS,
    SEND_THE_PLAN_TO_ALL_THREE,
    SET_OUT_EVERY_SECTION,
)
from app.domain.rules.transition_2014_2015 import COMPLETE_THE_TRANSFER_REVIEW
from app.domain.submission import settled, unsettled
from app.domain.writers import SENCO_OR_HEAD

MONTHS_TO_WEIGH = 6
"""An assessment made within this many months before a request is shown beside it (section 36(6))."""
COMES_WITH_ITS_EVIDENCE: Final = frozenset({Requester.SCHOOL, Requester.POST_16_INSTITUTION})
"""Whose request becomes visible to the authority with its evidence; any other is there at once."""
IS_NO_RIGHT_OF_THE_FAMILY: Final = COMES_WITH_ITS_EVIDENCE | {Requester.SOMEBODY_ELSE}


def issue_ehc_plan(record: Record, entry: EhcPlanIssued, by: Author) -> Decision:
    """Record the authority's final plan; a statement goes over only once its transfer review is complete."""
    refusal = role_refusal(record, entry, by) or move_refusal(record, entry, SenStatus.EHC_PLAN) or _plan_on_nothing(record, entry)
    return answered(record, entry, refusal, (*_transfer_findings(record, entry), *_plan_findings(entry)))


def cease_ehc_plan(record: Record, entry: EhcPlanCeased, by: Author) -> Decision:
    """Record that the authority ceased the plan or statement, and what the school decided follows."""
    refusal = role_refusal(record, entry, by) or move_refusal(record, entry, entry.judgement.status)
    is_support = entry.judgement is Judgement.SEN_SUPPORT
    nobody = telling_findings(record, entry.occurred_on, INFORM_PARENTS_OF_SEN_PROVISION) if is_support else ()
    return answered(record, entry, refusal, nobody)


def request_ehc_assessment(record: Record, entry: EhcAssessmentRequested, by: Author) -> Decision:
    """Ask for an assessment at any time (section 36(1)); a plan or a recent assessment is shown and bars nothing."""
    refusal = (
        role_refusal(record, entry, by) or _in_anothers_name(entry, by) or _not_theirs_to_ask(record, entry) or _asked_before(record, entry)
    )
    return answered(record, entry, refusal, _request_findings(record, entry))


def send_ehc_request(record: Record, entry: EhcAssessmentRequested, by: Author, available_on: date) -> Decision:
    """Ask, and where it is not the school that asks, deem the request received on the day the authority can have it, evidence or not.

    The six weeks run from the request (Special Educational Needs and Disability Regulations 2014, regulation 5(1)).
    """
    decision = request_ehc_assessment(record, entry, by)
    if decision.is_refused or entry.requester in IS_NO_RIGHT_OF_THE_FAMILY:
        return decision
    deemed = EvidenceReceived(occurred_on=max(available_on, entry.occurred_on), request=entry.request, deemed=True, bundle_digest=None)
    return replace(decision, entries=(*decision.entries, deemed))


def submit_evidence(record: Record, entry: EvidenceSubmitted, by: Author, profile: Profile | None = None) -> Decision:
    """Freeze the record for a request, once, up to a number of the ledger; a second person confirms what leaves the school.

    What `profile` expects and is not there is remarked on, and bars nothing (section 36(8)).
    """
    refusal = role_refusal(record, entry, by) or _impossible_submission(record, entry, by) or unsettled(record, entry)
    if refusal:
        return answered(record, entry, refusal)
    return answered(record, entry, None, (_why_shared(entry), *settled(record, entry), *local_findings(record, entry, profile)))


def receive_evidence(record: Record, entry: EvidenceReceived, by: Author) -> Decision:
    """Record the day on which the request was available to the authority; its six weeks run from that day."""
    refusal = role_refusal(record, entry, by)
    asked = request_of(record, entry)
    if refusal is None and (asked is None or entry.occurred_on < asked.occurred_on):
        refusal = AUTHORITY_DECIDES_WITHIN_SIX_WEEKS.broken(missing=("request made by that day",), received_on=str(entry.occurred_on))
    refusal = refusal or _leads_nowhere(record, entry, AUTHORITY_DECIDES_WITHIN_SIX_WEEKS)
    if refusal:
        return answered(record, entry, refusal)
    days = {receipt.occurred_on for _, receipt in receipts_of(record, entry)}
    unexplained = not entry.deemed and not entry.reason and bool(days) and entry.occurred_on not in days
    finding = AUTHORITY_DECIDES_WITHIN_SIX_WEEKS.broken(missing=("reason for another day of receipt",))
    return answered(record, entry, None, (finding,) if unexplained else ())


def withdraw_request(record: Record, entry: EhcRequestWithdrawn, by: Author) -> Decision:
    """Take a request back before it was answered: who made it may, and staff who pass that on; a school's own, its SENCO or head."""
    refusal = role_refusal(record, entry, by)
    asked = request_of(record, entry)
    if refusal is None and (asked is None or entry.occurred_on < asked.occurred_on):
        refusal = ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.broken(missing=("request made by that day",), on=str(entry.occurred_on))
    if asked is not None:
        refusal = refusal or _not_theirs_to_take_back(record, asked, entry, by)
    return answered(record, entry, refusal or _leads_nowhere(record, entry, ASK_FOR_AN_EHC_NEEDS_ASSESSMENT))


def request_of(record: Record, entry: EvidenceSubmitted | EvidenceReceived | EhcRequestWithdrawn) -> EhcAssessmentRequested | None:
    """The request that an entry belongs to, None if the record has none of that id; a child brought to notice was not asked for."""
    course = course_of(record, entry.request)
    return None if course is None or course.asked.requester is Requester.SOMEBODY_ELSE else course.asked


def _leads_nowhere(record: Record, entry: EvidenceSubmitted | EvidenceReceived | EhcRequestWithdrawn, rule: Rule) -> Finding | None:
    course = course_of(record, entry.request)
    return None if course is None else leads_nowhere(course, entry, rule)


def _not_theirs_to_take_back(record: Record, asked: EhcAssessmentRequested, entry: EhcRequestWithdrawn, by: Author) -> Finding | None:
    """Nobody takes back what somebody else asked for; staff pass on what a family says, and of their school's own the leaders decide."""
    rule, is_ours = ASK_FOR_AN_EHC_NEEDS_ASSESSMENT, asked.requester in COMES_WITH_ITS_EVIDENCE
    if by.kind is AuthorKind.STAFF:
        may = not is_ours or record.school.roles_of(by.id, entry.occurred_on) & SENCO_OR_HEAD
        return None if may else rule.broken(requester=asked.requester, needs="senco or head", missing=("role on the day",))
    owner = {AuthorKind.CONTACT: asked.contact, AuthorKind.PUPIL: record.pupil}.get(by.kind)
    is_theirs = by.id == owner and (by.kind is AuthorKind.CONTACT or asked.requester is Requester.YOUNG_PERSON)
    if is_theirs and not is_ours:
        return None
    return rule.broken(requester=asked.requester, author_kind=by.kind, cure="let who asked take it back")


def _why_shared(entry: EvidenceSubmitted) -> Finding:
    """The basis lies in statute (sections 29 and 36, regulation 6), so that consent, which may be refused, is not the one to name."""
    untold = {"lawful_basis": entry.lawful_basis, "second person": entry.confirmed_by or entry.waived_by}
    missing = tuple(name for name, value in untold.items() if value is None)
    facts: dict[str, Fact] = {"frozen_at": entry.frozen_at, "lawful_basis": entry.lawful_basis, "waived_by": entry.waived_by}
    rule = RECORD_WHY_EVIDENCE_IS_SHARED
    if entry.lawful_basis is LawfulBasis.CONSENT:
        cure = "; ".join(("name the legal obligation or public task that it rests on", *((cure_of(missing),) if missing else ())))
        return rule.broken(missing=missing, cure=cure).shown_by(facts)
    return rule.broken(missing=missing).shown_by(facts) if missing else rule.kept().shown_by(facts)


def _transfer_findings(record: Record, entry: EhcPlanIssued) -> Iterator[Finding]:
    completed = entry.transfer_review_completed_on
    facts: dict[str, Fact] = {"plan_on": str(entry.occurred_on), "completed_on": str(completed) if completed else None}
    if record.status_on(entry.occurred_on) is not SenStatus.STATEMENT:
        return
    if completed is not None and completed <= entry.occurred_on:
        yield COMPLETE_THE_TRANSFER_REVIEW.kept().shown_by(facts)
    else:
        yield COMPLETE_THE_TRANSFER_REVIEW.broken(missing=("transfer review before the plan",)).shown_by(facts)


def _plan_on_nothing(record: Record, entry: EhcPlanIssued) -> Finding | None:
    """Refuse a plan that names a request which was not made by its day; one that names none stands by itself."""
    course = None if entry.request is None else course_of(record, entry.request)
    if entry.request is None:
        return None
    if course is not None and course.asked.occurred_on <= entry.occurred_on:
        return leads_nowhere(course, entry, AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS)
    return AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS.broken(missing=("request made by that day",))


def _plan_findings(entry: EhcPlanIssued) -> Iterator[Finding]:
    """Remark on what a plan holds and whom it went to, where that is told; nothing told is nothing known."""
    for rule, told, whole in (
        (SET_OUT_EVERY_SECTION, entry.sections, tuple(f"section {section}" for section in PlanSection if section not in entry.sections)),
        (SEND_THE_PLAN_TO_ALL_THREE, entry.sent_to, tuple(f"sending to {one}" for one in PlanRecipient if one not in entry.sent_to)),
    ):
        if told:
            yield rule.broken(missing=whole) if whole else rule.kept(told=len(told))


def _in_anothers_name(entry: EhcAssessmentRequested, by: Author) -> Finding | None:
    """A contact asks as that parent and a pupil as that young person; staff and clients pass on what others ask."""
    asks_as = {AuthorKind.CONTACT: (Requester.PARENT, by.id), AuthorKind.PUPIL: (Requester.YOUNG_PERSON, None)}.get(by.kind)
    if asks_as is None or asks_as == (entry.requester, entry.contact):
        return None
    return ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.broken(requester=entry.requester, author_kind=by.kind, cure="ask in one's own name")


def _not_theirs_to_ask(record: Record, entry: EhcAssessmentRequested) -> Finding | None:
    """A parent asks up to the end of compulsory school age, the young person from the day after; school and college at any time."""
    if entry.requester in IS_NO_RIGHT_OF_THE_FAMILY:
        return None
    holder = right_holder(record, entry.occurred_on)
    facts: dict[str, Fact] = {"requester": entry.requester, "right_holder": holder, "asked_on": str(entry.occurred_on)}
    asks_for_parents = entry.requester is Requester.PARENT
    lacking = lack_of_capacity(record, entry.occurred_on)
    if lacking is not None and not asks_for_parents:
        return None
    acts_for_them = holder is RightHolder.REPRESENTATIVE and lacking is not None and entry.contact == lacking.representative
    others = (RightHolder.YOUNG_PERSON, RightHolder.REPRESENTATIVE) if asks_for_parents else (RightHolder.PARENTS,)
    if holder in others and not acts_for_them:
        return HONOUR_WHO_HOLDS_THE_RIGHTS.broken(cure="let the person who holds the right ask, or the school").shown_by(facts)
    return _not_a_parent(record, entry) if asks_for_parents and not acts_for_them else None


def _not_a_parent(record: Record, entry: EhcAssessmentRequested) -> Finding | None:
    if entry.contact is None or entry.contact not in known_people(record) - {record.pupil}:
        cure = "name the parent who asks as contact, and describe the contact first where the record has none"
        return ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.broken(missing=("contact who asks",), cure=cure)
    described = next((c for c in record.contacts_on(entry.occurred_on) if c.contact == entry.contact), None)
    described = described or next(c for _, c in record.each(ContactDescribed) if c.contact == entry.contact)
    if is_parent(record, described, entry.occurred_on):
        return None
    return ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.broken(is_parent=False, cure="let a parent or the school ask")


def _asked_before(record: Record, entry: EhcAssessmentRequested) -> Finding | None:
    if any(asked.request == entry.request for _, asked in record.each(EhcAssessmentRequested)):
        return ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.broken(cure="give the new request an id of its own")
    return None


def _request_findings(record: Record, entry: EhcAssessmentRequested) -> Iterator[Finding]:
    if entry.requester is Requester.SOMEBODY_ELSE:
        yield _notice_finding(entry)
        return
    yield ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.kept(requester=entry.requester)
    yield NEVER_REFUSE_A_REQUEST.kept(reviewed_cycles=sum(cycle.review is not None for cycle in record.cycles))
    yield from _findings_on_whose_it_is(record, entry)
    if record.status_on(entry.occurred_on) in (SenStatus.EHC_PLAN, SenStatus.STATEMENT):
        yield WEIGH_AN_EARLIER_ASSESSMENT.broken(plan_maintained=True)
    assessed = _assessed_within_six_months(record, entry.occurred_on)
    if assessed is not None:
        yield WEIGH_AN_EARLIER_ASSESSMENT.broken(plan_maintained=False, assessed_by=str(assessed))
    elif earlier := _asked_within_six_months(record, entry.occurred_on):
        yield WEIGH_AN_EARLIER_ASSESSMENT.broken(asked_on=str(earlier), missing=("what the authority decided then",))


def _findings_on_whose_it_is(record: Record, entry: EhcAssessmentRequested) -> Iterator[Finding]:
    """Ask whether the right authority was named, and whether a young person whose capacity was decided on asks alone."""
    home = home_authority(record, entry.occurred_on)
    if home is not None and home != entry.authority:
        yield ASK_FOR_AN_EHC_NEEDS_ASSESSMENT.broken(
            authority=entry.authority, home_authority=home, cure="ask the authority in whose area the pupil lives"
        )
    if entry.requester is Requester.YOUNG_PERSON and lack_of_capacity(record, entry.occurred_on):
        yield LET_SOMEBODY_ACT_FOR_WHO_CANNOT.broken(
            requester=entry.requester, cure="let who acts for the young person ask along with them"
        )


def _notice_finding(entry: EhcAssessmentRequested) -> Finding:
    """Whoever may not ask brings a child to notice; that the family knows and agrees is good practice, its want is named."""
    told = {"family_knows": entry.family_knows, "family_agrees": entry.family_agrees}
    untold = tuple(name for name, is_so in told.items() if not is_so)
    return replace(TAKE_NOTICE_FOR_NO_REQUEST.kept(starts_a_clock=False).shown_by(told), missing=untold, cure=cure_of(untold))


def _assessed_within_six_months(record: Record, day: date) -> date | None:
    """A final plan, or that none is made, shows that an assessment came before it; the day six months on is inside."""
    refused = (said.occurred_on for _, said in record.each(AuthorityDecided) if said.decision is AuthorityDecision.NO_PLAN)
    return _within_six_months((*(plan.occurred_on for _, plan in record.each(EhcPlanIssued)), *refused), day)


def _asked_within_six_months(record: Record, day: date) -> date | None:
    """The day of an earlier request of which it is not known that no assessment followed."""
    ended = (Stage.BROUGHT_TO_NOTICE, Stage.WITHDRAWN)
    standing = (course for course in courses_of(record) if course.stage not in ended)
    open_or_assessed = (c.asked for c in standing if not c.first(AuthorityDecided, decided=AuthorityDecision.NOT_ASSESS))
    return _within_six_months((asked.occurred_on for asked in open_or_assessed), day)


def _within_six_months(days: Iterable[date], asked_on: date) -> date | None:
    return max((day for day in days if day <= asked_on <= add_months(day, MONTHS_TO_WEIGH)), default=None)


def _impossible_submission(record: Record, entry: EvidenceSubmitted, by: Author) -> Finding | None:
    asked = request_of(record, entry)
    if asked is None or entry.occurred_on < asked.occurred_on:
        return RECORD_WHY_EVIDENCE_IS_SHARED.broken(missing=("request made by that day",))
    if any(sent.request == entry.request for _, sent in record.each(EvidenceSubmitted)):
        return RECORD_WHY_EVIDENCE_IS_SHARED.broken(cure="the evidence of this request is frozen; ask anew to send more")
    if nowhere := _leads_nowhere(record, entry, RECORD_WHY_EVIDENCE_IS_SHARED):
        return nowhere
    if entry.frozen_at < 1:
        return RECORD_WHY_EVIDENCE_IS_SHARED.broken(frozen_at=entry.frozen_at, cure="name a number of the ledger")
    if entry.confirmed_by is not None and entry.confirmed_by == by.id:
        return RECORD_WHY_EVIDENCE_IS_SHARED.broken(missing=("second person who is another",))
    return None
