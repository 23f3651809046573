"""Who sends is chosen by the scheme of an address: another way than HTTP is one file and one line in a table."""

import base64
import itertools
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from app.db.embedded import DatabaseUrls
from app.webhooks.delivering.delivery import Deliverer
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.adapters import Adapters, adapters
from app.webhooks.sending.attempt import FailReason, Outgoing, SendFailedError
from app.webhooks.sending.egress import EgressRefusedError, Refusal
from app.webhooks.sending.signers import Signers
from app.webhooks.sending.transport import Sender
from app.webhooks.telling.catalogue import catalogue
from tests.api.sending import sent
from tests.webhooks.folder_adapter import SCHEME, FolderDrop
from tests.webhooks.pushing import Heard, Pushing, pushing_from
from tests.webhooks.receivers import LOOPBACK, answering, receiving

UPN = "F999999925001"
ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"
_urns = itertools.count(999_660)


@pytest.fixture
async def pushing(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Pushing]:
    """A service whose table has a line for folders beside the one for HTTP."""
    async with pushing_from(database, tmp_path, str(next(_urns))) as found:
        state, sender = found.world.app.state, Sender(allowed=LOOPBACK)
        table = Adapters({"http": sender, "https": sender, SCHEME: FolderDrop(tmp_path)})
        state.subscribing = Subscribing(state.sessions, state.casework.means, state.sealer, table)
        signers, events = Signers(state.sealer, state.keyring), catalogue(state.blobs)
        found.deliverer = Deliverer(state.casework, table, signers, events, dice=lambda: 0.5)
        yield found
        sender.close()


async def register(pushing: Pushing, url: str) -> int:
    body = {"url": url, "events": ["evidence.ready", "evidence.bundle"]}
    return (await pushing.world.http.post("/v1/subscriptions", json=body, headers=pushing.county.headers())).status_code


async def test_a_bundle_is_dropped_into_a_folder_with_its_digest_and_signature(pushing: Pushing, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    assert await register(pushing, "folder://inbox") == 201
    _, request = await sent(pushing.world, UPN, authority=pushing.county.code)
    await pushing.deliver()
    logged = await pushing.deliver()
    assert [(item["event"], item["state"], item["log"][0]["status"]) for item in logged] == [
        ("evidence.ready", "delivered", 201),
        ("evidence.bundle", "delivered", 201),
    ]
    word, part = (folder / str(item["id"]) for item in logged)
    assert json.loads(word.read_bytes())["request"] == request
    headers = json.loads((folder / f"{part.name}.json").read_text())
    digest = sha256(part.read_bytes()).digest()
    assert headers["content-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert headers["webhook-signature"].startswith("v1,")
    assert (await pushing.county.receipt(request, digest.hex())).status_code == 201


async def test_what_the_folder_does_not_take_is_tried_again_like_anything_else(pushing: Pushing, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    assert await register(pushing, "folder://inbox") == 201
    await sent(pushing.world, UPN, authority=pushing.county.code)
    folder.rmdir()
    logged = await pushing.deliver()
    assert (logged[0]["state"], logged[0]["log"][0]["outcome"]) == ("waiting", "connect")


@pytest.mark.parametrize("url", ["folder://nowhere", "folder://inbox/../..", "folder://", "ftp://inbox", "inbox"])
async def test_an_address_that_no_adapter_takes_is_refused_when_it_is_registered(pushing: Pushing, tmp_path: Path, url: str) -> None:
    (tmp_path / "inbox").mkdir()
    assert await register(pushing, url) == 422


async def test_http_goes_on_beside_it(pushing: Pushing) -> None:
    heard: Heard = []
    async with receiving(answering(ACCEPTED, heard)) as receiver:
        await pushing.subscribe(receiver.port, "evidence.ready")
        await sent(pushing.world, UPN, authority=pushing.county.code)
        (logged,) = await pushing.deliver()
    assert (logged["state"], len(heard)) == ("delivered", 1)


@pytest.mark.parametrize(("url", "reason"), [("folder://inbox", Refusal.SCHEME), ("sftp://host", Refusal.SCHEME), ("host", Refusal.URL)])
async def test_the_service_itself_knows_http_alone(url: str, reason: Refusal) -> None:
    table = adapters(Sender(allowed=LOOPBACK))
    with pytest.raises(EgressRefusedError) as refused:
        await table.check(url)
    assert refused.value.reason is reason
    with pytest.raises(SendFailedError) as failed:
        await table.send(Outgoing(url=url, headers={}, body=b""))
    assert (failed.value.reason, failed.value.detail) == (FailReason.EGRESS, reason.value)
    await table.check("HTTPS://127.0.0.1/hook")
