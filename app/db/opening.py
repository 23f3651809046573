"""A pupil's record opened for a step: the pupil is locked, and all that the step looks at is read, in one round trip."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from orjson import loads

from app.db.codec import entry_from
from app.db.entrance import Entrance
from app.db.idempotency import Key, LedTo, led_to_by
from app.db.obligations import Standing
from app.db.schools import NOW_COLUMNS, SchoolNow
from app.db.session import SchoolSession, Sessions
from app.domain.author import Assurance, Author, AuthorKind
from app.domain.entries import Recorded
from app.domain.record import Record
from app.domain.school import School

_OPEN: Final = "select * from open_record($1, $2, $3, $4, $5, $6)"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFile:
    """A pupil's record as it lies there: `kept` is what an earlier request under the same key led to."""

    pupil: UUID
    now: SchoolNow
    entries: Sequence[Sequence[Any]]
    standing: Standing
    kept: LedTo | None

    def record(self, school: School) -> Record:
        """Fold the record."""
        return Record.fold(school, (_recorded(row) for row in self.entries), self.pupil)


class MergedAwayError(Exception):
    """The record was joined to another, which goes on in its place."""

    def __init__(self, into: UUID) -> None:
        super().__init__("merged")
        self.into = into


class PupilErasedError(Exception):
    """All that was held about the pupil was erased."""


@asynccontextmanager
async def opening(
    sessions: Sessions, entrance: Entrance, pupil_id: UUID, key: Key | None, *, lock: bool
) -> AsyncIterator[tuple[SchoolSession, OnFile | None]]:
    """Open a client's transaction on one record; None when the school has no such pupil. Without `lock` it can write nothing.

    Raises KeyReusedError, MergedAwayError, PupilErasedError and the errors of `app.db.entrance`.
    """
    asked = (pupil_id, None, None) if key is None else (pupil_id, key.route, key.key)
    async with sessions.enter_with(entrance, _OPEN, *asked, lock, read_only=not lock) as (session, row):
        yield session, _on_file(pupil_id, key, row)


def _on_file(pupil_id: UUID, key: Key | None, row: Sequence[Any]) -> OnFile | None:
    *now, is_on_file, entries, standing, digest, led_to, merged_into, erased_by = row
    if not is_on_file:
        return None
    if erased_by is not None:
        raise PupilErasedError
    if merged_into is not None:
        raise MergedAwayError(merged_into)
    return OnFile(
        pupil=pupil_id,
        now=SchoolNow(**dict(zip(NOW_COLUMNS, now, strict=True))),
        entries=() if entries is None else loads(entries),
        standing=() if standing is None else loads(standing),
        kept=None if key is None or digest is None else led_to_by(key, digest, led_to),
    )


def _recorded(row: Sequence[Any]) -> Recorded:
    number, recorded_at, kind, author, assurance, type_, occurred_on, body, supersedes, pupil = row
    return Recorded(
        number=number,
        recorded_at=datetime.fromisoformat(recorded_at).astimezone(UTC),
        author=Author(kind=AuthorKind(kind), id=UUID(author), assurance=Assurance(assurance)),
        entry=entry_from(type_, date.fromisoformat(occurred_on), body),
        pupil=UUID(pupil),
        supersedes=supersedes,
    )
