"""What codes, days and people are called in a document that somebody reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.author import Author, AuthorKind
from app.domain.codes import NEED_CODES, NeedType, SenStatus
from app.domain.entries import (
    AuthorityDecision,
    Clock,
    Consulted,
    ContributionKind,
    EvidenceSource,
    Impact,
    Judgement,
    Matter,
    NextStep,
    NotifiedOffice,
    Phase,
    PlanRecipient,
    Profession,
    Raiser,
    Requester,
    Telling,
)

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# By kind first: two codes of different kinds may share a letter, and as strings they are equal.
LABELS: Final[Mapping[type[StrEnum], Mapping[StrEnum, str]]] = {
    SenStatus: {
        SenStatus.NONE: "No special educational needs",
        SenStatus.SEN_SUPPORT: "SEN Support",
        SenStatus.EHC_PLAN: "Education, health and care plan",
        SenStatus.SCHOOL_ACTION: "School Action",
        SenStatus.SCHOOL_ACTION_PLUS: "School Action Plus",
        SenStatus.STATEMENT: "Statement of special educational needs",
    },
    Judgement: {
        Judgement.SEN_SUPPORT: "SEN Support is needed",
        Judgement.NO_SEN: "No special educational needs",
    },
    Raiser: {
        Raiser.PARENT: "a parent",
        Raiser.PUPIL: "the pupil",
        Raiser.TEACHER: "a teacher",
        Raiser.OTHER: "somebody else",
    },
    Impact: {
        Impact.ACHIEVED: "Achieved",
        Impact.GOOD_PROGRESS: "Good progress",
        Impact.SOME_PROGRESS: "Some progress",
        Impact.LITTLE_OR_NO_PROGRESS: "Little or no progress",
    },
    NextStep: {
        NextStep.CONTINUE: "Go on with the support",
        NextStep.REVISE: "Change the support",
        NextStep.INVOLVE_SPECIALIST: "Ask a specialist to help",
        NextStep.END_SUPPORT: "End SEN Support",
        NextStep.REQUEST_EHC_ASSESSMENT: "Ask for an EHC needs assessment",
    },
    Requester: {
        Requester.PARENT: "A parent",
        Requester.YOUNG_PERSON: "The young person",
        Requester.SCHOOL: "The school",
        Requester.POST_16_INSTITUTION: "The post-16 institution",
        Requester.SOMEBODY_ELSE: "Somebody else, who may not ask but bring to notice",
    },
    Matter: {
        Matter.SEN_PROVISION: "That special educational provision is being made",
        Matter.NO_SEN: "That no special educational needs were found",
        Matter.TRANSITION: "What follows an earlier category of support",
        Matter.PLAN: "The plan",
        Matter.REVIEW: "What the support achieved",
        Matter.SUPPORT_ENDED: "That SEN Support ended",
    },
    Telling: {
        Telling.SENT: "Message sent",
        Telling.DELIVERED: "Message delivered",
        Telling.IN_PERSON: "In person",
        Telling.BY_POST: "By post",
    },
    AuthorityDecision: {
        AuthorityDecision.ASSESS: "To assess",
        AuthorityDecision.NOT_ASSESS: "Not to assess",
        AuthorityDecision.NO_PLAN: "To make no plan",
    },
    Clock: {
        Clock.SIX_WEEKS: "Six weeks to decide whether to assess",
        Clock.SIXTEEN_WEEKS: "Sixteen weeks to tell that no plan is made",
        Clock.TWENTY_WEEKS: "Twenty weeks to the final plan",
        Clock.ADVICE: "Six weeks to give advice",
    },
    NotifiedOffice: {
        NotifiedOffice.COMMISSIONING_BODY: "The health service's commissioning body",
        NotifiedOffice.SOCIAL_CARE: "The authority's social care",
        NotifiedOffice.HEAD: "The head",
    },
    PlanRecipient: {
        PlanRecipient.FAMILY: "The family",
        PlanRecipient.NAMED_SETTING: "The school or college it names",
        PlanRecipient.COMMISSIONING_BODY: "The health service's commissioning body",
    },
    Phase: {
        Phase.POST_16: "Education after 16",
        Phase.BETWEEN_POST_16: "Another place of education after 16",
    },
    ContributionKind: {
        ContributionKind.TEACHERS_REPORT: "A teacher's report",
        ContributionKind.SENCOS_SUMMARY: "The SENCO's summary",
        ContributionKind.PARENTS_VIEW: "The parents' view",
        ContributionKind.PUPILS_VIEW: "The pupil's own view",
        ContributionKind.SPECIALISTS_REPORT: "A specialist's report",
        ContributionKind.LOCAL_FORM: "A form of the authority's own",
        ContributionKind.OTHER: "Another paper",
    },
    Profession: {
        Profession.OTHER: "Another specialist",
    },
}
UNNAMED: Final = "somebody whose name is not recorded"


def label(code: StrEnum) -> str:
    """The words for a code; one without words of its own is shown with spaces for underscores."""
    return LABELS.get(type(code), {}).get(code) or code.value.replace("_", " ").capitalize()


def need_label(need: NeedType) -> str:
    """A type of need with its census code."""
    return f"{NEED_CODES[need].label} ({need.value})"


def day(on: date | None) -> str:
    """A day as it is said, for example 3 November 2014; a dash for none."""
    return "-" if on is None else f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def listed(codes: Iterable[StrEnum]) -> str:
    """The words for several codes, in the order given; a dash for none."""
    return "; ".join(label(code) for code in codes) or "-"


def pounds(pence: int | None) -> str:
    """An amount in pence as pounds; one that was not worked out says so."""
    return "Not worked out" if pence is None else f"£{pence // 100:,}.{pence % 100:02}"


def school_year(begins: int) -> str:
    """A school year by the year it begins in, for example 2014/15."""
    return f"{begins}/{(begins + 1) % 100:02}"


def yes_no(fact: bool) -> str:
    """Yes or no."""
    return "Yes" if fact else "No"


def said(source: EvidenceSource | None) -> str:
    """What a source said, or why it could not be had."""
    if source is None:
        return "Not asked for"
    return source.says if source.says is not None else f"Not available: {source.missing_because or 'no reason given'}"


def consulted(one: Consulted) -> str:
    """When somebody was consulted, or why not."""
    return day(one.on) if one.on is not None else f"Not consulted: {one.not_because or 'no reason given'}"


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"


@dataclass(frozen=True, slots=True)
class Names:
    """Who the ids in a record are, for one pupil's document."""

    people: Mapping[UUID, str]
    pupil: UUID
    pupil_name: str

    def of(self, person: UUID | None) -> str:
        """The name of a person; the pupil's own for the pupil, a dash for nobody."""
        if person is None:
            return "-"
        return self.pupil_name if person == self.pupil else self.people.get(person, UNNAMED)

    def all_of(self, persons: tuple[UUID, ...]) -> str:
        """Several names, in the order given; a dash for none."""
        return ", ".join(self.of(person) for person in persons) or "-"

    def author(self, author: Author) -> str:
        """Who wrote an entry, and in what capacity where that is not plain."""
        if author.kind is AuthorKind.IMPORT:
            return f"{self.of(author.id)} (by loading a file)"
        return "the school's system" if author.kind is AuthorKind.CLIENT else self.of(author.id)
