"""Takes one step on one record: load, decide, store, record. The only writer of records."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

import asyncpg

from app.casework.announcing import Announcing
from app.casework.authors import AuthorClaim, ProofReader
from app.casework.versions import entity_tag
from app.db import idempotency, obligations
from app.db.entrance import Entrance
from app.db.idempotency import Key
from app.db.ledger import Dice, Draft, append, foreseen, lock_head
from app.db.records import find_pupil, load_record, write_summaries
from app.db.schools import SchoolNow, SchoolRecords, ask_for_rederivation, school_now
from app.db.session import SchoolSession, Sessions
from app.domain.author import Author
from app.domain.calendar import civil_day, end_of_school_year
from app.domain.corrections import may_correct
from app.domain.decision import Decision
from app.domain.entries import ContactDescribed, Entry, EntryWithdrawn, PupilEnrolled, Recorded, SchoolDescribed, SettingChanged
from app.domain.notices import NoticeOwed, notices_owed
from app.domain.obligation import Obligation
from app.domain.obligations import obligations as derive
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules import RULES_VERSION
from app.domain.school import School
from app.domain.second_person import second_person_refusal

E = TypeVar("E", bound=Entry)
E_contra = TypeVar("E_contra", bound=Entry, contravariant=True)
TRIES: Final = 2
UNSETTLING: Final = (ContactDescribed, PupilEnrolled)
FEW: Final = 10
"""So many records are folded on the event loop; more go to a thread, so that requests do not wait."""


class PupilUnknownError(Exception):
    """This school has no such pupil."""


class StepRefusedError(Exception):
    """The step does not exist from here; the findings say under which rule and why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("refused")
        self.findings = tuple(findings)


class OccurredOutOfBoundsError(Exception):
    """The day lies in the school's future, or before the pupil was born."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordMovedOnError(Exception):
    """The record is no longer in the version that the client saw."""

    def __init__(self, current: str) -> None:
        super().__init__("moved on")
        self.current = current


class Step(Protocol[E_contra]):
    """A step of the domain: it answers and does nothing."""

    def __call__(self, record: Record, entry: E_contra, by: Author, /) -> Decision:
        """Decide whether the entry may be added to the record."""


Alongside = Callable[[SchoolSession, tuple[Recorded, ...]], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a client asks for around a step. `corrects` is the number of the entry that is to be superseded, with `if_match` optional;
    `second` is whoever confirms what the author does, where the step asks for a second person."""

    entrance: Entrance
    pupil_id: UUID
    author: AuthorClaim
    second: AuthorClaim | None = None
    key: Key | None = None
    if_match: str | None = None
    corrects: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a step: the entries as recorded, the remarks, and the record's new version. A dry run records nothing."""

    entries: tuple[Recorded, ...] = ()
    would_append: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    number: int | None = None
    etag: str | None = None
    references: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Entries to add to one record; without a record they are the school's own."""

    drafts: tuple[Draft, ...]
    before: Record | None = None
    tells: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A transaction's view of its school: its row, its own record, and the moment on its clock."""

    session: SchoolSession
    now: SchoolNow
    school: School
    moment: datetime

    @property
    def today(self) -> date:
        """The civil day at the school."""
        return civil_day(self.moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What casework needs of the outside: the clock, the dice, ids, author proofs, and how to wake a worker after a commit."""

    now: Callable[[], datetime]
    dice: Dice
    new_id: Callable[[], UUID]
    proofs: ProofReader
    wake: Callable[[], None]


class Casework:
    """Writes records; each public method is one transaction."""

    def __init__(self, sessions: Sessions, means: Means) -> None:
        self.sessions = sessions
        self.means = means
        self.schools = SchoolRecords()

    async def open(self, session: SchoolSession) -> Opened:
        """Read the school as it stands in this transaction."""
        now = await school_now(session)
        return Opened(
            session=session, now=now, school=await self.schools.load(session, now.school_number), moment=now.moment(self.means.now())
        )

    def announcing(self, opened: Opened) -> Announcing:
        """Give what writes notices in this transaction."""
        return Announcing(session=opened.session, moment=opened.moment, now=self.means.now(), new_id=self.means.new_id)

    async def take(self, asked: Asked, step: Step[E], entry: E, *, alongside: Alongside | None = None) -> Taken:
        """Take a step for a client and store what follows from it, all or nothing.

        Raises PupilUnknownError, StepRefusedError, OccurredOutOfBoundsError, RecordMovedOnError, AuthorRefusedError, KeyReusedError and
        the errors of `app.db.entrance`.
        """
        for tries_left in reversed(range(TRIES)):
            try:
                async with self.sessions.enter(asked.entrance, read_only=asked.dry_run) as session:
                    taken = await self._take(session, asked, step, entry, alongside)
                self.means.wake()
                return taken
            except asyncpg.UniqueViolationError as error:
                # Another request under the same key came first; asked again, its answer is ours too.
                if not tries_left or not idempotency.is_same_key(error):
                    raise
        raise AssertionError("the last try returns or raises")

    async def _take(self, session: SchoolSession, asked: Asked, step: Step[E], entry: E, alongside: Alongside | None) -> Taken:
        pupil = await find_pupil(session, asked.pupil_id, lock=not asked.dry_run)
        if pupil is None:
            raise PupilUnknownError
        opened = await self.open(session)
        whole = await load_record(session, opened.school, asked.pupil_id)
        if asked.key is not None and not asked.dry_run and (kept := await idempotency.find(session, asked.key)) is not None:
            return replayed(whole, kept, asked.corrects, step, entry)
        _require_version(asked, whole)
        author = await self.means.proofs.author(opened.session, asked.author, opened.now.identity_provider, is_dry=asked.dry_run)
        if asked.second is not None:
            await self._require_second(opened, asked.second, author, is_dry=asked.dry_run)
        before, decision = decide(whole, asked.corrects, step, entry, author)
        require_bounds(opened.today, before.date_of_birth, entry.occurred_on)
        if decision.is_refused:
            raise StepRefusedError(decision.findings)
        if asked.dry_run:
            return Taken(would_append=decision.entries, findings=decision.findings)
        drafts = _drafts(decision.entries, author, asked)
        recorded = await self.store(opened, [Work(drafts=drafts, before=whole)])
        references = {} if alongside is None else await alongside(session, recorded)
        if asked.key is not None:
            await idempotency.remember(session, asked.key, idempotency.led_to(recorded, references), at=self.means.now())
        return taken_of(recorded, decision.findings, opened.now.school_number, references)

    async def _require_second(self, opened: Opened, claim: AuthorClaim, first: Author, *, is_dry: bool) -> None:
        second = await self.means.proofs.author(opened.session, claim, opened.now.identity_provider, is_dry=is_dry)
        refusal = second_person_refusal(opened.school, first, second, opened.moment)
        if refusal is not None:
            raise StepRefusedError((refusal,))

    async def store(self, opened: Opened, works: Sequence[Work]) -> tuple[Recorded, ...]:
        """Store entries with everything that follows from them.

        What follows is worked out under the numbers that are foreseen, so that the ledger's head is locked last and shortest; when somebody
        else appended meanwhile it is worked out again under the lock.
        """
        drafts = tuple(draft for work in works for draft in work.drafts)
        first = opened.now.number + 1
        followed = await self._follow_all(opened, works, first)
        standing = await obligations.open_rows_of(opened.session, [f.record.pupil for f in followed])
        head = await lock_head(opened.session)
        if head.number + 1 != first:
            followed = await self._follow_all(opened, works, head.number + 1)
        recorded = await append(opened.session, head, drafts, now=opened.moment, dice=self.means.dice)
        await self._project(opened, followed, standing)
        if any(isinstance(draft.entry, SettingChanged | SchoolDescribed) for draft in drafts):
            await ask_for_rederivation(opened.session)
        return recorded

    async def _follow_all(self, opened: Opened, works: Sequence[Work], first: int) -> "list[Followed]":
        """Work out what follows, off the event loop where many records are written at once."""
        if len(works) <= FEW:
            return _followed(opened, works, first)
        return await asyncio.to_thread(_followed, opened, works, first)

    async def _project(self, opened: Opened, followed: "Sequence[Followed]", standing: Mapping[UUID, Sequence[asyncpg.Record]]) -> None:
        """Write what follows, in as many statements for a thousand records as for one."""
        if not followed:
            return
        session, new_id = opened.session, self.means.new_id
        rewrites = [_rewrite(f, standing[f.record.pupil]) for f in followed]
        await obligations.write_all(session, rewrites, rules_version=RULES_VERSION, new_id=new_id)
        await write_summaries(session, [(f.record, f.last) for f in followed])
        announcing = self.announcing(opened)
        for f in followed:
            if f.unsettles:
                await announcing.settle(f.record)
            if f.notices:
                await announcing.compose(f.notices, f.record.pupil)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What follows from a work: the record after it, what is now owed, who must be told, and the last number it takes.

    `unsettles` when a notice that is there already may have nobody or nothing to tell any more, or may go out again.
    """

    record: Record
    obligations: tuple[Obligation, ...]
    notices: tuple[NoticeOwed, ...]
    last: int
    unsettles: bool


def _followed(opened: Opened, works: Sequence[Work], first: int) -> list[Followed]:
    return [_follow(opened, work, work.before, start) for work, start in _numbered(works, first) if work.before is not None]


def _follow(opened: Opened, work: Work, before: Record, first: int) -> Followed:
    added = foreseen(work.drafts, first, opened.moment)
    after = Record.fold(opened.school, (*before.known, *added), before.pupil)
    return Followed(
        record=after,
        obligations=tuple(derive(after, until=horizon_of(opened.today))),
        notices=tuple(notices_owed(after, added)) if work.tells else (),
        last=first + len(added) - 1,
        unsettles=work.tells and any(d.supersedes is not None or isinstance(d.entry, UNSETTLING) for d in work.drafts),
    )


def _rewrite(followed: Followed, standing: Sequence[asyncpg.Record]) -> obligations.Rewrite:
    changes = obligations.changes_between(standing, followed.obligations)
    return obligations.Rewrite(pupil_id=followed.record.pupil, known_from=followed.last, changes=changes)


def horizon_of(today: date) -> date:
    """The last day to which obligations are derived: the end of the school year after this one."""
    return end_of_school_year(end_of_school_year(today) + timedelta(days=1))


def decide(whole: Record, corrects: int | None, step: Step[E], entry: E, author: Author) -> tuple[Record, Decision]:
    """Take a step in thought; a correction is decided as if the corrected entry had never been."""
    if corrects is None or isinstance(entry, EntryWithdrawn):
        return whole, step(whole, entry, author)
    refusal = may_correct(whole, corrects, entry)
    if refusal is not None:
        return whole, Decision.refused(refusal)
    before = whole.without(corrects)
    return before, step(before, entry, author)


def _numbered(works: Sequence[Work], first: int) -> Iterator[tuple[Work, int]]:
    for work in works:
        yield work, first
        first += len(work.drafts)


def _require_version(asked: Asked, record: Record) -> None:
    current = entity_tag(pupil_number=record.last_number, school_number=record.school.last_number)
    if asked.if_match is not None and asked.if_match not in ("*", current, current.removeprefix("W/")):
        raise RecordMovedOnError(current)


def require_bounds(today: date, born: date | None, occurred_on: date) -> None:
    """Refuse a day in the school's future or before the pupil's birth."""
    if occurred_on > today:
        raise OccurredOutOfBoundsError("lies in the future")
    if born is not None and occurred_on < born:
        raise OccurredOutOfBoundsError("lies before the pupil's date of birth")


def _drafts(entries: Sequence[Entry], author: Author, asked: Asked) -> tuple[Draft, ...]:
    client_id, pupil_id = asked.entrance.client_id, asked.pupil_id
    return tuple(
        Draft(entry=entry, author=author, pupil_id=pupil_id, client_id=client_id, supersedes=asked.corrects if i == 0 else None)
        for i, entry in enumerate(entries)
    )


def taken_of(recorded: tuple[Recorded, ...], findings: Sequence[Finding], school_number: int, references: Mapping[str, object]) -> Taken:
    """Say what came of a write that was recorded."""
    last = recorded[-1].number
    etag = entity_tag(pupil_number=last, school_number=school_number)
    return Taken(entries=recorded, findings=tuple(findings), number=last, etag=etag, references=references)


def replayed(whole: Record, kept: idempotency.LedTo, corrects: int | None, step: Step[E], entry: E) -> Taken:
    """Rebuild an earlier answer from the ledger: the entries are read back, the remarks are worked out again on the record as it was."""
    numbers = frozenset(idempotency.numbers(kept))
    recorded = tuple(r for r in whole.known if r.number in numbers)
    known = whole.known_at(min(numbers) - 1)
    _, decision = decide(known, corrects, step, entry, recorded[0].author)
    return taken_of(recorded, decision.findings, known.school.last_number, idempotency.references(kept))
