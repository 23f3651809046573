"""A school lets a subscription hear of it, and a named member of its staff chooses how much that carries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.casework.authors import AuthorClaim
from app.casework.taking import Casework, Opened, StepRefusedError, Work
from app.db import subscriptions
from app.db.entrance import Entrance
from app.db.ledger import Draft, lock_head
from app.db.session import SchoolSession
from app.db.subscriptions import Attached, Subscription
from app.domain.author import Author, AuthorKind
from app.domain.codes import StaffRole
from app.domain.entries import WordsCarried, WordsChosen
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.webhooks.delivering.gate import NEEDED
from app.webhooks.receiving.subscribing import SubscriptionUnknownError, organisation_of
from app.webhooks.telling.payloads import FULL

MAY_CHOOSE_FULL: Final = frozenset({StaffRole.HEAD, StaffRole.SENCO, StaffRole.ADMINISTRATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How much a subscription carries, `thin` or `full`, and who says so."""

    subscription_id: UUID
    words: str
    chosen_by: AuthorClaim


async def attach(casework: Casework, entrance: Entrance, choice: Choice, check: Callable[[Attached | None], None]) -> Attached:
    """Attach a subscription, or change what it carries; `check` is given how it stood and may raise.

    That it carries the words from here on, and by whose choice, or carries them no longer, goes into the school's ledger; the end of that
    is locked first, for whoever writes there takes the numbers of subscriptions after it. The same choice again is written nowhere.

    Raises SubscriptionUnknownError for one that may not serve this school, StepRefusedError for who may not choose, AuthorRefusedError.
    """
    async with casework.sessions.enter(entrance) as session:
        await lock_head(session)
        opened = await casework.open(session)
        subscription = await _serving(session, choice.subscription_id)
        await _require_own(session, choice)
        before = next(iter(await subscriptions.attached(session, [choice.subscription_id], lock=True)), None)
        check(before)
        author = await casework.means.proofs.author(session, choice.chosen_by, opened.identity_provider, is_dry=False)
        _require_right(opened, author, choice.words)
        after = await subscriptions.attach(session, subscription, words=choice.words, chosen_by=author.id)
        if _is_to_be_proved(before, after):
            words = WordsChosen(occurred_on=opened.today, subscription=after.subscription_id, words=WordsCarried(after.words))
            draft = Draft(entry=words, author=author, client_id=entrance.client_id)
            await casework.store(opened, [Work(drafts=(draft,))])
    casework.means.wake()
    return after


def _is_to_be_proved(before: Attached | None, after: Attached) -> bool:
    """Whether the words begin or cease to be carried, or go on to be by another's choice."""
    was_full, is_full = before is not None and before.carries == FULL, after.carries == FULL
    return was_full is not is_full or (is_full and before is not None and before.chosen_by != after.chosen_by)


async def _serving(session: SchoolSession, subscription_id: UUID) -> Subscription:
    found = await subscriptions.find(session, subscription_id)
    if found is None or found.state == "ended":
        raise SubscriptionUnknownError
    if not any([await subscriptions.may_serve(session, found.organisation_id, scope) for scope in NEEDED]):
        raise SubscriptionUnknownError
    return found


async def _require_own(session: SchoolSession, choice: Choice) -> None:
    """Let a client that the school granted something attach its own organisation's subscriptions alone, and those thin alone."""
    if session.is_own:
        return
    found = await subscriptions.find(session, choice.subscription_id)
    if session.client_id is None or found is None or found.organisation_id != await organisation_of(session, session.client_id):
        raise SubscriptionUnknownError
    if choice.words == FULL:
        raise StepRefusedError([LEAVE_A_TRAIL.broken(words=FULL, missing=("the school's own client",), cure="let the school choose it")])


def _require_right(opened: Opened, author: Author, words: str) -> None:
    """Refuse whoever is not on the staff today, and for full words whoever does not hold one of the roles."""
    roles = opened.school.roles_of(author.id, opened.today) if author.kind is AuthorKind.STAFF else frozenset()
    if not roles or (words == FULL and not roles & MAY_CHOOSE_FULL):
        needed = " or ".join(sorted(MAY_CHOOSE_FULL)) if words == FULL else "any role"
        raise StepRefusedError([LEAVE_A_TRAIL.broken(needs=needed, on=str(opened.today), missing=("role on the day",))])
