"""Notices, and what is owed to the endpoints of others."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.db.tables.kinds import SCHOOL, Moment, holding, of, of_school, one_of


class NoticeRow(SQLModel, table=True):
    """Something one person must be told; what became of it is in the notice's events."""

    __tablename__: ClassVar[str] = "notice"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        Index(None, "school_id", "pupil_id"),
        Index(None, "school_id", "look_again_on", postgresql_where="look_again_on is not null"),
        of("pupil", "pupil_id"),
        one_of("person_kind", "contact", "pupil"),
        one_of("state", "composed", "sent", "delivered", "read", "bounced", "withheld", "told"),
        holding(
            SCHOOL,
            plain="school_id",
            goes="id pupil_id person_id person_kind matter about rule stage due state composed_at look_again_on",
        ),
    )

    school_id: UUID
    id: UUID
    pupil_id: UUID
    person_id: UUID
    person_kind: str = Field(sa_type=Text)
    matter: str = Field(sa_type=Text)
    about: int = Field(sa_type=BigInteger)
    rule: str = Field(sa_type=Text)
    stage: str = Field(sa_type=Text)
    due: date | None = None
    state: str = Field(sa_type=Text)
    composed_at: datetime = Field(sa_type=Moment)
    look_again_on: date | None = None


class NoticeEventRow(SQLModel, table=True):
    """One thing that happened to a notice; append-only proof. Where words went out, in which form, and the SHA-256 of them."""

    __tablename__: ClassVar[str] = "notice_event"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "notice_id", "sequence"),
        of("notice", "notice_id"),
        holding(SCHOOL, plain="school_id", goes="notice_id sequence kind at client_id remark format language words_digest"),
    )

    school_id: UUID
    notice_id: UUID
    sequence: int
    kind: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)
    client_id: UUID | None = None
    remark: str | None = Field(default=None, sa_type=Text)
    format: str | None = Field(default=None, sa_type=Text)
    language: str | None = Field(default=None, sa_type=Text)
    words_digest: bytes | None = Field(default=None, sa_type=LargeBinary)


class NoticeTranslationRow(SQLModel, table=True):
    """The words of a notice in another language, as the school had them translated; `of_digest` is SHA-256 of the English text."""

    __tablename__: ClassVar[str] = "notice_translation"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "notice_id", "language"),
        of("notice", "notice_id"),
        holding(SCHOOL, plain="school_id", goes="notice_id language of_digest subject body supplied_by supplied_at"),
    )

    school_id: UUID
    notice_id: UUID
    language: str = Field(sa_type=Text)
    of_digest: bytes = Field(sa_type=LargeBinary)
    subject: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    supplied_by: UUID
    supplied_at: datetime = Field(sa_type=Moment)


class SchoolSubscriptionRow(SQLModel, table=True):
    """A subscription's standing at one school: how much is pushed, who chose it, and the last number given.

    `words_to` is the SHA-256 of the address for which it was chosen.
    """

    __tablename__: ClassVar[str] = "school_subscription"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "subscription_id"),
        one_of("words", "thin", "full"),
        of_school(),
        holding(SCHOOL, plain="school_id subscription_id words number words_to", staff="chosen_by"),
    )

    school_id: UUID
    subscription_id: UUID
    words: str = Field(sa_type=Text)
    chosen_by: UUID | None = None
    number: int = Field(sa_type=BigInteger)
    words_to: bytes | None = Field(default=None, sa_type=LargeBinary)


class DeliveryRow(SQLModel, table=True):
    """One event owed to one subscription; claimed under a lease, and a crash counts as an attempt.

    `tried_before` are the attempts made before it was last sent again; `once` names what is told a single time, `disabled_id` an endpoint.
    """

    __tablename__: ClassVar[str] = "delivery"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "id"),
        UniqueConstraint("school_id", "subscription_id", "number"),
        UniqueConstraint("school_id", "subscription_id", "once", name="uq_delivery_school_id_subscription_id_once"),
        Index(None, "school_id", "subscription_id", "next_at", "number", postgresql_where="state = 'waiting'"),
        Index(None, "school_id", "subscription_id", "pupil_id", "number", postgresql_where="state = 'waiting'"),
        Index(None, "subscription_id", "id"),
        Index("ix_delivery_dead", "school_id", "subscription_id", postgresql_where="state = 'dead'"),
        of_school(),
        one_of("state", "waiting", "delivered", "withheld", "dead"),
        holding(
            SCHOOL,
            plain="school_id id subscription_id number event state reason attempts tried_before next_at created_at done_at disabled_id",
            emptied="pupil_id notice_id request_id bundle_id edition part obligation_id due once",
        ),
    )

    school_id: UUID
    id: UUID
    subscription_id: UUID
    number: int = Field(sa_type=BigInteger)
    event: str = Field(sa_type=Text)
    pupil_id: UUID | None = None
    notice_id: UUID | None = None
    request_id: UUID | None = None
    bundle_id: UUID | None = None
    edition: int | None = None
    part: int | None = None
    obligation_id: UUID | None = None
    due: date | None = None
    disabled_id: UUID | None = None
    once: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    attempts: int = 0
    tried_before: int = 0
    next_at: datetime = Field(sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)


class DeliveryAttemptRow(SQLModel, table=True):
    """One attempt at a delivery: what was answered, how long it took, and the first bytes of the answer."""

    __tablename__: ClassVar[str] = "delivery_attempt"
    __table_args__ = (
        PrimaryKeyConstraint("school_id", "delivery_id", "attempt"),
        of("delivery", "delivery_id"),
        holding(SCHOOL, plain="school_id delivery_id attempt at outcome status duration_ms", emptied="answer"),
    )

    school_id: UUID
    delivery_id: UUID
    attempt: int
    at: datetime = Field(sa_type=Moment)
    outcome: str = Field(sa_type=Text)
    status: int | None = None
    duration_ms: int
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)
