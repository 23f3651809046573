"""What is counted for those who see many schools, and which schools belong to which trust."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, Text
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import REFERENCE, SCHOOL, Moment, holding, of_side


class TotalsRow(SQLModel, table=True):
    """How many of a school's duties under one rule stood in one state at the end of a month, as known when it was last built."""

    __tablename__: ClassVar[str] = "totals"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "month_end", "rule", "state"),
        Index(None, "authority", "month_end"),
        of_side(),
        holding(SCHOOL, plain="school_id month_end rule state count authority is_sandbox built_at"),
    )

    school_id: UUID
    month_end: date
    rule: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    count: int
    authority: str = Field(sa_type=Text)
    is_sandbox: bool
    built_at: datetime = Field(sa_type=Moment)


class TrustMembershipRow(SQLModel, table=True):
    """A school is in a trust from a day until a day, both inside."""

    __tablename__: ClassVar[str] = "trust_membership"
    __table_args__ = (
        PrimaryKeyConstraint("trust_id", "school_id", "since"),
        ForeignKeyConstraint(["trust_id"], ["organisation.id"], ondelete="RESTRICT"),
        holding(REFERENCE, plain="trust_id school_id since until"),
    )

    trust_id: UUID
    school_id: UUID
    since: date
    until: date | None = None
