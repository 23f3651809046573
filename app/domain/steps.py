"""Every step by the kind of entry it adds; one table for the API, for evaluations and for saying what may be done next."""

from types import MappingProxyType
from typing import Final

from app.domain import (
    access_requests,
    annual_reviews,
    authority,
    circumstances,
    cycles,
    ehc,
    identification,
    keeping,
    meetings,
    needs,
    reports,
    roll,
    school_duties,
    specialists,
    telling,
    transitions,
)
from app.domain.departures import explain_departure
from app.domain.entries import (
    AssessmentMade,
    ConcernAnswered,
    ConcernRaised,
    ContactDescribed,
    DepartureExplained,
    DiscussionHeld,
    EhcAssessmentRequested,
    EhcPlanCeased,
    EhcPlanIssued,
    EvidenceReceived,
    EvidenceSubmitted,
    MeetingHeld,
    NeedImported,
    NeedsSet,
    PersonTold,
    PlanAgreed,
    ProgressChecked,
    PupilEnrolled,
    PupilLeft,
    ReviewDateMoved,
    ReviewHeld,
    SenDecided,
    SessionDelivered,
    StaffTold,
    StatusImported,
    SupportEnded,
    TeachingAdapted,
    TellingUndone,
    TransitionDecided,
    UnitPlacementDescribed,
)
from app.domain.step import PupilSteps, SchoolSteps

STEPS: Final[PupilSteps] = MappingProxyType(
    {
        PupilEnrolled: roll.enrol_pupil,
        PupilLeft: roll.leave_school,
        ContactDescribed: roll.describe_contact,
        StatusImported: roll.import_status,
        NeedImported: roll.import_need,
        NeedsSet: needs.set_needs,
        UnitPlacementDescribed: needs.describe_unit_placement,
        ConcernRaised: identification.raise_concern,
        ConcernAnswered: identification.answer_concern,
        ProgressChecked: identification.check_progress,
        TeachingAdapted: identification.adapt_teaching,
        DiscussionHeld: identification.hold_discussion,
        SenDecided: identification.decide_sen_support,
        TransitionDecided: transitions.decide_transition,
        AssessmentMade: cycles.make_assessment,
        PlanAgreed: cycles.agree_plan,
        ReviewDateMoved: cycles.move_review_date,
        StaffTold: cycles.tell_staff,
        SessionDelivered: cycles.deliver_session,
        ReviewHeld: cycles.hold_review,
        SupportEnded: cycles.end_support,
        MeetingHeld: meetings.hold_meeting,
        PersonTold: telling.record_telling,
        TellingUndone: telling.undo_telling,
        EhcPlanIssued: ehc.issue_ehc_plan,
        EhcPlanCeased: ehc.cease_ehc_plan,
        EhcAssessmentRequested: ehc.request_ehc_assessment,
        EvidenceSubmitted: ehc.submit_evidence,
        EvidenceReceived: ehc.receive_evidence,
        DepartureExplained: explain_departure,
        **circumstances.STEPS,
        **specialists.STEPS,
        **reports.STEPS,
        **authority.STEPS,
        **annual_reviews.STEPS,
        **access_requests.STEPS,
        **keeping.STEPS,
    }
)
"""Steps on a pupil's record; withdrawing an entry names that entry beside its own facts, and stands in app.domain.corrections."""

SCHOOL_STEPS: Final[SchoolSteps] = school_duties.STEPS
"""Steps of the school itself."""
