"""Entries about the local authority's plans and requests for an EHC needs assessment."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from app.domain.entries.entry import Entry
from app.domain.entries.identification import Judgement


class PlanSection(StrEnum):
    """The sections of an EHC plan (Special Educational Needs and Disability Regulations 2014, regulation 12(1))."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H1 = "H1"
    H2 = "H2"
    I = "I"  # noqa: E741
    J = "J"
    K = "K"


class PlanRecipient(StrEnum):
    """Who is sent a final plan (regulation 13(2))."""

    FAMILY = "family"
    NAMED_SETTING = "named_setting"
    COMMISSIONING_BODY = "commissioning_body"


@dataclass(frozen=True, slots=True, kw_only=True)
class EhcPlanIssued(Entry):
    """The authority made a final EHC plan for the pupil; what it holds and whom it was sent to is told where it is known."""

    type: ClassVar[str] = "ehc_plan.issued"
    authority: str
    transfer_review_completed_on: date | None = None
    request: UUID | None = None
    sections: tuple[PlanSection, ...] = ()
    sent_to: tuple[PlanRecipient, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EhcPlanCeased(Entry):
    """The authority ceased the pupil's EHC plan or statement, and the school decided what follows."""

    type: ClassVar[str] = "ehc_plan.ceased"
    authority: str
    judgement: Judgement
    reason: str


class Requester(StrEnum):
    """Who asks for an EHC needs assessment (Children and Families Act 2014, section 36(1)), or brings a child to notice (section 23)."""

    PARENT = "parent"
    YOUNG_PERSON = "young_person"
    SCHOOL = "school"
    POST_16_INSTITUTION = "post_16_institution"
    SOMEBODY_ELSE = "somebody_else"


@dataclass(frozen=True, slots=True, kw_only=True)
class EhcAssessmentRequested(Entry):
    """An EHC needs assessment was asked for, or somebody else brought the child to the authority's notice, which is no request.

    Of a child brought to notice it is told whether the parents, or the young person, know of it and agree.
    """

    type: ClassVar[str] = "ehc_assessment.requested"
    request: UUID
    authority: str
    requester: Requester
    contact: UUID | None
    reason: str
    family_knows: bool | None = None
    family_agrees: bool | None = None


class LawfulBasis(StrEnum):
    """On what personal data are shared with an authority (UK GDPR, article 6(1)(c), (e) and (a)); consent is not the one for evidence."""

    LEGAL_OBLIGATION = "legal_obligation"
    PUBLIC_TASK = "public_task"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class EhcRequestWithdrawn(Entry):
    """Whoever made a request took it back before it was decided; `reason` is in their words where they gave one."""

    type: ClassVar[str] = "ehc_assessment.withdrawn"
    request: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An entry, by its number, whose content was left out of the evidence, and why; its digest goes along all the same."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OthersNamed:
    """That other pupils of the school are named in the evidence, or a paper could not be searched for them, and why it goes out so."""

    pupils: tuple[UUID, ...]
    entries: tuple[int, ...]
    papers: tuple[UUID, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSubmitted(Entry):
    """The school submitted its evidence, frozen up to the ledger number named; a second person confirmed the disclosure.

    Where nobody confirmed it, `waived_by` is the number of the school's setting that says so. `lawful_basis` is None where nobody said on
    what basis it was shared. `profile` names what it was put together for, with its version.
    """

    type: ClassVar[str] = "evidence.submitted"
    request: UUID
    frozen_at: int
    confirmed_by: UUID | None
    lawful_basis: LawfulBasis | None = None
    waived_by: int | None = None
    profile: str = "national/1"
    left_out: tuple[LeftOut, ...] = ()
    others_named: OthersNamed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReceived(Entry):
    """The request and its evidence were available to the authority; `deemed` unless the authority gave the day itself."""

    type: ClassVar[str] = "evidence.received"
    request: UUID
    deemed: bool
    bundle_digest: str | None
    reason: str | None = None
