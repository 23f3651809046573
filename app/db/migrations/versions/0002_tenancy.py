"""Who may see and do what: the tenant of a transaction, a policy per table and command, and privileges by role."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OF_SCHOOL = (
    "school_id = nullif(current_setting('app.school', true), '')::uuid and nullif(current_setting('app.authority', true), '') is null"
)
# An authority is of one side, sandbox or live, and sees the rows of that side alone.
OF_AUTHORITY = (
    "authority = nullif(current_setting('app.authority', true), '') and nullif(current_setting('app.school', true), '') is null "
    "and is_sandbox = nullif(current_setting('app.authority_is_sandbox', true), '')::boolean and {shown}"
)

# What the application may do to each table of school data; nothing that is not listed.
SCHOOL_TABLES = {
    "school": ("select", "insert", "update"),
    "staff": ("select", "insert", "update"),
    "pupil": ("select", "insert", "update"),
    "contact": ("select", "insert", "update"),
    "ledger_head": ("select", "insert", "update"),
    "entry": ("select", "insert"),
    "obligation": ("select", "insert", "update"),
    "idempotency": ("select", "insert", "delete"),
    "access": ("select", "insert", "update"),
    "notice": ("select", "insert", "update"),
    "notice_event": ("select", "insert"),
    "school_subscription": ("select", "insert", "update"),
    "delivery": ("select", "insert", "update"),
    "delivery_attempt": ("select", "insert"),
    "import_job": ("select", "insert", "update", "delete"),
    "import_result": ("select", "insert", "delete"),
    "ehc_request": ("select", "insert", "update"),
    "bundle": ("select", "insert", "update"),
}
# Where only some columns may change, the privilege names them.
UPDATABLE = {"obligation": "(known_until)", "access": "(last_at)"}
REFERENCE_TABLES = {
    "organisation": "select, insert, update",
    "directory": "select, insert, update",
    "client": "select, insert, update",
    "client_grant": "select, insert, update",
    "signing_key": "select, insert, update",
    "subscription": "select, insert, update",
    "assertion": "select, insert, delete",
}
# A parent's or a young person's request travels alone; a school's own travels with its evidence.
AUTHORITY_TABLES = {"ehc_request": "(state <> 'requested' or requester <> 'school')", "bundle": "state <> 'waiting'"}
# The sweep finds what waits, in all schools, and sees no more than it needs to find it.
SWEPT = {
    "school": "school_id, horizon, rules_version, derive_lease_until, accesses_digested_to, clock_ahead",
    "delivery": "school_id, id, state, next_at",
    "import_job": "school_id, id, state, next_at, is_dry_run, finished_at",
    "idempotency": "school_id, at",
    "bundle": "school_id, id, state, next_at",
    "obligation": "school_id, rule, arises_on, opens_on, due, met_on, ended_on, known_from, known_until",
}

SET_SCHOOL = """
create function app_set_school(wanted uuid) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if nullif(current_setting('app.authority', true), '') is not null then
    execute format('set local app.authority = %L', '');
    execute format('set local app.authority_is_sandbox = %L', '');
  end if;
  execute format('set local app.school = %L', wanted);
end $$
"""
SET_AUTHORITY = """
create function app_set_authority(wanted text, is_sandbox boolean) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  execute format('set local app.school = %L', '');
  execute format('set local app.authority = %L', wanted);
  execute format('set local app.authority_is_sandbox = %L', coalesce(is_sandbox::text, ''));
end $$
"""
ENTER_SCHOOL = """
create function app_enter_school(wanted_urn text, caller uuid)
returns table (school_id uuid, is_sandbox boolean, client_is_sandbox boolean, is_own boolean, client_scopes text[], granted_scopes text[])
language plpgsql as $$
begin
  select d.school_id, d.is_sandbox, o.is_sandbox, d.organisation_id = c.organisation_id, c.scopes,
         coalesce((select array_agg(distinct s) from client_grant g, unnest(g.scopes) s
                    where g.school_id = d.school_id and g.client_id = c.id and g.revoked_at is null and g.until >= current_date), '{}')
    into school_id, is_sandbox, client_is_sandbox, is_own, client_scopes, granted_scopes
    from client c
    join organisation o on o.id = c.organisation_id
    left join directory d on d.urn = wanted_urn
   where c.id = caller and c.revoked_at is null;
  if not found then
    return;
  end if;
  if school_id is not null and is_sandbox = client_is_sandbox and (is_own or cardinality(granted_scopes) > 0) then
    perform app_set_school(school_id);
  end if;
  return next;
end $$
"""
LOCK_HEAD = """
create function erasure_lock_head(school uuid, pupil uuid)
returns table (epoch integer, number bigint, link bytea, recorded_at timestamptz, school_number bigint)
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  select from public.pupil p where p.school_id = school and p.id = pupil for update;
  select h.epoch, h.number, h.link, h.recorded_at, h.school_number from public.ledger_head h where h.school_id = school for update
$$
"""
ERASE_ENTRY = """
create function erase_entry(school uuid, erased bigint, new_entry public.entry) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new_entry.school_id <> school or new_entry.type <> 'entry.erased' then
    raise exception 'an erasure appends its own entry of the same school' using errcode = '22023';
  end if;
  update public.ledger_head h set number = new_entry.number, link = new_entry.link, recorded_at = new_entry.recorded_at
   where h.school_id = school and h.number = new_entry.number - 1;
  if not found then
    raise exception 'the ledger moved on' using errcode = '40001';
  end if;
  update public.entry e set body = null, salt = null
   where e.school_id = school and e.number = erased and e.type <> 'entry.erased' and e.body is not null
     and e.pupil_id is not distinct from new_entry.pupil_id;
  if not found then
    raise exception 'no such entry' using errcode = 'P0002';
  end if;
  insert into public.entry select new_entry.*;
  if new_entry.pupil_id is not null then
    update public.pupil p set last_number = new_entry.number where p.school_id = school and p.id = new_entry.pupil_id;
  else
    update public.ledger_head h set school_number = new_entry.number where h.school_id = school;
  end if;
  update public.school s set rules_version = null where s.school_id = school;
end $$
"""


def _policies(table: str, commands: tuple[str, ...]) -> None:
    using = {"select": True, "update": True, "delete": True}
    check = {"insert": True, "update": True}
    op.execute(f"alter table {table} enable row level security")
    for command in commands:
        clauses = [f"using ({OF_SCHOOL})"] if command in using else []
        clauses += [f"with check ({OF_SCHOOL})"] if command in check else []
        op.execute(f"create policy {table}_{command}_of_school on {table} for {command} to graduated_app {' '.join(clauses)}")
        op.execute(f"grant {command} {UPDATABLE.get(table, '') if command == 'update' else ''} on {table} to graduated_app")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table, commands in SCHOOL_TABLES.items():
        _policies(table, commands)
    for table, shown in AUTHORITY_TABLES.items():
        using = OF_AUTHORITY.format(shown=shown)
        op.execute(f"create policy {table}_select_of_authority on {table} for select to graduated_app using ({using})")
    for table, columns in SWEPT.items():
        op.execute(f"create policy {table}_sweep on {table} for select to graduated_sweep using (true)")
        op.execute(f"grant select ({columns}) on {table} to graduated_sweep")
    for table, privileges in REFERENCE_TABLES.items():
        op.execute(f"grant {privileges} on {table} to graduated_app")
    for function in (SET_SCHOOL, SET_AUTHORITY, ENTER_SCHOOL, LOCK_HEAD, ERASE_ENTRY):
        op.execute(function)
    for signature in ("erasure_lock_head(uuid, uuid)", "erase_entry(uuid, bigint, public.entry)"):
        op.execute(f"revoke all on function {signature} from public")
        op.execute(f"grant execute on function {signature} to graduated_erasure")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for signature in (
        "erase_entry(uuid, bigint, public.entry)",
        "erasure_lock_head(uuid, uuid)",
        "app_enter_school(text, uuid)",
        "app_set_authority(text, boolean)",
        "app_set_school(uuid)",
    ):
        op.execute(f"drop function {signature}")
    for table in REFERENCE_TABLES:
        op.execute(f"revoke all on {table} from graduated_app")
    for table, columns in SWEPT.items():
        op.execute(f"drop policy {table}_sweep on {table}")
        op.execute(f"revoke select ({columns}) on {table} from graduated_sweep")
    for table in AUTHORITY_TABLES:
        op.execute(f"drop policy {table}_select_of_authority on {table}")
    for table, commands in SCHOOL_TABLES.items():
        for command in commands:
            op.execute(f"drop policy {table}_{command}_of_school on {table}")
        op.execute(f"revoke all on {table} from graduated_app")
        op.execute(f"alter table {table} disable row level security")
