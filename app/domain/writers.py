"""Who may write which kind of entry: the kinds of author, and for staff the roles to which the law or the Code gives the step."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.domain.author import AuthorKind
from app.domain.codes import StaffRole
from app.domain.entries import (
    AccessAnswered,
    AccessAsked,
    AccessExtended,
    AccessibilityPlanAdopted,
    AccessPaused,
    AccessResumed,
    AdjustmentMade,
    AdviceAsked,
    AdviceGiven,
    AnnualReportGiven,
    AnnualReviewDecided,
    AnnualReviewHeld,
    AnnualReviewReported,
    AppealDecided,
    AppealLodged,
    AssessmentMade,
    AttendanceSummarised,
    AuthorityAnswered,
    AuthorityAsked,
    AuthorityConsulted,
    AuthorityDecided,
    BankHolidaysLoaded,
    BaselineTaken,
    CapacityDecided,
    CareDescribed,
    CensusReturned,
    ComplaintAnswered,
    ComplaintReceived,
    ConcernAnswered,
    ConcernRaised,
    ContactDescribed,
    ContactDetailsChanged,
    ContactDetailsConfirmed,
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    DataComplaintAcknowledged,
    DataComplaintMade,
    DepartureExplained,
    DiscussionHeld,
    DraftPlanServed,
    EhcAssessmentRequested,
    EhcPlanAmended,
    EhcPlanCeased,
    EhcPlanIssued,
    EhcRequestWithdrawn,
    Entry,
    EntryWithdrawn,
    EvidenceReceived,
    EvidenceSubmitted,
    ExceptionClaimed,
    ExemptionsReviewed,
    HealthcarePlanLinked,
    HoldLifted,
    HoldPlaced,
    HomeDescribed,
    InformationReportPublished,
    MediationCertified,
    MedicalConditionNoted,
    MeetingHeld,
    NeedImported,
    NeedsSet,
    NotionalBudgetAgreed,
    PaperRedacted,
    PersonTold,
    PhaseMoveExpected,
    PhaseMovePlanned,
    PlacementAnswered,
    PlacementConsulted,
    PlanAgreed,
    PolicyAdopted,
    ProgressChecked,
    ProvisionMapped,
    PupilEnrolled,
    PupilLeft,
    RecordMerged,
    RecordReceipted,
    RecordSent,
    ReportedFactChanged,
    ReviewDateMoved,
    ReviewHeld,
    SencoDescribed,
    SencoQualified,
    SencoRoleDetermined,
    SenDecided,
    SessionDelivered,
    SharingAgreed,
    SpecialistAdviceShared,
    SpecialistAdvised,
    SpecialistInvolved,
    StaffTold,
    StatusImported,
    SupportEnded,
    TeachingAdapted,
    TellingUndone,
    TermDated,
    TransitionDecided,
    UnitPlacementDescribed,
)
from app.domain.programmes import PROGRAMMES
from app.domain.rule import Rule
from app.domain.rules.children_and_families_act_2014 import (
    APPEAL_IN_TIME,
    ARRANGE_MEDIATION,
    ASK_FOR_AN_EHC_NEEDS_ASSESSMENT,
    CO_OPERATE_WITH_THE_AUTHORITY,
    CONSULT_AND_NOTIFY,
    HONOUR_WHO_HOLDS_THE_RIGHTS,
    LET_SOMEBODY_ACT_FOR_WHO_CANNOT,
    LINK_THE_HEALTHCARE_PLAN,
    PUBLISH_AN_INFORMATION_REPORT,
)
from app.domain.rules.code_of_practice_2015.ehc_assessments import ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    AGREE_PLAN_WITH_PARENTS_AND_PUPIL,
    ANALYSE_NEEDS_FROM_ALL_SOURCES,
    END_SUPPORT_AT_A_REVIEW,
    INVOLVE_A_SPECIALIST,
    LET_A_TEACHER_LEAD_THE_MEETING,
    LOG_DELIVERY,
    REVIEW_BY_THE_AGREED_DATE,
    REVIEW_EACH_OUTCOME_WITH_VIEWS,
    TELL_ALL_STAFF,
)
from app.domain.rules.code_of_practice_2015.identification import (
    ANSWER_A_PARENTS_CONCERN,
    GIVE_PARENTS_A_SHORT_NOTE,
    LET_A_NAMED_PERSON_DECIDE,
    LOOK_INTO_SLOW_PROGRESS,
    RECORD_AREAS_OF_NEED,
    TAKE_A_BASELINE_ON_ENTRY,
    TEACH_WELL_FIRST,
)
from app.domain.rules.code_of_practice_2015.schools import AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET
from app.domain.rules.code_of_practice_2015.specialists_and_records import (
    MAP_THE_PROVISION,
    PLAN_THE_MOVE_TO_THE_NEXT_PHASE,
    SHARE_WHAT_THE_SPECIALIST_SAID,
)
from app.domain.rules.data_protection import (
    ACKNOWLEDGE_A_DATA_COMPLAINT,
    ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH,
    LEAVE_A_TRAIL,
    RECORD_WHY_EVIDENCE_IS_SHARED,
    REVIEW_EXEMPTIONS_BEFORE_RELEASE,
)
from app.domain.rules.education_act_1996 import AUTHORISE_THE_CENSUS
from app.domain.rules.equality_act_2010 import HAVE_AN_ACCESSIBILITY_PLAN, MAKE_REASONABLE_ADJUSTMENTS
from app.domain.rules.local_practice import SHOW_WHAT_LOCAL_FORMS_ASK_FOR
from app.domain.rules.pupil_information_regulations_2005 import REPORT_TO_PARENTS_EVERY_YEAR
from app.domain.rules.school_census import SAY_WHO_HAS_A_PLACE_IN_A_UNIT
from app.domain.rules.send_regulations_2014.assessments import (
    AUTHORITY_DECIDES_WITHIN_SIX_WEEKS,
    AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS,
    CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS,
    GIVE_ADVICE_WITHIN_SIX_WEEKS,
    LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT,
)
from app.domain.rules.send_regulations_2014.reviews import (
    AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE,
    DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW,
    REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS,
    REVIEW_THE_PLAN_EVERY_YEAR,
    SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS,
)
from app.domain.rules.send_regulations_2014.schools import (
    ANSWER_COMPLAINTS_ABOUT_PROVISION,
    DETERMINE_THE_ROLE_OF_THE_SENCO,
    NAME_THE_GROUND_A_SENCO_SERVES_ON,
    QUALIFY_AS_SENCO_WITHIN_THREE_YEARS,
    UPDATE_THE_REPORT_AFTER_A_CHANGE,
)
from app.domain.rules.transition_2014_2015 import KEEP_OLD_CODES_AS_HISTORY

EVERYBODY: Final = frozenset(StaffRole)
WITH_PUPILS: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO, StaffRole.HEAD, StaffRole.TEACHING_ASSISTANT})
DECIDERS: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO, StaffRole.HEAD})
TEACHER_OR_SENCO: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO})
SENCO_OR_HEAD: Final = frozenset({StaffRole.SENCO, StaffRole.HEAD})
HEAD_OR_OFFICE: Final = frozenset({StaffRole.HEAD, StaffRole.ADMINISTRATOR})
OFFICE: Final = frozenset({StaffRole.SENCO, StaffRole.HEAD, StaffRole.ADMINISTRATOR})
ON_THE_ROLL: Final = frozenset({StaffRole.TEACHER, StaffRole.SENCO, StaffRole.HEAD, StaffRole.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Writers:
    """Who may write one kind of entry: staff with one of the roles on its day, and the other kinds of author named."""

    rule: Rule
    roles: frozenset[StaffRole]
    others: frozenset[AuthorKind] = frozenset()
    may_look_back: bool = False
    """Whether facts from before the author's time at the school may be written."""


_FAMILY: Final = frozenset({AuthorKind.CONTACT, AuthorKind.PUPIL})
_IMPORT: Final = frozenset({AuthorKind.IMPORT})
_CLIENT: Final = frozenset({AuthorKind.CLIENT})
_AUTHORITY: Final = frozenset({AuthorKind.AUTHORITY_OFFICER, AuthorKind.CLIENT})
_NOBODY: Final[frozenset[StaffRole]] = frozenset()
_DECIDERS_OF_PROGRAMMES: Final = frozenset(role for programme in PROGRAMMES.values() for role in programme.deciders)
"""Whoever may decide under one programme at least; each says for itself who may."""

WRITERS: Final[Mapping[type[Entry], Writers]] = MappingProxyType(
    {
        PupilEnrolled: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        PupilLeft: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        ContactDescribed: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        ContactDetailsChanged: Writers(LEAVE_A_TRAIL, _NOBODY, _CLIENT),
        ContactDetailsConfirmed: Writers(LEAVE_A_TRAIL, OFFICE),
        CapacityDecided: Writers(LET_SOMEBODY_ACT_FOR_WHO_CANNOT, SENCO_OR_HEAD, may_look_back=True),
        CareDescribed: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        HomeDescribed: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _IMPORT, may_look_back=True),
        SharingAgreed: Writers(HONOUR_WHO_HOLDS_THE_RIGHTS, ON_THE_ROLL, frozenset({AuthorKind.PUPIL})),
        StatusImported: Writers(KEEP_OLD_CODES_AS_HISTORY, _NOBODY, _IMPORT),
        NeedImported: Writers(KEEP_OLD_CODES_AS_HISTORY, _NOBODY, _IMPORT),
        NeedsSet: Writers(RECORD_AREAS_OF_NEED, SENCO_OR_HEAD),
        UnitPlacementDescribed: Writers(SAY_WHO_HAS_A_PLACE_IN_A_UNIT, ON_THE_ROLL, _IMPORT, may_look_back=True),
        ConcernRaised: Writers(ANSWER_A_PARENTS_CONCERN, EVERYBODY, _FAMILY),
        ConcernAnswered: Writers(ANSWER_A_PARENTS_CONCERN, DECIDERS),
        ProgressChecked: Writers(LOOK_INTO_SLOW_PROGRESS, DECIDERS),
        TeachingAdapted: Writers(TEACH_WELL_FIRST, DECIDERS),
        DiscussionHeld: Writers(GIVE_PARENTS_A_SHORT_NOTE, DECIDERS),
        SenDecided: Writers(LET_A_NAMED_PERSON_DECIDE, DECIDERS),
        TransitionDecided: Writers(LET_A_NAMED_PERSON_DECIDE, _DECIDERS_OF_PROGRAMMES),
        AssessmentMade: Writers(ANALYSE_NEEDS_FROM_ALL_SOURCES, TEACHER_OR_SENCO),
        PlanAgreed: Writers(AGREE_PLAN_WITH_PARENTS_AND_PUPIL, TEACHER_OR_SENCO),
        ReviewDateMoved: Writers(REVIEW_BY_THE_AGREED_DATE, TEACHER_OR_SENCO),
        StaffTold: Writers(TELL_ALL_STAFF, DECIDERS),
        SessionDelivered: Writers(LOG_DELIVERY, WITH_PUPILS),
        ReviewHeld: Writers(REVIEW_EACH_OUTCOME_WITH_VIEWS, TEACHER_OR_SENCO),
        MeetingHeld: Writers(LET_A_TEACHER_LEAD_THE_MEETING, DECIDERS),
        SupportEnded: Writers(END_SUPPORT_AT_A_REVIEW, DECIDERS),
        PersonTold: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _CLIENT),
        TellingUndone: Writers(LEAVE_A_TRAIL, ON_THE_ROLL, _CLIENT),
        EhcPlanIssued: Writers(AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS, OFFICE),
        EhcPlanCeased: Writers(LET_A_NAMED_PERSON_DECIDE, SENCO_OR_HEAD),
        EhcAssessmentRequested: Writers(ASK_FOR_AN_EHC_NEEDS_ASSESSMENT, DECIDERS, _FAMILY),
        EhcRequestWithdrawn: Writers(ASK_FOR_AN_EHC_NEEDS_ASSESSMENT, DECIDERS, _FAMILY),
        EvidenceSubmitted: Writers(RECORD_WHY_EVIDENCE_IS_SHARED, SENCO_OR_HEAD),
        EvidenceReceived: Writers(AUTHORITY_DECIDES_WITHIN_SIX_WEEKS, SENCO_OR_HEAD, _AUTHORITY),
        PaperRedacted: Writers(REVIEW_EXEMPTIONS_BEFORE_RELEASE, SENCO_OR_HEAD),
        EntryWithdrawn: Writers(LEAVE_A_TRAIL, EVERYBODY),
        DepartureExplained: Writers(LEAVE_A_TRAIL, SENCO_OR_HEAD),
        SpecialistInvolved: Writers(INVOLVE_A_SPECIALIST, TEACHER_OR_SENCO),
        SpecialistAdvised: Writers(SHARE_WHAT_THE_SPECIALIST_SAID, TEACHER_OR_SENCO),
        SpecialistAdviceShared: Writers(SHARE_WHAT_THE_SPECIALIST_SAID, TEACHER_OR_SENCO),
        ContributionAsked: Writers(SHOW_WHAT_LOCAL_FORMS_ASK_FOR, ON_THE_ROLL),
        ContributionGiven: Writers(SHOW_WHAT_LOCAL_FORMS_ASK_FOR, EVERYBODY, _FAMILY),
        ContributionDeclined: Writers(LEAVE_A_TRAIL, EVERYBODY, _FAMILY),
        BaselineTaken: Writers(TAKE_A_BASELINE_ON_ENTRY, DECIDERS),
        AnnualReportGiven: Writers(REPORT_TO_PARENTS_EVERY_YEAR, ON_THE_ROLL),
        PhaseMovePlanned: Writers(PLAN_THE_MOVE_TO_THE_NEXT_PHASE, DECIDERS),
        PhaseMoveExpected: Writers(AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE, ON_THE_ROLL),
        ProvisionMapped: Writers(MAP_THE_PROVISION, DECIDERS),
        AttendanceSummarised: Writers(SHOW_WHAT_LOCAL_FORMS_ASK_FOR, ON_THE_ROLL),
        HealthcarePlanLinked: Writers(LINK_THE_HEALTHCARE_PLAN, ON_THE_ROLL),
        MedicalConditionNoted: Writers(LINK_THE_HEALTHCARE_PLAN, ON_THE_ROLL),
        AdjustmentMade: Writers(MAKE_REASONABLE_ADJUSTMENTS, DECIDERS),
        AuthorityDecided: Writers(AUTHORITY_DECIDES_WITHIN_SIX_WEEKS, OFFICE, _AUTHORITY),
        AuthorityConsulted: Writers(CONSULT_AND_NOTIFY, OFFICE, _AUTHORITY),
        DraftPlanServed: Writers(LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT, OFFICE, _AUTHORITY),
        AdviceAsked: Writers(GIVE_ADVICE_WITHIN_SIX_WEEKS, OFFICE, _AUTHORITY),
        AdviceGiven: Writers(GIVE_ADVICE_WITHIN_SIX_WEEKS, SENCO_OR_HEAD),
        ExceptionClaimed: Writers(CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS, SENCO_OR_HEAD, _AUTHORITY),
        PlacementConsulted: Writers(ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS, OFFICE, _AUTHORITY),
        PlacementAnswered: Writers(ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS, SENCO_OR_HEAD),
        AnnualReviewHeld: Writers(REVIEW_THE_PLAN_EVERY_YEAR, OFFICE, _AUTHORITY),
        AnnualReviewReported: Writers(REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS, OFFICE, _AUTHORITY),
        AnnualReviewDecided: Writers(DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW, OFFICE, _AUTHORITY),
        EhcPlanAmended: Writers(SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS, OFFICE, _AUTHORITY),
        MediationCertified: Writers(ARRANGE_MEDIATION, OFFICE, _AUTHORITY),
        AppealLodged: Writers(APPEAL_IN_TIME, OFFICE, _AUTHORITY),
        AppealDecided: Writers(APPEAL_IN_TIME, OFFICE, _AUTHORITY),
        AccessAsked: Writers(ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH, ON_THE_ROLL),
        AccessPaused: Writers(ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH, ON_THE_ROLL),
        AccessResumed: Writers(ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH, ON_THE_ROLL),
        AccessExtended: Writers(ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH, OFFICE),
        ExemptionsReviewed: Writers(REVIEW_EXEMPTIONS_BEFORE_RELEASE, SENCO_OR_HEAD),
        AccessAnswered: Writers(ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH, OFFICE),
        DataComplaintMade: Writers(ACKNOWLEDGE_A_DATA_COMPLAINT, ON_THE_ROLL),
        DataComplaintAcknowledged: Writers(ACKNOWLEDGE_A_DATA_COMPLAINT, ON_THE_ROLL),
        RecordSent: Writers(LEAVE_A_TRAIL, OFFICE, may_look_back=True),
        RecordReceipted: Writers(LEAVE_A_TRAIL, OFFICE, _CLIENT, may_look_back=True),
        RecordMerged: Writers(LEAVE_A_TRAIL, OFFICE, may_look_back=True),
        HoldPlaced: Writers(LEAVE_A_TRAIL, SENCO_OR_HEAD),
        HoldLifted: Writers(LEAVE_A_TRAIL, SENCO_OR_HEAD),
    }
)
"""Entries of pupils' records."""

SCHOOL_WRITERS: Final[Mapping[type[Entry], Writers]] = MappingProxyType(
    {
        TermDated: Writers(LEAVE_A_TRAIL, OFFICE),
        BankHolidaysLoaded: Writers(LEAVE_A_TRAIL, OFFICE, _CLIENT),
        InformationReportPublished: Writers(PUBLISH_AN_INFORMATION_REPORT, OFFICE),
        ReportedFactChanged: Writers(UPDATE_THE_REPORT_AFTER_A_CHANGE, OFFICE),
        AccessibilityPlanAdopted: Writers(HAVE_AN_ACCESSIBILITY_PLAN, OFFICE),
        PolicyAdopted: Writers(LEAVE_A_TRAIL, OFFICE),
        SencoDescribed: Writers(NAME_THE_GROUND_A_SENCO_SERVES_ON, OFFICE),
        SencoQualified: Writers(QUALIFY_AS_SENCO_WITHIN_THREE_YEARS, OFFICE),
        NotionalBudgetAgreed: Writers(AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET, OFFICE),
        ComplaintReceived: Writers(ANSWER_COMPLAINTS_ABOUT_PROVISION, OFFICE),
        ComplaintAnswered: Writers(ANSWER_COMPLAINTS_ABOUT_PROVISION, OFFICE),
        AuthorityAsked: Writers(CO_OPERATE_WITH_THE_AUTHORITY, OFFICE),
        AuthorityAnswered: Writers(CO_OPERATE_WITH_THE_AUTHORITY, OFFICE),
        SencoRoleDetermined: Writers(DETERMINE_THE_ROLE_OF_THE_SENCO, HEAD_OR_OFFICE),
        CensusReturned: Writers(AUTHORISE_THE_CENSUS, frozenset({StaffRole.HEAD})),
    }
)
"""Entries of the school itself that a step adds; roles, settings and the rest are written by functions of their own."""
