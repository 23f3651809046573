"""Lets an obligation be the school's own, without a pupil, and a notice be without a last day while no calendar tells it."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Without the pupil the key to `pupil` asks nothing, as a foreign key with a null in it does.
NULLABLE = "alter table obligation alter column pupil_id drop not null"
STANDING = "create index ix_obligation_of_schools on obligation (school_id) where pupil_id is null and known_until is null"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(NULLABLE)
    op.execute(STANDING)
    op.execute("alter table notice alter column due drop not null")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("update notice set due = (composed_at at time zone 'UTC')::date where due is null")
    op.execute("alter table notice alter column due set not null")
    op.execute("drop index ix_obligation_of_schools")
    op.execute("delete from obligation where pupil_id is null")
    op.execute("alter table obligation alter column pupil_id set not null")
