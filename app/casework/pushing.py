"""Which parts of a bundle are owed to whom: each endpoint that wants them, each digest once, in smaller parts where it takes no larger."""

from enum import StrEnum
from functools import partial
from typing import Final
from uuid import UUID

from app.casework.profiles import ProfileUnknownError, profile_named
from app.casework.taking import Means
from app.db import bundles, owed_once, pushes
from app.db.bundles import Ready
from app.db.deliveries import EVIDENCE_BUNDLE, EVIDENCE_READY, Claimed, Event
from app.db.records import find_pupil
from app.db.schools import school_now
from app.db.session import SchoolSession

DEFAULT_CAP: Final = 10_000_000
"""The largest part in bytes for a receiver that took no more, where the profile names no size: what most portals take."""


class Refusal(StrEnum):
    """What a receiver has against a part, in the word that stands in the log."""

    SIZE = "receiver_too_small"
    TYPE = "receiver_refuses_type"


async def announce_bundle(session: SchoolSession, means: Means, authority: str, ready: Ready) -> None:
    """Tell that a bundle is there, and owe its parts, in order, to the endpoints that want them sent.

    Another edition is for those alone that could not take the one before: whoever took it holds the whole evidence. What an endpoint was
    owed before, by its digest or by its place, is not owed again.
    """
    organisations = await bundles.attach_authority(session, authority)
    if ready.edition == 1:
        subscriptions = await pushes.wishing(session, organisations, [EVIDENCE_READY, EVIDENCE_BUNDLE])
    else:
        subscriptions = await pushes.split_for(session, ready.id, ready.edition)
    for subscription_id in subscriptions:
        await owe_bundle(session, means, subscription_id, ready)


async def owe_bundle(session: SchoolSession, means: Means, subscription_id: UUID, ready: Ready) -> int:
    """Owe one endpoint what it was not owed yet of word and parts of this edition; tells how much that is."""
    before = await pushes.owed(session, subscription_id, ready.id, ready.edition)
    about = partial(Event, pupil_id=ready.pupil_id, request_id=ready.request_id, bundle_id=ready.id)
    word = about(event=EVIDENCE_READY, once=f"ready {ready.request_id} {ready.id}")
    parts = [
        about(event=EVIDENCE_BUNDLE, edition=ready.edition, part=part.number, once=f"bundle {ready.request_id} {part.file.digest.hex()}")
        for part in ready.parts
    ]
    new = [event for event in (word, *parts) if (event.event, event.part) not in before]
    return await owed_once.owe_once(session, subscription_id, new, new_id=means.new_id, now=means.now())


async def turned_away(session: SchoolSession, means: Means, claimed: Claimed, refusal: Refusal) -> str:
    """Say why a part is given up that a receiver refused for its size or its type, and see to it that no part goes on in its place.

    The first time, where parts were larger than the authority's profile allows, the bundle is split anew for this endpoint; after that it
    is told no more than to fetch it. The pupil is locked, so whoever has several asks in the order of their pupils' ids.
    """
    reason = await _reason(session, means, claimed, refusal)
    await pushes.stop(session, claimed, reason, now=means.now())
    return reason


async def _reason(session: SchoolSession, means: Means, claimed: Claimed, refusal: Refusal) -> str:
    for_good = refusal.value
    if claimed.bundle_id is None or claimed.edition is None or claimed.pupil_id is None:
        return for_good
    await find_pupil(session, claimed.pupil_id, lock=True)
    split = await pushes.splitting(session, claimed.bundle_id, claimed.edition)
    if split is None:
        return for_good
    if split.edition > claimed.edition:
        return pushes.SPLIT_ANEW if await _owe_newest(session, means, claimed.subscription_id, claimed.bundle_id) else for_good
    cap = await _cap(session, means, split.profile)
    if split.is_under_way:
        return pushes.SPLIT_ANEW
    is_split = split.largest is None or split.largest <= cap
    if is_split or not await bundles.split_anew(session, claimed.bundle_id, cap, means.now()):
        return for_good
    return pushes.SPLIT_ANEW


async def _owe_newest(session: SchoolSession, means: Means, subscription_id: UUID, bundle_id: UUID) -> bool:
    """Owe an endpoint the edition that was made for another one meanwhile; False where it was owed that too."""
    ready = await bundles.find_ready(session, bundle_id)
    return ready is not None and await owe_bundle(session, means, subscription_id, ready) > 0


async def _cap(session: SchoolSession, means: Means, name: str) -> int:
    now = await school_now(session)
    try:
        profile = await profile_named(session, name, authority=None, is_sandbox=now.is_sandbox, on=now.moment(means.now()).date())
    except ProfileUnknownError:
        return DEFAULT_CAP
    return profile.papers.largest_file or DEFAULT_CAP
