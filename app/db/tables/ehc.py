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
        one_of("state", "requested", "submitted", "received", "withdrawn"),
        holding(
            SCHOOL,
            plain="school_id",
            goes=(
                "id pupil_id authority is_sandbox requester state requested_on submitted_at deemed_on received_on "
                "received_deemed receipt_reference leased_by leased_until"
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
    leased_by: UUID | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Moment)


class OpenedRequestRow(SQLModel, table=True):
    """A request that an authority received itself and told the school of; `sealed_about` is whom it is about, until the school answers."""

    __tablename__: ClassVar[str] = "opened_request"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        UniqueConstraint("school_id", "authority", "reference"),
        of("pupil", "pupil_id"),
        of("ehc_request", "request_id"),
        of_side(),
        one_of("requester", "parent", "young_person", "school", "post_16_institution"),
        one_of("state", "waiting", "linked", "not_ours", "unanswered"),
        holding(
            SCHOOL,
            plain="school_id",
            goes=(
                "id pupil_id request_id authority is_sandbox reference requester received_on state sealed_about officer client_id "
                "opened_at answered_at"
            ),
        ),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID | None = None
    request_id: UUID | None = None
    authority: str = Field(sa_type=Text)
    is_sandbox: bool
    reference: str = Field(sa_type=Text)
    requester: str = Field(sa_type=Text)
    received_on: date
    state: str = Field(sa_type=Text)
    sealed_about: bytes | None = Field(default=None, sa_type=LargeBinary)
    officer: str = Field(sa_type=Text)
    client_id: UUID
    opened_at: datetime = Field(sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)


class BundleRow(SQLModel, table=True):
    """The frozen, signed evidence of one request, in parts; `digest` is that of the one part, or of the list of their digests.

    `cap` is the largest part in bytes that this edition was split for, `wanted_cap` that of an edition that is still to be made.
    """

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
            goes=(
                "id request_id authority is_sandbox state frozen_at frozen_moment signed_head profile edition cap wanted_cap digest size "
                "made_at"
            ),
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
    profile: str = Field(sa_type=Text)
    edition: int = 1
    cap: int | None = Field(default=None, sa_type=BigInteger)
    wanted_cap: int | None = Field(default=None, sa_type=BigInteger)
    digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    size: int | None = Field(default=None, sa_type=BigInteger)
    made_at: datetime | None = Field(default=None, sa_type=Moment)
