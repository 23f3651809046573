"""Where the pupil lives and who looks after them on a day: the home authority, and an authority in the place of a parent."""

from datetime import date
from uuid import UUID

from app.domain.entries import CareDescribed, HomeDescribed
from app.domain.record import Record


def home_authority(record: Record, on: date) -> str | None:
    """The authority in whose area the pupil lives on a day, None where nobody described it; it need not be the school's.

    It is responsible for the pupil's special educational needs (Children and Families Act 2014, section 24).
    """
    return next((home.authority for _, home in reversed(tuple(record.each(HomeDescribed))) if home.occurred_on <= on), None)


def care_on(record: Record, on: date) -> CareDescribed | None:
    """The care that an authority gives the pupil on a day, None while nobody but the family looks after them."""
    newest = next((care for _, care in reversed(tuple(record.each(CareDescribed))) if care.occurred_on <= on), None)
    return newest if newest is not None and newest.is_looked_after else None


def speaks_for_the_authority(record: Record, on: date) -> UUID | None:
    """The contact through whom an authority that shares parental responsibility is told on a day, None where there is none."""
    care = care_on(record, on)
    return care.social_worker if care is not None and care.has_responsibility else None
