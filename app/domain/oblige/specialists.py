"""Duties about specialists: involving them where little progress goes on, and sharing what they say."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from app.domain.cycle import Cycle
from app.domain.entries import AssessmentMade, Recorded, SettingName, SpecialistAdviceShared, SpecialistAdvised, SpecialistInvolved
from app.domain.obligation import Obligation, Shape
from app.domain.oblige import Duty, MetBy
from app.domain.oblige.gaps import Met, gap
from app.domain.record import Record
from app.domain.reviews import has_advice, shows_little_progress
from app.domain.rules.code_of_practice_2015.graduated_approach import INVOLVE_A_SPECIALIST
from app.domain.rules.code_of_practice_2015.specialists_and_records import SHARE_WHAT_THE_SPECIALIST_SAID


def oblige_specialist(record: Record, until: date) -> Iterator[Obligation]:
    """From a second review in a row with little or no progress a specialist is involved; one involved in either cycle counts."""
    reviews = [(cycle, cycle.review_entry) for cycle in record.cycles if cycle.review_entry]
    for (before, earlier), (cycle, later) in pairwise(reviews):
        if earlier is None or later is None or not (shows_little_progress(earlier) and shows_little_progress(later)):
            continue
        closing = _involved_from(record, before.begins_on or earlier.occurred_on, (before, cycle))
        yield from gap(
            INVOLVE_A_SPECIALIST,
            later.occurred_on,
            closing,
            occasion=f"cycle {cycle.number}",
            ended_on=_support_ends(record, later.occurred_on),
        )


def oblige_sharing(record: Record, until: date) -> Iterator[Obligation]:
    """Advice is shared with parents and staff within the school's own days; the Code counts none."""
    for recorded, advised in record.each(SpecialistAdvised):
        within = record.school.last_day(SettingName.SHARE_ADVICE_WITHIN_DAYS, advised.occurred_on)
        met = _shared(record, recorded, advised)
        yield Obligation(
            rule=SHARE_WHAT_THE_SPECIALIST_SAID,
            shape=Shape.DATED,
            occasion=str(recorded.number),
            arises_on=advised.occurred_on,
            due=within.day,
            met_on=met[0] if met else None,
            met_by=met[1] if met else None,
            missing=within.missing,
        )


def _involved_from(record: Record, day: date, cycles: Iterable[Cycle]) -> Met | None:
    """Who was turned to from a day on, or whose advice an assessment of these cycles already holds, whichever came first."""
    found = [(entry.occurred_on, recorded.number) for recorded, entry in record.each(SpecialistInvolved) if entry.occurred_on >= day]
    advised = [(cycle.assessment.entry.occurred_on, cycle.assessment.number) for cycle in cycles if cycle.assessment and has_advice(cycle)]
    return min((*found, *advised), default=None)


def _support_ends(record: Record, day: date) -> date | None:
    return next((period.until for period in record.statuses if period.covers(day)), None)


def _shared(record: Record, recorded: Recorded, advised: SpecialistAdvised) -> Met | None:
    """The day on which the last of the two, parents and staff, had it, and the entry that says so."""
    parents = [(advised.shared_with_parents_on, recorded.number)] if advised.shared_with_parents_on else []
    staff = [(advised.shared_with_staff_on, recorded.number)] if advised.shared_with_staff_on else []
    for later, shared in record.each(SpecialistAdviceShared):
        if shared.advice == recorded.number:
            parents += [(shared.occurred_on, later.number)] if shared.with_parents else []
            staff += [(shared.occurred_on, later.number)] if shared.with_staff else []
    return max(min(parents), min(staff)) if parents and staff else None


DUTIES: Final[tuple[Duty, ...]] = (oblige_specialist, oblige_sharing)
MET_BY: Final[MetBy] = MappingProxyType(
    {
        INVOLVE_A_SPECIALIST.id: (SpecialistInvolved, AssessmentMade),
        SHARE_WHAT_THE_SPECIALIST_SAID.id: (SpecialistAdvised, SpecialistAdviceShared),
    }
)
