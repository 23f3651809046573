"""A provision of law or guidance as we apply it: its force, source, dates and how well the source was checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from app.domain.citation import Citation
from app.domain.codes import SchoolType
from app.domain.cures import cure_of

Fact = str | int | bool | None
NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


class Force(StrEnum):
    """What a breach means: statute binds, guidance may be departed from with a recorded reason, the rest inform."""

    MUST = "must"
    SHOULD = "should"
    DATA_STANDARD = "data_standard"
    LOCAL = "local"
    HISTORY = "history"


class Certainty(StrEnum):
    """How near to the primary text our reading came."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    LEAFLET = "leaflet"
    UNCHECKED = "unchecked"


class Actor(StrEnum):
    """Who owes a duty."""

    SCHOOL = "school"
    APPROPRIATE_AUTHORITY = "appropriate_authority"
    SENCO = "senco"
    TEACHER = "teacher"
    LOCAL_AUTHORITY = "local_authority"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The days on which a rule governs; the first and the last day are inside, no last day means still in force."""

    since: date | None
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A duty with its source. `rows` name the lines of the project's rulebook that it carries."""

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

    def kept(self, **used: Fact) -> "Finding":
        """Remark that the rule was kept, with the facts that show it."""
        return Finding(rule=self, kept=True, used=MappingProxyType(used))

    def broken(self, *, missing: Iterable[str] = (), cure: str = "", **used: Fact) -> "Finding":
        """Remark that the rule was not kept: the facts used, the facts missing, and what would cure it, if only by giving those."""
        lacking = tuple(missing)
        return Finding(rule=self, kept=False, used=MappingProxyType(used), missing=lacking, cure=cure or cure_of(lacking))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A remark on a step: a rule, kept or broken, the facts used and the facts missing. Never holds a name or free text of a person."""

    rule: Rule
    kept: bool
    used: Mapping[str, Fact] = field(default_factory=lambda: NO_FACTS)
    missing: tuple[str, ...] = ()
    cure: str = ""

    def shown_by(self, facts: Mapping[str, Fact]) -> "Finding":
        """The same remark with these facts added to those used."""
        return replace(self, used=MappingProxyType({**self.used, **facts}))
