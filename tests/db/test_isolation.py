"""One school's rows cannot be read or written from another's transaction, and each policy is shown to be what prevents it.

The proof by mutation: a clause of a policy is made `true`, or row-level security is switched off for a table, and the very attempt that
otherwise fails must then read or write a foreign row. Each mutation and attempt is one transaction that is rolled back.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Table

from app.db.session import Sessions
from tests.db.builders import pool_of
from tests.db.rows import SCHOOL_TABLES, fill, hanging_on, insert

OURS, THEIRS = UUID(int=0xA), UUID(int=0xB)
POLICIES = """
select tablename, policyname, lower(cmd) as command, qual, with_check from pg_policies
 where 'graduated_app' = any(roles) and policyname like '%\\_of\\_school' order by 1, 2
"""
# What may only be changed in the columns named: a row of these cannot change schools.
FIXED = {"obligation": ("known_until", "7"), "access": ("last_at", "'2026-03-03'")}
# What an authority sees, and a state in which it sees it.
AUTHORITY_TABLES = {"ehc_request": "submitted", "bundle": "ready", "opened_request": "waiting", "totals": "due"}
every_table = pytest.mark.parametrize("table", SCHOOL_TABLES.values(), ids=lambda table: table.name)


@pytest.fixture(scope="module")
def filled(database):
    """Two schools with one row in every table."""

    async def run() -> None:
        connection = await asyncpg.connect(database.superuser)
        await fill(connection, OURS, THEIRS)
        await connection.close()

    asyncio.run(run())
    return database


@pytest.fixture
async def app(filled) -> AsyncIterator[asyncpg.Connection]:
    """The application's own login, in a transaction."""
    connection = await asyncpg.connect(filled.app)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


@pytest.fixture
async def server(filled) -> AsyncIterator[asyncpg.Connection]:
    """A superuser, who mutates policies and then becomes the application within one transaction."""
    connection = await asyncpg.connect(filled.superuser)
    yield connection
    await connection.close()


async def schools_seen(connection: asyncpg.Connection, table: Table) -> set[UUID]:
    return {row[0] for row in await connection.fetch(f"select school_id from {table.name}")}


async def commands_on(connection: asyncpg.Connection, table: Table) -> set[str]:
    rows = await connection.fetch(POLICIES)
    return {row["command"] for row in rows if row["tablename"] == table.name}


async def is_refused(connection: asyncpg.Connection, work: Awaitable[object]) -> bool:
    """Whether privileges or policies refuse a statement; the transaction goes on either way."""
    try:
        async with connection.transaction():
            await work
    except asyncpg.InsufficientPrivilegeError:
        return True
    return False


@every_table
async def test_without_a_tenant_nothing_is_visible_and_nothing_can_be_written(app, table):
    assert await schools_seen(app, table) == set()
    assert await is_refused(app, insert(app, table, THEIRS))


@every_table
async def test_with_an_empty_tenant_nothing_is_visible(app, table):
    """What a setting reads as after the transaction that set it."""
    await app.execute("set local app.school = ''")
    assert await schools_seen(app, table) == set()


@every_table
async def test_a_school_sees_its_own_rows_alone(app, table):
    await app.execute("select app_set_school($1)", OURS)
    assert await schools_seen(app, table) == {OURS}


@every_table
async def test_a_school_cannot_write_anothers_rows(app, table):
    await app.execute("select app_set_school($1)", OURS)
    assert await is_refused(app, insert(app, table, THEIRS))
    commands = await commands_on(app, table)
    if "update" in commands:
        column, value = FIXED.get(table.name, ("school_id", f"'{THEIRS}'"))
        assert await app.execute(f"update {table.name} set {column} = {value} where school_id = $1", THEIRS) == "UPDATE 0"
    if "delete" in commands:
        assert await app.execute(f"delete from {table.name} where school_id = $1", THEIRS) == "DELETE 0"


@every_table
async def test_what_no_policy_allows_is_refused_to_a_school_on_its_own_rows(app, table):
    await app.execute("select app_set_school($1)", OURS)
    commands = await commands_on(app, table)
    column = next(iter(FIXED.get(table.name, ("school_id",))))
    statements = {"update": f"update {table.name} set {column} = {column}", "delete": f"delete from {table.name}"}
    for command, statement in statements.items():
        assert command in commands or await is_refused(app, app.execute(statement))
    assert await is_refused(app, app.execute(f"truncate {table.name} cascade"))


async def test_the_rows_of_a_transaction_do_not_outlive_it(filled):
    connection = await asyncpg.connect(filled.app)
    async with connection.transaction():
        await connection.execute("select app_set_school($1)", OURS)
        assert await connection.fetchval("select count(*) from pupil") == 1
    assert await connection.fetchval("select count(*) from pupil") == 0
    await connection.close()


# Writes without a condition read no column, so no other policy than the one in question can stand in their way.
WRITES = {
    ("update", "using"): f"update {{}} set school_id = '{OURS}'",
    ("update", "check"): f"update {{}} set school_id = '{THEIRS}'",
    ("delete", "using"): "delete from {}",
}
# Whose row is not there before, so that no key stands in the way either.
ABSENT = {("insert", "check"): THEIRS, ("update", "using"): OURS, ("update", "check"): THEIRS}
Clause = tuple[str, str]


async def clear(connection: asyncpg.Connection, table: Table, clause: Clause) -> None:
    """Remove what hangs on the table's rows, and the row that would be in the attempt's way."""
    if clause == ("select", "using"):
        return
    for other in hanging_on(table):
        await connection.execute(f"delete from {other.name}")
    if clause == ("insert", "check") or table.name not in FIXED:
        await connection.execute(f"delete from {table.name} where school_id = $1", ABSENT.get(clause))


async def attempt(connection: asyncpg.Connection, table: Table, clause: Clause) -> bool:
    """Try, as the application with our school set, to reach the other school's row; tells whether one was read."""
    if clause == ("select", "using"):
        return THEIRS in await schools_seen(connection, table)
    if clause == ("insert", "check"):
        await insert(connection, table, THEIRS)
    elif table.name in FIXED:
        column, value = FIXED[table.name]
        await connection.execute(f"update {table.name} set {column} = {value}")
    else:
        await connection.execute(WRITES[clause].format(table.name))
    return False


async def leaks(server: asyncpg.Connection, table: Table, clause: Clause, *mutations: str) -> bool:
    """Whether the attempt reads or changes a foreign row once the mutations are made; leaves nothing behind."""
    theirs = f"select * from {table.name} where school_id = '{THEIRS}'"
    transaction = server.transaction()
    await transaction.start()
    try:
        await clear(server, table, clause)
        before = await server.fetch(theirs)
        for mutation in mutations:
            await server.execute(mutation)
        read = await _as_application(server, table, clause)
        return read or await server.fetch(theirs) != before
    finally:
        await transaction.rollback()


async def _as_application(server: asyncpg.Connection, table: Table, clause: Clause) -> bool:
    await server.execute("set local role graduated_app")
    await server.execute("select app_set_school($1)", OURS)
    try:
        async with server.transaction():
            return await attempt(server, table, clause)
    except asyncpg.InsufficientPrivilegeError:
        return False
    finally:
        await server.execute("reset role")


async def clauses(server: asyncpg.Connection) -> list[tuple[str, str, Clause]]:
    """Every table, policy and clause of a school's policies, as the database has them."""
    found = []
    for row in await server.fetch(POLICIES):
        found += [(row["tablename"], row["policyname"], (row["command"], "using"))] if row["qual"] else []
        found += [(row["tablename"], row["policyname"], (row["command"], "check"))] if row["with_check"] else []
    return found


def opened(policy: str, table: str, clause: str) -> str:
    return f"alter policy {policy} on {table} {'using' if clause == 'using' else 'with check'} (true)"


async def test_every_school_table_has_a_policy_for_each_thing_that_is_granted_on_it(server):
    granted = await server.fetch("""
        select table_name, lower(privilege_type) as command from information_schema.role_table_grants where grantee = 'graduated_app'
         union select table_name, lower(privilege_type) from information_schema.column_privileges where grantee = 'graduated_app'
    """)
    ours = {(row["table_name"], row["command"]) for row in granted if row["table_name"] in SCHOOL_TABLES}
    assert ours == {(table, command) for table, _, (command, _) in await clauses(server)}
    assert {table for table, _ in ours} == set(SCHOOL_TABLES)


async def test_no_attempt_succeeds_while_the_policies_stand(server):
    tried = [(table, clause, await leaks(server, SCHOOL_TABLES[table], clause)) for table, _, clause in await clauses(server)]
    assert [found for found in tried if found[2]] == []
    assert len(tried) > 3 * len(SCHOOL_TABLES)


async def test_each_clause_made_true_lets_a_foreign_row_be_read_or_written(server):
    mutated = [
        (policy, clause, await leaks(server, SCHOOL_TABLES[table], clause, opened(policy, table, clause[1])))
        for table, policy, clause in await clauses(server)
        if not (table in FIXED and clause[0] == "update")
    ]
    assert [found for found in mutated if not found[2]] == []
    assert len(mutated) > 3 * len(SCHOOL_TABLES) - 4


@pytest.mark.parametrize("table", FIXED)
async def test_where_a_row_cannot_change_schools_both_clauses_of_the_update_keep_it(server, table):
    """Only some columns are granted, so `with check` alone still refuses: a foreign row is written once both clauses are true."""
    updatable = await server.fetch(
        "select column_name from information_schema.column_privileges "
        "where grantee = 'graduated_app' and privilege_type = 'UPDATE' and table_name = $1",
        table,
    )
    policy = f"{table}_update_of_school"
    using, check = (opened(policy, table, clause) for clause in ("using", "check"))
    assert [row[0] for row in updatable] == [FIXED[table][0]]
    assert not await leaks(server, SCHOOL_TABLES[table], ("update", "using"), using)
    assert not await leaks(server, SCHOOL_TABLES[table], ("update", "using"), check)
    assert await leaks(server, SCHOOL_TABLES[table], ("update", "using"), using, check)


async def test_row_security_switched_off_lets_a_foreign_row_be_read_or_written_by_each_command(server):
    switched_off = [
        (table, clause, await leaks(server, SCHOOL_TABLES[table], clause, f"alter table {table} disable row level security"))
        for table, _, clause in await clauses(server)
    ]
    assert [found for found in switched_off if not found[2]] == []
    assert {table for table, *_ in switched_off} == set(SCHOOL_TABLES)


async def test_the_mutations_leave_no_trace(server):
    table, policy, clause = (await clauses(server))[0]
    before = await server.fetch(POLICIES)
    assert await leaks(server, SCHOOL_TABLES[table], clause, opened(policy, table, clause[1]))
    assert await server.fetch(POLICIES) == before


async def authority_reads(
    server: asyncpg.Connection, table: str, authority: str, state: str, *mutations: str, is_sandbox: bool | None = False
) -> bool:
    """Whether an authority, live unless said, sees what live schools addressed to 998 and is in a state; None is a side never set."""
    transaction = server.transaction()
    await transaction.start()
    try:
        asker, _, state = state.rpartition(" ")
        await server.execute(f"update {table} set state = $1", state)
        if asker:
            await server.execute(f"update {table} set requester = $1", asker)
        for mutation in mutations:
            await server.execute(mutation)
        await server.execute("set local role graduated_app")
        await server.execute("select app_set_authority($1, $2)", authority, is_sandbox)
        return bool(await schools_seen(server, SCHOOL_TABLES[table]))
    finally:
        await transaction.rollback()


VIEWS = [
    ("ehc_request", "998", "school submitted", True),
    ("ehc_request", "998", "school received", True),
    ("ehc_request", "998", "school requested", False),
    ("ehc_request", "998", "school withdrawn", False),
    ("ehc_request", "998", "parent withdrawn", True),
    ("ehc_request", "998", "parent requested", True),
    ("ehc_request", "998", "young_person requested", True),
    ("ehc_request", "997", "parent requested", False),
    ("ehc_request", "997", "submitted", False),
    ("ehc_request", "", "submitted", False),
    ("bundle", "998", "ready", True),
    ("bundle", "998", "waiting", False),
    ("bundle", "997", "ready", False),
    ("bundle", "", "ready", False),
    ("opened_request", "998", "waiting", True),
    ("opened_request", "998", "linked", True),
    ("opened_request", "997", "waiting", False),
    ("opened_request", "", "waiting", False),
    ("totals", "998", "due", True),
    ("totals", "997", "due", False),
    ("totals", "", "due", False),
]


@pytest.mark.parametrize(("table", "authority", "state", "sees"), VIEWS)
async def test_an_authority_sees_what_was_sent_to_it_and_a_schools_request_not_before_its_evidence(server, table, authority, state, sees):
    assert await authority_reads(server, table, authority, state) is sees


@pytest.mark.parametrize(("table", "authority", "state", "sees"), [view for view in VIEWS if not view[3]])
async def test_the_authoritys_policy_is_what_hides_the_rest(server, table, authority, state, sees):
    mutation = opened(f"{table}_select_of_authority", table, "using")
    assert await authority_reads(server, table, authority, state, mutation) is not sees


@pytest.mark.parametrize("is_sandbox", [True, None])
@pytest.mark.parametrize("table", AUTHORITY_TABLES)
async def test_a_sandbox_authority_sees_nothing_of_a_live_school_and_the_policy_is_what_hides_it(server, table, is_sandbox):
    """The number is the same; a side that was never set is neither."""
    state = AUTHORITY_TABLES[table]
    mutation = opened(f"{table}_select_of_authority", table, "using")
    assert await authority_reads(server, table, "998", state)
    assert not await authority_reads(server, table, "998", state, is_sandbox=is_sandbox)
    assert await authority_reads(server, table, "998", state, mutation, is_sandbox=is_sandbox)


@pytest.mark.parametrize("table", AUTHORITY_TABLES)
async def test_what_is_sent_is_of_its_schools_own_side_for_ever(server, table):
    """A live school's row cannot be written as a sandbox's, and the school cannot go over while something was sent."""
    for statement in (f"update {table} set is_sandbox = true", "update school set is_sandbox = true"):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await server.execute(statement)


@every_table
async def test_an_authority_sees_no_other_table_and_writes_to_none(app, table):
    await app.execute("select app_set_authority('998', false)")
    assert table.name in AUTHORITY_TABLES or await schools_seen(app, table) == set()
    assert await is_refused(app, insert(app, table, OURS))
    if "update" in await commands_on(app, table):
        column, value = FIXED.get(table.name, ("school_id", f"'{OURS}'"))
        assert await app.execute(f"update {table.name} set {column} = {value}") == "UPDATE 0"
    if "delete" in await commands_on(app, table):
        assert await app.execute(f"delete from {table.name}") == "DELETE 0"


A_TRUST, ANOTHER = UUID(int=0xC), UUID(int=0xD)
MONTH_END = date(2026, 3, 2)
MEMBERSHIPS = [
    (OURS, MONTH_END, None, True),
    (OURS, MONTH_END - timedelta(days=1), MONTH_END, True),
    (OURS, MONTH_END + timedelta(days=1), None, False),
    (OURS, MONTH_END - timedelta(days=9), MONTH_END - timedelta(days=1), False),
]


async def trust_sees(server: asyncpg.Connection, asking: UUID, school: UUID, since: date, until: date | None, *mutations: str) -> set[UUID]:
    """The schools whose totals a trust sees while one school is in a trust for some days."""
    transaction = server.transaction()
    await transaction.start()
    try:
        for trust in (A_TRUST, ANOTHER):
            row = "insert into organisation (id, kind, name, is_sandbox, created_at) values ($1, 'trust', 'Invented', false, now())"
            await server.execute(row, trust)
        await server.execute("insert into trust_membership values ($1, $2, $3, $4)", A_TRUST, school, since, until)
        for mutation in mutations:
            await server.execute(mutation)
        await server.execute("set local role graduated_app")
        await server.execute("select app_set_trust($1)", asking)
        seen = [table.name for table in SCHOOL_TABLES.values() if table.name != "totals" and await schools_seen(server, table)]
        assert seen == []
        return await schools_seen(server, SCHOOL_TABLES["totals"])
    finally:
        await transaction.rollback()


@pytest.mark.parametrize(("school", "since", "until", "sees"), MEMBERSHIPS)
async def test_a_trust_sees_the_totals_of_the_schools_that_were_in_it_on_the_day_and_nothing_else(server, school, since, until, sees):
    assert await trust_sees(server, A_TRUST, school, since, until) == ({school} if sees else set())
    assert await trust_sees(server, ANOTHER, school, since, until) == set()
    opened_up = opened("totals_select_of_trust", "totals", "using")
    assert await trust_sees(server, ANOTHER, school, since, until, opened_up) == {OURS, THEIRS}


async def test_a_live_trust_sees_nothing_of_a_sandbox_school_and_no_other_organisation_is_a_trust(server):
    for mutation in ("update organisation set is_sandbox = true", "update organisation set kind = 'vendor'"):
        assert await trust_sees(server, A_TRUST, OURS, MONTH_END, None, mutation) == set()


async def tenant(app: asyncpg.Connection) -> tuple[str, ...]:
    settings = ("app.school", "app.authority", "app.authority_is_sandbox", "app.trust")
    row = await app.fetchrow("select " + ", ".join(f"current_setting('{name}', true)" for name in settings))
    return tuple(value or "" for value in row)


async def test_setting_a_school_an_authority_and_a_trust_clear_each_other(app):
    school, authority, trust = "select app_set_school($1)", "select app_set_authority('998', false)", "select app_set_trust($1)"
    await app.execute(school, OURS)
    assert await tenant(app) == (str(OURS), "", "", "")
    await app.execute(authority)
    assert await tenant(app) == ("", "998", "false", "")
    await app.execute(school, THEIRS)
    assert await tenant(app) == (str(THEIRS), "", "", "")
    await app.execute(trust, A_TRUST)
    assert await tenant(app) == ("", "", "", str(A_TRUST))
    await app.execute(authority)
    assert await tenant(app) == ("", "998", "false", "")
    await app.execute(trust, A_TRUST)
    await app.execute(school, OURS)
    assert await tenant(app) == (str(OURS), "", "", "")


@every_table
@pytest.mark.parametrize("with_trust", [False, True])
async def test_with_school_and_authority_both_set_nothing_is_visible(app, table, with_trust):
    """Permissive policies add up; set by hand, since no function of ours sets both."""
    await app.execute(f"set local app.school = '{OURS}'")
    await app.execute("set local app.authority = '998'")
    await app.execute("set local app.authority_is_sandbox = 'false'")
    if with_trust:
        await app.execute(f"set local app.trust = '{A_TRUST}'")
    assert await schools_seen(app, table) == set()
    assert await is_refused(app, insert(app, table, OURS))


SWEPT = {
    "school": {"school_id", "horizon", "rules_version", "accesses_digested_to", "totals_built_on", "clocks_told_on", "clock_ahead"},
    "delivery": {"school_id", "id", "subscription_id", "state", "next_at", "created_at"},
    "ledger_head": {"school_id", "epoch", "number"},
    "notice": {"school_id", "look_again_on"},
    "import_job": {"school_id", "id", "state", "is_dry_run", "finished_at"},
    "idempotency": {"school_id", "at"},
    "bundle": {"school_id", "id", "state"},
    "work": {"school_id", "kind", "subject", "state", "attempts", "held_by", "next_at", "created_at"},
    "obligation": {
        *("school_id", "rule", "force", "arises_on", "opens_on", "due", "met_on", "ended_on", "excused_by", "departed_by", "missing"),
        *("known_from", "known_until"),
    },
    "opened_request": {"school_id", "state", "opened_at"},
}


@every_table
async def test_the_sweep_sees_all_schools_in_its_listed_columns_alone(filled, table):
    connection = await asyncpg.connect(filled.sweep)
    try:
        for column in table.columns:
            statement = connection.fetch(f"select {column.name} from {table.name}")
            if column.name in SWEPT.get(table.name, ()):
                assert len(await statement) == 2
            else:
                assert await is_refused(connection, statement)
        for statement in (f"update {table.name} set school_id = school_id", f"delete from {table.name}"):
            assert await is_refused(connection, connection.execute(statement))
        assert await is_refused(connection, insert(connection, table, OURS))
    finally:
        await connection.close()


@every_table
async def test_the_erasure_role_reads_and_writes_no_table_itself(filled, table):
    connection = await asyncpg.connect(filled.erasure)
    try:
        await connection.execute("select app_set_school($1)", OURS)
        for statement in ("select school_id from {}", "update {} set school_id = school_id", "delete from {}"):
            assert await is_refused(connection, connection.execute(statement.format(table.name)))
        assert await is_refused(connection, insert(connection, table, OURS))
    finally:
        await connection.close()


@pytest.mark.parametrize("ending", ["well", "raises", "statement fails", "cancelled"])
async def test_a_pooled_connection_never_keeps_a_tenant(filled, ending):
    """However a transaction ends, the next one on the same connection begins without a tenant."""
    async with pool_of(filled.app, size=1) as pool:
        with contextlib.suppress(ZeroDivisionError, asyncpg.DivisionByZeroError, asyncio.CancelledError):
            async with Sessions(pool).for_school(OURS) as session:
                assert await session.connection.fetchval("select count(*) from pupil where school_id = $1", OURS) == 1
                if ending == "raises":
                    raise ZeroDivisionError
                if ending == "statement fails":
                    await session.connection.execute("select 1 / 0")
                if ending == "cancelled":
                    asyncio.current_task().cancel()
                    await asyncio.sleep(0)
        async with pool.acquire() as connection:
            assert await tenant(connection) == ("", "", "", "")
            assert await schools_seen(connection, SCHOOL_TABLES["pupil"]) == set()
