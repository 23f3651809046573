"""Takes one step of the school itself: load, decide, store, record, under the lock of its ledger's end from the first read on.

So no two at once can both fit where only one may, such as two terms over the same days; steps on pupils' records lock the pupil instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.casework.authors import AuthorClaim
from app.casework.deciding import SchoolStep, Taken, decide, drafts_of, replayed, require_version, taken_of
from app.casework.taking import Alongside, Casework, Opened, StepRefusedError, Work, require_bounds, require_presence
from app.casework.versions import school_tag
from app.db import idempotency
from app.db.entrance import Entrance
from app.db.idempotency import Key
from app.db.ledger import lock_head
from app.db.session import SchoolSession
from app.domain.author import Author
from app.domain.decision import Decision
from app.domain.entries import Entry
from app.domain.rule import Finding
from app.domain.school import School

E = TypeVar("E", bound=Entry)
Choice = Callable[[School, E, Author, Author | None, datetime], Finding | None]
"""Why an author cannot choose this for the school at a moment, with or without a second person; None where nothing stands against it."""
Bound = Callable[[Opened, Author | None], SchoolStep[E]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a client asks for where there is no pupil's record; `second` is whoever confirms it, where that is asked for.

    `corrects` is the number of the school's entry that is to be superseded, `if_match` the version that the client saw.
    """

    entrance: Entrance
    author: AuthorClaim
    second: AuthorClaim | None = None
    key: Key | None = None
    if_match: str | None = None
    corrects: int | None = None
    dry_run: bool = False


async def take_for_school(
    casework: Casework, asking: Asking, step: SchoolStep[E], entry: E, *, alongside: Alongside | None = None
) -> Taken:
    """Take a step of the school for a client; asked again under the same key, the first answer is given again.

    Raises StepRefusedError, OccurredOutOfBoundsError, RecordMovedOnError, AuthorRefusedError, KeyReusedError and the errors of
    `app.db.entrance`.
    """
    return await _write(casework, asking, entry, lambda _opened, _second: step, again=step, alongside=alongside)


async def choose_for_school(
    casework: Casework, asking: Asking, choice: Choice[E], entry: E, *, alongside: Alongside | None = None
) -> Taken:
    """Write what named people choose for the school, which may need a second person. Raises as `take_for_school` does."""

    def bound(opened: Opened, second: Author | None) -> SchoolStep[E]:
        def choose(school: School, entry: E, by: Author, /) -> Decision:
            refusal = choice(school, entry, by, second, opened.moment)
            return Decision.refused(refusal) if refusal else Decision.taken(entry)

        return choose

    return await _write(casework, asking, entry, bound, again=_chosen_before, alongside=alongside)


def _chosen_before(_school: School, entry: Entry, _by: Author, /) -> Decision:
    """A choice once made is not weighed again, since nobody confirms it again."""
    return Decision.taken(entry)


async def _write(
    casework: Casework, asking: Asking, entry: E, bound: Bound[E], *, again: SchoolStep[E], alongside: Alongside | None
) -> Taken:
    async with casework.sessions.enter(asking.entrance, read_only=asking.dry_run) as session:
        if not asking.dry_run:
            await lock_head(session)
        opened = await casework.open(session)
        kept = None if asking.key is None else await idempotency.find(session, asking.key)
        if kept is not None:
            return replayed(opened.school, kept, asking.corrects, again, entry)
        author, decision = await _decided(casework, opened, asking, entry, bound)
        if asking.dry_run:
            return Taken(would_append=decision.entries, findings=decision.findings)
        taken = await _store(casework, opened, asking, author, decision, alongside)
    casework.means.wake()
    return taken


async def _decided(casework: Casework, opened: Opened, asking: Asking, entry: E, bound: Bound[E]) -> tuple[Author, Decision]:
    require_version(asking.if_match, opened.school)
    author = await _author(casework, opened, asking, asking.author)
    second = None if asking.second is None else await _author(casework, opened, asking, asking.second)
    _, decision = decide(opened.school, asking.corrects, bound(opened, second), entry, author)
    for day in (entry.occurred_on, *(added.occurred_on for added in decision.entries)):
        require_bounds(opened.today, None, day)
    require_presence(opened, author)
    if decision.is_refused:
        raise StepRefusedError(decision.findings)
    return author, decision


async def _author(casework: Casework, opened: Opened, asking: Asking, claim: AuthorClaim) -> Author:
    return await casework.means.proofs.author(opened.session, claim, opened.identity_provider, is_dry=asking.dry_run)


async def _store(
    casework: Casework, opened: Opened, asking: Asking, author: Author, decision: Decision, alongside: Alongside | None
) -> Taken:
    session: SchoolSession = opened.session
    drafts = drafts_of(decision.entries, author, asking.entrance.client_id, pupil_id=None, corrects=asking.corrects)
    recorded = await casework.store(opened, [Work(drafts=drafts)])
    references = {} if alongside is None else await alongside(session, recorded)
    if asking.key is not None:
        await idempotency.remember(session, asking.key, idempotency.led_to(recorded, references), at=casework.means.now())
    return taken_of(recorded, decision.findings, school_tag(recorded[-1].number), references)
