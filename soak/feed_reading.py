"""Readers of the feed: one as its guide tells, which crashes now and then, and one that reads by time, as it is often done."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Any, Final

import asyncpg
import httpx
import orjson

CRASHES: Final = 0.1
WAITS: Final = 0.3
LONGEST_WAIT_S: Final = 3
LARGEST_PAGE: Final = 1_000
MOST_BROKEN_LINES: Final = 100
Held = dict[str, list[bytes]]
"""The digests of each school's entries by the id of the school, in the order of their coming; a digest stands for its entry."""


@dataclass(slots=True)
class Reader:
    """Reads all the while; `recomputes` the chain from what came over the wire where it is told to."""

    name: str
    http: httpx.AsyncClient
    dice: Random
    asked: Mapping[str, object] = field(default_factory=dict)
    recomputes: bool = False
    held: Held = field(default_factory=lambda: defaultdict(list))
    links: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    async def read_on(self, ended: asyncio.Event) -> None:
        """Read until writing has ended and nothing follows."""
        cursor: str | None = None
        while True:
            is_last = ended.is_set()
            page = await self._page(cursor, may_wait=not is_last)
            if self.dice.random() < CRASHES:
                self.counts["crashes"] += 1
                again = await self._page(cursor, may_wait=False)
                self.faults += [f"{self.name}: {fault}" for fault in differences(page["items"], again["items"])]
                page = again
            self._take(page)
            cursor = page["next"]
            if is_last and not page["items"] and not page["has_more"]:
                return

    async def _page(self, cursor: str | None, *, may_wait: bool) -> dict[str, Any]:
        limit = self.dice.randint(1, 40) if self.dice.random() < 0.2 else self.dice.randint(100, LARGEST_PAGE)
        asked: dict[str, object] = {**self.asked, "limit": limit}
        if cursor is not None:
            asked["cursor"] = cursor
        if may_wait and self.dice.random() < WAITS:
            asked["wait"] = self.dice.randint(1, LONGEST_WAIT_S)
            self.counts["waits"] += 1
        answer = await self._answer(asked)
        if answer.status_code != 200:
            raise RuntimeError(f"the feed answered {answer.status_code}: {answer.text[:300]}")
        self.counts["pages"] += 1
        page: dict[str, Any] = orjson.loads(answer.content)
        if page["stopped"] or page["restarted"]:
            self.faults.append(f"{self.name}: the feed stopped or went back")
        return page

    async def _answer(self, asked: Mapping[str, object]) -> httpx.Response:
        """Ask until there is an answer; a line that was let go at the other end while nobody used it is no fault, and a hundred are."""
        while True:
            try:
                return await self.http.get("/v1/changes", params=dict(asked))
            except httpx.TransportError:
                self.counts["broken lines"] += 1
                if self.counts["broken lines"] > MOST_BROKEN_LINES:
                    raise

    def _take(self, page: Mapping[str, Any]) -> None:
        for item in page["items"]:
            header = item["header"]
            school, digest = header["school"], bytes.fromhex(item["digest"])
            held = self.held[school]
            if header["number"] != len(held) + 1:
                self.faults.append(f"{self.name}: after {len(held)} came {header['number']}")
            if self.recomputes and not self._follows(school, header, item):
                self.faults.append(f"{self.name}: {header['number']} does not follow from its header")
            held.append(digest)
        self.counts["items"] += len(page["items"])

    def _follows(self, school: str, header: Mapping[str, Any], item: Mapping[str, str]) -> bool:
        written = orjson.dumps(header, option=orjson.OPT_SORT_KEYS)
        digest = sha256(b"graduated/entry/1\n" + written).digest()
        before = self.links.get(school) or sha256(school.encode()).digest()
        self.links[school] = sha256(b"graduated/link/1\n" + before + digest).digest()
        return (digest.hex(), self.links[school].hex()) == (item["digest"], item["link"])


def differences(first: Iterable[Mapping[str, Any]], again: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say where a page asked for again differs from the first, as far as both go in each school."""
    one, other = _by_school(first), _by_school(again)
    pairs = ((x, y) for school in one.keys() & other.keys() for x, y in zip(one[school], other[school], strict=False))
    return [f"asked again, {x['header']['number']} came as {y['header']['number']}" for x, y in pairs if x != y]


def _by_school(items: Iterable[Mapping[str, Any]]) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in items:
        found[item["urn"]].append(item)
    return found


_SINCE: Final = "select school_id::text as school, digest, recorded_at from entry where recorded_at > $1 order by recorded_at limit 1000"


@dataclass(slots=True)
class ReaderByTime:
    """Asks the database for what is newer than the newest it has: what commits late is behind it by then."""

    held: Held = field(default_factory=lambda: defaultdict(list))

    async def read_on(self, url: str, ended: asyncio.Event) -> None:
        """Read until writing has ended and nothing follows."""
        connection = await asyncpg.connect(url)
        newest = datetime(1970, 1, 1, tzinfo=UTC)
        try:
            while True:
                is_last = ended.is_set()
                rows = await connection.fetch(_SINCE, newest)
                for row in rows:
                    self.held[row["school"]].append(bytes(row["digest"]))
                    newest = row["recorded_at"]
                if is_last and not rows:
                    return
                await asyncio.sleep(0.02)
        finally:
            await connection.close()


def faults_of(held: Mapping[str, list[bytes]], expected: Mapping[str, list[bytes]]) -> list[str]:
    """Compare what a reader holds with all that was acknowledged, in order: nothing left out, doubled, strange or in another order."""
    faults: list[str] = []
    for school in sorted(held.keys() | expected.keys()):
        has, should = held.get(school, []), expected.get(school, [])
        if has == should:
            continue
        missing, strange = len(set(should) - set(has)), len(set(has) - set(should))
        doubled = len(has) - len(set(has))
        faults.append(f"{school}: of {len(should)} are {missing} missing, {doubled} doubled, {strange} strange" + _order(has, should))
    return faults


def _order(has: list[bytes], should: list[bytes]) -> str:
    return ", and the order is another" if sorted(has) == sorted(should) else ""
