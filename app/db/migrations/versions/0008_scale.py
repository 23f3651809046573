"""Indexes that answer the great questions by themselves: how all schools stand on a day, what was known then, what is due next."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# All that a state on any day is made of stands in the index. The names of missing facts have no bound and stay out: whoever lacks one is
# in an index apart, where the state is the same on every day.
INDEXES = {
    "ix_obligation_counted": """
        obligation (school_id, rule)
        include (force, who, arises_on, opens_on, due, met_on, ended_on, excused_by, departed_by, known_from)
        where known_until is null and cardinality(missing) = 0
    """,
    "ix_obligation_not_known": """
        obligation (school_id, rule) include (force, who, arises_on, known_from) where known_until is null and cardinality(missing) > 0
    """,
    "ix_obligation_known_until": "obligation (school_id, known_until) where known_until is not null",
    "ix_obligation_listed": "obligation (school_id, coalesce(due, arises_on), id) where known_until is null",
}
DUE = "create index ix_obligation_school_id_due_id on obligation (school_id, due, id) where known_until is null"
# With the dates that it sees already, these make the state.
SWEPT = "force, excused_by, departed_by, missing"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop index if exists ix_obligation_school_id_due_id")
    op.execute(f"grant select ({SWEPT}) on obligation to graduated_sweep")
    with op.get_context().autocommit_block():
        for name, what in INDEXES.items():
            op.execute(f"drop index concurrently if exists {name}")
            op.execute(f"create index concurrently {name} on {what}")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for name in INDEXES:
        op.execute(f"drop index {name}")
    op.execute(f"revoke select ({SWEPT}) on obligation from graduated_sweep")
    op.execute(DUE)
