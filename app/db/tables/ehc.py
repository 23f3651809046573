"""Requests for an EHC needs assessment and their evidence."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import SCHOOL, Moment, holding, of, of_side, one_of


class EhcRequestRow(SQLModel, table=True):
    """A request for an EHC needs assessment, addressed to one authority; `deemed_on` is the day it first was available there."""

    __tablename__: ClassVar[str] = "ehc_request"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        Index(None, "authority", "state"),
        of("pupil", "pupil_id"),
        of_side(),
        one_of("requester", "parent", "young_person", "school"),
        one_of("state", "requested", "submitted", "received"),
        holding(
            SCHOOL,
            plain="school_id",
            goes=(
                "id pupil_id authority is_sandbox requester state requested_on submitted_at deemed_on received_on "
                "received_deemed receipt_reference"
            ),
        ),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID
    authority: str = Field(sa_type=Text)
    is_sandbox: bool
    requester: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    requested_on: date
    submitted_at: datetime | None = Field(default=None, sa_type=Moment)
    deemed_on: date | None = None
    received_on: date | None = None
    received_deemed: bool | None = None
    receipt_reference: str | None = Field(default=None, sa_type=Text)


class BundleRow(SQLModel, table=True):
    """The frozen, signed evidence of one request: where its bytes lie and what they digest to."""

    __tablename__: ClassVar[str] = "bundle"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        UniqueConstraint("school_id", "request_id"),
        Index(None, "authority", "state"),
        of("ehc_request", "request_id"),
        of_side(),
        one_of("state", "waiting", "ready", "failed"),
        Index(None, "school_id", "id", postgresql_where="state = 'waiting'"),
        holding(
            SCHOOL,
            plain="school_id",
            goes="id request_id authority is_sandbox state frozen_at frozen_moment signed_head blob digest size made_at",
        ),
    )

    school_id: UUID
    id: UUID
    request_id: UUID
    authority: str = Field(sa_type=Text)
    is_sandbox: bool
    state: str = Field(sa_type=Text)
    frozen_at: int = Field(sa_type=BigInteger)
    frozen_moment: datetime = Field(sa_type=Moment)
    signed_head: str | None = Field(default=None, sa_type=Text)
    blob: str | None = Field(default=None, sa_type=Text)
    digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    size: int | None = Field(default=None, sa_type=BigInteger)
    made_at: datetime | None = Field(default=None, sa_type=Moment)
