"""Translations of notices that the school supplied, each made from one exact English text."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from app.db.session import SchoolSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The words of a notice in another language; `of_digest` is SHA-256 of the English text that was translated."""

    notice_id: UUID
    language: str
    of_digest: bytes
    subject: str
    body: str
    supplied_by: UUID
    supplied_at: datetime

    @property
    def content(self) -> tuple[object, ...]:
        """Everything of it but when it was supplied."""
        return self.notice_id, self.language, self.of_digest, self.subject, self.body, self.supplied_by

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body in UTF-8."""
        return sha256(self.body.encode()).digest()


_COLUMNS = "notice_id, language, of_digest, subject, body, supplied_by, supplied_at"
_PUT = f"""
insert into notice_translation (school_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (school_id, notice_id, language) do update
   set of_digest = excluded.of_digest, subject = excluded.subject, body = excluded.body, supplied_by = excluded.supplied_by,
       supplied_at = excluded.supplied_at
"""  # noqa: S608


async def put(session: SchoolSession, translation: Translation) -> None:
    """Keep a translation in the place of whatever the notice had in that language."""
    t = translation
    await session.connection.execute(
        _PUT, session.school_id, t.notice_id, t.language, t.of_digest, t.subject, t.body, t.supplied_by, t.supplied_at
    )


async def of_notice(session: SchoolSession, notice_id: UUID) -> list[Translation]:
    """Read a notice's translations, those that are out of date too."""
    rows = await session.connection.fetch(
        f"select {_COLUMNS} from notice_translation where school_id = $1 and notice_id = $2 order by language",  # noqa: S608
        session.school_id,
        notice_id,
    )
    return [Translation(**dict(row.items())) for row in rows]


async def find(session: SchoolSession, notice_id: UUID, language: str) -> Translation | None:
    """Find a notice's translation into a language."""
    return next((found for found in await of_notice(session, notice_id) if found.language == language), None)


async def remove(session: SchoolSession, notice_id: UUID, language: str) -> None:
    """Take a translation away."""
    await session.connection.execute(
        "delete from notice_translation where school_id = $1 and notice_id = $2 and language = $3", session.school_id, notice_id, language
    )
