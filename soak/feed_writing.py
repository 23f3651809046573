"""One process of writers: appends as the service does, gives up now and then, and says what was committed, a line for each entry."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Self
from uuid import UUID

import asyncpg

from app import clock
from app.casework.authors import ProofReader
from app.casework.taking import Casework, Means, Work
from app.db.ledger import Appending, Draft, Linked, append, linked_after, lock_head
from app.db.projections import projected
from app.db.records import find_pupil, load_record
from app.db.schools import Head, school_now
from app.db.session import SchoolSession, Sessions, open_pool
from app.db.wake import Waker
from app.domain.author import Author, AuthorKind
from app.domain.entries import ConcernRaised, Domain, Raiser, Recorded
from app.settings import Settings

ENDINGS: Final = (*["well"] * 86, *["sleeps"] * 5, *["raises"] * 4, *["cancelled"] * 4, "connection lost")
LONGEST_SLEEP_S: Final = 0.2
LARGEST_BATCH: Final = 8
BY_CASEWORK: Final = 0.03
"""This share goes through everything that a step stores; the others through the ledger alone, several entries at once."""
GAVE_UP: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class OnPurposeError(Exception):
    """A writer that gives up after everything was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A school to write at."""

    school: UUID
    pupils: tuple[UUID, ...]
    author: Author

    @classmethod
    def of(cls, told: Sequence[str]) -> Self:
        """Read a school, its author and its pupils as ids in that order."""
        school, author, *pupils = map(UUID, told)
        return cls(school=school, pupils=tuple(pupils), author=Author(kind=AuthorKind.STAFF, id=author))


class Writers:
    """Writers side by side in one event loop; `left` is how many changes they still have to make between them."""

    def __init__(self, casework: Casework, grounds: Sequence[Ground], changes: int, dice: Random, waker: Waker) -> None:
        self._casework = casework
        self._grounds = grounds
        self._dice = dice
        self._waker = waker
        self._today = clock.now().date()
        self.left = changes
        self.ended: Counter[str] = Counter()

    async def write_on(self) -> None:
        """Write until nothing is left to do."""
        while self.left > 0:
            ground, ending = self._dice.choice(self._grounds), self._dice.choice(ENDINGS)
            written = await self._one(ground, ending)
            self.left -= len(written)
            for number, digest in written:
                print(ground.school, number, digest.hex())

    async def _one(self, ground: Ground, ending: str) -> list[tuple[int, bytes]]:
        """Try one transaction; gives what was committed, nothing where it was given up."""
        task = asyncio.create_task(self._transaction(ground, ending))
        try:
            written = await task
        except (OnPurposeError, asyncio.CancelledError, *GAVE_UP) as error:
            self.ended[ending if isinstance(error, OnPurposeError | asyncio.CancelledError) else type(error).__name__] += 1
            return []
        self.ended["well"] += 1
        self._waker.wake()
        return written

    async def _transaction(self, ground: Ground, ending: str) -> list[tuple[int, bytes]]:
        async with self._casework.sessions.for_school(ground.school) as session:
            by_casework = self._dice.random() < BY_CASEWORK
            written = await (self._by_casework(session, ground) if by_casework else self._by_ledger(session, ground, ending))
            await self._end(session, ending)
        return written

    async def _end(self, session: SchoolSession, ending: str) -> None:
        if ending == "sleeps":
            await asyncio.sleep(self._dice.random() * LONGEST_SLEEP_S)
        if ending == "raises":
            raise OnPurposeError
        if ending == "cancelled":
            task = asyncio.current_task()
            if task is not None:
                task.cancel()
            await asyncio.sleep(0)
        if ending == "connection lost":
            await session.connection.execute("select pg_terminate_backend(pg_backend_pid())")

    async def _by_casework(self, session: SchoolSession, ground: Ground) -> list[tuple[int, bytes]]:
        pupil = self._dice.choice(ground.pupils[1:])
        await find_pupil(session, pupil, lock=True)
        opened = await self._casework.open(session)
        before = await load_record(session, opened.school, pupil)
        stored = await self._casework.store(opened, [Work(drafts=(self._draft(ground, pupil),), before=before)])
        return [(recorded.number, await _digest(session, recorded)) for recorded in stored]

    async def _by_ledger(self, session: SchoolSession, ground: Ground, ending: str) -> list[tuple[int, bytes]]:
        """Link to the head as it was read, as a step does; where somebody else came first, once more under the lock."""
        drafts = [self._draft(ground, ground.pupils[0]) for _ in range(self._dice.randint(1, LARGEST_BATCH))]
        head = (await school_now(session)).head
        if ending == "sleeps":
            await asyncio.sleep(self._dice.random() * LONGEST_SLEEP_S / 10)
        linked = await self._appended(session, head, drafts) or await self._appended(session, await lock_head(session), drafts)
        return [(entry.recorded.number, _digest_of(entry)) for entry in linked]

    async def _appended(self, session: SchoolSession, head: Head, drafts: Sequence[Draft]) -> list[Linked]:
        linked = linked_after(head, session.school_id, drafts, now=clock.now(), dice=clock.random_bytes)
        nothing = projected(session.school_id, (), rules_version="soak", new_id=clock.new_id)
        return linked if await append(session, Appending(head=head, linked=linked, projected=nothing)) else []

    def _draft(self, ground: Ground, pupil: UUID) -> Draft:
        entry = ConcernRaised(occurred_on=self._today, raised_by=Raiser.PARENT, domain=Domain.ATTAINMENT, words="Finds reading hard.")
        return Draft(entry=entry, author=ground.author, pupil_id=pupil)


def _digest_of(linked: Linked) -> bytes:
    *_, digest, _, _, _ = linked.row
    assert isinstance(digest, bytes)
    return digest


async def _digest(session: SchoolSession, recorded: Recorded) -> bytes:
    query = "select digest from entry where school_id = $1 and number = $2"
    return bytes(await session.connection.fetchval(query, session.school_id, recorded.number))


async def main() -> None:
    """Write what the one argument tells: schools, writers, changes and the seed of the dice."""
    told = json.loads(sys.argv[1])
    settings = Settings()
    if settings.database_url is None:
        sys.exit("set DATABASE_URL")
    grounds = [Ground.of(ground) for ground in told["grounds"]]
    async with await open_pool(settings.database_url, size=told["writers"]) as pool:
        proofs = ProofReader(audience="http://127.0.0.1", now=clock.now)
        means = Means(now=clock.now, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None)
        waker = Waker(settings.database_url)
        waking = asyncio.create_task(waker.run())
        writers = Writers(Casework(Sessions(pool), means), grounds, told["changes"], Random(told["seed"]), waker)
        await asyncio.gather(*(writers.write_on() for _ in range(told["writers"])))
        waking.cancel()
        await asyncio.gather(waking, return_exceptions=True)
    print(json.dumps(writers.ended))


if __name__ == "__main__":
    asyncio.run(main())
