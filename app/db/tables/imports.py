"""Rolls that were handed in."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, LargeBinary, PrimaryKeyConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import SCHOOL, Moment, holding, of, of_school, one_of


class ImportJobRow(SQLModel, table=True):
    """A roll that was handed in; the file is sealed, and gone once the job ends."""

    __tablename__: ClassVar[str] = "import_job"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        Index(None, "school_id", "id", postgresql_where="state = 'waiting'"),
        of_school(),
        one_of("state", "waiting", "done", "failed"),
        holding(
            SCHOOL,
            plain="school_id id format is_dry_run state file_digest assurance client_id counts created_at finished_at",
            staff="staff_id",
            passing="sealed_file",
        ),
    )

    school_id: UUID
    id: UUID
    format: str = Field(sa_type=Text)
    is_dry_run: bool
    state: str = Field(sa_type=Text)
    sealed_file: bytes | None = Field(default=None, sa_type=LargeBinary)
    file_digest: str = Field(sa_type=Text)
    staff_id: UUID
    assurance: str = Field(sa_type=Text)
    client_id: UUID
    counts: dict[str, object] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class ImportResultRow(SQLModel, table=True):
    """What became of one row of a roll, or what is wrong with it; never holds a name or number of a child."""

    __tablename__: ClassVar[str] = "import_result"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "job_id", "sequence"),
        of("import_job", "job_id"),
        holding(SCHOOL, plain="school_id job_id sequence line outcome cause", emptied="pupil_id pointer detail"),
    )

    school_id: UUID
    job_id: UUID
    sequence: int
    line: int
    pointer: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    cause: str = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)
    pupil_id: UUID | None = None
