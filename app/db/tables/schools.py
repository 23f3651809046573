"""A school, its staff, its pupils and the people around them."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import SCHOOL, Moment, holding, of, of_school, one_of


class SchoolRow(SQLModel, table=True):
    """The tenant. `clock_ahead` is by how many microseconds a sandbox school's clock is ahead of the world's; below 0 it is behind."""

    __tablename__: ClassVar[str] = "school"
    __table_args__ = (
        PrimaryKeyConstraint("school_id"),
        UniqueConstraint("school_id", "urn"),
        UniqueConstraint("school_id", "is_sandbox"),
        holding(
            SCHOOL,
            plain=(
                "school_id urn name authority is_sandbox clock_ahead identity_provider horizon rules_version "
                "accesses_digested_to totals_built_on clocks_told_on created_at"
            ),
        ),
    )

    school_id: UUID
    urn: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    authority: str = Field(sa_type=Text)
    is_sandbox: bool
    clock_ahead: int = Field(default=0, sa_type=BigInteger)
    identity_provider: dict[str, object] | None = Field(default=None, sa_type=JSONB)
    horizon: date | None = None
    rules_version: str | None = Field(default=None, sa_type=Text)
    accesses_digested_to: date | None = None
    totals_built_on: date | None = None
    clocks_told_on: date | None = None
    created_at: datetime = Field(sa_type=Moment)


class StaffRow(SQLModel, table=True):
    """A member of staff by name; the roles stand in the record."""

    __tablename__: ClassVar[str] = "staff"
    __table_args__ = (PrimaryKeyConstraint("school_id", "id"), of_school(), holding(SCHOOL, plain="school_id", staff="id name"))

    school_id: UUID
    id: UUID
    name: str = Field(sa_type=Text)


class PupilRow(SQLModel, table=True):
    """A pupil on a school's roll, with what is derived from the record for quick reading.

    `retained_until` is the last day on which the file is kept, `held_by` the oldest hold that stands and `erased_by` the erasure, by
    their ledger numbers; `merged_into` is the pupil whose record goes on where two were found to be of one child.
    """

    __tablename__: ClassVar[str] = "pupil"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        UniqueConstraint("school_id", "upn"),
        Index(None, "school_id", "undecided_since"),
        Index(None, "school_id", "merged_into", postgresql_where="merged_into is not null"),
        Index(None, "school_id", "retained_until", "id", postgresql_where="left_on is not null and retained_until is not null"),
        of_school(),
        holding(
            SCHOOL,
            plain="school_id",
            trace="id last_number merged_into erased_by",
            neutral="upn surname forename date_of_birth left_on status summary",
            emptied="sex year_group status_since undecided_since retained_until held_by",
        ),
    )

    school_id: UUID
    id: UUID
    upn: str = Field(sa_type=Text)
    surname: str = Field(sa_type=Text)
    forename: str = Field(sa_type=Text)
    date_of_birth: date
    sex: str | None = Field(default=None, sa_type=Text)
    year_group: str | None = Field(default=None, sa_type=Text)
    left_on: date | None = None
    last_number: int = Field(sa_type=BigInteger)
    status: str = Field(sa_type=Text)
    status_since: date | None = None
    undecided_since: date | None = None
    summary: dict[str, object] = Field(sa_type=JSONB)
    retained_until: date | None = None
    held_by: int | None = Field(default=None, sa_type=BigInteger)
    merged_into: UUID | None = None
    erased_by: int | None = Field(default=None, sa_type=BigInteger)


class ContactRow(SQLModel, table=True):
    """How a person in a pupil's life is named and reached; what is true of them stands in the record."""

    __tablename__: ClassVar[str] = "contact"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        Index(None, "school_id", "pupil_id"),
        of("pupil", "pupil_id"),
        one_of("channel", "email", "post", "app", "phone", "none"),
        holding(SCHOOL, plain="school_id", goes="id pupil_id name channel email phone address language format"),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID
    name: str = Field(sa_type=Text)
    channel: str = Field(sa_type=Text)
    email: str | None = Field(default=None, sa_type=Text)
    phone: str | None = Field(default=None, sa_type=Text)
    address: str | None = Field(default=None, sa_type=Text)
    language: str = Field(sa_type=Text)
    format: str = Field(sa_type=Text)
