"""The tables, as columns, keys and named constraints; who may see which row is in the next migration."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "assertion",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti", name=op.f("pk_assertion")),
        info={"kind": "local"},
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('school', 'trust', 'vendor', 'authority')", name=op.f("ck_organisation_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        info={"kind": "reference"},
    )
    op.create_table(
        "school",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("clock_ahead", sa.BigInteger(), nullable=False),
        sa.Column("identity_provider", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("horizon", sa.Date(), nullable=True),
        sa.Column("rules_version", sa.Text(), nullable=True),
        sa.Column("derive_lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accesses_digested_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_school")),
        sa.UniqueConstraint("school_id", "urn", name=op.f("uq_school_school_id_urn")),
        sa.UniqueConstraint("school_id", "is_sandbox", name=op.f("uq_school_school_id_is_sandbox")),
        info={"kind": "school"},
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("use in ('tokens', 'heads', 'bundles')", name=op.f("ck_signing_key_use_known")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
        info={"kind": "reference"},
    )
    op.create_table(
        "client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("jwks", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_client_organisation_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        info={"kind": "reference"},
    )
    op.create_table(
        "delivery",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("bundle_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'withheld', 'dead')", name=op.f("ck_delivery_state_known")),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_delivery_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("school_id", "subscription_id", "number", name=op.f("uq_delivery_school_id_subscription_id_number")),
        info={"kind": "school"},
    )
    op.create_index(
        op.f("ix_delivery_school_id_next_at"), "delivery", ["school_id", "next_at"], unique=False, postgresql_where="state = 'waiting'"
    )
    op.create_table(
        "directory",
        sa.Column("urn", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_directory_organisation_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("urn", name=op.f("pk_directory")),
        sa.UniqueConstraint("school_id", name=op.f("uq_directory_school_id")),
        info={"kind": "reference"},
    )
    op.create_table(
        "idempotency",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("led_to", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_idempotency_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", "client_id", "route", "key", name=op.f("pk_idempotency")),
        info={"kind": "school"},
    )
    op.create_table(
        "import_job",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed_file", sa.LargeBinary(), nullable=True),
        sa.Column("file_digest", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'done', 'failed')", name=op.f("ck_import_job_state_known")),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_import_job_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_import_job")),
        info={"kind": "school"},
    )
    op.create_index(
        op.f("ix_import_job_school_id_next_at"), "import_job", ["school_id", "next_at"], unique=False, postgresql_where="state = 'waiting'"
    )
    op.create_table(
        "ledger_head",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("school_number", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_ledger_head_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_ledger_head")),
        info={"kind": "school"},
    )
    op.create_table(
        "pupil",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("upn", sa.Text(), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("forename", sa.Text(), nullable=False),
        sa.Column("date_of_birth", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("year_group", sa.Text(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.Date(), nullable=True),
        sa.Column("undecided_since", sa.Date(), nullable=True),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_pupil_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_pupil")),
        sa.UniqueConstraint("school_id", "upn", name=op.f("uq_pupil_school_id_upn")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_pupil_school_id_undecided_since"), "pupil", ["school_id", "undecided_since"], unique=False)
    op.create_table(
        "school_subscription",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("words in ('thin', 'full')", name=op.f("ck_school_subscription_words_known")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.school_id"], name=op.f("fk_school_subscription_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("school_id", "subscription_id", name=op.f("pk_school_subscription")),
        info={"kind": "school"},
    )
    op.create_table(
        "staff",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_staff_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_staff")),
        info={"kind": "school"},
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('active', 'paused', 'ended')", name=op.f("ck_subscription_state_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_subscription_organisation_id_organisation"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        info={"kind": "reference"},
    )
    op.create_index(op.f("ix_subscription_organisation_id"), "subscription", ["organisation_id"], unique=False)
    op.create_table(
        "access",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"], ["pupil.school_id", "pupil.id"], name=op.f("fk_access_school_id_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_access")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_access_school_id_pupil_id"), "access", ["school_id", "pupil_id"], unique=False)
    op.create_table(
        "client_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_client_grant_client_id_client"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_grant")),
        info={"kind": "reference"},
    )
    op.create_index(op.f("ix_client_grant_school_id_client_id"), "client_grant", ["school_id", "client_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.CheckConstraint("channel in ('email', 'post', 'app', 'phone', 'none')", name=op.f("ck_contact_channel_known")),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_contact_school_id_pupil_id_pupil"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_contact")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_contact_school_id_pupil_id"), "contact", ["school_id", "pupil_id"], unique=False)
    op.create_table(
        "delivery_attempt",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "delivery_id"],
            ["delivery.school_id", "delivery.id"],
            name=op.f("fk_delivery_attempt_school_id_delivery_id_delivery"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "delivery_id", "attempt", name=op.f("pk_delivery_attempt")),
        info={"kind": "school"},
    )
    op.create_table(
        "ehc_request",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deemed_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_deemed", sa.Boolean(), nullable=True),
        sa.Column("receipt_reference", sa.Text(), nullable=True),
        sa.CheckConstraint("requester in ('parent', 'young_person', 'school')", name=op.f("ck_ehc_request_requester_known")),
        sa.CheckConstraint("state in ('requested', 'submitted', 'received')", name=op.f("ck_ehc_request_state_known")),
        sa.ForeignKeyConstraint(
            ["school_id", "is_sandbox"],
            ["school.school_id", "school.is_sandbox"],
            name=op.f("fk_ehc_request_school_id_is_sandbox_school"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_ehc_request_school_id_pupil_id_pupil"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_ehc_request")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_ehc_request_authority_state"), "ehc_request", ["authority", "state"], unique=False)
    op.create_table(
        "entry",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("supersedes", sa.BigInteger(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"], ["pupil.school_id", "pupil.id"], name=op.f("fk_entry_school_id_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.school_id"], name=op.f("fk_entry_school_id_school"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("school_id", "number", name=op.f("pk_entry")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_entry_school_id_pupil_id_number"), "entry", ["school_id", "pupil_id", "number"], unique=False)
    op.create_table(
        "import_result",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "job_id"],
            ["import_job.school_id", "import_job.id"],
            name=op.f("fk_import_result_school_id_job_id_import_job"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "job_id", "sequence", name=op.f("pk_import_result")),
        info={"kind": "school"},
    )
    op.create_table(
        "notice",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("about", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("person_kind in ('contact', 'pupil')", name=op.f("ck_notice_person_kind_known")),
        sa.CheckConstraint(
            "state in ('composed', 'sent', 'delivered', 'read', 'bounced', 'withheld', 'told')", name=op.f("ck_notice_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"], ["pupil.school_id", "pupil.id"], name=op.f("fk_notice_school_id_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_notice")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_notice_school_id_pupil_id"), "notice", ["school_id", "pupil_id"], unique=False)
    op.create_table(
        "obligation",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pupil_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("force", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("arises_on", sa.Date(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("met_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("excused_by", sa.BigInteger(), nullable=True),
        sa.Column("departed_by", sa.BigInteger(), nullable=True),
        sa.Column("missing", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "pupil_id"],
            ["pupil.school_id", "pupil.id"],
            name=op.f("fk_obligation_school_id_pupil_id_pupil"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_obligation")),
        info={"kind": "school"},
    )
    op.create_index(
        op.f("ix_obligation_school_id_due_id"),
        "obligation",
        ["school_id", "due", "id"],
        unique=False,
        postgresql_where="known_until is null",
    )
    op.create_index(
        op.f("ix_obligation_school_id_pupil_id"),
        "obligation",
        ["school_id", "pupil_id"],
        unique=False,
        postgresql_where="known_until is null",
    )
    op.create_table(
        "bundle",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=False),
        sa.Column("frozen_moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_head", sa.Text(), nullable=True),
        sa.Column("blob", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'ready', 'failed')", name=op.f("ck_bundle_state_known")),
        sa.ForeignKeyConstraint(
            ["school_id", "is_sandbox"],
            ["school.school_id", "school.is_sandbox"],
            name=op.f("fk_bundle_school_id_is_sandbox_school"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "request_id"],
            ["ehc_request.school_id", "ehc_request.id"],
            name=op.f("fk_bundle_school_id_request_id_ehc_request"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_bundle")),
        sa.UniqueConstraint("school_id", "request_id", name=op.f("uq_bundle_school_id_request_id")),
        info={"kind": "school"},
    )
    op.create_index(op.f("ix_bundle_authority_state"), "bundle", ["authority", "state"], unique=False)
    op.create_index(
        op.f("ix_bundle_school_id_next_at"), "bundle", ["school_id", "next_at"], unique=False, postgresql_where="state = 'waiting'"
    )
    op.create_table(
        "notice_event",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "notice_id"],
            ["notice.school_id", "notice.id"],
            name=op.f("fk_notice_event_school_id_notice_id_notice"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "notice_id", "sequence", name=op.f("pk_notice_event")),
        info={"kind": "school"},
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("notice_event")
    op.drop_index(op.f("ix_bundle_school_id_next_at"), table_name="bundle", postgresql_where="state = 'waiting'")
    op.drop_index(op.f("ix_bundle_authority_state"), table_name="bundle")
    op.drop_table("bundle")
    op.drop_index(op.f("ix_obligation_school_id_pupil_id"), table_name="obligation", postgresql_where="known_until is null")
    op.drop_index(op.f("ix_obligation_school_id_due_id"), table_name="obligation", postgresql_where="known_until is null")
    op.drop_table("obligation")
    op.drop_index(op.f("ix_notice_school_id_pupil_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_table("import_result")
    op.drop_index(op.f("ix_entry_school_id_pupil_id_number"), table_name="entry")
    op.drop_table("entry")
    op.drop_index(op.f("ix_ehc_request_authority_state"), table_name="ehc_request")
    op.drop_table("ehc_request")
    op.drop_table("delivery_attempt")
    op.drop_index(op.f("ix_contact_school_id_pupil_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_client_grant_school_id_client_id"), table_name="client_grant")
    op.drop_table("client_grant")
    op.drop_index(op.f("ix_access_school_id_pupil_id"), table_name="access")
    op.drop_table("access")
    op.drop_index(op.f("ix_subscription_organisation_id"), table_name="subscription")
    op.drop_table("subscription")
    op.drop_table("staff")
    op.drop_table("school_subscription")
    op.drop_index(op.f("ix_pupil_school_id_undecided_since"), table_name="pupil")
    op.drop_table("pupil")
    op.drop_table("ledger_head")
    op.drop_index(op.f("ix_import_job_school_id_next_at"), table_name="import_job", postgresql_where="state = 'waiting'")
    op.drop_table("import_job")
    op.drop_table("idempotency")
    op.drop_table("directory")
    op.drop_index(op.f("ix_delivery_school_id_next_at"), table_name="delivery", postgresql_where="state = 'waiting'")
    op.drop_table("delivery")
    op.drop_table("client")
    op.drop_table("signing_key")
    op.drop_table("school")
    op.drop_table("organisation")
    op.drop_table("assertion")
