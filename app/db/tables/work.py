"""Work that waits, is under way, or was given up: one row for each piece of it."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import SCHOOL, Moment, holding, of_school, one_of


class WorkRow(SQLModel, table=True):
    """A piece of work on a row, or on the school itself; `next_at` is when it may be taken, or while somebody holds it when the lease ends.

    `held_by` is a new id with each claim, so that whoever lost the lease changes nothing; `attempts` counts claims, begun or ended.
    """

    __tablename__: ClassVar[str] = "work"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "kind", "subject"),
        Index(None, "school_id", "kind", "next_at", postgresql_where="state = 'waiting'"),
        Index("ix_work_dead", "school_id", "kind", postgresql_where="state = 'dead'"),
        of_school(),
        one_of("state", "waiting", "done", "dead"),
        holding(
            SCHOOL,
            plain="school_id kind state attempts held_by next_at created_at done_at reason progress",
            trace="subject",
        ),
    )

    school_id: UUID
    kind: str = Field(sa_type=Text)
    subject: UUID
    state: str = Field(sa_type=Text)
    attempts: int = 0
    held_by: UUID | None = None
    next_at: datetime = Field(sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    reason: str | None = Field(default=None, sa_type=Text)
    progress: dict[str, object] = Field(sa_type=JSONB)
