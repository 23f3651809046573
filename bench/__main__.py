"""`python -m bench read|write|all`: prints what the service reaches of its floors, in one run, as it is."""

import argparse
import tempfile
from pathlib import Path

import uvloop

from app.db.embedded import embedded_cluster
from app.db.migrations import upgrade
from bench.works import READ, WRITE, Scale, run

WORKS = {"read": (READ,), "write": (WRITE,), "all": (READ, WRITE)}


def main() -> None:
    """Measure against an embedded PostgreSQL of our own that is gone afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("work", nargs="?", choices=WORKS, default="all")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one round (default 2); there are five of each")
    asked = parser.parse_args()
    scale = Scale(schools=32, pupils_each=60, rounds=5, seconds=asked.seconds, connections=16)
    with tempfile.TemporaryDirectory(prefix="grad-bench-") as folder, embedded_cluster(Path(folder)) as urls:
        upgrade(urls.owner)
        for row in uvloop.run(run(urls, WORKS[asked.work], scale)):
            print(row.report())


if __name__ == "__main__":
    main()
