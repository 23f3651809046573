"""Entries about what the school itself must have, publish and return."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.entry import Entry


class DisabilityItem(StrEnum):
    """What the report must tell of disabled pupils (Children and Families Act 2014, section 69(3)(b))."""

    ADMISSION = "admission"
    EQUAL_TREATMENT = "equal_treatment"
    FACILITIES = "facilities"
    ACCESSIBILITY_PLAN = "accessibility_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationReportPublished(Entry):
    """The SEN information report was prepared or reviewed and stands on the website; `items` are those of Schedule 1 that it covers."""

    type: ClassVar[str] = "information_report.published"
    address: str
    items: tuple[int, ...]
    disability_items: tuple[DisabilityItem, ...]
    links_to_local_offer: bool
    in_plain_language: bool
    covers_looked_after_pupils: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFactChanged(Entry):
    """Something changed during the year that the SEN information report tells of; `item` is that of Schedule 1."""

    type: ClassVar[str] = "reported_fact.changed"
    item: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessibilityPlanAdopted(Entry):
    """The school adopted an accessibility plan that runs until `until`, inside."""

    type: ClassVar[str] = "accessibility_plan.adopted"
    until: date


class PolicyKind(StrEnum):
    """Papers that the school must have."""

    MEDICAL_CONDITIONS = "medical_conditions"
    DATA_PROTECTION_IMPACT_ASSESSMENT = "data_protection_impact_assessment"
    APPROPRIATE_POLICY_DOCUMENT = "appropriate_policy_document"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAdopted(Entry):
    """The school adopted or renewed a policy or assessment, to be looked at again on `review_on` where a day was set."""

    type: ClassVar[str] = "policy.adopted"
    policy: PolicyKind
    review_on: date | None = None


class SencoBasis(StrEnum):
    """On what ground somebody may be SENCO (Special Educational Needs and Disability Regulations 2014, regulation 49)."""

    QUALIFIED_TEACHER = "qualified_teacher"
    HEAD = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class SencoDescribed(Entry):
    """On what ground a SENCO serves, when they first became one anywhere, and for how many months they had been one before that."""

    type: ClassVar[str] = "senco.described"
    staff: UUID
    basis: SencoBasis
    became_senco_on: date
    months_as_senco_before: int = 0


class SencoAward(StrEnum):
    """The two qualifications."""

    NATIONAL_AWARD = "national_award"
    PROFESSIONAL_QUALIFICATION = "professional_qualification"


@dataclass(frozen=True, slots=True, kw_only=True)
class SencoQualified(Entry):
    """A SENCO completed a qualification, on the entry's day, in a course that began on `began_on`."""

    type: ClassVar[str] = "senco.qualified"
    staff: UUID
    award: SencoAward
    began_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SencoRoleDetermined(Entry):
    """The governors or proprietor determined what the SENCO leads and does, and how that is monitored."""

    type: ClassVar[str] = "senco_role.determined"
    functions: tuple[str, ...]
    on_leadership_team: bool
    tells_parents_early: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotionalBudgetAgreed(Entry):
    """How the notional SEN budget is used was agreed for the financial year that began in April of `year`."""

    type: ClassVar[str] = "notional_budget.agreed"
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusReturned(Entry):
    """The head authorised the school census of `census_on`."""

    type: ClassVar[str] = "census.returned"
    census_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintReceived(Entry):
    """A parent complained of special educational provision; by the school's own procedure it is answered by `answer_by`, inside."""

    type: ClassVar[str] = "complaint.received"
    answer_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAnswered(Entry):
    """A complaint was answered; `complaint` is the number of its entry."""

    type: ClassVar[str] = "complaint.answered"
    complaint: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityAsked(Entry):
    """The local authority asked the school to co-operate, for an answer by `answer_by`, inside."""

    type: ClassVar[str] = "authority_request.received"
    authority: str
    answer_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityAnswered(Entry):
    """The school answered the authority; `asked` is the number of the entry that records the asking."""

    type: ClassVar[str] = "authority_request.answered"
    asked: int
