"""`graduated admin erase-pupil` and `restore-epoch`: what an operator does on the word of people at the school."""

import asyncio
import base64
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess, run
from uuid import UUID

import asyncpg
import pytest

from app import clock
from app.db.embedded import DatabaseUrls
from app.db.session import Sessions
from app.db.verify_ledger import Verdict, verify_ledger
from app.domain.codes import StaffRole
from app.domain.entries import RoleGiven
from app.settings import child_environment
from tests.db.builders import TestSchool, concern, draft, make_school, pool_of, write, written

ASKED = ("--ground", "right_to_erasure", "--reason", "Asked for and weighed.")


@dataclass(frozen=True)
class Scene:
    """A school of long ago with a second member of staff, and its database."""

    database: DatabaseUrls
    school: TestSchool
    second: UUID

    def run(self, *arguments: str, **environment: str) -> CompletedProcess[str]:
        key = base64.b64encode(bytes(32)).decode()
        given = {"DATABASE_URL": self.database.app, "DATABASE_ERASURE_URL": self.database.erasure, "SECRETS_KEY": key}
        program = [sys.executable, "-W", "error", "-m", "app.cli", "admin", *arguments]
        return run(program, env=child_environment({**given, **environment}), capture_output=True, text=True, timeout=60, check=False)

    def erase(self, second: UUID, **environment: str) -> CompletedProcess[str]:
        by = ("--by", str(self.school.staff), "--confirmed-by", str(second))
        return self.run("erase-pupil", self.school.urn, str(self.school.pupils[0]), *ASKED, *by, **environment)

    def verdict(self) -> Verdict:
        async def read() -> Verdict:
            connection = await asyncpg.connect(self.database.app)
            try:
                return await verify_ledger(connection, self.school.id)
            finally:
                await connection.close()

        return asyncio.run(read())


@pytest.fixture
def scene(database: DatabaseUrls) -> Scene:
    async def make() -> Scene:
        second, at = clock.new_id(), datetime.now(UTC) - timedelta(days=30)
        async with pool_of(database.app) as pool:
            sessions = Sessions(pool)
            school = await make_school(sessions, at=at)
            await written(sessions, school, concern("Words that must go."), now=at)
            async with sessions.for_school(school.id) as session:
                entry = RoleGiven(occurred_on=at.date(), staff=second, role=StaffRole.ADMINISTRATOR)
                await write(session, draft(school, entry, None), now=at)
        return Scene(database, school, second)

    return asyncio.run(make())


def test_a_pupil_is_erased_on_the_word_of_two(scene):
    before = scene.verdict()
    done = scene.erase(scene.second)
    assert (done.returncode, done.stderr) == (0, "")
    first, remark = done.stdout.splitlines()
    assert first == f"The pupil was erased, under entry {before.number + 1}."
    assert remark.startswith("Remark: Keep the file")
    assert (scene.verdict().fault, scene.verdict().number) == (None, before.number + 1)
    assert scene.erase(scene.second).stdout == f"The pupil had been erased, under entry {before.number + 1}.\n"


def test_one_person_alone_erases_nobody(scene):
    done = scene.erase(scene.school.staff)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("graduated: let another member of staff confirm it")
    assert done.stderr.count("\n") == 1


def test_without_the_erasure_roles_login_nobody_is_erased(scene):
    done = scene.erase(scene.second, DATABASE_ERASURE_URL="")
    assert (done.returncode, done.stderr) == (1, "graduated: set DATABASE_ERASURE_URL, for the role graduated_erasure\n")


def test_a_restore_begins_the_next_epoch(scene):
    before = scene.verdict()
    done = scene.run("restore-epoch", scene.school.urn, "--reason", "The disk failed.", "--by", str(scene.school.staff))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"A new epoch of the ledger of {scene.school.urn} began with entry {before.number + 1}.\n"
    assert (scene.verdict().fault, scene.verdict().epoch) == (None, 2)
    refused = scene.run("restore-epoch", scene.school.urn, "--reason", " ", "--by", str(scene.school.staff))
    assert (refused.returncode, refused.stderr) == (1, "graduated: say why the ledger was restored\n")
