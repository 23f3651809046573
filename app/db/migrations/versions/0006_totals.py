"""Totals by month end for those who see many schools: a local authority its area, a trust the schools that were in it on the day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NO_SCHOOL = "nullif(current_setting('app.school', true), '') is null"
NO_AUTHORITY = "nullif(current_setting('app.authority', true), '') is null"
NO_TRUST = "nullif(current_setting('app.trust', true), '') is null"
OF_SCHOOL = f"school_id = nullif(current_setting('app.school', true), '')::uuid and {NO_AUTHORITY} and {NO_TRUST}"
OF_AUTHORITY = (
    f"authority = nullif(current_setting('app.authority', true), '') and {NO_SCHOOL} and {NO_TRUST} "
    "and is_sandbox = nullif(current_setting('app.authority_is_sandbox', true), '')::boolean"
)
# A school counts for the trust it belonged to at the month's end, and a trust is of one side, sandbox or live.
OF_TRUST = (
    f"{NO_SCHOOL} and {NO_AUTHORITY} and exists (select from trust_membership m join organisation o on o.id = m.trust_id "
    "where m.trust_id = nullif(current_setting('app.trust', true), '')::uuid and m.school_id = totals.school_id "
    "and m.since <= totals.month_end and (m.until is null or totals.month_end <= m.until) "
    "and o.kind = 'trust' and o.is_sandbox = totals.is_sandbox)"
)
CLAUSES = {"select": f"using ({OF_SCHOOL})", "insert": f"with check ({OF_SCHOOL})", "delete": f"using ({OF_SCHOOL})"}

SET_SCHOOL = """
create or replace function app_set_school(wanted uuid) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if nullif(current_setting('app.authority', true), '') is not null then
    execute format('set local app.authority = %L', '');
    execute format('set local app.authority_is_sandbox = %L', '');
  end if;{trust}
  execute format('set local app.school = %L', wanted);
end $$
"""
LEAVE_TRUST = """
  if nullif(current_setting('app.trust', true), '') is not null then
    execute format('set local app.trust = %L', '');
  end if;"""
SET_AUTHORITY = """
create or replace function app_set_authority(wanted text, is_sandbox boolean) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin{trust}
  execute format('set local app.school = %L', '');
  execute format('set local app.authority = %L', wanted);
  execute format('set local app.authority_is_sandbox = %L', coalesce(is_sandbox::text, ''));
end $$
"""
SET_TRUST = """
create function app_set_trust(wanted uuid) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  execute format('set local app.school = %L', '');
  execute format('set local app.authority = %L', '');
  execute format('set local app.authority_is_sandbox = %L', '');
  execute format('set local app.trust = %L', wanted);
end $$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("school", sa.Column("totals_built_on", sa.Date(), nullable=True))
    op.execute("grant select (totals_built_on) on school to graduated_sweep")
    op.create_table(
        "trust_membership",
        sa.Column("trust_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["trust_id"], ["organisation.id"], name=op.f("fk_trust_membership_trust_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("trust_id", "school_id", "since", name=op.f("pk_trust_membership")),
        info={"kind": "reference"},
    )
    op.execute("grant select, insert, update on trust_membership to graduated_app")
    op.create_table(
        "totals",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("month_end", sa.Date(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "is_sandbox"],
            ["school.school_id", "school.is_sandbox"],
            name=op.f("fk_totals_school_id_is_sandbox_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "month_end", "rule", "state", name=op.f("pk_totals")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_totals_authority_month_end"), "totals", ["authority", "month_end"])
    op.execute("alter table totals enable row level security")
    for command, clause in CLAUSES.items():
        op.execute(f"create policy totals_{command}_of_school on totals for {command} to graduated_app {clause}")
        op.execute(f"grant {command} on totals to graduated_app")
    op.execute(f"create policy totals_select_of_authority on totals for select to graduated_app using ({OF_AUTHORITY})")
    op.execute(f"create policy totals_select_of_trust on totals for select to graduated_app using ({OF_TRUST})")
    op.execute(SET_SCHOOL.format(trust=LEAVE_TRUST))
    op.execute(SET_AUTHORITY.format(trust=LEAVE_TRUST))
    op.execute(SET_TRUST)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function app_set_trust(uuid)")
    op.execute(SET_AUTHORITY.format(trust=""))
    op.execute(SET_SCHOOL.format(trust=""))
    op.drop_table("totals")
    op.drop_table("trust_membership")
    op.drop_column("school", "totals_built_on")
