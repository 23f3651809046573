"""The codes that schools exchange: SEN status, type of need, type of school, each with the dates on which a new value may be given."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class SenStatus(StrEnum):
    """A pupil's place in the SEN record, by the letter that the School Census uses (CBDS `SENprovision`)."""

    NONE = "N"
    SEN_SUPPORT = "K"
    EHC_PLAN = "E"
    SCHOOL_ACTION = "A"
    SCHOOL_ACTION_PLUS = "P"
    STATEMENT = "S"

    @property
    def is_withdrawn(self) -> bool:
        """Whether the category ended with the 2001 Code and must be left by an individual decision."""
        return self in WITHDRAWN


WITHDRAWN: Final = frozenset({SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS, SenStatus.STATEMENT})
SCHOOL_ACTION_CODES: Final = frozenset({SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCode:
    """The days on which the census takes a status; both ends are inside."""

    since: date
    until: date | None = None

    def is_open_on(self, day: date) -> bool:
        """Whether a school may return it on this day."""
        return self.since <= day and (self.until is None or day <= self.until)


STATUS_CODES: Final[dict[SenStatus, StatusCode]] = {
    SenStatus.NONE: StatusCode(since=date(2002, 1, 1)),
    SenStatus.SEN_SUPPORT: StatusCode(since=date(2014, 9, 1)),
    SenStatus.EHC_PLAN: StatusCode(since=date(2014, 9, 1)),
    SenStatus.SCHOOL_ACTION: StatusCode(since=date(2002, 1, 1), until=date(2015, 8, 31)),
    SenStatus.SCHOOL_ACTION_PLUS: StatusCode(since=date(2002, 1, 1), until=date(2015, 8, 31)),
    SenStatus.STATEMENT: StatusCode(since=date(2002, 1, 1), until=date(2018, 3, 31)),
}


class AreaOfNeed(StrEnum):
    """The four broad areas of need (Code of Practice 6.28 to 6.35)."""

    COMMUNICATION_AND_INTERACTION = "communication_and_interaction"
    COGNITION_AND_LEARNING = "cognition_and_learning"
    SOCIAL_EMOTIONAL_AND_MENTAL_HEALTH = "social_emotional_and_mental_health"
    SENSORY_AND_PHYSICAL = "sensory_and_physical"


class NeedType(StrEnum):
    """A type of special educational need, by its School Census code (CBDS `SENtype`)."""

    SPLD = "SPLD"
    MLD = "MLD"
    SLD = "SLD"
    PMLD = "PMLD"
    SEMH = "SEMH"
    BESD = "BESD"
    SLCN = "SLCN"
    ASD = "ASD"
    HI = "HI"
    VI = "VI"
    MSI = "MSI"
    PD = "PD"
    DS = "DS"
    OTH = "OTH"
    NSA = "NSA"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedCode:
    """What a type of need is called, where it usually belongs, and when and with which status a new value may be given."""

    label: str
    area: AreaOfNeed | None
    since: date
    until: date | None = None
    goes_with: frozenset[SenStatus]

    def is_open_on(self, day: date) -> bool:
        """Whether a new value may be given on this day; both ends are inside."""
        return self.since <= day and (self.until is None or day <= self.until)


_IDENTIFIED: Final = frozenset({SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN, SenStatus.SCHOOL_ACTION_PLUS, SenStatus.STATEMENT})
_SINCE_2004: Final = date(2004, 1, 1)
_REFORM: Final = date(2014, 9, 1)


def _long_standing(label: str, area: AreaOfNeed | None) -> NeedCode:
    return NeedCode(label=label, area=area, since=_SINCE_2004, goes_with=_IDENTIFIED)


NEED_CODES: Final[dict[NeedType, NeedCode]] = {
    NeedType.SPLD: _long_standing("Specific learning difficulty", AreaOfNeed.COGNITION_AND_LEARNING),
    NeedType.MLD: _long_standing("Moderate learning difficulty", AreaOfNeed.COGNITION_AND_LEARNING),
    NeedType.SLD: _long_standing("Severe learning difficulty", AreaOfNeed.COGNITION_AND_LEARNING),
    NeedType.PMLD: _long_standing("Profound and multiple learning difficulty", AreaOfNeed.COGNITION_AND_LEARNING),
    NeedType.SEMH: NeedCode(
        label="Social, emotional and mental health",
        area=AreaOfNeed.SOCIAL_EMOTIONAL_AND_MENTAL_HEALTH,
        since=_REFORM,
        goes_with=frozenset({SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN, SenStatus.STATEMENT}),
    ),
    NeedType.BESD: NeedCode(
        label="Behaviour, emotional and social difficulties",
        area=AreaOfNeed.SOCIAL_EMOTIONAL_AND_MENTAL_HEALTH,
        since=_SINCE_2004,
        until=date(2014, 8, 31),
        goes_with=frozenset({SenStatus.SCHOOL_ACTION_PLUS, SenStatus.STATEMENT}),
    ),
    NeedType.SLCN: _long_standing("Speech, language and communication needs", AreaOfNeed.COMMUNICATION_AND_INTERACTION),
    NeedType.ASD: _long_standing("Autistic spectrum disorder", AreaOfNeed.COMMUNICATION_AND_INTERACTION),
    NeedType.HI: _long_standing("Hearing impairment", AreaOfNeed.SENSORY_AND_PHYSICAL),
    NeedType.VI: _long_standing("Vision impairment", AreaOfNeed.SENSORY_AND_PHYSICAL),
    NeedType.MSI: _long_standing("Multi-sensory impairment", AreaOfNeed.SENSORY_AND_PHYSICAL),
    NeedType.PD: _long_standing("Physical disability", AreaOfNeed.SENSORY_AND_PHYSICAL),
    NeedType.DS: NeedCode(
        label="Down syndrome",
        area=None,
        since=date(2025, 1, 1),
        goes_with=frozenset({SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN}),
    ),
    NeedType.OTH: _long_standing("Other difficulty or disability", None),
    NeedType.NSA: NeedCode(
        label="SEN Support, but no specialist assessment of type of need",
        area=None,
        since=_REFORM,
        goes_with=frozenset({SenStatus.SEN_SUPPORT}),
    ),
}


class PlanType(StrEnum):
    """What a plan is. Many schools call a form of their own an Individual Support Plan; the statutory one is proposed and not law."""

    SEN_SUPPORT = "sen_support"
    IEP_LEGACY = "iep_legacy"
    ISP_LOCAL = "isp_local"
    ISP_STATUTORY = "isp_statutory"
    EHC = "ehc"

    @property
    def is_reserved(self) -> bool:
        """Whether the name waits for law to come, so that no plan can be of this type."""
        return self is PlanType.ISP_STATUTORY


class SupportLayer(StrEnum):
    """The layers of support of the proposal of February 2026; the names are kept free and nothing uses them."""

    TARGETED = "targeted"
    TARGETED_PLUS = "targeted_plus"
    SPECIALIST = "specialist"


class SchoolType(StrEnum):
    """The types of institution that the duties tell apart (Children and Families Act 2014, ss. 35, 66 to 69, 83 and 100)."""

    MAINTAINED_MAINSTREAM = "maintained_mainstream"
    MAINTAINED_NURSERY = "maintained_nursery"
    MAINTAINED_SPECIAL = "maintained_special"
    HOSPITAL_SPECIAL = "hospital_special"
    ACADEMY_MAINSTREAM = "academy_mainstream"
    ACADEMY_SPECIAL = "academy_special"
    ALTERNATIVE_PROVISION_ACADEMY = "alternative_provision_academy"
    PUPIL_REFERRAL_UNIT = "pupil_referral_unit"
    SIXTEEN_TO_NINETEEN_ACADEMY = "sixteen_to_nineteen_academy"
    FURTHER_EDUCATION = "further_education"


class StaffRole(StrEnum):
    """The roles at a school to which the law and the Code give decisions."""

    TEACHER = "teacher"
    SENCO = "senco"
    HEAD = "head"
    TEACHING_ASSISTANT = "teaching_assistant"
    ADMINISTRATOR = "administrator"
    GOVERNOR = "governor"
