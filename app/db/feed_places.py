"""The places of a reader of the feed at many schools, written small, and kept as rows that never change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.feed import Place
from app.db.session import Session

Places = Mapping[str, Place]
"""By URN. A school without a place is read from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlaces:
    """Places that were kept for one client at a moment."""

    id: UUID
    client_id: UUID
    places: Places
    made_at: datetime


async def keep(session: Session, kept: KeptPlaces) -> None:
    """Keep the places of one reader."""
    await session.connection.execute(
        "insert into feed_cursor (id, client_id, places, made_at) values ($1, $2, $3, $4)",
        kept.id,
        kept.client_id,
        packed(kept.places),
        kept.made_at,
    )


async def find(session: Session, id_: UUID, client_id: UUID) -> KeptPlaces | None:
    """Find a client's places; None when they were forgotten."""
    row = await session.connection.fetchrow("select places, made_at from feed_cursor where id = $1 and client_id = $2", id_, client_id)
    return None if row is None else KeptPlaces(id=id_, client_id=client_id, places=unpacked(row["places"]), made_at=row["made_at"])


async def forget_before(session: Session, moment: datetime) -> None:
    """Drop the places that were kept before a moment."""
    await session.connection.execute("delete from feed_cursor where made_at < $1", moment)


def packed(places: Places) -> bytes:
    """Write places as bytes: in the order of the URNs, each as the distance from the one before, the epoch and the number."""
    written, last = bytearray(), 0
    for urn, place in sorted(places.items()):
        for value in (int(urn) - last, place.epoch, place.number):
            written += _varint(value)
        last = int(urn)
    return bytes(written)


def unpacked(written: bytes) -> dict[str, Place]:
    """Read what `packed` wrote."""
    values, places, last = _varints(written), dict[str, Place](), 0
    for distance in values:
        last += distance
        places[f"{last:06}"] = Place(next(values), next(values))
    return places


def _varint(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F)
    return bytes([*(group | 0x80 for group in reversed(groups[1:])), groups[0]])


def _varints(written: bytes) -> Iterator[int]:
    value = 0
    for byte in written:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            yield value
            value = 0
