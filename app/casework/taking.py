"""Whatever is written into a record is written here: the domain decides on what was read, and all that follows is stored at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

import asyncpg

from app.casework.announcing import Announcing
from app.casework.authors import AuthorClaim, ProofReader
from app.casework.deciding import Step, Taken, decide, drafts_of, replayed, require_version, taken_of
from app.casework.versions import entity_tag
from app.db import idempotency, obligations
from app.db.entrance import Entrance
from app.db.idempotency import Key
from app.db.ledger import Appending, Dice, Draft, append, linked_after, lock_head
from app.db.obligations import Changes, Standing, changes_between
from app.db.opening import OnFile, opening
from app.db.projections import Projection, projected
from app.db.schools import SchoolNow, SchoolRecords, ask_for_rederivation, school_now
from app.db.session import SchoolSession, Sessions
from app.domain.author import Author
from app.domain.calendar import civil_day, end_of_school_year
from app.domain.entries import (
    BankHolidaysLoaded,
    CapacityDecided,
    CareDescribed,
    ContactDescribed,
    ContactDetailsConfirmed,
    Entry,
    PupilEnrolled,
    Recorded,
    RoleEnded,
    RoleGiven,
    SchoolDescribed,
    SettingChanged,
    SharingAgreed,
    TermDated,
)
from app.domain.notices import NoticeOwed, notices_owed
from app.domain.obligations import obligations as derive
from app.domain.obligations import school_obligations
from app.domain.on_roll import off_roll
from app.domain.record import Record
from app.domain.roles import presence_refusal
from app.domain.rule import Finding
from app.domain.rules import RULES_VERSION
from app.domain.school import School
from app.domain.second_person import second_person_refusal

E = TypeVar("E", bound=Entry)
TRIES: Final = 2
UNSETTLING: Final = (ContactDescribed, ContactDetailsConfirmed, PupilEnrolled, CapacityDecided, CareDescribed, SharingAgreed)
BEARING_ON_ALL: Final = (SettingChanged, SchoolDescribed, TermDated, BankHolidaysLoaded, RoleGiven, RoleEnded)
"""What the school says of itself that changes what is owed to every pupil."""
FEW: Final = 10
"""So many records are folded on the event loop; more go to a thread, so that requests do not wait."""


class PupilUnknownError(Exception):
    """This school has no such pupil."""


class StepRefusedError(Exception):
    """The domain refused the step; the findings name the rules and the reasons."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("refused")
        self.findings = tuple(findings)


class OccurredOutOfBoundsError(Exception):
    """The day lies in the school's future, before the pupil was born or came on roll, or after the pupil left."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Alongside = Callable[[SchoolSession, tuple[Recorded, ...]], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a client asks for around a step. `corrects` is the number of the entry that is to be superseded, with `if_match` optional;
    `second` is whoever confirms what the author does, where the step asks for a second person; `along` goes along with the step's own
    entries and is somebody else's word, such as an authority's receipt."""

    entrance: Entrance
    pupil_id: UUID
    author: AuthorClaim
    second: AuthorClaim | None = None
    along: tuple[Draft, ...] = ()
    key: Key | None = None
    if_match: str | None = None
    corrects: int | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Entries to add to one record; without a record they are the school's own.

    `standing` are the record's open obligations where they were read with it; under `key` the request is remembered that asked for this.
    `joined` are the entries of another record that this one reads along from here on.
    """

    drafts: tuple[Draft, ...]
    before: Record | None = None
    tells: bool = True
    standing: Standing | None = None
    key: Key | None = None
    joined: tuple[Recorded, ...] = ()


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

    @property
    def identity_provider(self) -> dict[str, object] | None:
        """Whose proofs count at this moment; a provider just named vouches for nobody yet."""
        return self.now.identity_provider if self.school.trusts_identity_provider(self.moment) else None


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
        return await self._opened(session, await school_now(session))

    async def _opened(self, session: SchoolSession, now: SchoolNow) -> Opened:
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
                lock = not asked.dry_run
                async with opening(self.sessions, asked.entrance, asked.pupil_id, asked.key, lock=lock) as (session, found):
                    if found is None:
                        raise PupilUnknownError
                    taken = await self._take(await self._opened(session, found.now), found, asked, step, entry, alongside)
                self.means.wake()
                return taken
            except asyncpg.UniqueViolationError as error:
                # Another request under the same key came first; asked again, its answer is ours too.
                if not tries_left or not idempotency.is_same_key(error):
                    raise
        raise AssertionError("the last try returns or raises")

    async def _take(self, opened: Opened, found: OnFile, asked: Asked, step: Step[E], entry: E, alongside: Alongside | None) -> Taken:
        whole = found.record(opened.school)
        if found.kept is not None and not asked.dry_run:
            return replayed(whole, found.kept, asked.corrects, step, entry)
        require_version(asked.if_match, whole)
        author = await self.means.proofs.author(opened.session, asked.author, opened.identity_provider, is_dry=asked.dry_run)
        if asked.second is not None:
            await self._require_second(opened, asked.second, author, is_dry=asked.dry_run)
        before, decision = decide(whole, asked.corrects, step, entry, author)
        require_bounds(opened.today, before.date_of_birth, entry.occurred_on)
        require_on_roll(before, entry)
        require_presence(opened, author)
        if decision.is_refused:
            raise StepRefusedError(decision.findings)
        if asked.dry_run:
            return Taken(would_append=(*decision.entries, *(draft.entry for draft in asked.along)), findings=decision.findings)
        key = asked.key if alongside is None else None
        drafts = drafts_of(decision.entries, author, asked.entrance.client_id, pupil_id=asked.pupil_id, corrects=asked.corrects)
        work = Work(drafts=(*drafts, *asked.along), before=whole, standing=found.standing, key=key)
        recorded = await self.store(opened, [work])
        references = {} if alongside is None else await alongside(opened.session, recorded)
        if asked.key is not None and alongside is not None:
            await idempotency.remember(opened.session, asked.key, idempotency.led_to(recorded, references), at=self.means.now())
        version = entity_tag(pupil_number=recorded[-1].number, school_number=opened.now.school_number)
        return taken_of(recorded, decision.findings, version, references)

    async def _require_second(self, opened: Opened, claim: AuthorClaim, first: Author, *, is_dry: bool) -> None:
        second = await self.means.proofs.author(opened.session, claim, opened.identity_provider, is_dry=is_dry)
        refusal = second_person_refusal(opened.school, first, second, opened.moment)
        if refusal is not None:
            raise StepRefusedError((refusal,))

    async def store(self, opened: Opened, works: Sequence[Work]) -> tuple[Recorded, ...]:
        """Store entries with everything that follows from them; without entries nothing happens.

        All is worked out upon the end of the ledger as it was read, so that its lock is taken last and shortest; when somebody else
        appended meanwhile it is worked out again under the lock.
        """
        if not any(work.drafts for work in works):
            return ()
        unread = [work.before.pupil for work in works if work.before is not None and work.standing is None]
        standing = await obligations.open_rows_of(opened.session, unread)
        of_school = await self._of_school(opened, works)
        prepared = await self._prepare(opened, works, standing, of_school)
        if not await append(opened.session, prepared.appending):
            await lock_head(opened.session)
            opened = await self.open(opened.session)
            of_school = await self._of_school(opened, works)
            prepared = await self._prepare(opened, works, standing, of_school)
            if not await append(opened.session, prepared.appending):
                raise AssertionError("a locked head moves no further")
        await self._tell(opened, prepared.followed)
        if any(isinstance(draft.entry, BEARING_ON_ALL) for work in works for draft in work.drafts):
            await ask_for_rederivation(opened.session)
        return tuple(linked.recorded for linked in prepared.appending.linked)

    async def _of_school(self, opened: Opened, works: Sequence[Work]) -> Standing:
        """Read what the school itself owes where entries of its own are to be added."""
        return await obligations.open_rows_of_school(opened.session) if any(work.before is None for work in works) else ()

    async def _prepare(self, opened: Opened, works: Sequence[Work], standing: Mapping[UUID, Standing], of_school: Standing) -> "Prepared":
        """Work out what is to be written, off the event loop where many records are written at once."""
        prepare = partial(_prepared, opened, works, standing, of_school, self.means)
        return prepare() if len(works) <= FEW else await asyncio.to_thread(prepare)

    async def _tell(self, opened: Opened, followed: "Sequence[Followed]") -> None:
        """Compose the notices that are owed and queue what tells of them."""
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
    changes: Changes
    notices: tuple[NoticeOwed, ...]
    last: int
    unsettles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is to be written after one head, and the notices that come with it."""

    appending: Appending
    followed: Sequence[Followed]


def _prepared(opened: Opened, works: Sequence[Work], standing: Mapping[UUID, Standing], of_school: Standing, means: Means) -> Prepared:
    drafts = [draft for work in works for draft in work.drafts]
    school, at, head = opened.session.school_id, means.now(), opened.now.head
    linked = linked_after(head, school, drafts, now=opened.moment, dice=means.dice)
    followed: list[Followed] = []
    remembered: list[Mapping[str, object]] = []
    for work, added in _shared_out(works, [i.recorded for i in linked]):
        if work.before is not None:
            owed = standing[work.before.pupil] if work.standing is None else work.standing
            followed.append(_follow(opened, work, work.before, added, owed))
        if work.key is not None:
            remembered.append(idempotency.row_of(school, work.key, idempotency.led_to(added, {}), at=at))
    projections = [Projection(record=f.record, last_number=f.last, changes=f.changes, known_from=f.last) for f in followed]
    projections += _followed_in_school(opened, [i.recorded for i in linked if i.recorded.pupil is None], of_school)
    rows = projected(school, projections, rules_version=RULES_VERSION, new_id=means.new_id)
    return Prepared(appending=Appending(head=head, linked=linked, projected=rows, remembered=remembered), followed=followed)


def _follow(opened: Opened, work: Work, before: Record, added: Sequence[Recorded], standing: Standing) -> Followed:
    after = Record.fold(opened.school, (*before.known, *work.joined, *added), before.pupil)
    return Followed(
        record=after,
        changes=changes_between(standing, derive(after, until=horizon_of(opened.today))),
        notices=tuple(notices_owed(after, added)) if work.tells else (),
        last=added[-1].number,
        unsettles=work.tells and any(d.supersedes is not None or isinstance(d.entry, UNSETTLING) for d in work.drafts),
    )


def _followed_in_school(opened: Opened, added: Sequence[Recorded], standing: Standing) -> Iterator[Projection]:
    """What the school itself owes after entries of its own."""
    if added:
        school, last = School.fold((*opened.school.known, *added)), added[-1].number
        changes = changes_between(standing, school_obligations(school, until=horizon_of(opened.today)))
        yield Projection(record=None, last_number=last, changes=changes, known_from=last)


def _shared_out(works: Sequence[Work], recorded: Sequence[Recorded]) -> Iterator[tuple[Work, Sequence[Recorded]]]:
    """Give each work its own entries."""
    start = 0
    for work in works:
        end = start + len(work.drafts)
        yield work, recorded[start:end]
        start = end


def horizon_of(today: date) -> date:
    """The last day to which obligations are derived: the end of the school year after this one."""
    return end_of_school_year(end_of_school_year(today) + timedelta(days=1))


def require_bounds(today: date, born: date | None, occurred_on: date) -> None:
    """Refuse a day in the school's future or before the pupil's birth."""
    if occurred_on > today:
        raise OccurredOutOfBoundsError("lies in the future")
    if born is not None and occurred_on < born:
        raise OccurredOutOfBoundsError("lies before the pupil's date of birth")


def require_on_roll(record: Record, entry: Entry) -> None:
    """Refuse a day on which the pupil was not yet, or no longer, on this school's roll; what came before is imported."""
    reason = off_roll(record, entry)
    if reason is not None:
        raise OccurredOutOfBoundsError(reason)


def require_presence(opened: Opened, author: Author) -> None:
    """Refuse staff who hold no role at the school any more, whatever day they write of."""
    refusal = presence_refusal(opened.school, author, opened.today)
    if refusal is not None:
        raise StepRefusedError((refusal,))
