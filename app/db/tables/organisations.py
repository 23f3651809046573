"""Organisations, their clients, what schools grant them, and the keys that sign: shared by all schools."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import LOCAL, REFERENCE, Moment, holding, one_of


class OrganisationRow(SQLModel, table=True):
    """A school, trust, vendor or local authority that has clients here."""

    __tablename__: ClassVar[str] = "organisation"
    __table_args__ = (
        one_of("kind", "school", "trust", "vendor", "authority"),
        holding(REFERENCE, plain="id kind name authority is_sandbox created_at"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    authority: str | None = Field(default=None, sa_type=Text)
    is_sandbox: bool
    created_at: datetime = Field(sa_type=Moment)


class DirectoryRow(SQLModel, table=True):
    """Which school stands behind a URN."""

    __tablename__: ClassVar[str] = "directory"
    __table_args__ = (
        UniqueConstraint("school_id"),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"], ondelete="RESTRICT"),
        Index(None, "organisation_id"),
        holding(REFERENCE, plain="urn school_id organisation_id authority name is_sandbox"),
    )

    urn: str = Field(primary_key=True, sa_type=Text)
    school_id: UUID
    organisation_id: UUID
    authority: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    is_sandbox: bool


class ClientRow(SQLModel, table=True):
    """A program that calls us for its organisation, with a secret or keys of its own."""

    __tablename__: ClassVar[str] = "client"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"], ondelete="RESTRICT"),
        holding(REFERENCE, plain="id organisation_id name scopes secret_hash jwks created_at revoked_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    name: str = Field(sa_type=Text)
    scopes: list[str] = Field(sa_type=ARRAY(Text))
    secret_hash: str | None = Field(default=None, sa_type=Text)
    jwks: dict[str, object] | None = Field(default=None, sa_type=JSONB)
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class GrantRow(SQLModel, table=True):
    """What a school lets another organisation's client do, for a purpose, until a day (inside)."""

    __tablename__: ClassVar[str] = "client_grant"
    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["client.id"], ondelete="RESTRICT"),
        Index(None, "school_id", "client_id"),
        Index(None, "client_id"),
        holding(REFERENCE, plain="id school_id client_id scopes purpose until granted_at revoked_at", staff="granted_by"),
    )

    id: UUID = Field(primary_key=True)
    school_id: UUID
    client_id: UUID
    scopes: list[str] = Field(sa_type=ARRAY(Text))
    purpose: str = Field(sa_type=Text)
    until: date
    granted_by: UUID
    granted_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class SigningKeyRow(SQLModel, table=True):
    """A key of ours: the private half sealed, the public half as a JWK; bundle keys stay published for ever."""

    __tablename__: ClassVar[str] = "signing_key"
    __table_args__ = (
        one_of("use", "tokens", "heads", "bundles", "webhooks"),
        holding(REFERENCE, plain="kid use sealed public_jwk signs_from signs_until published_until"),
    )

    kid: str = Field(primary_key=True, sa_type=Text)
    use: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    public_jwk: dict[str, object] = Field(sa_type=JSONB)
    signs_from: datetime = Field(sa_type=Moment)
    signs_until: datetime | None = Field(default=None, sa_type=Moment)
    published_until: datetime | None = Field(default=None, sa_type=Moment)


class SubscriptionRow(SQLModel, table=True):
    """Where an organisation hears of events: an endpoint that is sent to, or a mailbox that it asks.

    `failures` counts the attempts that failed in a row; while `probe_at` is set nothing but one probe at a time goes out, from then on.
    """

    __tablename__: ClassVar[str] = "subscription"
    __table_args__ = (
        one_of("state", "active", "paused", "ended", "disabled"),
        one_of("kind", "push", "mailbox"),
        CheckConstraint("(kind = 'push') = (url is not null) and (kind = 'push') = (sealed_secrets is not null)", name="addressed"),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"], ondelete="RESTRICT"),
        Index(None, "organisation_id"),
        holding(REFERENCE, plain="id organisation_id kind url sealed_secrets events state created_at failures failing_since probe_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    kind: str = Field(sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    sealed_secrets: bytes | None = Field(default=None, sa_type=LargeBinary)
    events: list[str] = Field(sa_type=ARRAY(Text))
    state: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=Moment)
    probe_at: datetime | None = Field(default=None, sa_type=Moment)


class AssertionRow(SQLModel, table=True):
    """A client assertion that was used, kept until it expires so that it cannot be used twice."""

    __tablename__: ClassVar[str] = "assertion"
    __table_args__ = (PrimaryKeyConstraint("client_id", "jti"), holding(LOCAL, plain="client_id jti expires_at"))

    client_id: UUID
    jti: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=Moment)


class FeedCursorRow(SQLModel, table=True):
    """Where one reader of the feed is at each school; a page leads to the next place and never moves an earlier one."""

    __tablename__: ClassVar[str] = "feed_cursor"
    __table_args__ = (Index(None, "made_at"), holding(LOCAL, plain="id client_id places made_at"))

    id: UUID = Field(primary_key=True)
    client_id: UUID
    places: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(sa_type=Moment)


class AuthorityProfileRow(SQLModel, table=True):
    """What an authority expects beside a request, in one version, as an organisation loaded it; a version never changes."""

    __tablename__: ClassVar[str] = "authority_profile"
    __table_args__ = (
        PrimaryKeyConstraint("is_sandbox", "id", "version"),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"], ondelete="RESTRICT"),
        Index(None, "organisation_id"),
        holding(REFERENCE, plain="is_sandbox id version organisation_id client_id profile loaded_at"),
    )

    is_sandbox: bool
    id: str = Field(sa_type=Text)
    version: int
    organisation_id: UUID
    client_id: UUID
    profile: dict[str, object] = Field(sa_type=JSONB)
    loaded_at: datetime = Field(sa_type=Moment)
