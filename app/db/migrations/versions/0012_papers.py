"""Papers: files of their own, papers, bundles in parts and editions, requests that an authority opens, and profiles that are loaded."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OF_SCHOOL = (
    "school_id = nullif(current_setting('app.school', true), '')::uuid and nullif(current_setting('app.authority', true), '') is null "
    "and nullif(current_setting('app.trust', true), '') is null"
)
OF_AUTHORITY = (
    "authority = nullif(current_setting('app.authority', true), '') and nullif(current_setting('app.school', true), '') is null "
    "and is_sandbox = nullif(current_setting('app.authority_is_sandbox', true), '')::boolean"
)
# An authority sees the parts of the edition that counts, of the bundles it sees.
PART_OF_AUTHORITY = (
    "nullif(current_setting('app.authority', true), '') is not null and exists (select from bundle b "
    "where b.school_id = bundle_part.school_id and b.id = bundle_part.bundle_id and b.edition = bundle_part.edition)"
)
POLICIES = {
    "select": f"using ({OF_SCHOOL})",
    "insert": f"with check ({OF_SCHOOL})",
    "update": f"using ({OF_SCHOOL}) with check ({OF_SCHOOL})",
    "delete": f"using ({OF_SCHOOL})",
}
# As in 0010, with papers, parts of bundles, opened requests and the files of all of them taken away.
ERASE_PUPIL = """
create or replace function erase_pupil(school uuid, seen bigint, new_entry public.entry) returns setof text
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
     set reason = case when d.state = 'waiting' then 'erased' else d.reason end, pupil_id = null, notice_id = null, request_id = null, bundle_id = null, obligation_id = null, due = null, once = null{parts}
   where d.school_id = school and d.pupil_id = any(gone);
  delete from public.notice_translation t using public.notice n
   where t.school_id = school and n.school_id = school and n.id = t.notice_id and n.pupil_id = any(gone);
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
{files}  delete from public.ehc_request r where r.school_id = school and r.pupil_id = any(gone);
  update public.pupil p
     set upn = p.id::text, surname = '', forename = '', date_of_birth = '1900-01-01', sex = null, year_group = null,
         left_on = new_entry.occurred_on, status = 'N', status_since = null, undecided_since = null, summary = '{{}}',
         retained_until = null, held_by = null, erased_by = new_entry.number
   where p.school_id = school and p.id = any(gone);
  insert into public.entry select new_entry.*;
end $$
"""
FILES_GO = """  delete from public.bundle_part t using public.bundle b, public.ehc_request r
   where t.school_id = school and b.school_id = school and b.id = t.bundle_id
     and r.school_id = school and r.id = b.request_id and r.pupil_id = any(gone);
  delete from public.bundle b using public.ehc_request r
   where b.school_id = school and r.school_id = school and r.id = b.request_id and r.pupil_id = any(gone);
  delete from public.paper a where a.school_id = school and a.pupil_id = any(gone);
  return query
  with taken as (
    delete from public.blob f where f.school_id = school and f.pupil_id = any(gone) returning f.id
  ) select school::text || '/' || t.id::text from taken t;
  delete from public.opened_request o using public.ehc_request r
   where o.school_id = school and r.school_id = school and r.id = o.request_id and r.pupil_id = any(gone);
  delete from public.opened_request o where o.school_id = school and o.pupil_id = any(gone);
"""
FILES_WENT = """  return query
  with taken as (
    delete from public.bundle b using public.ehc_request r
     where b.school_id = school and r.school_id = school and r.id = b.request_id and r.pupil_id = any(gone)
    returning b.blob
  ) select t.blob from taken t where t.blob is not null;
"""
# A bundle of before lay in a folder, in one piece and not encrypted: it is made anew from the same frozen record. It was available on the
# day on which it was first made, so that day stays.
MADE_ANEW = """
with anew as (
  update bundle set state = 'waiting', digest = null, size = null where state = 'ready' returning school_id, id
)
insert into work (school_id, kind, subject, state, attempts, next_at, created_at, progress)
select school_id, 'bundle', id, 'waiting', 0, now(), now(), '{}' from anew
on conflict (school_id, kind, subject) do update set state = 'waiting', attempts = 0, held_by = null, done_at = null, reason = null,
       next_at = now()
"""
# What of a school's own request tells that it has left the school, whatever became of it since.
LEFT_SCHOOL = "(requester <> 'school' or state in ('submitted', 'received') or submitted_at is not null or deemed_on is not null)"
AS_BEFORE = "(state <> 'requested' or requester <> 'school')"
STATES = "state in ('requested', 'submitted', 'received'%s)"
REQUESTERS = "requester in ('parent', 'young_person', 'school', 'post_16_institution')"


def _check(table: str, name: str, condition: str) -> None:
    op.execute(f"alter table {table} drop constraint if exists ck_{table}_{name}")
    op.execute(f"alter table {table} add constraint ck_{table}_{name} check ({condition})")


def _of(table: str, other: str, column: str, *, to: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["school_id", column],
        [f"{other}.school_id", f"{other}.{to}"],
        name=op.f(f"fk_{table}_school_id_{column}_{other}"),
        ondelete="RESTRICT",
    )


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _files()
    _bundles()
    _requests()
    _profiles()
    for table in ("blob", "paper", "bundle_part", "opened_request"):
        op.execute(f"alter table {table} enable row level security")
        for command, clause in POLICIES.items():
            op.execute(f"create policy {table}_{command}_of_school on {table} for {command} to graduated_app {clause}")
            op.execute(f"grant {command} on {table} to graduated_app")
    for table, clause in (("bundle_part", PART_OF_AUTHORITY), ("opened_request", OF_AUTHORITY)):
        op.execute(f"create policy {table}_select_of_authority on {table} for select to graduated_app using ({clause})")
    op.execute("create policy opened_request_sweep on opened_request for select to graduated_sweep using (true)")
    op.execute("grant select (school_id, state, opened_at) on opened_request to graduated_sweep")
    op.execute(ERASE_PUPIL.format(files=FILES_GO, parts=", edition = null, part = null"))


def _files() -> None:
    op.create_table(
        "blob",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_blob")),
        sa.UniqueConstraint("school_id", "pupil_id", "digest", name=op.f("uq_blob_school_id_pupil_id_digest")),
        _of("blob", "pupil", "pupil_id"),
        info={"kind": "school"},
    )
    op.create_table(
        "paper",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("redacts", sa.Uuid(), nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_paper")),
        _of("paper", "pupil", "pupil_id"),
        _of("paper", "blob", "blob_id"),
        _of("paper", "paper", "redacts"),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_paper_school_id_pupil_id"), "paper", ["school_id", "pupil_id"])
    op.create_table(
        "bundle_part",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("blob_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "bundle_id", "edition", "number", name=op.f("pk_bundle_part")),
        _of("bundle_part", "bundle", "bundle_id"),
        _of("bundle_part", "blob", "blob_id"),
        info={"kind": "school"},
    )


def _bundles() -> None:
    op.execute(MADE_ANEW)
    op.drop_column("bundle", "blob")
    for column in (
        sa.Column("profile", sa.Text(), nullable=False, server_default="national/1"),
        sa.Column("edition", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.Column("wanted_cap", sa.BigInteger(), nullable=True),
    ):
        op.add_column("bundle", column)
    for name in ("profile", "edition"):
        op.alter_column("bundle", name, server_default=None)
    for name in ("edition", "part"):
        op.add_column("delivery", sa.Column(name, sa.Integer(), nullable=True))
    op.execute("update delivery set edition = 1, part = 1 where event = 'evidence.bundle' and bundle_id is not null")


def _requests() -> None:
    _check("ehc_request", "state_known", STATES % ", 'withdrawn'")
    op.execute(f"alter policy ehc_request_select_of_authority on ehc_request using ({OF_AUTHORITY} and {LEFT_SCHOOL})")
    op.add_column("ehc_request", sa.Column("leased_by", sa.Uuid(), nullable=True))
    op.add_column("ehc_request", sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "opened_request",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed_about", sa.LargeBinary(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(REQUESTERS, name=op.f("ck_opened_request_requester_known")),
        sa.CheckConstraint("state in ('waiting', 'linked', 'not_ours', 'unanswered')", name=op.f("ck_opened_request_state_known")),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_opened_request")),
        sa.UniqueConstraint("school_id", "authority", "reference", name=op.f("uq_opened_request_school_id_authority_reference")),
        _of("opened_request", "pupil", "pupil_id"),
        _of("opened_request", "ehc_request", "request_id"),
        _of("opened_request", "school", "is_sandbox", to="is_sandbox"),
        info={"kind": "school"},
    )


def _profiles() -> None:
    op.create_table(
        "authority_profile",
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("profile", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_authority_profile_organisation_id_organisation"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("is_sandbox", "id", "version", name=op.f("pk_authority_profile")),
        info={"kind": "reference"},
    )
    op.create_index(op.f("ix_authority_profile_organisation_id"), "authority_profile", ["organisation_id"])
    op.execute("grant select, insert on authority_profile to graduated_app")


def downgrade() -> None:
    """Papers and profiles are given up, and bundles are made anew; a request that was withdrawn is submitted again."""
    op.execute("set local lock_timeout = '5s'")
    op.execute(ERASE_PUPIL.format(files=FILES_WENT, parts=""))
    for table in ("authority_profile", "opened_request", "bundle_part", "paper", "blob"):
        op.drop_table(table)
    op.drop_column("ehc_request", "leased_until")
    op.drop_column("ehc_request", "leased_by")
    op.execute(
        "update ehc_request set state = case when submitted_at is null then 'requested' else 'submitted' end where state = 'withdrawn'"
    )
    op.execute(f"alter policy ehc_request_select_of_authority on ehc_request using ({OF_AUTHORITY} and {AS_BEFORE})")
    _check("ehc_request", "state_known", STATES % "")
    for column in ("part", "edition"):
        op.drop_column("delivery", column)
    op.execute(MADE_ANEW)
    for column in ("wanted_cap", "cap", "edition", "profile"):
        op.drop_column("bundle", column)
    op.add_column("bundle", sa.Column("blob", sa.Text(), nullable=True))
