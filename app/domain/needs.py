"""Setting a pupil's needs: types by their census codes, ranked, each valid on its day."""

from collections.abc import Iterator

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.codes import NEED_CODES, NeedType, SenStatus
from app.domain.decision import Decision
from app.domain.entries import NeedsSet, UnitPlacementDescribed
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding
from app.domain.rules.code_of_practice_2015.identification import RECORD_AREAS_OF_NEED
from app.domain.rules.school_census import (
    KEEP_TYPES_AND_STATUS_CONSISTENT,
    RANK_NEEDS_FROM_ONE,
    TELL_PARENTS_THE_TYPE_USED,
    USE_TYPES_OF_THE_DAY,
)
from app.domain.rules.transition_2014_2015 import ASSESS_BESD_ANEW


def set_needs(record: Record, entry: NeedsSet, by: Author) -> Decision:
    """Set the needs anew from a day on; a type that was not open on the day cannot be given, and SEMH never comes of BESD by itself."""
    refusal = role_refusal(record, entry, by) or _closed_types(entry) or _twice(entry)
    return answered(record, entry, refusal, _findings(record, entry))


def describe_unit_placement(record: Record, entry: UnitPlacementDescribed, by: Author) -> Decision:
    """Say from which day on the pupil has a place in the SEN unit or the resourced provision, or has none; a school may have neither."""
    return answered(record, entry, role_refusal(record, entry, by))


def _closed_types(entry: NeedsSet) -> Finding | None:
    closed = [need.need_type for need in entry.needs if not NEED_CODES[need.need_type].is_open_on(entry.occurred_on)]
    if not closed:
        return None
    rule = ASSESS_BESD_ANEW if NeedType.BESD in closed else USE_TYPES_OF_THE_DAY
    return rule.broken(need_type=closed[0], on=str(entry.occurred_on), cure="choose a type that is open on the day")


def _twice(entry: NeedsSet) -> Finding | None:
    types, ranks = {need.need_type for need in entry.needs}, {need.rank for need in entry.needs}
    if len(types) == len(ranks) == len(entry.needs):
        return None
    return RANK_NEEDS_FROM_ONE.broken(needs=len(entry.needs), types=len(types), ranks=len(ranks), cure="give each type and each rank once")


def _findings(record: Record, entry: NeedsSet) -> Iterator[Finding]:
    status = record.status_on(entry.occurred_on)
    if sorted(need.rank for need in entry.needs) != list(range(1, len(entry.needs) + 1)):
        yield RANK_NEEDS_FROM_ONE.broken(needs=len(entry.needs), cure="rank from 1 without gaps")
    if status is SenStatus.SEN_SUPPORT and not entry.needs:
        yield KEEP_TYPES_AND_STATUS_CONSISTENT.broken(status=status, missing=("type of need",), cure="set a type of need, or NSA")
    for need in entry.needs:
        if status not in NEED_CODES[need.need_type].goes_with:
            yield KEEP_TYPES_AND_STATUS_CONSISTENT.broken(status=status, need_type=need.need_type)
    if entry.needs:
        yield RECORD_AREAS_OF_NEED.kept(areas=len(entry.areas)) if entry.areas else RECORD_AREAS_OF_NEED.broken(missing=("areas",))
        yield _told(entry)


def _told(entry: NeedsSet) -> Finding:
    """A type needs no specialist, but the parents are to know the description."""
    facts: dict[str, Fact] = {"set_on": str(entry.occurred_on)}
    if entry.parents_told_on is not None:
        return TELL_PARENTS_THE_TYPE_USED.kept(told_on=str(entry.parents_told_on)).shown_by(facts)
    cure = "tell the parents the description, and record the day"
    return TELL_PARENTS_THE_TYPE_USED.broken(missing=("parents_told_on",), cure=cure).shown_by(facts)
