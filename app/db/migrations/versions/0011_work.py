"""One table for all work but deliveries, in place of the leases that imports, bundles and derivations each had of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OF_SCHOOL = (
    "school_id = nullif(current_setting('app.school', true), '')::uuid and nullif(current_setting('app.authority', true), '') is null "
    "and nullif(current_setting('app.trust', true), '') is null"
)
POLICIES = {
    "select": f"using ({OF_SCHOOL})",
    "insert": f"with check ({OF_SCHOOL})",
    "update": f"using ({OF_SCHOOL}) with check ({OF_SCHOOL})",
    "delete": f"using ({OF_SCHOOL})",
}
SWEPT = "school_id, kind, subject, state, attempts, held_by, next_at, created_at"
MOVED = (
    """
insert into work (school_id, kind, subject, state, attempts, held_by, next_at, created_at, done_at, progress)
select school_id, 'import', id, case when state = 'waiting' then 'waiting' else 'done' end, attempts,
       case when state = 'waiting' and attempts > 0 and next_at > now() then gen_random_uuid() end, next_at, created_at, finished_at,
       case when state = 'waiting' then counts else '{}' end
  from import_job
""",
    """
insert into work (school_id, kind, subject, state, attempts, held_by, next_at, created_at, done_at, reason, progress)
select school_id, 'bundle', id, case state when 'ready' then 'done' when 'failed' then 'dead' else 'waiting' end, attempts,
       case when state = 'waiting' and attempts > 0 and next_at > now() then gen_random_uuid() end, next_at, next_at,
       case when state <> 'waiting' then coalesce(made_at, next_at) end, case when state = 'failed' then 'exhausted' end, '{}'
  from bundle
""",
    """
insert into work (school_id, kind, subject, state, attempts, held_by, next_at, created_at, progress)
select school_id, 'obligations', school_id, 'waiting', 1, gen_random_uuid(), derive_lease_until, now(), '{}'
  from school where derive_lease_until > now()
""",
)
MOVED_BACK = (
    """
update import_job j set attempts = w.attempts, next_at = w.next_at, counts = case when j.state = 'waiting' then w.progress else j.counts end
  from work w where w.school_id = j.school_id and w.kind = 'import' and w.subject = j.id
""",
    """
update bundle b set attempts = w.attempts, next_at = w.next_at
  from work w where w.school_id = b.school_id and w.kind = 'bundle' and w.subject = b.id
""",
    """
update school s set derive_lease_until = w.next_at
  from work w where w.school_id = s.school_id and w.kind = 'obligations' and w.held_by is not null
""",
)
TABLES = ("import_job", "bundle")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "work",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("state in ('waiting', 'done', 'dead')", name=op.f("ck_work_state_known")),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_work_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", "kind", "subject", name=op.f("pk_work")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_work_school_id_kind_next_at"), "work", ["school_id", "kind", "next_at"], postgresql_where="state = 'waiting'")
    op.create_index("ix_work_dead", "work", ["school_id", "kind"], postgresql_where="state = 'dead'")
    op.execute("alter table work enable row level security")
    for command, clause in POLICIES.items():
        op.execute(f"create policy work_{command}_of_school on work for {command} to graduated_app {clause}")
        op.execute(f"grant {command} on work to graduated_app")
    op.execute("create policy work_sweep on work for select to graduated_sweep using (true)")
    op.execute(f"grant select ({SWEPT}) on work to graduated_sweep")
    for statement in MOVED:
        op.execute(statement)
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_school_id_next_at"), table_name=table)
        op.drop_column(table, "next_at")
        op.drop_column(table, "attempts")
        op.create_index(op.f(f"ix_{table}_school_id_id"), table, ["school_id", "id"], postgresql_where="state = 'waiting'")
    op.drop_column("school", "derive_lease_until")
    op.add_column("school", sa.Column("clocks_told_on", sa.Date(), nullable=True))
    op.execute("grant select (clocks_told_on) on school to graduated_sweep")
    op.execute("grant select (created_at) on delivery to graduated_sweep")
    op.create_index("ix_delivery_dead", "delivery", ["school_id", "subscription_id"], postgresql_where="state = 'dead'")


def downgrade() -> None:
    """What was given up goes back to waiting where its own row still waits; clock events told are forgotten, and would be told once more."""
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_delivery_dead", table_name="delivery")
    op.execute("revoke select (created_at) on delivery from graduated_sweep")
    op.drop_column("school", "clocks_told_on")
    op.add_column("school", sa.Column("derive_lease_until", sa.DateTime(timezone=True), nullable=True))
    op.execute("grant select (derive_lease_until) on school to graduated_sweep")
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_school_id_id"), table_name=table)
        op.add_column(table, sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")))
        op.alter_column(table, "attempts", server_default=None)
        op.alter_column(table, "next_at", server_default=None)
        op.execute(f"grant select (next_at) on {table} to graduated_sweep")
        op.create_index(op.f(f"ix_{table}_school_id_next_at"), table, ["school_id", "next_at"], postgresql_where="state = 'waiting'")
    for statement in MOVED_BACK:
        op.execute(statement)
    op.execute("drop table work")
