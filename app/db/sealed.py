"""Every column in which something is sealed, so that all of it can be sealed anew when the key changes."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.db.session import Session
from app.keys.sealing import PREFIX_BYTES


@dataclass(frozen=True, slots=True)
class Place:
    """A column that holds sealed bytes or nothing, and the column by which a row of its table is found."""

    table: str
    column: str
    key: str
    key_type: str = "uuid"

    @property
    def is_row(self) -> str:
        """The condition by which a row is found, which its index serves."""
        return f"{self.key} = $1::text::{self.key_type}"


SECRETS: Final = Place("subscription", "sealed_secrets", "id")
PRIVATE_KEYS: Final = Place("signing_key", "sealed", "kid", "text")
WAITING_FILES: Final = Place("import_job", "sealed_file", "id")
"""Of one school at a time, as the two that follow: a session of the school shows its own."""
KEYS_OF_FILES: Final = Place("blob", "sealed_key", "id")
OPENED_REQUESTS: Final = Place("opened_request", "sealed_about", "id")


def opened_about(opened_id: UUID) -> str:
    """What an authority's word of a child is bound to when it is sealed, until the school has said whom it means."""
    return f"opened-request:{opened_id}"


async def listed(session: Session, place: Place) -> list[tuple[str, bytes]]:
    """Give the key of every row in which something is sealed, with the first bytes of it, which name what sealed it."""
    beginning = f"substring({place.column} from 1 for {PREFIX_BYTES})"
    rows = await session.connection.fetch(
        f"select {place.key}::text as key, {beginning} as beginning from {place.table} where {place.column} is not null order by 1"  # noqa: S608
    )
    return [(row["key"], row["beginning"]) for row in rows]


async def lock(session: Session, place: Place, key: str) -> bytes | None:
    """Give what is sealed in a row, which nobody else changes until the transaction ends; None when there is nothing any more."""
    query = f"select {place.column} from {place.table} where {place.is_row} for update"  # noqa: S608
    sealed: bytes | None = await session.connection.fetchval(query, key)
    return sealed


async def keep(session: Session, place: Place, key: str, sealed: bytes) -> None:
    """Keep what was sealed anew in the place of what was there."""
    await session.connection.execute(f"update {place.table} set {place.column} = $2 where {place.is_row}", key, sealed)  # noqa: S608
