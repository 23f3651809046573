"""The part of a record that says what holds of the pupil beside their needs: home, care, capacity and a place in a unit."""

from collections.abc import Iterator

from app.documents.drawing.outline import NOTHING, Part, Section, Words, facts
from app.documents.record.entry_parts import part
from app.documents.record.labels import Names, day, yes_no
from app.domain.entries import CapacityDecided, CareDescribed, HomeDescribed, UnitPlacementDescribed
from app.domain.record import Record


def circumstances_section(record: Record, names: Names) -> Section:
    """Each change with its day; nothing of it says who among the family is restricted, or why."""
    parts = (*_homes(record), *_care(record, names), *_capacity(record, names), *_places(record))
    return Section("circumstances", "Circumstances", parts or (Words(NOTHING),))


def _homes(record: Record) -> Iterator[Part]:
    for recorded, home in record.each(HomeDescribed):
        yield part(f"Home from {day(home.occurred_on)}", recorded, facts(lives_in_the_area_of_authority=home.authority))


def _care(record: Record, names: Names) -> Iterator[Part]:
    for recorded, care in record.each(CareDescribed):
        shown = facts(
            looked_after_by_an_authority=yes_no(care.is_looked_after),
            authority=care.authority,
            authority_has_parental_responsibility=yes_no(care.has_responsibility) if care.is_looked_after else None,
            social_worker=names.of(care.social_worker) if care.social_worker else None,
        )
        yield part(f"Care from {day(care.occurred_on)}", recorded, shown)


def _capacity(record: Record, names: Names) -> Iterator[Part]:
    for recorded, decided in record.each(CapacityDecided):
        shown = facts(
            can_exercise_these_rights=yes_no(decided.has_capacity),
            acts_for_the_young_person=names.of(decided.representative) if decided.representative else None,
            on_what_ground=decided.basis,
        )
        yield part(f"Capacity from {day(decided.occurred_on)}", recorded, shown)


def _places(record: Record) -> Iterator[Part]:
    for recorded, place in record.each(UnitPlacementDescribed):
        shown = facts(
            place_in_the_special_unit=yes_no(place.in_sen_unit), place_in_resourced_provision=yes_no(place.in_resourced_provision)
        )
        yield part(f"Place in a unit from {day(place.occurred_on)}", recorded, shown)
