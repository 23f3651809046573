"""Trial entries: one of any kind, made of what a record holds, to see whether its step exists. They are weighed and never written."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, timedelta
from enum import Enum
from functools import cache
from itertools import islice
from types import MappingProxyType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from app.domain.entries import (
    AccessAsked,
    AdviceAsked,
    AnnualReviewDecided,
    AnnualReviewHeld,
    AppealLodged,
    AuthorityDecided,
    ConcernRaised,
    Consulted,
    ContributionAsked,
    ContributionGiven,
    Contributor,
    ContributorKind,
    DataComplaintMade,
    EhcAssessmentRequested,
    EhcPlanIssued,
    Entry,
    EvidenceSource,
    HoldPlaced,
    Impact,
    Matter,
    OutcomeRated,
    PersonTold,
    PlacementConsulted,
    PlanAgreed,
    RecordSent,
    Requester,
    ReviewHeld,
    SpecialistAdvised,
    SpecialistInvolved,
    Telling,
)
from app.domain.obligations import obligations
from app.domain.programmes import PROGRAMMES
from app.domain.record import Record
from app.domain.rule import Force
from app.domain.telling import to_be_told

Value = Any
NOBODY: Final = UUID(int=0)
A_WHILE: Final = timedelta(days=90)
MOST_TRIALS: Final = 5
"""So many of the newest entries that a step could refer to are tried."""

REFERRED: Final[Mapping[str, tuple[type[Entry], ...]]] = MappingProxyType(
    {
        "concern": (ConcernRaised,),
        "review": (ReviewHeld, AnnualReviewHeld),
        "asked": (AdviceAsked, AccessAsked),
        "complaint": (DataComplaintMade,),
        "involvement": (SpecialistInvolved,),
        "advice": (SpecialistAdvised,),
        "consultation": (PlacementConsulted,),
        "about": (AuthorityDecided, AnnualReviewDecided, EhcPlanIssued),
        "appeal": (AppealLodged,),
        "sent": (RecordSent,),
        "hold": (HoldPlaced,),
        "contribution": (ContributionAsked,),
    }
)
"""What the number of another entry, or an id that it gave out, may be that of, by the name of the field."""
ALSO_SAID: Final[Mapping[type[Entry], Mapping[str, Value]]] = MappingProxyType(
    {ContributionAsked: {"contribution": NOBODY}, ContributionGiven: {"contribution": NOBODY, "words": "-"}}
)
"""What a trial of a kind says whatever the record holds: a new contribution is always possible, and gives words."""
LATER: Final = frozenset({"review_on", "target_on", "moves_on", "monitor_on", "until_on"})
OF_STAFF: Final = frozenset(
    {"teacher", "senco", "led_by", "delivered_by", "accountable_teacher", "responsible_teacher", "reviewers", "staff", "confirmed_by"}
)


@dataclass(frozen=True, slots=True)
class Bench:
    """Where trials are made: the record, the day, a member of staff, and the number of the entry that is referred to, if any."""

    record: Record
    on: date
    staff: UUID
    about: int = 0

    def made(self, kind: type[Value]) -> Value:
        """Make one value of a frozen class; what has a default keeps it."""
        also = ALSO_SAID.get(kind, {})
        required = [item.name for item in fields(kind) if item.init and item.default is MISSING and item.default_factory is MISSING]
        return kind(**{name: self.value(name, _hints(kind)[name]) for name in required if name not in also}, **also)

    def value(self, name: str, hint: Value) -> Value:
        """Give a field what the record holds for it, or else something plain of its type."""
        if name in REFERRED and hint in (int, int | None):
            return self.about
        if isinstance(hint, UnionType):
            return None
        if name in KNOWN:
            return KNOWN[name](self)
        origin: object = get_origin(hint)
        if origin is tuple:
            return (self.value(name, get_args(hint)[0]),)
        return self._plain(name, hint)

    def _plain(self, name: str, hint: type[Value]) -> Value:
        if name == "provision" and hint is int:
            return self.plan.provision[0].number if self.plan and self.plan.provision else 0
        if hint in PLAIN:
            return PLAIN[hint](self)
        if hint is UUID:
            return self.staff if name in OF_STAFF else self.contact
        if hint is date:
            return self.on + A_WHILE if name in LATER else self.on
        return next(iter(hint)) if issubclass(hint, Enum) else self.made(hint)

    @property
    def contact(self) -> UUID:
        """A person around the pupil."""
        return next((contact.contact for contact in self.record.contacts_on(self.on)), NOBODY)

    @property
    def request(self) -> UUID:
        """The newest request for an assessment."""
        return next((entry.request for _, entry in reversed(tuple(self.record.each(EhcAssessmentRequested)))), NOBODY)

    @property
    def contribution(self) -> UUID:
        """The contribution that the entry referred to asked for."""
        asked = self.record.entry(self.about)
        return asked.entry.contribution if asked and isinstance(asked.entry, ContributionAsked) else NOBODY

    @property
    def cycle(self) -> int:
        """The open cycle, or the one that would come next."""
        last = self.record.last_cycle
        return 1 if last is None else last.number + (last.review is not None)

    @property
    def departed(self) -> tuple[str, str]:
        """Rule and occasion of a duty of guidance that was owed by the day."""
        owed = obligations(self.record, until=self.on)
        return next(((found.rule.id, found.occasion) for found in owed if found.rule.force is Force.SHOULD), ("", ""))

    @property
    def plan(self) -> PlanAgreed | None:
        """The plan of the open cycle."""
        return next((cycle.plan_entry for cycle in self.record.cycles if cycle.number == self.cycle), None)

    @property
    def ratings(self) -> tuple[OutcomeRated, ...]:
        """A rating of each outcome that is planned."""
        planned = self.plan.outcomes if self.plan else ()
        return tuple(OutcomeRated(outcome=outcome.number, impact=Impact.GOOD_PROGRESS, evidence="-") for outcome in planned)

    @property
    def programme(self) -> str:
        """The migration that moves the pupil's status, or the first there is."""
        status = self.record.status_on(self.on)
        moving = (programme.id for programme in PROGRAMMES.values() if status in programme.from_codes)
        return next(moving, next(iter(PROGRAMMES)))

    @property
    def matter(self) -> Matter:
        """What somebody must be told after the entry that is referred to."""
        about = self.record.entry(self.about)
        told = () if about is None else to_be_told(self.record.school, about.entry)
        return told[0].matter if told else Matter.PLAN

    @property
    def notice(self) -> UUID:
        """The newest notice that somebody was told by."""
        told = (entry.notice for _, entry in reversed(tuple(self.record.each(PersonTold))))
        return next((notice for notice in told if notice is not None), NOBODY)


PLAIN: Final[Mapping[type[Value], Callable[[Bench], Value]]] = MappingProxyType(
    {
        str: lambda bench: "-",
        bool: lambda bench: True,
        float: lambda bench: 1.0,
        int: lambda bench: 1,
        EvidenceSource: lambda bench: EvidenceSource(says="-"),
        Consulted: lambda bench: Consulted(on=bench.on),
    }
)
KNOWN: Final[Mapping[str, Callable[[Bench], Value]]] = MappingProxyType(
    {
        "occurred_on": lambda bench: bench.on,
        "date_of_birth": lambda bench: bench.record.date_of_birth or bench.on,
        "authority": lambda bench: bench.record.school.authority or "",
        "cycle": lambda bench: bench.cycle,
        "ratings": lambda bench: bench.ratings,
        "came_from": lambda bench: bench.record.status_on(bench.on),
        "programme": lambda bench: bench.programme,
        "request": lambda bench: bench.request,
        "requester": lambda bench: Requester.SCHOOL,
        "frozen_at": lambda bench: bench.record.last_number,
        "rule": lambda bench: bench.departed[0],
        "occasion": lambda bench: bench.departed[1],
        "matter": lambda bench: bench.matter,
        "how": lambda bench: Telling.IN_PERSON,
        "notice": lambda bench: bench.notice,
        "school_year": lambda bench: bench.on.year,
        "other": lambda bench: NOBODY,
        "contribution": lambda bench: bench.contribution,
        "contributor": lambda bench: Contributor(kind=ContributorKind.STAFF, person=bench.staff),
    }
)
"""What a field of this name says, whatever kind of entry it stands in."""


def _hints(kind: Value) -> Mapping[str, Value]:
    return _read(kind)


@cache
def _read(kind: Value) -> Mapping[str, Value]:
    return get_type_hints(kind)


def trials(record: Record, kind: type[Entry], on: date, staff: UUID) -> Iterator[Entry]:
    """Make entries of a kind for a day, one for each entry of the record that it could refer to, newest first; at least one."""
    for number in _numbers(record, kind):
        made: Entry = Bench(record, on, staff, number).made(kind)
        yield made


def _numbers(record: Record, kind: type[Entry]) -> Iterator[int]:
    if kind is PersonTold:
        found = [recorded.number for recorded in record.entries if to_be_told(record.school, recorded.entry)]
    else:
        referred = {other for name in _hints(kind) if name in REFERRED and name not in ALSO_SAID.get(kind, {}) for other in REFERRED[name]}
        found = [recorded.number for recorded in record.entries if type(recorded.entry) in referred]
    yield from islice(reversed(found), MOST_TRIALS)
    if not found:
        yield 0
