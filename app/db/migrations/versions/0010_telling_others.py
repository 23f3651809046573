"""Telling others: mailboxes beside endpoints, circuits, clock events told once, translations, and the places where readers of the feed are."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_SCHOOL = (
    "school_id = nullif(current_setting('app.school', true), '')::uuid and nullif(current_setting('app.authority', true), '') is null "
    "and nullif(current_setting('app.trust', true), '') is null"
)
# An authority looks after what is owed to its own endpoints, at every school of its side.
NO_SCHOOL = "nullif(current_setting('app.school', true), '') is null and nullif(current_setting('app.trust', true), '') is null"
OF_OWNER = (
    "exists (select from subscription s join organisation o on o.id = s.organisation_id where s.id = {subscription_id} "
    "and o.kind = 'authority' and o.authority = nullif(current_setting('app.authority', true), '') "
    "and o.is_sandbox = nullif(current_setting('app.authority_is_sandbox', true), '')::boolean)"
)
OWED_TO_AUTHORITY = {
    "delivery": f"{NO_SCHOOL} and {OF_OWNER.format(subscription_id='delivery.subscription_id')}",
    "delivery_attempt": (
        f"{NO_SCHOOL} and exists (select from delivery d where d.school_id = delivery_attempt.school_id "
        f"and d.id = delivery_attempt.delivery_id and {OF_OWNER.format(subscription_id='d.subscription_id')})"
    ),
}
TRANSLATIONS = {
    "select": f"using ({OF_SCHOOL})",
    "insert": f"with check ({OF_SCHOOL})",
    "update": f"using ({OF_SCHOOL}) with check ({OF_SCHOOL})",
    "delete": f"using ({OF_SCHOOL})",
}
# As in 0007, with the translations of notices taken away, and what points at an obligation emptied. What was owed to endpoints about the
# pupil keeps its numbers, which alone are still told, so that nobody takes them for lost.
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
     set {given_up}, pupil_id = null, notice_id = null, request_id = null, bundle_id = null{emptied}
   where d.school_id = school and d.pupil_id = any(gone);
{translations}  delete from public.notice_event v using public.notice n
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
         left_on = new_entry.occurred_on, status = 'N', status_since = null, undecided_since = null, summary = '{{}}',
         retained_until = null, held_by = null, erased_by = new_entry.number
   where p.school_id = school and p.id = any(gone);
  insert into public.entry select new_entry.*;
end $$
"""
GIVEN_UP = "reason = case when d.state = 'waiting' then 'erased' else d.reason end"
GIVEN_UP_BEFORE = f"""state = case when d.state = 'waiting' then 'withheld' else d.state end,
         {GIVEN_UP},
         done_at = coalesce(d.done_at, now())"""
EMPTIED = ", obligation_id = null, due = null, once = null"
TRANSLATIONS_GO = """  delete from public.notice_translation t using public.notice n
   where t.school_id = school and n.school_id = school and n.id = t.notice_id and n.pupil_id = any(gone);
"""
KEY_USES = "use in ('tokens', 'heads', 'bundles'%s)"
STATES = "state in ('active', 'paused', 'ended'%s)"
ADDRESSED = "(kind = 'push') = (url is not null) and (kind = 'push') = (sealed_secrets is not null)"


def _check(table: str, name: str, condition: str) -> None:
    op.execute(f"alter table {table} drop constraint if exists ck_{table}_{name}")
    op.execute(f"alter table {table} add constraint ck_{table}_{name} check ({condition})")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _subscriptions()
    _deliveries()
    _notices()
    _check("signing_key", "use_known", KEY_USES % ", 'webhooks'")
    op.create_table(
        "feed_cursor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_cursor")),
        info={"kind": "local"},
    )
    op.create_index(op.f("ix_feed_cursor_made_at"), "feed_cursor", ["made_at"])
    op.execute("grant select, insert, delete on feed_cursor to graduated_app")
    op.execute("create policy ledger_head_sweep on ledger_head for select to graduated_sweep using (true)")
    op.execute("grant select (school_id, epoch, number) on ledger_head to graduated_sweep")
    op.create_index(op.f("ix_client_grant_client_id"), "client_grant", ["client_id"])
    op.create_index(op.f("ix_directory_organisation_id"), "directory", ["organisation_id"])
    op.execute(ERASE_PUPIL.format(given_up=GIVEN_UP, emptied=EMPTIED, translations=TRANSLATIONS_GO))


def _subscriptions() -> None:
    for column in (
        sa.Column("kind", sa.Text(), nullable=False, server_default="push"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("subscription", column)
    op.alter_column("subscription", "kind", server_default=None)
    op.alter_column("subscription", "failures", server_default=None)
    op.alter_column("subscription", "url", nullable=True)
    op.alter_column("subscription", "sealed_secrets", nullable=True)
    _check("subscription", "kind_known", "kind in ('push', 'mailbox')")
    _check("subscription", "state_known", STATES % ", 'disabled'")
    _check("subscription", "addressed", ADDRESSED)
    op.add_column("school_subscription", sa.Column("words_to", sa.LargeBinary(), nullable=True))
    op.execute(
        "update school_subscription ss set words_to = sha256(convert_to(s.url, 'UTF8')) from subscription s where s.id = ss.subscription_id"
    )


def _deliveries() -> None:
    for column in (
        sa.Column("tried_before", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("obligation_id", sa.Uuid(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("disabled_id", sa.Uuid(), nullable=True),
        sa.Column("once", sa.Text(), nullable=True),
    ):
        op.add_column("delivery", column)
    op.alter_column("delivery", "tried_before", server_default=None)
    op.create_unique_constraint("uq_delivery_school_id_subscription_id_once", "delivery", ["school_id", "subscription_id", "once"])
    op.drop_index(op.f("ix_delivery_school_id_next_at"), table_name="delivery")
    for last in ("next_at", "pupil_id"):
        columns = ["school_id", "subscription_id", last, "number"]
        op.create_index(op.f(f"ix_delivery_{'_'.join(columns)}"), "delivery", columns, postgresql_where="state = 'waiting'")
    op.execute("grant select (subscription_id) on delivery to graduated_sweep")
    op.execute("grant select (id, kind, state, probe_at) on subscription to graduated_sweep")
    op.create_index(op.f("ix_delivery_subscription_id_id"), "delivery", ["subscription_id", "id"])
    for table, clause in OWED_TO_AUTHORITY.items():
        op.execute(f"create policy {table}_select_of_authority on {table} for select to graduated_app using ({clause})")


def _notices() -> None:
    op.add_column("notice", sa.Column("look_again_on", sa.Date(), nullable=True))
    op.create_index(
        op.f("ix_notice_school_id_look_again_on"), "notice", ["school_id", "look_again_on"], postgresql_where="look_again_on is not null"
    )
    op.execute("create policy notice_sweep on notice for select to graduated_sweep using (true)")
    op.execute("grant select (school_id, look_again_on) on notice to graduated_sweep")
    for column in (
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("words_digest", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("notice_event", column)
    op.create_table(
        "notice_translation",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("of_digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("supplied_by", sa.Uuid(), nullable=False),
        sa.Column("supplied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "notice_id"],
            ["notice.school_id", "notice.id"],
            name=op.f("fk_notice_translation_school_id_notice_id_notice"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "notice_id", "language", name=op.f("pk_notice_translation")),
        info={"kind": "school"},
    )
    op.execute("alter table notice_translation enable row level security")
    for command, clause in TRANSLATIONS.items():
        op.execute(f"create policy notice_translation_{command}_of_school on notice_translation for {command} to graduated_app {clause}")
        op.execute(f"grant {command} on notice_translation to graduated_app")


def downgrade() -> None:
    """Mailboxes and what they hold are not known to the earlier tables and must be gone; disabled endpoints become paused."""
    op.execute("set local lock_timeout = '5s'")
    op.execute(ERASE_PUPIL.format(given_up=GIVEN_UP_BEFORE, emptied="", translations=""))
    op.drop_table("notice_translation")
    for column in ("words_digest", "language", "format"):
        op.drop_column("notice_event", column)
    op.execute("drop policy notice_sweep on notice")
    op.execute("revoke select (school_id, look_again_on) on notice from graduated_sweep")
    op.drop_index(op.f("ix_notice_school_id_look_again_on"), table_name="notice")
    op.drop_column("notice", "look_again_on")
    for table in OWED_TO_AUTHORITY:
        op.execute(f"drop policy {table}_select_of_authority on {table}")
    op.drop_index(op.f("ix_delivery_subscription_id_id"), table_name="delivery")
    op.execute("revoke select (subscription_id) on delivery from graduated_sweep")
    op.execute("revoke select (id, kind, state, probe_at) on subscription from graduated_sweep")
    for last in ("next_at", "pupil_id"):
        op.drop_index(op.f(f"ix_delivery_school_id_subscription_id_{last}_number"), table_name="delivery")
    op.create_index(op.f("ix_delivery_school_id_next_at"), "delivery", ["school_id", "next_at"], postgresql_where="state = 'waiting'")
    op.drop_constraint("uq_delivery_school_id_subscription_id_once", "delivery")
    for column in ("once", "disabled_id", "due", "obligation_id", "tried_before"):
        op.drop_column("delivery", column)
    op.execute("update subscription set state = 'paused' where state = 'disabled'")
    _check("subscription", "state_known", STATES % "")
    op.drop_column("school_subscription", "words_to")
    for name in ("addressed", "kind_known"):
        op.execute(f"alter table subscription drop constraint ck_subscription_{name}")
    op.alter_column("subscription", "url", nullable=False)
    op.alter_column("subscription", "sealed_secrets", nullable=False)
    for column in ("probe_at", "failing_since", "failures", "kind"):
        op.drop_column("subscription", column)
    op.execute("drop policy ledger_head_sweep on ledger_head")
    op.execute("revoke select (school_id, epoch, number) on ledger_head from graduated_sweep")
    op.drop_index(op.f("ix_directory_organisation_id"), table_name="directory")
    op.drop_index(op.f("ix_client_grant_client_id"), table_name="client_grant")
    op.drop_table("feed_cursor")
    op.execute("delete from signing_key where use = 'webhooks'")
    _check("signing_key", "use_known", KEY_USES % "")
