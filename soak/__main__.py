"""`python -m soak`: one long trial; prints what it counted and ends with 1 where anything was lost, doubled or out of its place."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from app.db.embedded import embedded_cluster
from app.db.migrations import upgrade
from soak import crash, feed


def _say(line: str) -> None:
    print(line, flush=True)


def _crash(asked: argparse.Namespace) -> list[str]:
    return asyncio.run(crash.run(crash.Scale(pupils=asked.pupils, kills=asked.kills, seed=asked.seed), _say))


def _feed(asked: argparse.Namespace) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="grad-soak-") as folder, embedded_cluster(Path(folder)) as urls:
        upgrade(urls.owner)
        return asyncio.run(feed.run(urls, feed.Scale(changes=asked.changes, schools=asked.schools, seed=asked.seed), _say))


def parser_of_trials() -> argparse.ArgumentParser:
    """Know every trial by name."""
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    trials = parser.add_subparsers(dest="trial", metavar="trial", required=True)
    storm = trials.add_parser("crash", help="kill service, worker and database while deliveries are under way")
    storm.add_argument("--pupils", type=int, default=834, help="in each of two schools; 24 deliveries to each pair (default 834)")
    storm.add_argument("--kills", type=int, default=30, help="how often something is killed (default 30)")
    storm.add_argument("--seed", type=int, default=1, help="of the dice (default 1)")
    storm.set_defaults(run=_crash)
    oracle = trials.add_parser("feed", help="let 64 writers write and give up while readers follow the feed")
    oracle.add_argument("--changes", type=int, default=200_000, help="entries to be acknowledged (default 200,000)")
    oracle.add_argument("--schools", type=int, default=16, help="at which they write, an even number (default 16)")
    oracle.add_argument("--seed", type=int, default=1, help="of the dice (default 1)")
    oracle.set_defaults(run=_feed)
    return parser


def main() -> int:
    """Run the trial that was asked for."""
    asked = parser_of_trials().parse_args()
    faults: list[str] = asked.run(asked)
    for fault in faults:
        _say(f"FAULT {fault}")
    _say("no fault" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
