"""`graduated verify ledger`: one sentence, and an exit code that a script can act on."""

import asyncio
import json
import sys
from pathlib import Path
from subprocess import CompletedProcess, run

import asyncpg
import pytest

from app.db.embedded import DatabaseUrls
from app.db.session import Sessions
from app.db.verify_ledger import verify_ledger
from app.keys.heads import HeadStatement, sign_head
from app.keys.jwks import KeyUse, generate_key, public_jwk
from app.settings import child_environment
from tests.conftest import run_sql
from tests.db.builders import TestSchool, concern, make_school, pool_of, written

KEY = generate_key(KeyUse.HEADS)


@pytest.fixture
def school(database: DatabaseUrls) -> TestSchool:
    """A school with five entries, the last about a pupil."""

    async def make() -> TestSchool:
        async with pool_of(database.app) as pool:
            sessions = Sessions(pool)
            school = await make_school(sessions)
            await written(sessions, school, concern())
            return school

    return asyncio.run(make())


@pytest.fixture
def head(database: DatabaseUrls, school: TestSchool, tmp_path: Path) -> list[str]:
    """The options that give the ledger's head as it is now, signed, and the key set it was signed with."""

    async def read() -> HeadStatement:
        connection = await asyncpg.connect(database.app)
        verdict = await verify_ledger(connection, school.id)
        await connection.close()
        return HeadStatement(school=school.id, epoch=verdict.epoch, number=verdict.number, link=verdict.link)

    signed, keys = tmp_path / "head.jws", tmp_path / "keys.json"
    signed.write_text(sign_head(asyncio.run(read()), KEY) + "\n")
    keys.write_text(json.dumps({"keys": [public_jwk(KEY)]}))
    return ["--head", str(signed), "--jwks", str(keys)]


def verify(database: DatabaseUrls, *arguments: str) -> CompletedProcess[str]:
    environment = child_environment({"DATABASE_URL": database.app})
    program = [sys.executable, "-W", "error", "-m", "app.cli", "verify", "ledger", *arguments]
    return run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_sound_ledger_is_told_with_its_length_and_link(database, school):
    done = verify(database, school.urn)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"The ledger of {school.urn} holds: 5 entries in epoch 1, ending in ")


def test_a_sound_ledger_agrees_with_its_signed_head(database, school, head):
    done = verify(database, school.urn, *head)
    assert done.returncode == 0
    assert done.stdout.endswith(", and agrees with the signed head at 5.\n")


def test_a_cut_tail_with_its_head_put_right_exits_1_given_the_signed_head(database, school, head):
    put_right = (
        "update ledger_head h set number = e.number, link = e.link, recorded_at = e.recorded_at from entry e "
        f"where h.school_id = '{school.id}' and e.school_id = h.school_id and e.number = 4"
    )
    run_sql(database.owner, put_right, f"delete from entry where school_id = '{school.id}' and number = 5")
    assert verify(database, school.urn).returncode == 0
    done = verify(database, school.urn, *head)
    assert done.returncode == 1
    assert "Entry 5 is missing: the chain ends at 4 and the signed head of epoch 1 says 5." in done.stdout


def test_a_signed_head_by_a_key_that_is_not_in_the_set_is_refused_in_one_line(database, school, head, tmp_path):
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [public_jwk(generate_key(KeyUse.HEADS))]}))
    done = verify(database, school.urn, *head)
    assert done.returncode == 1
    assert done.stderr == "graduated: the signed head is refused: kid names no key that is accepted here\n"


def test_a_signed_head_without_keys_is_refused_in_one_line(database, school, head):
    done = verify(database, school.urn, *head[:2])
    assert done.returncode == 1
    assert done.stderr == "graduated: give the public keys by --jwks, so that the signed head can be checked\n"


def test_an_unknown_school_is_told_in_one_line(database, school):
    done = verify(database, "999999")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "graduated: no school has the number 999999\n"
