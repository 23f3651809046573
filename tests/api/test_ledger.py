"""A client shows itself from a signed head and from windows that it has everything, and finds where it has not."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256

import asyncpg
import httpx
import pytest
from cryptography.exceptions import InvalidSignature

from app import clock
from app.casework.erasure import Wanted, erase_entry
from app.db.embedded import DatabaseUrls
from app.db.ledger import Appending, Draft, append, linked_after, lock_head
from app.db.projections import projected
from app.db.verify_ledger import verify_ledger
from app.domain.author import Author, AuthorKind
from app.domain.entries import AccessesDigested
from app.keys.heads import read_head
from app.keys.jwks import KeyUse
from app.keys.jws import sign_statement
from tests.api.readers import Reader, add_reader, grant, mirror_of
from tests.api.world import NOW, TODAY, World, add_school, running

_urns = itertools.count(999_001)
OF_THE_SCHOOL = 8


@dataclass
class Watched:
    """A school, a reader with its grant, and the database behind them."""

    world: World
    reader: Reader
    database: DatabaseUrls

    async def write(self, count: int) -> None:
        """Append so many entries of the school's own."""
        author = Author(kind=AuthorKind.STAFF, id=self.world.people["head"])
        entry = AccessesDigested(occurred_on=TODAY, count=1, digest="0" * 64)
        async with self.world.app.state.sessions.for_school(self.world.school_id) as session:
            head = await lock_head(session)
            drafts = [Draft(entry=entry, author=author)] * count
            linked = linked_after(head, session.school_id, drafts, now=NOW, dice=clock.random_bytes)
            nothing = projected(session.school_id, (), rules_version="none", new_id=clock.new_id)
            assert await append(session, Appending(head=head, linked=linked, projected=nothing))

    async def head(self) -> dict:
        return await self.reader.page(self.world.path("/ledger/head"))

    async def windows(self, **params: object) -> list[dict]:
        path = self.world.path("/ledger/windows")
        page = await self.reader.page(path, **params)
        items = page["items"]
        while page["next"] is not None:
            page = await self.reader.page(path, **{**params, "cursor": page["next"]})
            items += page["items"]
        return items

    async def keys(self) -> dict:
        return (await self.world.http.get("/.well-known/bundle-keys.json")).json()

    async def mirror(self):
        mirror = mirror_of(self.world.school_id)
        for item in (await self.reader.all(limit=1000))[0]:
            mirror.take(item)
        return mirror

    async def on_server(self, statement: str, *arguments: object) -> None:
        server = await asyncpg.connect(self.database.superuser)
        await server.execute(statement, *arguments)
        await server.close()


@pytest.fixture
async def watched(database: DatabaseUrls) -> AsyncIterator[Watched]:
    async with running(database) as (app, http):
        world = await add_school(app, http, str(next(_urns)))
        reader = await add_reader(app, http)
        await grant(world, reader)
        yield Watched(world, reader, database)


async def test_the_head_is_signed_with_number_link_and_time_and_is_where_the_chain_ends(watched):
    head = await watched.head()
    keys = await watched.world.app.state.keyring.published(KeyUse.HEADS)
    signed = read_head(head["statement"], keys)
    assert (str(signed.school), signed.epoch, signed.number, signed.link.hex()) == (
        str(watched.world.school_id),
        *(head[name] for name in ("epoch", "number", "link")),
    )
    assert (signed.at, head["at"]) == (NOW, "2026-03-02T09:00:00Z")
    connection = await asyncpg.connect(watched.database.app)
    verdict = await verify_ledger(connection, watched.world.school_id, signed=signed)
    await connection.close()
    assert (verdict.fault, verdict.number, verdict.link) == (None, OF_THE_SCHOOL, signed.link)


async def test_by_the_lines_of_the_guide_a_client_knows_that_it_has_everything(watched):
    await watched.write(300)
    mirror, head, keys = await watched.mirror(), await watched.head(), await watched.keys()
    assert head["number"] == OF_THE_SCHOOL + 300 == len(mirror.digests)
    assert mirror.is_complete_by(head["statement"], keys)
    assert mirror.differs_in(await watched.windows(size=100)) is None
    await watched.write(1)
    assert not mirror.is_complete_by((await watched.head())["statement"], keys)
    assert mirror.is_complete_by(head["statement"], keys)
    later = await watched.windows(size=100)
    assert mirror.differs_in(later) == later[-1]


async def test_a_client_that_lost_an_entry_finds_the_window(watched):
    await watched.write(292)
    mirror, windows = await watched.mirror(), await watched.windows(size=100)
    assert [(w["first"], w["last"]) for w in windows] == [(1, 100), (101, 200), (201, 300)]
    mirror.digests[149] = bytes(32)
    assert mirror.differs_in(windows) == windows[1]


async def test_the_guide_refuses_a_head_that_no_key_for_heads_signed(watched):
    mirror, keys = await watched.mirror(), await watched.keys()
    head = await watched.head()
    protected, payload, signature = head["statement"].split(".")
    with pytest.raises(InvalidSignature):
        mirror.is_complete_by(f"{protected}.{payload}.{signature[:-4]}AAAA", keys)
    for_bundles = await watched.world.app.state.keyring.signing_key(KeyUse.BUNDLES)
    with pytest.raises(ValueError, match="no key for heads"):
        mirror.is_complete_by(sign_statement({"number": 0}, for_bundles, typ="graduated-head+jws"), keys)


@pytest.mark.parametrize("change", ["number", "occurred_on", "commitment"])
async def test_the_guide_refuses_an_item_that_was_changed_or_left_out(watched, change):
    [first, second, *_] = (await watched.reader.all())[0]
    mirror = mirror_of(watched.world.school_id)
    with pytest.raises(ValueError, match="missing"):
        mirror.take(second)
    with pytest.raises(ValueError, match=r".+"):
        mirror.take({**first, "header": {**first["header"], change: "1"}})
    mirror.take(first)


async def test_the_digest_of_a_window_is_that_of_its_entries_in_order_whatever_the_page(watched):
    await watched.write(450)
    items, _ = await watched.reader.all(limit=1000)
    windows = await watched.windows(size=100)
    assert windows == await watched.windows(size=100, limit=2)
    assert [w["last"] for w in windows] == [100, 200, 300, 400, OF_THE_SCHOOL + 450]
    for window in windows:
        inside = items[window["first"] - 1 : window["last"]]
        digests = b"".join(bytes.fromhex(item["digest"]) for item in inside)
        assert window["digest"] == sha256(b"graduated/window/1\n" + digests).hexdigest()
        assert window["link"] == inside[-1]["link"]


async def test_an_erasure_changes_no_window_and_no_earlier_head(watched):
    await watched.write(92)
    before, head, keys = await watched.windows(size=100), await watched.head(), await watched.keys()
    connection = await asyncpg.connect(watched.database.erasure)
    wanted = Wanted(school_id=watched.world.school_id, number=20, reason="Asked for.", by=watched.world.people["head"])
    assert await erase_entry(watched.world.app.state.casework, connection, wanted)
    await connection.close()
    mirror, after = await watched.mirror(), await watched.windows(size=100)
    assert (after[0], after[1]["first"], after[1]["last"]) == (before[0], 101, 101)
    assert mirror.is_complete_by(head["statement"], keys)


async def test_windows_have_a_version_that_moves_with_the_ledger(watched):
    path = watched.world.path("/ledger/windows")
    tag = (await watched.reader.get(path)).headers["etag"]

    async def again() -> httpx.Response:
        headers = {"Authorization": f"Bearer {watched.reader.token}", "If-None-Match": tag}
        return await watched.world.http.get(path, headers=headers)

    assert ((await again()).status_code, (await again()).content) == (304, b"")
    await watched.write(1)
    assert (await again()).status_code == 200


async def test_a_gap_is_our_fault_and_no_window_hides_it(watched):
    await watched.write(150)
    await watched.on_server("delete from entry where school_id = $1 and number = 50", watched.world.school_id)
    assert (await watched.reader.get(watched.world.path("/ledger/windows"), size=100)).status_code == 500


async def test_a_ledger_without_entries_has_a_head_and_no_windows(watched):
    await watched.on_server("delete from entry where school_id = $1", watched.world.school_id)
    first = sha256(str(watched.world.school_id).encode()).digest()
    change = "update ledger_head set number = 0, school_number = 0, link = $2 where school_id = $1"
    await watched.on_server(change, watched.world.school_id, first)
    assert await watched.windows() == []
    assert mirror_of(watched.world.school_id).is_complete_by((await watched.head())["statement"], await watched.keys())


@pytest.mark.parametrize("asked", [{"size": 99}, {"size": 10_001}, {"limit": 201}, {"cursor": "x"}, {"of": "1"}])
async def test_what_does_not_fit_is_refused(watched, asked):
    assert (await watched.reader.get(watched.world.path("/ledger/windows"), **asked)).status_code == 422


async def test_a_cursor_of_windows_of_another_size_is_refused(watched):
    await watched.write(300)
    path = watched.world.path("/ledger/windows")
    cursor = (await watched.reader.page(path, size=100, limit=1))["next"]
    assert (await watched.reader.get(path, size=101, limit=1, cursor=cursor)).status_code == 422


@pytest.mark.parametrize("rest", ["head", "windows"])
async def test_nobody_looks_at_a_ledger_without_a_grant(watched, rest):
    stranger = await add_reader(watched.world.app, watched.world.http)
    assert (await stranger.get(watched.world.path(f"/ledger/{rest}"))).status_code == 403
