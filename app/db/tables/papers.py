"""Papers that were handed in, and the files that hold them and the parts of bundles."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import SCHOOL, Moment, holding, of


class BlobRow(SQLModel, table=True):
    """A file in the object store, by its id; `digest` and `size` are those of its bytes before they were encrypted with the sealed key.

    The same bytes are kept once for a pupil.
    """

    __tablename__: ClassVar[str] = "blob"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        UniqueConstraint("school_id", "pupil_id", "digest"),
        of("pupil", "pupil_id"),
        holding(SCHOOL, plain="school_id", goes="id pupil_id digest size sealed_key put_at"),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID
    digest: bytes = Field(sa_type=LargeBinary)
    size: int = Field(sa_type=BigInteger)
    sealed_key: bytes = Field(sa_type=LargeBinary)
    put_at: datetime = Field(sa_type=Moment)


class PaperRow(SQLModel, table=True):
    """A paper that was looked into and kept, whether an entry names it yet or not; `redacts` is the one it was blacked out from."""

    __tablename__: ClassVar[str] = "paper"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        Index(None, "school_id", "pupil_id"),
        of("pupil", "pupil_id"),
        of("blob", "blob_id"),
        of("paper", "redacts"),
        holding(SCHOOL, plain="school_id", goes="id pupil_id blob_id media_type pages title redacts handed_in_at client_id"),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID
    blob_id: UUID
    media_type: str = Field(sa_type=Text)
    pages: int | None = None
    title: str = Field(sa_type=Text)
    redacts: UUID | None = None
    handed_in_at: datetime = Field(sa_type=Moment)
    client_id: UUID


class BundlePartRow(SQLModel, table=True):
    """One part of a bundle in one edition of it; an edition is the same frozen record, split differently."""

    __tablename__: ClassVar[str] = "bundle_part"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "bundle_id", "edition", "number"),
        of("bundle", "bundle_id"),
        of("blob", "blob_id"),
        holding(SCHOOL, plain="school_id", goes="bundle_id edition number blob_id digest size"),
    )

    school_id: UUID
    bundle_id: UUID
    edition: int
    number: int
    blob_id: UUID
    digest: bytes = Field(sa_type=LargeBinary)
    size: int = Field(sa_type=BigInteger)
