"""One duty out of law or guidance: how strongly it binds, where it stands written, when it held, and how well we know that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from app.domain.citation import Citation
from app.domain.codes import SchoolType
from app.domain.cures import cure_of

Fact = str | int | bool | None
NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


class Force(StrEnum):
    """What a breach means: statute binds, guidance may be departed from with a recorded reason, the rest inform.

    What is only proposed is enforced by nobody.
    """

    MUST = "must"
    SHOULD = "should"
    DATA_STANDARD = "data_standard"
    LOCAL = "local"
    HISTORY = "history"
    PROPOSED = "proposed"


class Certainty(StrEnum):
    """How near to the primary text our reading came."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    LEAFLET = "leaflet"
    UNCHECKED = "unchecked"


HOW_SURE: Mapping[Certainty, str] = MappingProxyType(
    {
        Certainty.PRIMARY: "",
        Certainty.SECONDARY: "",
        Certainty.LEAFLET: " (as a leaflet tells it)",
        Certainty.UNCHECKED: " (unchecked: nobody has compared this with its source)",
    }
)
"""What is said beside a citation whose source nobody has read as it stands."""


class Actor(StrEnum):
    """Who owes a duty."""

    SCHOOL = "school"
    APPROPRIATE_AUTHORITY = "appropriate_authority"
    SENCO = "senco"
    TEACHER = "teacher"
    HEAD = "head"
    LOCAL_AUTHORITY = "local_authority"
    FAMILY = "family"
    SYSTEM = "system"


class Checking(StrEnum):
    """How a rule is checked here, if a machine can check it at all."""

    OBLIGATION = "obligation"
    FINDING = "finding"
    DATA_CHECK = "data_check"
    PROPERTY = "property"
    NOT_CHECKABLE = "not_checkable"
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The days on which a rule governs; the first and the last day are inside, no last day means still in force."""

    since: date | None
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a rule says on the days on which it says so."""

    duty: str
    in_force: InForce
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A duty with its source. `rows` name the lines of the project's rulebook that it carries.

    `duty` is today's wording; `earlier` are those it had before, oldest first. `shown_by` names the test that proves a property of the
    system, or gives the reason why no machine can check the rule. `leaflets_differ` says where a leaflet says otherwise, and what holds.
    """

    id: str
    rows: tuple[str, ...]
    duty: str
    who: Actor
    force: Force
    cites: tuple[Citation, ...]
    certainty: Certainty
    checked: date
    in_force: InForce
    binds: frozenset[SchoolType]
    checking: Checking
    shown_by: str = ""
    leaflets_differ: str = ""
    earlier: tuple[Wording, ...] = ()

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """All wordings by date, today's last: it begins the day after the one before it ended."""
        ended = self.earlier[-1].in_force.until if self.earlier else None
        since = self.in_force.since if ended is None else ended + timedelta(days=1)
        today = Wording(duty=self.duty, in_force=InForce(since=since, until=self.in_force.until), cites=self.cites)
        return (*self.earlier, today)

    def wording_on(self, day: date) -> Wording | None:
        """The wording in force on a day, None where the rule was not in force."""
        return next((wording for wording in self.wordings if day in wording.in_force), None)

    @property
    def sources(self) -> tuple[str, ...]:
        """Where today's wording is written; for wherever it is shown without the certainty beside it."""
        return self.sources_of(self.wordings[-1])

    def sources_of(self, wording: Wording) -> tuple[str, ...]:
        """Where a wording is written, with a plain word at each place whose source nobody has read as it stands."""
        return tuple(f"{place}{HOW_SURE[self.certainty]}" for place in wording.cites)

    def kept(self, **used: Fact) -> "Finding":
        """Remark that the rule was kept, with the facts that show it."""
        return Finding(rule=self, kept=True, used=MappingProxyType(used))

    def broken(self, *, missing: Iterable[str] = (), cure: str = "", **used: Fact) -> "Finding":
        """Remark that the rule was not kept: the facts used, the facts missing, and what would cure it, if only by giving those."""
        lacking = tuple(missing)
        return Finding(rule=self, kept=False, used=MappingProxyType(used), missing=lacking, cure=cure or cure_of(lacking))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a step has to say of one rule: kept or broken, upon which facts, and for want of which. Holds no name and nobody's own words."""

    rule: Rule
    kept: bool
    used: Mapping[str, Fact] = field(default_factory=lambda: NO_FACTS)
    missing: tuple[str, ...] = ()
    cure: str = ""

    def shown_by(self, facts: Mapping[str, Fact]) -> "Finding":
        """The same remark with these facts added to those used."""
        return replace(self, used=MappingProxyType({**self.used, **facts}))
