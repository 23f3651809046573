"""What an authority's endpoint is sent: a thin word of a request or its evidence, or the bundle's own bytes where it asked for them."""

from collections.abc import Mapping
from functools import partial
from typing import Final
from uuid import UUID

import orjson

from app.db import accesses, bundles, ehc_requests, subscriptions
from app.db.accesses import Access
from app.db.blobs import Blobs, is_there, whole
from app.db.bundles import Part, Ready
from app.db.deliveries import EVIDENCE_BUNDLE, EVIDENCE_READY, REQUEST_MADE, REQUEST_WITHDRAWN, Withholding
from app.db.records import find_pupil
from app.domain.purposes import PUSHED
from app.webhooks.delivering.gate import HEARING
from app.webhooks.sending.attempt import StreamedBody
from app.webhooks.telling.events import EventKind, NothingToSayError, Push, Turn, told

ZIP: Final = "application/zip"
PUSH_DEADLINE_S: Final = 300.0
"""For one attempt to push a bundle; a bundle of 20 MB then needs a line of half a megabit a second."""


def evidence_events(blobs: Blobs) -> Mapping[str, EventKind]:
    """Give the kinds of event about requests and evidence, for the table of the one who delivers."""
    return {
        REQUEST_MADE: EventKind(gate=gate_of_standing, payload=word_of_request),
        REQUEST_WITHDRAWN: EventKind(gate=gate_of_withdrawn, payload=word_of_request),
        EVIDENCE_READY: EventKind(gate=gate_of_evidence, payload=word_of_evidence),
        EVIDENCE_BUNDLE: EventKind(gate=gate_of_evidence, payload=partial(bundle_itself, blobs), deadline_s=PUSH_DEADLINE_S),
    }


async def gate_of_evidence(turn: Turn) -> Withholding | None:
    """Withhold evidence that is no longer there, and do as for its request."""
    await _bundle(turn)
    return await gate_of_standing(turn)


async def gate_of_standing(turn: Turn) -> Withholding | None:
    """Withhold what was overtaken by the withdrawal of the request, and do as for any word of one."""
    return await gate_of_request(turn) or (None if await _stands(turn) else Withholding.SUPERSEDED)


async def gate_of_withdrawn(turn: Turn) -> Withholding | None:
    """Withhold the word of a withdrawal that was itself withdrawn."""
    return await gate_of_request(turn) or (Withholding.SUPERSEDED if await _stands(turn) else None)


async def gate_of_request(turn: Turn) -> Withholding | None:
    """Withhold a request from an endpoint that is not, at this moment, one of the authority it was sent to, of the school's own side."""
    opened, delivery = turn.opened, turn.delivery
    subscription = await subscriptions.find(opened.session, delivery.subscription_id)
    if subscription is None or subscription.state not in HEARING:
        return Withholding.SUBSCRIPTION_NOT_ACTIVE
    # The pupil first, as whoever takes a step or withholds does, so that neither waits for the other's lock.
    if delivery.pupil_id is not None:
        await find_pupil(opened.session, delivery.pupil_id, lock=True)
    _, authority = await _request(turn)
    may = await bundles.may_receive(opened.session, subscription.organisation_id, authority)
    return None if may else Withholding.NOT_GRANTED


async def word_of_request(turn: Turn) -> Push:
    """Say that a request is there: its id and where it is read; the pupil's id is no part of it."""
    request_id, authority = await _request(turn)
    path = f"/v1/local-authorities/{authority}/requests/{request_id}"
    return Push(body=orjson.dumps(told(turn, request=str(request_id), path=path)))


async def word_of_evidence(turn: Turn) -> Push:
    """Say that a bundle is ready: the request's id, digest and size, and where its parts are listed; the pupil's id is no part of it."""
    ready = await _bundle(turn)
    request_id, authority = await _request(turn)
    path = f"/v1/local-authorities/{authority}/requests/{request_id}"
    return Push(body=orjson.dumps(told(turn, request=str(request_id), digest=ready.digest.hex(), size=ready.size, path=path)))


async def bundle_itself(blobs: Blobs, turn: Turn) -> Push:
    """Give the bytes of one part of a bundle to be streamed, and write down that they leave; the caller commits before it sends.

    A part is of its own edition, whose files are kept: what is under way to one endpoint goes on when it was split anew for another.
    """
    ready = await _edition(turn)
    part = ready.part(turn.delivery.part)
    if part is None:
        raise NothingToSayError("no such part")
    if not await is_there(blobs, part.file):
        raise FileNotFoundError(f"a file of bundle {ready.id} is not in its place")
    leaving = Access(
        id=turn.new_id(),
        pupil_id=ready.pupil_id,
        client_id=turn.delivery.subscription_id,
        purpose=PUSHED,
        at=turn.now,
        request_id=ready.request_id,
    )
    await accesses.note_download(turn.opened.session, leaving)
    return Push(
        body=StreamedBody(length=part.file.size, chunks=whole(blobs, part.file)),
        content_type=ZIP,
        sha256=part.file.digest,
        headers=_naming(ready, part),
    )


def _naming(ready: Ready, part: Part) -> Mapping[str, str]:
    """Say which part of what is streamed; the bundle's digest is what a receipt names, once all parts are there."""
    return {
        "Graduated-Request": str(ready.request_id),
        "Graduated-Edition": str(ready.edition),
        "Graduated-Part": f"{part.number} of {len(ready.parts)}",
        "Graduated-Bundle-Digest": ready.digest.hex(),
        "Content-Disposition": f'attachment; filename="{ready.file_name(part.number)}"',
    }


async def _request(turn: Turn) -> tuple[UUID, str]:
    """The request's id and its authority, locked until the transaction ends."""
    request_id = turn.delivery.request_id
    authority = None if request_id is None else await ehc_requests.lock(turn.opened.session, request_id)
    if request_id is None or authority is None:
        raise NothingToSayError("no such request")
    return request_id, authority


async def _stands(turn: Turn) -> bool:
    request_id = turn.delivery.request_id
    return request_id is not None and await ehc_requests.lock_standing(turn.opened.session, request_id)


async def _edition(turn: Turn) -> Ready:
    bundle_id, edition = turn.delivery.bundle_id, turn.delivery.edition
    found = None if bundle_id is None or edition is None else await bundles.find_edition(turn.opened.session, bundle_id, edition)
    if found is None:
        raise NothingToSayError("no such edition")
    return found


async def _bundle(turn: Turn) -> Ready:
    ready = None if turn.delivery.bundle_id is None else await bundles.find_ready(turn.opened.session, turn.delivery.bundle_id)
    if ready is None:
        raise NothingToSayError("no such bundle")
    return ready
