"""A record's later life: how long it is kept, what holds it, which record it was joined to, and the erasure of all of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# As in 0004, with two columns more, and with the entries of records that were joined to this one.
OPEN_RECORD = """
create function open_record(wanted_urn text, caller uuid, wanted uuid, asked_route text, asked_key text, locks boolean)
returns table (school_id uuid, is_sandbox boolean, client_is_sandbox boolean, is_own boolean, client_scopes text[], granted_scopes text[],
               urn text, name text, authority text, school_is_sandbox boolean, clock_ahead bigint, identity_provider jsonb, horizon date,
               rules_version text, number bigint, school_number bigint, link bytea, recorded_at timestamptz, epoch integer,
               is_on_file boolean, entries text, standing text, request_digest bytea, led_to jsonb, merged_into uuid, erased_by bigint)
language plpgsql as $$
declare
  entered record;
  read uuid[];
begin
  set local plan_cache_mode = force_generic_plan;
  select * into entered from app_enter_school(wanted_urn, caller);
  if not found then
    return;
  end if;
  if locks then
    perform from pupil p where p.school_id = entered.school_id and p.id = wanted for update;
  end if;
  read := array_append(array(select p.id from pupil p where p.school_id = entered.school_id and p.merged_into = wanted), wanted);
  return query
  select entered.school_id, entered.is_sandbox, entered.client_is_sandbox, entered.is_own, entered.client_scopes, entered.granted_scopes,
         s.urn, s.name, s.authority, s.is_sandbox, s.clock_ahead, s.identity_provider, s.horizon, s.rules_version,
         h.number, h.school_number, h.link, h.recorded_at, h.epoch,
         found.id is not null,
         (select json_agg(json_build_array(e.number, e.recorded_at, e.author_kind, e.author_id, e.assurance, e.type, e.occurred_on,
                                           e.body::json, e.supersedes, e.pupil_id) order by e.number)::text
            from entry e where e.school_id = entered.school_id and e.pupil_id = any(read)),
         (select json_agg(json_build_array(o.id, o.rule, o.person_id, o.occasion, o.who, o.force, o.shape, o.arises_on, o.opens_on, o.due,
                                           o.met_on, o.met_by, o.ended_on, o.excused_by, o.departed_by, o.missing))::text
            from obligation o where o.school_id = entered.school_id and o.pupil_id = wanted and o.known_until is null),
         i.request_digest, i.led_to, found.merged_into, found.erased_by
    from (values (true)) as always
    left join school s on s.school_id = entered.school_id
    left join ledger_head h on h.school_id = s.school_id
    left join pupil found on found.school_id = s.school_id and found.id = wanted
    left join idempotency i on i.school_id = s.school_id and i.client_id = caller and i.route = asked_route and i.key = asked_key;
end $$
"""
# As it is in 0004, for going back.
OPEN_RECORD_BEFORE = """
create function open_record(wanted_urn text, caller uuid, wanted uuid, asked_route text, asked_key text, locks boolean)
returns table (school_id uuid, is_sandbox boolean, client_is_sandbox boolean, is_own boolean, client_scopes text[], granted_scopes text[],
               urn text, name text, authority text, school_is_sandbox boolean, clock_ahead bigint, identity_provider jsonb, horizon date,
               rules_version text, number bigint, school_number bigint, link bytea, recorded_at timestamptz, epoch integer,
               is_on_file boolean, entries text, standing text, request_digest bytea, led_to jsonb)
language plpgsql as $$
declare
  entered record;
begin
  set local plan_cache_mode = force_generic_plan;
  select * into entered from app_enter_school(wanted_urn, caller);
  if not found then
    return;
  end if;
  if locks then
    perform from pupil p where p.school_id = entered.school_id and p.id = wanted for update;
  end if;
  return query
  select entered.school_id, entered.is_sandbox, entered.client_is_sandbox, entered.is_own, entered.client_scopes, entered.granted_scopes,
         s.urn, s.name, s.authority, s.is_sandbox, s.clock_ahead, s.identity_provider, s.horizon, s.rules_version,
         h.number, h.school_number, h.link, h.recorded_at, h.epoch,
         exists (select from pupil p where p.school_id = entered.school_id and p.id = wanted),
         (select json_agg(json_build_array(e.number, e.recorded_at, e.author_kind, e.author_id, e.assurance, e.type, e.occurred_on,
                                           e.body::json, e.supersedes) order by e.number)::text
            from entry e where e.school_id = entered.school_id and e.pupil_id = wanted),
         (select json_agg(json_build_array(o.id, o.rule, o.person_id, o.occasion, o.who, o.force, o.shape, o.arises_on, o.opens_on, o.due,
                                           o.met_on, o.met_by, o.ended_on, o.excused_by, o.departed_by, o.missing))::text
            from obligation o where o.school_id = entered.school_id and o.pupil_id = wanted and o.known_until is null),
         i.request_digest, i.led_to
    from (values (true)) as always
    left join school s on s.school_id = entered.school_id
    left join ledger_head h on h.school_id = s.school_id
    left join idempotency i on i.school_id = s.school_id and i.client_id = caller and i.route = asked_route and i.key = asked_key;
end $$
"""
# As in 0003, but an erased pupil is not there.
READ_PUPIL = """
create or replace function read_pupil(wanted_urn text, caller uuid, wanted uuid)
returns table (school_id uuid, is_sandbox boolean, client_is_sandbox boolean, is_own boolean, client_scopes text[], granted_scopes text[],
               number bigint, school_number bigint, body text)
language plpgsql as $$
begin
  select e.school_id, e.is_sandbox, e.client_is_sandbox, e.is_own, e.client_scopes, e.granted_scopes
    into school_id, is_sandbox, client_is_sandbox, is_own, client_scopes, granted_scopes
    from app_enter_school(wanted_urn, caller) e;
  if not found then
    return;
  end if;
  select p.last_number, h.school_number,
         json_build_object('id', p.id, 'upn', p.upn, 'surname', p.surname, 'forename', p.forename, 'date_of_birth', p.date_of_birth,
                           'sex', p.sex, 'year_group', p.year_group, 'left_on', p.left_on, 'ledger_number', p.last_number,
                           'standing', p.summary)::text
    into number, school_number, body
    from pupil p join ledger_head h on h.school_id = p.school_id
   where p.school_id = read_pupil.school_id and p.id = wanted {and_not_erased};
  return next;
end $$
"""
# The pupils come first and the head last, as with every writer.
LOCK_PUPILS = """
create function erasure_lock_pupils(school uuid, pupil uuid)
returns table (epoch integer, number bigint, link bytea, recorded_at timestamptz, school_number bigint)
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  select from public.pupil p where p.school_id = school and (p.id = pupil or p.merged_into = pupil) order by p.id for update;
  select h.epoch, h.number, h.link, h.recorded_at, h.school_number from public.ledger_head h where h.school_id = school for update
$$
"""
# What is emptied, made neutral or taken away is told column by column in app/db/tables, and docs/erasure.md is made from that.
ERASE_PUPIL = """
create function erase_pupil(school uuid, seen bigint, new_entry public.entry) returns setof text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  said jsonb := new_entry.body::jsonb;
  main uuid := (said ->> 'erased')::uuid;
  gone uuid[] := array(select i::uuid from jsonb_array_elements_text(said -> 'along_with') i) || main;
  numbers bigint[];
begin
  if new_entry.school_id <> school or new_entry.type <> 'pupil.erased' or new_entry.pupil_id is not null
     or array(select unnest(gone) order by 1)
        <> array(select p.id from public.pupil p where p.school_id = school and (p.id = main or p.merged_into = main) order by 1) then
    raise exception 'an erasure appends its own entry, which names the pupil and whoever was joined' using errcode = '22023';
  end if;
  perform from public.pupil p where p.school_id = school and p.id = main and p.last_number = seen and p.erased_by is null for update;
  if not found then
    raise exception 'the record moved on' using errcode = '40001';
  end if;
  perform from public.import_job j where j.school_id = school and j.state = 'waiting' and j.sealed_file is not null;
  if found then
    raise exception 'a roll is being loaded' using errcode = '55006';
  end if;
  update public.ledger_head h
     set number = new_entry.number, link = new_entry.link, recorded_at = new_entry.recorded_at, school_number = new_entry.number
   where h.school_id = school and h.number = new_entry.number - 1;
  if not found then
    raise exception 'the ledger moved on' using errcode = '40001';
  end if;
  numbers := array(select e.number from public.entry e where e.school_id = school and e.pupil_id = any(gone));
  update public.entry e set body = null, salt = null where e.school_id = school and e.pupil_id = any(gone);
  update public.delivery_attempt a set answer = null
    from public.delivery d where a.school_id = school and d.school_id = school and d.id = a.delivery_id and d.pupil_id = any(gone);
  update public.delivery d
     set state = case when d.state = 'waiting' then 'withheld' else d.state end,
         reason = case when d.state = 'waiting' then 'erased' else d.reason end,
         done_at = coalesce(d.done_at, now()), pupil_id = null, notice_id = null, request_id = null, bundle_id = null
   where d.school_id = school and d.pupil_id = any(gone);
  delete from public.notice_event v using public.notice n
   where v.school_id = school and n.school_id = school and n.id = v.notice_id and n.pupil_id = any(gone);
  delete from public.notice n where n.school_id = school and n.pupil_id = any(gone);
  delete from public.obligation o where o.school_id = school and o.pupil_id = any(gone);
  delete from public.contact c where c.school_id = school and c.pupil_id = any(gone);
  update public.access a set person = null, request_id = null where a.school_id = school and a.pupil_id = any(gone);
  update public.import_result r set pupil_id = null, pointer = '', detail = '' where r.school_id = school and r.pupil_id = any(gone);
  delete from public.idempotency i
   where i.school_id = school
     and (exists (select from jsonb_each_text(i.led_to -> 'references') f where f.value in (select unnest(gone)::text))
          or exists (select from jsonb_array_elements_text(i.led_to -> 'numbers') n where n::bigint = any(numbers)));
  return query
  with taken as (
    delete from public.bundle b using public.ehc_request r
     where b.school_id = school and r.school_id = school and r.id = b.request_id and r.pupil_id = any(gone)
    returning b.blob
  ) select t.blob from taken t where t.blob is not null;
  delete from public.ehc_request r where r.school_id = school and r.pupil_id = any(gone);
  update public.pupil p
     set upn = p.id::text, surname = '', forename = '', date_of_birth = '1900-01-01', sex = null, year_group = null,
         left_on = new_entry.occurred_on, status = 'N', status_since = null, undecided_since = null, summary = '{}',
         retained_until = null, held_by = null, erased_by = new_entry.number
   where p.school_id = school and p.id = any(gone);
  insert into public.entry select new_entry.*;
end $$
"""
ERASING = ("erasure_lock_pupils(uuid, uuid)", "erase_pupil(uuid, bigint, public.entry)")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for column in (
        sa.Column("retained_until", sa.Date(), nullable=True),
        sa.Column("held_by", sa.BigInteger(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("erased_by", sa.BigInteger(), nullable=True),
    ):
        op.add_column("pupil", column)
    op.create_index(
        op.f("ix_pupil_school_id_merged_into"), "pupil", ["school_id", "merged_into"], postgresql_where="merged_into is not null"
    )
    op.create_index(
        op.f("ix_pupil_school_id_retained_until_id"),
        "pupil",
        ["school_id", "retained_until", "id"],
        postgresql_where="left_on is not null and retained_until is not null",
    )
    op.execute("drop function open_record(text, uuid, uuid, text, text, boolean)")
    op.execute(OPEN_RECORD)
    op.execute(READ_PUPIL.format(and_not_erased="and p.erased_by is null"))
    for function in (LOCK_PUPILS, ERASE_PUPIL):
        op.execute(function)
    for signature in ERASING:
        op.execute(f"revoke all on function {signature} from public")
        op.execute(f"grant execute on function {signature} to graduated_erasure")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for signature in ERASING:
        op.execute(f"drop function {signature}")
    op.execute(READ_PUPIL.format(and_not_erased=""))
    op.execute("drop function open_record(text, uuid, uuid, text, text, boolean)")
    op.execute(OPEN_RECORD_BEFORE)
    op.drop_index(op.f("ix_pupil_school_id_retained_until_id"), table_name="pupil")
    op.drop_index(op.f("ix_pupil_school_id_merged_into"), table_name="pupil")
    for column in ("erased_by", "merged_into", "held_by", "retained_until"):
        op.drop_column("pupil", column)
