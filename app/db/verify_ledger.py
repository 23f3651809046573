"""Walks a school's chain from its first entry to its head, by what the rows say alone, and names the first thing that is wrong."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from orjson import JSONDecodeError, loads
from rfc8785 import CanonicalizationError

from app.db.chain import Header, canonical, commitment_to, entry_digest, first_link, next_link
from app.domain.author import Assurance, Author, AuthorKind
from app.domain.entries import EntryErased, LedgerRestored, PupilErased
from app.keys.heads import HeadStatement

BATCH: Final = 500
_BEFORE_ALL: Final = -(2**63)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How far the chain holds: its last sound entry and link, and one sentence about the first thing that is wrong, None if nothing is."""

    school: UUID
    epoch: int
    number: int
    link: bytes
    fault: str | None


class ChainBrokenError(Exception):
    """The chain does not hold; the message says where and why, without a word of what an entry says."""


async def find_school(connection: asyncpg.Connection, urn: str) -> UUID | None:
    """Tell which school stands behind a URN."""
    school: UUID | None = await connection.fetchval("select school_id from directory where urn = $1", urn)
    return school


async def verify_ledger(
    connection: asyncpg.Connection, school: UUID, *, signed: HeadStatement | None = None, batch: int = BATCH
) -> Verdict:
    """Check a school's whole ledger, `batch` entries in memory at a time, against its head and, where given, a head that was signed.

    Everything is read in one snapshot, so writers neither wait nor disturb.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("select app_set_school($1)", school)
        walk = _Walk(school, signed)
        fault = None
        try:
            _require(signed is None or signed.school == school, "The signed head is of another school.")
            walk.erased = await _erasures(connection, school)
            walk.pupils_erased = await _pupils_erased(connection, school)
            async for row in _rows(connection, school, batch):
                walk.pass_over(row)
            walk.end(await connection.fetchrow(_HEAD, school))
        except ChainBrokenError as broken:
            fault = str(broken)
        epoch = await connection.fetchval("select epoch from ledger_head where school_id = $1", school)
    return Verdict(school=school, epoch=epoch or 0, number=walk.number, link=walk.link, fault=fault)


_HEAD = "select epoch, number, school_number, link, recorded_at from ledger_head where school_id = $1"
_ROWS = """
select number, pupil_id, type, occurred_on, recorded_at, author_kind, author_id, assurance, client_id, supersedes,
       commitment, digest, link, salt, body
  from entry where school_id = $1 and number > $2 order by number limit $3
"""
_ERASURES = "select number, body from entry where school_id = $1 and type = $2"


async def _rows(connection: asyncpg.Connection, school: UUID, batch: int) -> AsyncIterator[Row]:
    after = _BEFORE_ALL
    while rows := await connection.fetch(_ROWS, school, after, batch):
        for row in rows:
            yield row
        after = rows[-1]["number"]


async def _erasures(connection: asyncpg.Connection, school: UUID) -> frozenset[int]:
    """Give the numbers that erasures name; one that cannot be read names none, and is found out when its turn comes."""
    rows = await connection.fetch(_ERASURES, school, EntryErased.type)
    return frozenset(named for row in rows if isinstance(named := _members(row["body"]).get("number"), int))


async def _pupils_erased(connection: asyncpg.Connection, school: UUID) -> dict[str, int]:
    """Give the pupils that were erased, each with the number of the erasure; one that cannot be read names nobody."""
    found: dict[str, int] = {}
    for row in await connection.fetch(_ERASURES, school, PupilErased.type):
        said = _members(row["body"])
        along = said.get("along_with")
        for pupil in (said.get("erased"), *(along if isinstance(along, list) else ())):
            found[str(pupil)] = row["number"]
    return found


def _members(body: str | None) -> dict[str, Any]:
    try:
        found = loads(body or "{}")
    except JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_canonical(members: dict[str, Any], body: str) -> bool:
    try:
        return canonical(members) == body.encode()
    except CanonicalizationError:
        return False


class _Walk:
    """The state between one entry and the next."""

    def __init__(self, school: UUID, signed: HeadStatement | None) -> None:
        self.school = school
        self.signed = signed
        self.erased: frozenset[int] = frozenset()
        self.pupils_erased: dict[str, int] = {}
        self.epoch = 1
        self.ended: dict[int, int] = {}
        self.number = 0
        self.school_number = 0
        self.link = first_link(school)
        self.recorded_at: datetime | None = None

    def pass_over(self, row: Row) -> None:
        """Check one entry by itself and against the one before it."""
        number = row["number"]
        _require(number > 0, f"Entry {number} has a number that no ledger gives.")
        _require(number == self.number + 1, f"Entry {self.number + 1} is missing: after {self.number} comes {number}.")
        digest = digest_of(row, self.school)
        _require(digest == row["digest"], f"Entry {number} was changed: its header does not give its digest.")
        self._check_body(row)
        self._check_epoch(row)
        _require(next_link(self.link, digest) == row["link"], f"Entry {number} is not linked to the one before it.")
        moment = row["recorded_at"]
        _require(self.recorded_at is None or moment > self.recorded_at, f"Entry {number} is not recorded later than the one before it.")
        self.number, self.link, self.recorded_at = number, row["link"], moment
        self.school_number = number if row["pupil_id"] is None else self.school_number
        self._check_signed()

    def _check_body(self, row: Row) -> None:
        number, salt, body = row["number"], row["salt"], row["body"]
        is_erased = number in self.erased or number < self.pupils_erased.get(str(row["pupil_id"]), 0)
        if salt is None and body is None:
            _require(is_erased, f"Entry {number} has lost its body, and no entry says that it was erased.")
            return
        _require(salt is not None and body is not None, f"Entry {number} is half erased: body and salt go together.")
        _require(
            commitment_to(salt, body.encode()) == row["commitment"], f"Entry {number} was changed: its body does not give its commitment."
        )
        members = _members(body)
        _require(
            members.get("supersedes") == row["supersedes"], f"Entry {number} was changed: it supersedes another entry than its body says."
        )
        _require(_is_canonical(members, body), f"Entry {number} has a body that is not in canonical form.")
        _require(not is_erased, f"Entry {number} still has a body, though a later entry says that it was erased.")

    def _check_epoch(self, row: Row) -> None:
        """A restore says in which epoch the ledger goes on, and after which entry; each epoch follows the one before."""
        if row["type"] != LedgerRestored.type or row["body"] is None:
            return
        said, number = _members(row["body"]), row["number"]
        _require(said.get("epoch") == self.epoch + 1, f"Entry {number} begins another epoch than the {self.epoch + 1}th.")
        _require(
            said.get("last_number") == self.number, f"Entry {number} goes on after another entry than {self.number}, the one before it."
        )
        self.ended[self.epoch] = self.number
        self.epoch += 1

    def _check_signed(self) -> None:
        signed = self.signed
        if signed is not None and signed.number == self.number and signed.epoch >= self.epoch:
            _require(signed.link == self.link, f"Entry {self.number} has another link than the signed head vouches for.")

    def end(self, head: Row | None) -> None:
        """Compare where the chain ends with the head row and the signed head."""
        if head is None:
            raise ChainBrokenError("The ledger has no head.")
        last = self.number
        _require(head["number"] <= last, f"Entry {last + 1} is missing: the chain ends at {last} and its head says {head['number']}.")
        _require(head["number"] == last, f"Entry {head['number'] + 1} lies beyond the head, which says {head['number']}.")
        _require(head["link"] == self.link, f"The head has another link than entry {last}, the last one.")
        _require(self.recorded_at in (None, head["recorded_at"]), f"The head has another moment than entry {last}, the last one.")
        _require(
            head["school_number"] == self.school_number, f"The head names another entry than {self.school_number} as the school's own last."
        )
        _require(head["epoch"] == self.epoch, f"The head is of epoch {head['epoch']}, and by its entries the ledger is in {self.epoch}.")
        if self.signed is not None:
            self._end_signed(self.signed, head["epoch"])

    def _end_signed(self, signed: HeadStatement, epoch: int) -> None:
        before = f"of epoch {signed.epoch}" if signed.epoch == epoch else f"of epoch {signed.epoch}, where the ledger is in epoch {epoch},"
        _require(signed.epoch <= epoch, f"The signed head {before} is of a later life of the ledger than this one.")
        ended = self.ended.get(signed.epoch)
        _require(
            ended is None or signed.number <= ended,
            f"The signed head {before} says {signed.number}, and that epoch ended at {ended}, where the ledger was restored: what came "
            "after it was lost then.",
        )
        _require(
            signed.number <= self.number,
            f"Entry {self.number + 1} is missing: the chain ends at {self.number} and the signed head {before} says {signed.number}.",
        )
        if signed.number == 0:
            _require(signed.link == first_link(self.school), "The signed head has another beginning than this chain.")


def digest_of(row: Row, school: UUID) -> bytes:
    """Compute an entry's digest anew from its columns; ChainBrokenError when they could never have been written."""
    try:
        author = Author(kind=AuthorKind(row["author_kind"]), id=row["author_id"], assurance=Assurance(row["assurance"]))
    except ValueError:
        raise ChainBrokenError(f"Entry {row['number']} was changed: its author is of no known kind.") from None
    header = Header(
        school=school,
        number=row["number"],
        pupil=row["pupil_id"],
        type=row["type"],
        occurred_on=row["occurred_on"],
        recorded_at=row["recorded_at"],
        author=author,
        client=row["client_id"],
        commitment=row["commitment"],
    )
    return entry_digest(header.to_bytes())


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ChainBrokenError(otherwise)
