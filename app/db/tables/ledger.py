"""A school's ledger and what is derived from it."""

from datetime import date, datetime
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, PrimaryKeyConstraint, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import SCHOOL, Moment, holding, of, of_school

WHOSE: Final = ("force", "who", "arises_on")


class LedgerHeadRow(SQLModel, table=True):
    """The end of a school's chain; whoever holds its lock appends next."""

    __tablename__: ClassVar[str] = "ledger_head"
    __table_args__ = (
        PrimaryKeyConstraint("school_id"),
        of_school(),
        holding(SCHOOL, plain="school_id epoch number school_number link recorded_at"),
    )

    school_id: UUID
    epoch: int
    number: int = Field(sa_type=BigInteger)
    school_number: int = Field(sa_type=BigInteger)
    link: bytes = Field(sa_type=LargeBinary)
    recorded_at: datetime = Field(sa_type=Moment)


class EntryRow(SQLModel, table=True):
    """One entry of a school's ledger; an erased one has neither salt nor body."""

    __tablename__: ClassVar[str] = "entry"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "number"),
        Index(None, "school_id", "pupil_id", "number"),
        of_school(),
        of("pupil", "pupil_id"),
        holding(
            SCHOOL,
            plain="school_id number client_id",
            staff="author_kind author_id assurance",
            trace="pupil_id type occurred_on recorded_at supersedes commitment digest link",
            emptied="salt body",
        ),
    )

    school_id: UUID
    number: int = Field(sa_type=BigInteger)
    pupil_id: UUID | None = None
    type: str = Field(sa_type=Text)
    occurred_on: date
    recorded_at: datetime = Field(sa_type=Moment)
    author_kind: str = Field(sa_type=Text)
    author_id: UUID
    assurance: str = Field(sa_type=Text)
    client_id: UUID | None = None
    supersedes: int | None = Field(default=None, sa_type=BigInteger)
    commitment: bytes = Field(sa_type=LargeBinary)
    digest: bytes = Field(sa_type=LargeBinary)
    link: bytes = Field(sa_type=LargeBinary)
    salt: bytes | None = Field(default=None, sa_type=LargeBinary)
    body: str | None = Field(default=None, sa_type=Text)


class ObligationRow(SQLModel, table=True):
    """One obligation, of a pupil's or the school's own, as known from one ledger number until another; a change opens the next row."""

    __tablename__: ClassVar[str] = "obligation"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        Index(None, "school_id", "pupil_id", postgresql_where="known_until is null"),
        Index("ix_obligation_listed", "school_id", text("coalesce(due, arises_on)"), "id", postgresql_where="known_until is null"),
        Index(
            "ix_obligation_counted",
            *("school_id", "rule"),
            postgresql_include=[*WHOSE, "opens_on", "due", "met_on", "ended_on", "excused_by", "departed_by", "known_from"],
            postgresql_where="known_until is null and cardinality(missing) = 0",
        ),
        Index(
            "ix_obligation_not_known",
            *("school_id", "rule"),
            postgresql_include=[*WHOSE, "known_from"],
            postgresql_where="known_until is null and cardinality(missing) > 0",
        ),
        Index("ix_obligation_known_until", "school_id", "known_until", postgresql_where="known_until is not null"),
        Index("ix_obligation_of_schools", "school_id", postgresql_where="pupil_id is null and known_until is null"),
        of("pupil", "pupil_id"),
        holding(
            SCHOOL,
            plain="school_id",
            goes=(
                "id pupil_id rule who force shape person_id occasion arises_on opens_on due met_on met_by ended_on excused_by "
                "departed_by missing rules_version known_from known_until"
            ),
        ),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID | None = None
    rule: str = Field(sa_type=Text)
    who: str = Field(sa_type=Text)
    force: str = Field(sa_type=Text)
    shape: str = Field(sa_type=Text)
    person_id: UUID | None = None
    occasion: str = Field(sa_type=Text)
    arises_on: date
    opens_on: date | None = None
    due: date | None = None
    met_on: date | None = None
    met_by: int | None = Field(default=None, sa_type=BigInteger)
    ended_on: date | None = None
    excused_by: int | None = Field(default=None, sa_type=BigInteger)
    departed_by: int | None = Field(default=None, sa_type=BigInteger)
    missing: list[str] = Field(sa_type=ARRAY(Text))
    rules_version: str = Field(sa_type=Text)
    known_from: int = Field(sa_type=BigInteger)
    known_until: int | None = Field(default=None, sa_type=BigInteger)


class IdempotencyRow(SQLModel, table=True):
    """A write that was asked for under a key, and what it led to; the answer is rebuilt from that."""

    __tablename__: ClassVar[str] = "idempotency"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "client_id", "route", "key"),
        of_school(),
        holding(SCHOOL, plain="school_id", goes="client_id route key request_digest led_to at"),
    )

    school_id: UUID
    client_id: UUID
    route: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    request_digest: bytes = Field(sa_type=LargeBinary)
    led_to: dict[str, object] = Field(sa_type=JSONB)
    at: datetime = Field(sa_type=Moment)


class AccessRow(SQLModel, table=True):
    """Who read a child's papers, when and why; append-only but for the last time within one lease or download."""

    __tablename__: ClassVar[str] = "access"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        Index(None, "school_id", "pupil_id"),
        of("pupil", "pupil_id"),
        holding(SCHOOL, plain="school_id id client_id purpose first_at last_at", trace="pupil_id", emptied="request_id person"),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID
    request_id: UUID | None = None
    client_id: UUID
    person: str | None = Field(default=None, sa_type=Text)
    purpose: str = Field(sa_type=Text)
    first_at: datetime = Field(sa_type=Moment)
    last_at: datetime = Field(sa_type=Moment)
