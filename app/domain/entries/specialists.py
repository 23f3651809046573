"""Entries about specialists: involving one, and what came of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from app.domain.entries.entry import Entry


class Profession(StrEnum):
    """What kind of specialist was involved."""

    EDUCATIONAL_PSYCHOLOGIST = "educational_psychologist"
    SPEECH_AND_LANGUAGE_THERAPIST = "speech_and_language_therapist"
    OCCUPATIONAL_THERAPIST = "occupational_therapist"
    PHYSIOTHERAPIST = "physiotherapist"
    SPECIALIST_TEACHER = "specialist_teacher"
    PAEDIATRICIAN = "paediatrician"
    MENTAL_HEALTH_PRACTITIONER = "mental_health_practitioner"
    SOCIAL_WORKER = "social_worker"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistInvolved(Entry):
    """The school turned to a specialist. Parents took part in that decision on one day and agreed to the contact on another, or why not."""

    type: ClassVar[str] = "specialist.involved"
    profession: Profession
    reason: str
    is_already_involved: bool = False
    parents_involved_on: date | None = None
    parents_agreed_on: date | None = None
    parents_not_involved_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistAdvised(Entry):
    """A specialist gave advice; `involvement` is the number of the entry that involved them. What was shared with whom has its days."""

    type: ClassVar[str] = "specialist.advised"
    involvement: int
    advice: str
    shared_with_parents_on: date | None = None
    shared_with_staff_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistAdviceShared(Entry):
    """Advice given earlier was shared; `advice` is the number of its entry."""

    type: ClassVar[str] = "specialist_advice.shared"
    advice: int
    with_parents: bool
    with_staff: bool
