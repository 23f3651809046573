"""Migrations are numbered, in one line, careful about locks, and go back as well as forth."""

import ast
import asyncio
import re
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from app.db import migrations
from app.db.embedded import DatabaseUrls, binaries
from app.db.migrations import configuration, upgrade
from app.db.roles import make_roles
from tests.conftest import moved_to, run_sql

T = TypeVar("T")
VERSIONS = sorted((Path(migrations.__file__).parent / "versions").glob("*.py"))
LOCK_TIMEOUT = re.compile(r"set local lock_timeout = '\d+s'")
each_migration = pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)


def test_migrations_are_numbered_without_a_gap():
    assert [path.name[:5] for path in VERSIONS] == [f"{n:04d}_" for n in range(1, len(VERSIONS) + 1)]


def test_there_is_one_head_and_one_line_to_it():
    script = ScriptDirectory.from_config(configuration("postgresql://unused"))
    line = [revision.revision for revision in script.walk_revisions()]
    assert script.get_heads() == [VERSIONS[-1].name[:4]]
    assert line == [path.name[:4] for path in reversed(VERSIONS)]


def executed_in(path: Path, direction: str) -> Iterator[ast.Call]:
    function = next(f for f in ast.parse(path.read_text()).body if isinstance(f, ast.FunctionDef) and f.name == direction)
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("op.")]
    yield from sorted(calls, key=lambda call: call.lineno)


@each_migration
@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_each_migration_first_says_how_long_it_waits_for_a_lock(path, direction):
    first = next(executed_in(path, direction))
    assert ast.unparse(first.func) == "op.execute"
    assert LOCK_TIMEOUT.fullmatch(ast.literal_eval(first.args[0]))


@each_migration
@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_each_execution_is_one_statement(path, direction):
    """A second statement would come after a semicolon; those inside a function's body do not count."""
    texts = [ast.unparse(call.args[0]) for call in executed_in(path, direction) if ast.unparse(call.func) == "op.execute"]
    outside = [re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL).rstrip("'\" \n;") for text in texts]
    assert [text for text in outside if ";" in text] == []


def test_alembic_is_configured_in_the_projects_file():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert "[tool.alembic]" in text
    assert 'script_location = "%(here)s/app/db/migrations"' in text


@pytest.fixture
def empty(cluster: DatabaseUrls, database: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A database with our roles in it and nothing else."""
    name = f"{urlsplit(database.app).path[1:]}_empty"
    make_roles(binaries() / "psql", cluster.superuser, database=name)
    yield moved_to(cluster, name)
    run_sql(cluster.superuser, f"drop database {name} with (force)")


CATALOG = """
select 'column', table_name::text, column_name::text, data_type::text, is_nullable::text from information_schema.columns
 where table_schema = 'public'
union all select 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), '' from pg_constraint
 where connamespace = 'public'::regnamespace
union all select 'index', tablename::text, indexname::text, indexdef, '' from pg_indexes where schemaname = 'public'
union all select 'policy', tablename::text, policyname::text, cmd || coalesce(qual, '') || coalesce(with_check, ''), roles::text
  from pg_policies
union all select 'function', proname::text, pg_get_functiondef(oid), proacl::text, '' from pg_proc
 where pronamespace = 'public'::regnamespace
union all select 'rights', relname::text, relacl::text, relrowsecurity::text, '' from pg_class where relnamespace = 'public'::regnamespace
union all select 'rights', attrelid::regclass::text, attname::text, attacl::text, '' from pg_attribute join pg_class c on c.oid = attrelid
 where attacl is not null and c.relnamespace = 'public'::regnamespace
 order by 1, 2, 3, 4
"""


async def catalog_of(database: DatabaseUrls) -> list[tuple[str, ...]]:
    connection = await asyncpg.connect(database.owner)
    try:
        return [tuple(row) for row in await connection.fetch(CATALOG)]
    finally:
        await connection.close()


def run(coroutine: Coroutine[object, object, T]) -> T:
    return asyncio.run(coroutine)


def test_down_and_up_again_gives_the_same_database(empty):
    upgrade(empty.owner)
    before = run(catalog_of(empty))
    command.downgrade(configuration(empty.owner), "base")
    emptied = run(catalog_of(empty))
    upgrade(empty.owner)
    assert {row[1] for row in emptied} <= {"alembic_version", "alembic_version_pkc"}
    assert run(catalog_of(empty)) == before
    assert len(before) > 200


def test_each_step_down_and_up_works_by_itself(empty):
    upgrade(empty.owner)
    before = run(catalog_of(empty))
    for number in range(len(VERSIONS), 0, -1):
        command.downgrade(configuration(empty.owner), "-1")
        upgrade(empty.owner, f"{number:04d}")
        command.downgrade(configuration(empty.owner), "-1")
    upgrade(empty.owner)
    assert run(catalog_of(empty)) == before


def test_migrating_a_database_that_is_up_to_date_changes_nothing(database):
    before = run(catalog_of(database))
    upgrade(database.owner)
    assert run(catalog_of(database)) == before


def test_a_migration_gives_up_when_a_table_is_held(empty):
    """The timeout ends the wait; the database is then as it was."""
    upgrade(empty.owner, "0001")
    before = run(catalog_of(empty))

    async def migrate_while_held() -> str:
        holder = await asyncpg.connect(empty.owner)
        async with holder.transaction():
            await holder.execute("lock table school in access exclusive mode")
            with pytest.raises(Exception, match="lock timeout") as refused:
                await asyncio.to_thread(upgrade, empty.owner)
        await holder.close()
        return str(refused.value)

    assert "canceling statement due to lock timeout" in run(migrate_while_held())
    assert run(catalog_of(empty)) == before


@pytest.mark.parametrize("role", ["app", "sweep", "erasure"])
def test_nobody_but_the_owner_migrates(database, role):
    with pytest.raises(Exception, match="permission denied"):
        upgrade(getattr(database, role))


BEFORE_WORK = (
    "insert into school (school_id, urn, name, authority, is_sandbox, clock_ahead, created_at, derive_lease_until)"
    " values ({school}, '999001', 'Invented', '999', true, 0, now(), now() + interval '1 minute')",
    "insert into pupil (school_id, id, upn, surname, forename, date_of_birth, last_number, status, summary)"
    " values ({school}, {school}, 'A', '', '', '2016-01-01', 1, 'N', '{{}}')",
    "insert into import_job (school_id, id, format, is_dry_run, state, file_digest, staff_id, assurance, client_id, counts, attempts,"
    " next_at, created_at) select {school}, gen_random_uuid(), s.format, false, s.state, '', {school}, 'asserted', {school},"
    " jsonb_build_object('stage', s.format), s.attempts, now() + s.due * interval '1 minute', now()"
    " from (values ('waits', 'waiting', 0, 0), ('held', 'waiting', 2, 1), ('ended', 'done', 1, 1)) as s (format, state, attempts, due)",
    "insert into ehc_request (school_id, id, pupil_id, authority, is_sandbox, requester, state, requested_on)"
    " select {school}, md5(n::text)::uuid, {school}, '999', true, 'school', 'submitted', '2026-03-02' from generate_series(1, 2) n",
    "insert into bundle (school_id, id, request_id, authority, is_sandbox, state, frozen_at, frozen_moment, attempts, next_at)"
    " values ({school}, md5('1')::uuid, md5('1')::uuid, '999', true, 'waiting', 1, now(), 3, now() - interval '1 minute'),"
    " ({school}, md5('2')::uuid, md5('2')::uuid, '999', true, 'failed', 1, now(), 6, now())",
)
JOBS = "select format, state, attempts, next_at > now() as is_later, counts ->> 'stage' as stage from import_job order by format"
WORK = "select kind, state, attempts, held_by is not null as is_held, reason, progress ->> 'stage' as stage from work order by 1, 2, 3"


def test_work_under_way_is_moved_to_its_own_table_and_back(empty):
    """A claim that stands goes on standing, and what was tried counts as tried."""

    async def fetch(statement: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(empty.superuser)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    upgrade(empty.owner, "0010")
    for statement in BEFORE_WORK:
        run(fetch(statement.format(school="'00000000-0000-0000-0000-00000000000a'::uuid")))
    before = run(fetch(JOBS))
    upgrade(empty.owner)
    assert run(fetch(WORK)) == [
        ("bundle", "dead", 6, False, "exhausted", None),
        ("bundle", "waiting", 3, False, None, None),
        ("import", "done", 1, False, None, None),
        ("import", "waiting", 0, False, None, "waits"),
        ("import", "waiting", 2, True, None, "held"),
        ("obligations", "waiting", 1, True, None, None),
    ]
    command.downgrade(configuration(empty.owner), "0010")
    assert run(fetch(JOBS)) == before
    assert run(fetch("select state, attempts from bundle order by 1")) == [("failed", 6), ("waiting", 3)]
    assert run(fetch("select derive_lease_until > now() from school")) == [(True,)]


BEFORE_PAPERS = (
    "insert into school (school_id, urn, name, authority, is_sandbox, clock_ahead, created_at)"
    " values ({school}, '999001', 'Invented', '999', true, 0, now())",
    BEFORE_WORK[1],
    "insert into ehc_request (school_id, id, pupil_id, authority, is_sandbox, requester, state, requested_on)"
    " select {school}, md5(n::text)::uuid, {school}, '999', true, 'school', 'submitted', '2026-03-02' from generate_series(1, 3) n",
    "insert into bundle (school_id, id, request_id, authority, is_sandbox, state, frozen_at, frozen_moment, digest, size, made_at, blob)"
    " values ({school}, md5('1')::uuid, md5('1')::uuid, '999', true, 'ready', 1, now(), 'x', 1, now(), 'a/b'),"
    " ({school}, md5('2')::uuid, md5('2')::uuid, '999', true, 'ready', 1, now(), 'x', 1, now(), 'a/c'),"
    " ({school}, md5('3')::uuid, md5('3')::uuid, '999', true, 'failed', 1, now(), null, null, null, null)",
    "insert into work (school_id, kind, subject, state, attempts, next_at, created_at, done_at, progress)"
    " values ({school}, 'bundle', md5('1')::uuid, 'done', 2, now(), now(), now(), '{{}}')",
    "insert into delivery (school_id, id, subscription_id, number, event, bundle_id, state, attempts, tried_before, next_at, created_at)"
    " select {school}, md5(event)::uuid, md5(event)::uuid, 1, event, md5('1')::uuid, 'delivered', 1, 0, now(), now()"
    " from (values ('evidence.ready'), ('evidence.bundle')) as e (event)",
)
WITH_PAPERS = (
    "insert into blob values ({school}, md5('f')::uuid, {school}, 'x', 1, 'k', now())",
    "insert into paper (school_id, id, pupil_id, blob_id, media_type, title, handed_in_at, client_id)"
    " values ({school}, {school}, {school}, md5('f')::uuid, 'application/pdf', 'A report', now(), {school})",
    "insert into bundle_part values ({school}, md5('1')::uuid, 1, 1, md5('f')::uuid, 'x', 1)",
    "insert into opened_request (school_id, id, pupil_id, request_id, authority, is_sandbox, reference, requester, received_on, state,"
    " officer, client_id, opened_at) values ({school}, {school}, {school}, md5('2')::uuid, '999', true, 'R', 'parent', '2026-03-02',"
    " 'linked', 'O', {school}, now())",
    "insert into organisation (id, kind, name, is_sandbox, created_at) values ({school}, 'vendor', 'Invented', true, now())",
    "insert into authority_profile values (true, 'ours', 1, {school}, {school}, '{{}}', now())",
    "update bundle set state = 'ready', digest = 'y', size = 2, made_at = now() where id = md5('1')::uuid",
    "update work set state = 'done', done_at = now() where subject = md5('1')::uuid",
    "update ehc_request set state = 'withdrawn' where id = md5('2')::uuid",
    "update ehc_request set state = 'withdrawn', submitted_at = now() where id = md5('3')::uuid",
)
BUNDLES = "select state, digest is null, size is null, made_at is null from bundle order by id = md5('1')::uuid desc, state desc"
TO_BE_MADE = "select subject = md5('1')::uuid as is_first, state, attempts, done_at is null from work order by 1 desc"


def test_bundles_of_before_are_made_anew_as_parts_and_again_on_the_way_back(empty):
    """Their files lay in the open, in one piece each; a failed one stays failed, and what was told of them stands."""

    async def fetch(*statements: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(empty.superuser)
        try:
            for statement in statements:
                rows = await connection.fetch(statement.format(school="'00000000-0000-0000-0000-00000000000a'::uuid"))
            return [tuple(row) for row in rows]
        finally:
            await connection.close()

    upgrade(empty.owner, "0011")
    run(fetch(*BEFORE_PAPERS))
    upgrade(empty.owner, "0012")
    waits, failed = ("waiting", True, True, False), ("failed", True, True, True)
    assert run(fetch(BUNDLES)) == [waits, waits, failed]
    assert run(fetch(TO_BE_MADE)) == [(True, "waiting", 0, True), (False, "waiting", 0, True)]
    assert run(fetch("select distinct profile, edition, cap, wanted_cap from bundle")) == [("national/1", 1, None, None)]
    told = run(fetch("select event, edition, part from delivery order by 1"))
    assert told == [("evidence.bundle", 1, 1), ("evidence.ready", None, None)]
    run(fetch(*WITH_PAPERS))
    command.downgrade(configuration(empty.owner), "0011")
    assert run(fetch(BUNDLES)) == [waits, waits, failed]
    assert run(fetch(TO_BE_MADE)) == [(True, "waiting", 0, True), (False, "waiting", 0, True)]
    assert run(fetch("select state from ehc_request order by 1")) == [("requested",), ("submitted",), ("submitted",)]
    assert run(fetch("select event from delivery order by 1")) == [("evidence.bundle",), ("evidence.ready",)]
    upgrade(empty.owner, "0012")
    assert run(fetch("select count(*) from blob")) == [(0,)]
