"""The schema rules, held against both the declared tables and the database that the migrations built."""

import ast
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.db.tables import metadata
from tests.db.rows import SCHOOL_TABLES

SOURCES = Path(__file__).parents[2] / "app"
KINDS = {"school", "reference", "local"}
# These keys lead an authority to what was sent or is owed to it or counted in it, across schools; nothing else may begin otherwise.
ACROSS_SCHOOLS = {
    *("ix_ehc_request_authority_state", "ix_bundle_authority_state", "ix_totals_authority_month_end"),
    "ix_delivery_subscription_id_id",
}
NAMES = {"p": "pk_{table}", "u": "uq_{table}_{columns}", "f": "fk_{table}_{columns}_{referred}"}
every_table = pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
every_school_table = pytest.mark.parametrize("table", SCHOOL_TABLES.values(), ids=lambda table: table.name)


@pytest.fixture
async def owner(database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner)
    yield connection
    await connection.close()


@every_table
def test_every_table_says_which_kind_it_is(table):
    assert table.info.get("kind") in KINDS


@every_school_table
def test_the_schools_id_comes_first_in_every_declared_key(table):
    keys = [k for k in table.constraints if isinstance(k, PrimaryKeyConstraint | UniqueConstraint | ForeignKeyConstraint)]
    assert len(keys) >= 1 + (table.name != "school")
    assert {next(iter(key.columns)).name for key in keys} == {"school_id"}
    assert {key.elements[0].column.name for key in keys if isinstance(key, ForeignKeyConstraint)} <= {"school_id"}


@every_table
def test_no_reference_or_local_table_points_at_school_data(table):
    referred = {key.column.table.name for key in table.foreign_keys}
    assert table.name in SCHOOL_TABLES or not referred & set(SCHOOL_TABLES)
    assert table.name not in SCHOOL_TABLES or referred <= set(SCHOOL_TABLES)


@every_table
def test_no_declared_column_numbers_itself(table):
    numbering = [c.name for c in table.columns if c.identity is not None or c.server_default is not None or c.autoincrement is True]
    assert numbering == []


async def test_the_declared_tables_are_the_migrated_ones(database):
    """Alembic finds nothing to add, drop or change, names and server defaults included."""
    engine = create_async_engine(make_url(database.owner).set(drivername="postgresql+asyncpg"))

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


async def test_a_difference_would_be_found(database):
    """The comparison above looks at columns, constraints and indexes."""
    engine = create_async_engine(make_url(database.owner).set(drivername="postgresql+asyncpg"))
    mutations = (
        "alter table pupil add nickname text",
        "alter table pupil alter surname drop not null",
        "alter table pupil drop constraint uq_pupil_school_id_upn",
        "drop index ix_obligation_school_id_pupil_id",
        "alter table entry drop constraint fk_entry_school_id_pupil_id_pupil",
        "alter table pupil alter last_number type integer",
    )

    def differences(connection: Connection) -> list[object]:
        found = []
        for mutation in mutations:
            with connection.begin_nested() as nested:
                connection.exec_driver_sql(mutation)
                context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
                found.append((mutation, bool(compare_metadata(context, metadata))))
                nested.rollback()
        return found

    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == [(mutation, True) for mutation in mutations]
    finally:
        await engine.dispose()


async def test_row_security_is_on_and_not_forced_for_school_data_alone(owner):
    rows = await owner.fetch(
        "select relname, relrowsecurity, relforcerowsecurity from pg_class "
        "where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace"
    )
    assert {row["relname"] for row in rows if row["relrowsecurity"]} == set(SCHOOL_TABLES)
    assert [row["relname"] for row in rows if row["relforcerowsecurity"]] == []
    assert {row["relname"] for row in rows} == set(metadata.tables) | {"alembic_version"}


async def test_the_policies_are_the_schools_the_authoritys_the_trusts_and_the_sweeps(owner):
    rows = await owner.fetch("select tablename, policyname, permissive, roles, lower(cmd) as cmd, qual, with_check from pg_policies")
    school = [row for row in rows if row["policyname"] == f"{row['tablename']}_{row['cmd']}_of_school"]
    authority = [row for row in rows if row["policyname"] == f"{row['tablename']}_select_of_authority"]
    trust = [row for row in rows if row["policyname"] == f"{row['tablename']}_select_of_trust"]
    sweep = [row for row in rows if row["policyname"] == f"{row['tablename']}_sweep"]
    assert len(rows) == len(school) + len(authority) + len(trust) + len(sweep)
    for row in school:
        clauses = [clause for clause in (row["qual"], row["with_check"]) if clause]
        assert len(set(clauses)) == 1
        assert "school_id = (NULLIF(current_setting('app.school'::text, true), ''::text))::uuid" in clauses[0]
        assert "NULLIF(current_setting('app.authority'::text, true), ''::text) IS NULL" in clauses[0]
        assert row["roles"] == ["graduated_app"]
    sent = {"ehc_request", "bundle", "bundle_part", "opened_request"}
    assert {row["tablename"] for row in authority} == sent | {"totals", "delivery", "delivery_attempt"}
    assert {row["tablename"] for row in trust} == {"totals"}
    assert {(row["cmd"], row["qual"], *row["roles"]) for row in sweep} == {("select", "true", "graduated_sweep")}


async def test_the_schools_id_comes_first_in_every_key_and_index_of_the_database(owner):
    rows = await owner.fetch("""
        select c.relname as table, i.relname as index, a.attname as first
          from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
          join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
         where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
    """)
    assert {row["index"] for row in rows if row["first"] != "school_id"} == ACROSS_SCHOOLS
    assert {row["table"] for row in rows} == set(SCHOOL_TABLES)


CONSTRAINTS = """
select c.relname as table, k.conname as name, k.contype::text as kind, f.relname as referred, k.condeferrable,
       k.confdeltype::text as on_delete, k.confupdtype::text as on_update,
       (select array_agg(a.attname order by p.place) from unnest(k.conkey) with ordinality p (number, place)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = p.number) as columns,
       (select a.attname from pg_attribute a where a.attrelid = f.oid and a.attnum = k.confkey[1]) as referred_first
  from pg_constraint k join pg_class c on c.oid = k.conrelid left join pg_class f on f.oid = k.confrelid
 where c.relnamespace = 'public'::regnamespace and c.relname <> 'alembic_version' and k.contype <> 'n'
"""


async def test_every_constraint_of_the_database_is_named_by_the_convention(owner):
    """PostgreSQL keeps 63 bytes of a name, so one that would be longer counts as misnamed."""
    misnamed = []
    rows = await owner.fetch(CONSTRAINTS)
    for row in rows:
        if row["kind"] == "c":
            is_right = re.fullmatch(f"ck_{row['table']}_[a-z_]+", row["name"])
        else:
            wanted = NAMES[row["kind"]].format(table=row["table"], columns="_".join(row["columns"]), referred=row["referred"])
            is_right = row["name"] == wanted
        misnamed += [] if is_right else [row["name"]]
    assert misnamed == []
    assert len(rows) > 2 * len(SCHOOL_TABLES)


async def test_foreign_keys_restrict_and_wait_for_nothing_and_begin_with_the_school_on_both_sides(owner):
    rows = [row for row in await owner.fetch(CONSTRAINTS) if row["kind"] == "f"]
    assert {row["on_delete"] for row in rows} <= {"r", "c"}
    assert {row["on_update"] for row in rows} == {"a"}
    assert [row["name"] for row in await owner.fetch(CONSTRAINTS) if row["condeferrable"]] == []
    ends = {(row["columns"][0], row["referred_first"]) for row in rows if row["table"] in SCHOOL_TABLES}
    assert ends == {("school_id", "school_id")}


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("triggers", "select tgname from pg_trigger where not tgisinternal"),
        ("rules", "select rulename from pg_rules where schemaname = 'public'"),
        ("views", "select viewname from pg_views where schemaname = 'public'"),
        ("sequences", "select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace"),
        ("identities", "select attname from pg_attribute where attidentity <> ''"),
        ("extensions", "select extname from pg_extension where extname <> 'plpgsql'"),
        ("inheritance", "select inhrelid::regclass::text from pg_inherits join pg_class on pg_class.oid = inhrelid where relkind = 'r'"),
        ("unlogged tables", "select relname from pg_class where relpersistence = 'u'"),
    ],
)
async def test_the_database_has_none_of(owner, what, query):
    assert await owner.fetch(query) == [], what


async def test_no_role_of_ours_bypasses_row_security_and_only_the_owner_owns(owner):
    roles = await owner.fetch("select rolname, rolsuper, rolbypassrls from pg_roles where rolname like 'graduated\\_%' escape '\\'")
    assert {row["rolname"] for row in roles} >= {"graduated_owner", "graduated_app", "graduated_sweep", "graduated_erasure"}
    assert [row["rolname"] for row in roles if row["rolsuper"] or row["rolbypassrls"]] == []
    owners = await owner.fetch("""
        select distinct pg_get_userbyid(relowner) from pg_class where relnamespace = 'public'::regnamespace
         union select pg_get_userbyid(proowner) from pg_proc where pronamespace = 'public'::regnamespace
    """)
    assert [row[0] for row in owners] == ["graduated_owner"]


async def test_no_role_of_ours_is_a_member_of_another(owner):
    members = await owner.fetch(
        "select member::regrole::text from pg_auth_members where member::regrole::text in "
        "('graduated_app', 'graduated_sweep', 'graduated_erasure')"
    )
    assert members == []


async def test_entries_are_for_everybody_to_read_and_append_at_most(owner):
    """Append-only is by privilege: not even a column of an entry may be updated by a role that logs in."""
    granted = await owner.fetch("""
        select distinct grantee::text, privilege_type::text from information_schema.column_privileges
         where table_name = 'entry' and grantee <> 'graduated_owner'
         union select grantee::text, privilege_type::text from information_schema.table_privileges
         where table_name = 'entry' and grantee <> 'graduated_owner'
    """)
    assert {tuple(row) for row in granted} == {("graduated_app", "SELECT"), ("graduated_app", "INSERT")}


async def test_nobody_may_truncate_or_reference_or_hang_triggers_on_a_table(owner):
    granted = await owner.fetch(
        "select grantee, table_name from information_schema.table_privileges where table_schema = 'public' "
        "and grantee <> 'graduated_owner' and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')"
    )
    assert granted == []


DEFINERS = "select proname, proconfig, proacl::text from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order by proname"


async def test_what_runs_with_the_owners_rights_has_a_fixed_path_and_is_for_the_erasure_role_alone(owner):
    definers = await owner.fetch(DEFINERS)
    assert [row["proname"] for row in definers] == ["erase_entry", "erase_pupil", "erasure_lock_head", "erasure_lock_pupils"]
    for row in definers:
        assert row["proconfig"] == ["search_path=pg_catalog, public, pg_temp"]
        assert row["proacl"] == "{graduated_owner=X/graduated_owner,graduated_erasure=X/graduated_owner}"


async def test_nobody_but_the_owner_may_put_a_thing_where_those_functions_look(owner):
    for role in ("graduated_app", "graduated_sweep", "graduated_erasure"):
        assert await owner.fetchval("select has_schema_privilege($1, 'public', 'create')", role) is False


TABLE = re.compile(rf"\b(?:from|join|update|into)\s+(?:public\.)?({'|'.join(SCHOOL_TABLES)})\b")


def sql_in(source: str) -> Iterator[str]:
    """Every text of a module, with what is spliced into it left out; a text inside another is not told twice."""
    tree = ast.parse(source)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def without_school(source: str) -> list[str]:
    """The statements that touch a table of school data and do not name `school_id`."""
    return [text for text in sql_in(source) if TABLE.search(text) and is_statement(text) and not re.search(r"\bschool_id\b", text)]


def is_statement(text: str) -> bool:
    return re.match(r"\s*(select|insert|update|delete|with|merge)\b", text) is not None


def test_every_statement_on_school_data_names_the_school():
    """Row security is the net; the router is the `school_id` of the statement itself."""
    files = [path for path in SOURCES.rglob("*.py") if "migrations" not in path.parts]
    found = {path.name: missing for path in files if (missing := without_school(path.read_text()))}
    assert found == {}
    assert sum(bool(TABLE.search(text) and is_statement(text)) for path in files for text in sql_in(path.read_text())) > 20


@pytest.mark.parametrize(
    ("statement", "is_found"),
    [
        ('"select 1 from pupil where id = $1"', True),
        ('f"select {x} from pupil where id = $1"', True),
        ('"update entry set body = null"', True),
        ('"insert into notice (id) values ($1)"', True),
        ('"delete from delivery"', True),
        ('"select 1 from pupil where school_id = $1"', False),
        ('"select 1 from client where id = $1"', False),
        ('"A letter from school to the parents."', False),
    ],
)
def test_a_statement_without_the_school_would_be_found(statement, is_found):
    assert bool(without_school(f"QUERY = {statement}")) is is_found


def test_the_tables_of_the_guard_are_those_of_the_metadata():
    assert set(SCHOOL_TABLES) < set(metadata.tables)
    assert all(isinstance(table, Table) for table in SCHOOL_TABLES.values())
    assert sum(isinstance(k, CheckConstraint) for table in SCHOOL_TABLES.values() for k in table.constraints) > 5
