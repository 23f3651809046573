"""How many attempts may be under way, in all and to each host: a host that does well is let more, one that does not keeps to its few."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

AT_ONCE: Final = 128
FIRST: Final = 4
MOST: Final = 64
MOST_PER_CLAIM: Final = 32
FEWEST_PER_CLAIM: Final = 16
"""A school that shares an endpoint with others has so many claimed at the least where they wait, since each claim has its price."""


@dataclass(slots=True)
class Door:
    """A host: how many attempts are inside, how many may be, and whether the last one that ended was accepted."""

    inside: int = 0
    width: float = FIRST
    does_well: bool = False

    @property
    def free(self) -> int:
        """How many more may begin; none until half are free, so that what waits is claimed in handfuls."""
        width = int(self.width)
        return width - self.inside if 2 * self.inside <= width else 0

    def leave(self, *, accepted: bool | None) -> None:
        """Widen by one for an attempt that was accepted, narrow by a quarter for one that was not; None tells nothing of the host."""
        self.inside -= 1
        if accepted is None:
            return
        self.does_well = accepted
        self.width = min(self.width + 1, MOST) if accepted else max(self.width * 0.75, 1)


@dataclass(slots=True)
class Room:
    """Who is being delivered to now. Hosts that have not just accepted something get no more than half of all places together.

    Each address has one place beside those of its host, so that slow neighbours at a host of many take no address all of its own.
    """

    at_once: int = AT_ONCE
    inside: int = 0
    doors: dict[str, Door] = field(default_factory=dict)
    hosts: dict[UUID, str] = field(default_factory=dict)
    urls: dict[UUID, str] = field(default_factory=dict)
    under_way: Counter[str] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        """Whether no attempt may begin, to whomever."""
        return self.inside >= self.at_once

    def unknown(self, subscriptions: Iterable[UUID]) -> list[UUID]:
        """Those of some subscriptions whose host was not told yet."""
        return [each for each in dict.fromkeys(subscriptions) if each not in self.hosts]

    def learn(self, urls: Mapping[UUID, str]) -> None:
        """Be told where subscriptions are."""
        self.urls.update(urls)
        self.hosts.update({id_: _host(url) for id_, url in urls.items()})

    def shares(self, subscriptions: Iterable[UUID], rivals: Mapping[str, int]) -> dict[UUID, int]:
        """Say how many attempts may begin for each of some subscriptions of one school; those for which none may are left out.

        `rivals` counts, for each host, the schools and subscriptions for which something is due there, and all are to have a share.
        """
        left, doubtful = self.at_once - self.inside, self._left_to_doubtful()
        found: dict[UUID, int] = {}
        of_host: dict[str, int] = {}
        for each in subscriptions:
            host = self.hosts.get(each, "")
            door = self.doors.get(host) or Door()
            of_its_own = 0 if self.under_way[self.urls.get(each, "")] else 1
            free = min(max(door.free - of_host.get(host, 0), of_its_own), left if door.does_well else min(left, doubtful))
            share = min(free, MOST_PER_CLAIM, max(FEWEST_PER_CLAIM, free // max(1, rivals.get(host, 1))))
            if host and share > 0:
                found[each] = share
                of_host[host] = of_host.get(host, 0) + share
                left -= share
                doubtful -= 0 if door.does_well else share
        return found

    def _left_to_doubtful(self) -> int:
        doubtful = sum(door.inside for door in self.doors.values() if not door.does_well)
        return self.at_once // 2 - doubtful

    def enter(self, subscription: UUID, url: str) -> None:
        """Let an attempt begin; the URL is where it goes, which may have changed since it was told."""
        host = self.hosts[subscription] = _host(url)
        self.urls[subscription] = url
        self.under_way[url] += 1
        self.doors.setdefault(host, Door()).inside += 1
        self.inside += 1

    def leave(self, url: str, *, accepted: bool | None) -> bool:
        """Let an attempt end; whether there is now room for more to its host."""
        door = self.doors[_host(url)]
        door.leave(accepted=accepted)
        self.inside -= 1
        self.under_way[url] -= 1
        self.under_way += Counter()
        return door.free > 0


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
