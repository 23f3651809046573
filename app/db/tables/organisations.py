"""Organisations, their clients, what schools grant them, and the keys that sign: shared by all schools."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint
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
        one_of("use", "tokens", "heads", "bundles"),
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
    """An endpoint of an organisation that wants to be told of events."""

    __tablename__: ClassVar[str] = "subscription"
    __table_args__ = (
        one_of("state", "active", "paused", "ended"),
        ForeignKeyConstraint(["organisation_id"], ["organisation.id"], ondelete="RESTRICT"),
        Index(None, "organisation_id"),
        holding(REFERENCE, plain="id organisation_id url sealed_secrets events state created_at"),
    )

    id: UUID = Field(primary_key=True)
    organisation_id: UUID
    url: str = Field(sa_type=Text)
    sealed_secrets: bytes = Field(sa_type=LargeBinary)
    events: list[str] = Field(sa_type=ARRAY(Text))
    state: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)


class AssertionRow(SQLModel, table=True):
    """A client assertion that was used, kept until it expires so that it cannot be used twice."""

    __tablename__: ClassVar[str] = "assertion"
    __table_args__ = (PrimaryKeyConstraint("client_id", "jti"), holding(LOCAL, plain="client_id jti expires_at"))

    client_id: UUID
    jti: str = Field(sa_type=Text)
    expires_at: datetime = Field(sa_type=Moment)
