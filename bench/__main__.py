"""`python -m bench`: prints what the service reaches of its floors, in one run, as it is; `--help` names what can be measured."""

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from app import clock
from app.db.embedded import DatabaseUrls, embedded_cluster
from app.db.migrations import upgrade
from bench import bundling, compliance, country, deliveries, rederivation, works
from bench.works import LIST, READ, WRITE, Scale, Work

REQUESTS = {"read": (READ,), "write": (WRITE,), "list": (LIST,), "all": (READ, WRITE, LIST)}


@contextmanager
def _database() -> Iterator[DatabaseUrls]:
    """An embedded PostgreSQL of our own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="grad-bench-") as folder, embedded_cluster(Path(folder)) as urls:
        upgrade(urls.owner)
        yield urls


def _requests(asked: argparse.Namespace, measured: tuple[Work, ...]) -> None:
    scale = Scale(schools=32, pupils_each=60, rounds=5, seconds=asked.seconds, connections=16)
    with _database() as urls:
        for row in uvloop.run(works.run(urls, measured, scale)):
            print(row.report())


def _compliance(asked: argparse.Namespace) -> None:
    size = country.Size(pupils=asked.pupils, obligations=asked.obligations or asked.pupils * 100 // 13)
    with _database() as urls:
        made = asyncio.run(country.invent(urls.superuser, size, clock.now().date()))
        print(made.report(), flush=True)
        for row in asyncio.run(compliance.run(urls, made)):
            print(row.report())


def _rederive(asked: argparse.Namespace) -> None:
    size = country.Size(pupils=asked.pupils, obligations=asked.pupils * asked.each, entries=True)
    with _database() as urls:
        made = asyncio.run(country.invent(urls.superuser, size, clock.now().date()))
        print(made.report(), flush=True)
        for row in asyncio.run(rederivation.run(urls, made)):
            print(row.report())


def _deliver(asked: argparse.Namespace) -> None:
    size = deliveries.Size(schools=asked.schools, pupils_each=asked.pupils, rounds=asked.rounds)
    with _database() as urls:
        for row in asyncio.run(deliveries.run(urls, size)):
            print(row.report())


def _bundle(asked: argparse.Namespace) -> None:
    for row in asyncio.run(bundling.run(rounds=asked.rounds)):
        print(row.report(), flush=True)
    for megabytes in bundling.MEMORY_OF:
        print(bundling.memory(megabytes).report(), flush=True)


def parser_of_works() -> argparse.ArgumentParser:
    """Know every work by name; without one it is all that goes over HTTP."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    works_of = parser.add_subparsers(dest="work", metavar="work")
    for name in REQUESTS:
        requests = works_of.add_parser(name, help="requests over HTTP beside bare routes")
        requests.add_argument("--seconds", type=float, default=2.0, help="length of one round (default 2); there are five of each")
    counting = works_of.add_parser("compliance", help="an invented country counted beside bare aggregates")
    counting.add_argument("--pupils", type=int, default=1_300_000, help="pupils with special educational needs (default 1,300,000)")
    counting.add_argument("--obligations", type=int, help="owed to them, as known now (default 100 to every 13 pupils)")
    deriving = works_of.add_parser("rederive", help="obligations derived anew after a change of rules beside folding the records")
    deriving.add_argument("--pupils", type=int, default=3_000, help="pupils with special educational needs (default 3,000)")
    deriving.add_argument("--each", type=int, default=20, help="what is owed to each of them, in the mean (default 20)")
    delivering = works_of.add_parser("deliver", help="deliveries by a worker beside a signed loop, and times from commit to arrival")
    delivering.add_argument("--schools", type=int, default=8, help="schools that owe something (default 8)")
    delivering.add_argument("--pupils", type=int, default=250, help="pupils of each, with a notice each (default 250)")
    delivering.add_argument("--rounds", type=int, default=5, help="rounds of each (default 5)")
    bundle = works_of.add_parser("bundle", help="a bundle of 60 papers beside zipfile and SHA-256 over the same files, and its memory")
    bundle.add_argument("--rounds", type=int, default=5, help="rounds of each (default 5)")
    parser.set_defaults(work="all", seconds=2.0)
    return parser


def main() -> None:
    """Measure what was asked for."""
    asked = parser_of_works().parse_args()
    if asked.work == "compliance":
        _compliance(asked)
    elif asked.work == "rederive":
        _rederive(asked)
    elif asked.work == "deliver":
        _deliver(asked)
    elif asked.work == "bundle":
        _bundle(asked)
    else:
        _requests(asked, REQUESTS[asked.work])


if __name__ == "__main__":
    main()
