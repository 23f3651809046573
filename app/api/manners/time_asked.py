"""The two questions of time answered: which day, which ledger number, how far is derived, and the version of what was found."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from app.api.manners.problems import ApiError
from app.casework.taking import Opened
from app.casework.versions import entity_tag
from app.db.moments import number_at
from app.db.reads import Listed
from app.db.session import SchoolSession
from app.domain.calendar import civil_day
from app.domain.entries import ObligationsRederived


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAsked:
    """What a question about obligations resolved to; `then` is its ledger number where a moment was named, None where it is about now."""

    day: date
    known_at_number: int
    then: int | None
    horizon: date | None
    rules_version: str | None
    school_number: int

    @classmethod
    def now_of(cls, found: Listed, day: date) -> Self:
        """Give what a question about now resolved to, `day` being the school's own."""
        return cls(
            day=day,
            known_at_number=found.number,
            then=None,
            horizon=found.horizon,
            rules_version=found.rules_version,
            school_number=found.school_number,
        )

    def version(self, view: str) -> str:
        """Give the entity tag of one view of the obligations; whatever a re-derivation changes without a number changes it too."""
        return entity_tag(
            pupil_number=self.known_at_number,
            school_number=self.school_number,
            view=f"{view} {self.horizon} {self.rules_version}",
            as_at=self.day.isoformat(),
            known_at=self.known_at_number,
        )


async def time_asked(session: SchoolSession, opened: Opened, as_at: date | None, known_at: datetime | None) -> TimeAsked:
    """Resolve a day and a moment; raises MomentAheadError, and ApiError for a day of which nothing was derived.

    What a school owes from tomorrow on is not known until a worker has derived it once, and then known only from there.
    """
    number = await number_at(session, opened.now, opened.moment, known_at)
    horizon = opened.now.horizon if known_at is None else _horizon_then(opened, number)
    last = horizon or civil_day(known_at or opened.moment)
    day = as_at or opened.today
    if day > last and not (as_at is None and known_at is None):
        known = "" if known_at is None else ", as known then"
        raise ApiError("beyond-horizon", f"Obligations are derived to {last.isoformat()}{known}.")
    return TimeAsked(
        day=day,
        known_at_number=number,
        then=None if known_at is None else number,
        horizon=horizon,
        rules_version=opened.now.rules_version,
        school_number=opened.now.school_number,
    )


def _horizon_then(opened: Opened, number: int) -> date | None:
    derived = [entry.horizon for recorded, entry in opened.school.each(ObligationsRederived) if recorded.number <= number]
    if not derived or opened.now.horizon is None:
        return None
    return min(derived[-1], opened.now.horizon)


def is_held(if_none_match: str | None, tag: str) -> bool:
    """Tell whether the caller has the version already."""
    return if_none_match is not None and tag in (seen.strip() for seen in if_none_match.split(","))
