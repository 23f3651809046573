"""`graduated admin erase-entry`: an operator's command, with its own login to the database."""

import asyncio
import base64
import sys
from subprocess import CompletedProcess, run

import asyncpg
import pytest

from app.db.embedded import DatabaseUrls
from app.db.session import Sessions
from app.db.verify_ledger import Verdict, verify_ledger
from app.settings import child_environment
from tests.db.builders import TestSchool, concern, make_school, pool_of, written


@pytest.fixture
def school(database: DatabaseUrls) -> TestSchool:
    """A school with five entries, the last about a pupil."""

    async def make() -> TestSchool:
        async with pool_of(database.app) as pool:
            sessions = Sessions(pool)
            school = await make_school(sessions)
            await written(sessions, school, concern("Words that must go."))
            return school

    return asyncio.run(make())


def erase(database: DatabaseUrls, *arguments: str, **environment: str) -> CompletedProcess[str]:
    given = {"DATABASE_URL": database.app, "DATABASE_ERASURE_URL": database.erasure, "SECRETS_KEY": base64.b64encode(bytes(32)).decode()}
    program = [sys.executable, "-W", "error", "-m", "app.cli", "admin", "erase-entry", *arguments]
    return run(program, env=child_environment({**given, **environment}), capture_output=True, text=True, timeout=60, check=False)


def ledger(database: DatabaseUrls, school: TestSchool) -> tuple[Verdict, list[int]]:
    async def read() -> tuple[Verdict, list[int]]:
        connection = await asyncpg.connect(database.app)
        verdict = await verify_ledger(connection, school.id)
        async with connection.transaction():
            await connection.execute("select app_set_school($1)", school.id)
            erased = await connection.fetch("select number from entry where school_id = $1 and body is null", school.id)
        await connection.close()
        return verdict, [row["number"] for row in erased]

    return asyncio.run(read())


def test_an_entry_is_erased_on_the_word_of_a_named_person(database, school):
    done = erase(database, school.urn, "5", "--reason", "A court order.", "--by", str(school.staff))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Entry 5 was erased; the pupil's duties and summary follow.\n"
    verdict, erased = ledger(database, school)
    assert (verdict.fault, verdict.number, erased) == (None, 6, [5])


def test_asked_again_it_says_that_the_entry_had_been_erased(database, school):
    options = (school.urn, "5", "--reason", "A court order.", "--by", str(school.staff))
    assert erase(database, *options).returncode == 0
    assert erase(database, *options).stdout == "Entry 5 had been erased; the pupil's duties and summary follow.\n"


@pytest.mark.parametrize(
    ("number", "why"), [("77", "the school's ledger has no entry 77"), ("5", "an erasure is the head's, the SENCO's or an administrator's")]
)
def test_a_refusal_is_one_line_and_changes_nothing(database, school, number, why):
    by = school.staff if number == "77" else school.pupils[0]
    done = erase(database, school.urn, number, "--reason", "A court order.", "--by", str(by))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"graduated: {why}")
    assert done.stderr.count("\n") == 1
    assert ledger(database, school)[1] == []


def test_without_the_erasure_roles_login_nothing_is_erased(database, school):
    done = erase(database, school.urn, "5", "--reason", "A court order.", "--by", str(school.staff), DATABASE_ERASURE_URL="")
    assert done.returncode == 1
    assert done.stderr == "graduated: set DATABASE_ERASURE_URL, for the role graduated_erasure\n"


def test_an_unknown_school_is_told_in_one_line(database, school):
    done = erase(database, "999999", "5", "--reason", "A court order.", "--by", str(school.staff))
    assert (done.returncode, done.stderr) == (1, "graduated: no school has the number 999999\n")
