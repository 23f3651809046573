"""The key that seals can be changed: everything is sealed anew under the new one, whatever broke off before, and nothing is lost."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import LargeBinary
from typer.testing import CliRunner

from app import clock
from app.casework.keyring import Keyring, KeysUnreadableError
from app.cli import FOR_THE_OPERATOR, commands
from app.commands.installation import NotAnInstallationError, installation
from app.commands.rotate_secrets_key import PLACES, KeyNotGivenError, Outcome, seal_anew
from app.db import kept_files
from app.db.blobs import BlobDamagedError, Blobs
from app.db.embedded import DatabaseUrls
from app.db.kept_files import Kept
from app.db.sealed import opened_about
from app.db.session import Sessions, open_pool
from app.db.tables import metadata
from app.exchange import roll_intake
from app.keys.sealing import Sealer, UnsealError, keys_from_text
from app.keys.secrets_key import kept_secrets_key
from app.webhooks.sending.signing_secrets import unseal_secrets
from tests.api.world import ISSUER, SECRETS_KEY
from tests.db.stores import SEALER, blobs_in
from tests.webhooks.telling import a_upn, telling

OLD, NEW = SECRETS_KEY, b64encode(bytes(range(32))).decode()
ROLL = b"UPN,Surname,Forename,Date of birth\n"
PAPER, WORD = b"%PDF- and more" * 1000, b"A child of that name."


@dataclass(frozen=True)
class Sealed:
    """An installation with one thing of each kind that is sealed."""

    database: DatabaseUrls
    subscription: str
    secret: str
    school_id: UUID
    job: str
    blobs: Blobs
    kept: Kept
    opened: UUID

    async def opens_with(self, *keys: str) -> bool:
        """Whether these keys open every one of them, and give what was sealed."""
        sealer = Sealer(*keys_from_text(",".join(keys)), random_bytes=clock.random_bytes)
        async with await open_pool(self.database.app, size=2) as pool:
            try:
                await Keyring(Sessions(pool), sealer, clock.now).start()
                secret = await self.column("select sealed_secrets from subscription where id = $1", self.subscription)
                (found,) = unseal_secrets(sealer, UUID(self.subscription), secret, now=clock.now())
                file = await self.column("select sealed_file from import_job where id = $1", self.job)
                key = await self.column("select sealed_key from blob where id = $1", str(self.kept.id))
                word = await self.column("select sealed_about from opened_request where id = $1", str(self.opened))
                opened = (
                    found.text,
                    sealer.unseal(file, about=roll_intake.sealed_about(UUID(self.job))),
                    b"".join(replace(self.blobs, sealer=sealer).chunks(replace(self.kept, sealed_key=key))),
                    sealer.unseal(word, about=opened_about(self.opened)),
                )
                return opened == (self.secret, ROLL, PAPER, WORD)
            except (UnsealError, KeysUnreadableError, BlobDamagedError):
                return False

    async def column(self, query: str, key: str) -> bytes:
        connection = await asyncpg.connect(self.database.owner)
        try:
            return await connection.fetchval(query, UUID(key))
        finally:
            await connection.close()

    async def seal_anew(self, *keys: str, sealer: Sealer | None = None) -> Outcome:
        async with installation(self.database.app, ",".join(keys), audience=ISSUER) as opened:
            if sealer is not None:
                object.__setattr__(opened, "sealer", sealer)
            return await seal_anew(opened)


async def _opened(database: DatabaseUrls, school_id: UUID) -> UUID:
    """A request that an authority opened, with its word of the child."""
    opened = clock.new_id()
    connection = await asyncpg.connect(database.superuser)
    await connection.execute(
        "insert into opened_request (school_id, id, authority, is_sandbox, reference, requester, received_on, state, sealed_about, officer,"
        " client_id, opened_at) values ($1, $2, '999', true, $3, 'parent', '2026-03-02', 'waiting', $4, 'officer-17', $2, now())",
        school_id, opened, str(opened), SEALER.seal(WORD, about=opened_about(opened)),
    )  # fmt: skip
    await connection.close()
    return opened


@pytest.fixture
async def sealed(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Sealed]:
    async with telling(database) as school:
        subscription, secret = await school.subscribe(8999)
        world = school.world
        headers = world.headers(**{"Content-Type": "text/csv"})
        answer = await world.http.post(world.path("/imports"), content=ROLL, params={"staff": str(world.people["head"])}, headers=headers)
        assert answer.status_code == 202, answer.text
        blobs = blobs_in(tmp_path)
        with blobs.putting(world.school_id, clock.new_id()) as file:
            file.write(PAPER)
        pupil = UUID(await world.pupil(a_upn()))
        async with world.app.state.sessions.for_school(world.school_id) as session:
            await kept_files.keep(session, file.kept, pupil_id=pupil, at=clock.now())
        opened = await _opened(database, world.school_id)
        made = Sealed(database, subscription, secret, world.school_id, answer.json()["id"], blobs, file.kept, opened)
    yield made
    await made.seal_anew(OLD, NEW)


def rotate(monkeypatch, **environment: str) -> str:
    """Give the command and what it printed; its errors come through."""
    for name in ("DATABASE_URL", "SECRETS_KEY", "DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(commands, ["admin", "rotate-secrets-key"])
    if isinstance(result.exception, Exception):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


async def test_after_the_change_the_new_key_opens_everything_and_the_old_key_nothing(sealed: Sealed, monkeypatch) -> None:
    assert (await sealed.opens_with(OLD), await sealed.opens_with(NEW)) == (True, False)
    given = {"DATABASE_URL": sealed.database.app, "SECRETS_KEY": f"{NEW},{OLD}"}
    printed = await asyncio.to_thread(rotate, monkeypatch, **given)
    assert not printed.startswith("0 things")
    assert (await sealed.opens_with(OLD), await sealed.opens_with(NEW)) == (False, True)
    assert (await asyncio.to_thread(rotate, monkeypatch, **given)).startswith("0 things were sealed anew")


async def test_what_was_broken_off_is_taken_up_again_and_both_keys_open_everything_meanwhile(sealed: Sealed) -> None:
    thrown: list[int] = []

    def dice(size: int) -> bytes:
        thrown.append(size)
        if len(thrown) > 3:
            raise OSError("the machine goes down")
        return clock.random_bytes(size)

    with pytest.raises(OSError, match="goes down"):
        await sealed.seal_anew(NEW, OLD, sealer=Sealer(*keys_from_text(f"{NEW},{OLD}"), random_bytes=dice))
    opens = [await sealed.opens_with(*keys) for keys in ((OLD,), (NEW,), (NEW, OLD), (OLD, NEW))]
    assert opens == [False, False, True, True]
    assert (await sealed.seal_anew(NEW, OLD)).anew > 0
    assert await sealed.opens_with(NEW)


async def test_no_file_is_written_anew(sealed: Sealed) -> None:
    assert sealed.blobs.files.folder is not None
    path = sealed.blobs.files.folder / sealed.kept.name
    before, written = path.read_bytes(), path.stat().st_mtime_ns
    await sealed.seal_anew(NEW, OLD)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, written)
    assert await sealed.opens_with(NEW)


async def test_several_at_once_seal_each_thing_once(sealed: Sealed) -> None:
    whole = await sealed.seal_anew(NEW, OLD)
    shared = await asyncio.gather(*(sealed.seal_anew(OLD, NEW) for _ in range(3)))
    assert sum(outcome.anew for outcome in shared) == whole.anew
    assert await sealed.opens_with(OLD)


async def test_what_no_key_at_hand_opens_is_left_as_it_is_and_counted(sealed: Sealed, monkeypatch) -> None:
    with pytest.raises(KeyNotGivenError, match="things are sealed by a key that is not given"):
        await asyncio.to_thread(rotate, monkeypatch, DATABASE_URL=sealed.database.app, SECRETS_KEY=NEW)
    assert await sealed.opens_with(OLD)
    assert KeyNotGivenError in FOR_THE_OPERATOR


def test_every_column_that_holds_something_sealed_is_sealed_anew() -> None:
    """Such a column says so in its name; no other holds bytes that a key of ours made."""
    columns = {
        (table.name, column.name) for table in metadata.tables.values() for column in table.columns if column.name.startswith("sealed")
    }
    assert {(place.table, place.column) for place in PLACES} == columns
    assert all(isinstance(metadata.tables[table].columns[name].type, LargeBinary) for table, name in columns)


def test_where_the_key_is_in_a_file_of_ours_a_new_one_is_put_first_once(tmp_path, monkeypatch) -> None:
    old = kept_secrets_key(tmp_path)
    assert "Start the service anew" in rotate(monkeypatch, DATA_DIR=str(tmp_path))
    both = kept_secrets_key(tmp_path)
    assert both.split(",")[1:] == [old]
    with pytest.raises(NotAnInstallationError):
        rotate(monkeypatch, DATA_DIR=str(tmp_path))
    assert kept_secrets_key(tmp_path) == both
