"""A bundle of papers beside `zipfile` storing the same files and SHA-256 over each, in turn; and how much memory it takes, by its size."""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from app import clock
from app.db.blobs import Blobs
from app.db.file_stores import open_store
from app.documents.bundle.bag import Bundle, prepare, write_part
from app.documents.bundle.bag_files import file_of_paper
from app.documents.bundle.bag_names import BUNDLE_TYP, folder_of
from app.documents.bundle.zip_form import Sink
from app.keys.jwks import KeyUse, PrivateKey, generate_key
from app.keys.jws import sign_detached
from app.keys.sealing import Sealer
from bench.freezes import FROZEN, PIECE_BYTES, REQUEST, SCHOOL, Paper, frozen_with, papers_in
from bench.times import Times, Way, Work, in_turn

MOST: Final = 3.0
COUNT: Final = 60
MEGABYTES: Final = 20
MEMORY_OF: Final = (20, 200)
Plain = Callable[[], None]
Into = Callable[[], AbstractContextManager[Sink]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The most memory that a process held which made one bundle and nothing else, and before it began, in bytes."""

    megabytes: int
    before: int
    most: int

    def report(self) -> str:
        """Write the row as it is printed."""
        held = f"{self.most / 1e6:.0f} MB at most, {self.before / 1e6:.0f} MB before it began"
        return f"memory for a bundle of {self.megabytes} MB, from store to store: {held}"


async def run(*, rounds: int = 5, count: int = COUNT, megabytes: int = MEGABYTES) -> list[Times]:
    """Measure from plain files into a plain file, as the floor does, then from an encrypted store into one, then with all that is drawn."""
    with tempfile.TemporaryDirectory(prefix="grad-bench-") as name:
        folder = Path(name)
        (folder / "papers").mkdir()
        papers, key = papers_in(folder / "papers", count=count, megabytes=megabytes), generate_key(KeyUse.BUNDLES)
        unpacked, blobs = _unpacked(folder, papers, key), _store(folder / "store")
        stored = [_stored(blobs, paper) for paper in papers]
        plain, sealed = (prepare(frozen_with(some)) for some in (papers, stored))
        what, into = f"{count} papers of {megabytes} MB, covers and record", folder / "ours.zip"
        beside = partial(_beside, partial(_zipped, unpacked), rounds=rounds)
        return [
            await beside(f"{what}: hashed, packed and signed", lambda: _packed(plain, partial(_into_file, into), key), most=MOST),
            await beside(f"{what}: the same from an encrypted store into it", lambda: _packed(sealed, partial(_into_store, blobs), key)),
            await beside(f"{what}: the same, covers and record drawn anew", lambda: _made(papers, partial(_into_file, into), key)),
        ]


async def _beside(floor: Plain, what: str, ours: Plain, *, rounds: int, most: float | None = None) -> Times:
    pids = (os.getpid(),)
    times = await in_turn(Way(work=_soon(floor), pids=pids), Way(work=_soon(ours), pids=pids), rounds=rounds)
    return Times(work=what, floor=times[0], ours=times[1], most=most)


def _soon(work: Plain) -> Work:
    async def soon() -> None:
        work()

    return soon


def _unpacked(folder: Path, papers: Sequence[Paper], key: PrivateKey) -> Path:
    """The very files of the bundle, lying in a folder."""
    _made(papers, partial(_into_file, folder / "first.zip"), key)
    with zipfile.ZipFile(folder / "first.zip") as archive:
        archive.extractall(folder)
    return folder / folder_of(REQUEST)


def _zipped(unpacked: Path) -> None:
    """The floor: each file read once, hashed once and stored."""
    with zipfile.ZipFile(unpacked.parent / "floor.zip", "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(unpacked.rglob("*")):
            if path.is_file():
                _hashed_into(archive, path, str(path.relative_to(unpacked.parent)))


def _hashed_into(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    digest = sha256()
    with path.open("rb") as file, archive.open(name, "w") as into:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            into.write(piece)


def _packed(bundle: Bundle, into: Into, key: PrivateKey) -> None:
    """Read each paper through and hash it, as is done before anything is written, then write; the drawing was done before."""
    for paper in bundle.frozen.papers:
        file_of_paper("paper", paper)
    with into() as sink:
        write_part(bundle, bundle.parts[0], partial(sign_detached, key=key, typ=BUNDLE_TYP, at=FROZEN), sink)


def _made(papers: Sequence[Paper], into: Into, key: PrivateKey) -> None:
    bundle = prepare(frozen_with(papers))
    with into() as sink:
        write_part(bundle, bundle.parts[0], partial(sign_detached, key=key, typ=BUNDLE_TYP, at=FROZEN), sink)


def _into_file(path: Path) -> AbstractContextManager[Sink]:
    return path.open("wb")


def _into_store(blobs: Blobs) -> AbstractContextManager[Sink]:
    return blobs.putting(SCHOOL, clock.new_id())


def _store(folder: Path) -> Blobs:
    sealer = Sealer(clock.random_bytes(32), random_bytes=clock.random_bytes)
    return Blobs(files=open_store(folder), sealer=sealer, random_bytes=clock.random_bytes)


def _stored(blobs: Blobs, paper: Paper) -> Paper:
    with blobs.putting(SCHOOL, clock.new_id()) as file:
        for piece in paper.chunks():
            file.write(piece)
    kept = file.kept
    return Paper(sha256=kept.digest, size=kept.size, chunks=lambda: blobs.chunks(kept))


def memory(megabytes: int) -> Memory:
    """Make one bundle in a process of its own, and tell what that held."""
    child = [sys.executable, "-m", "bench.bundling", str(megabytes)]
    told = subprocess.run(child, check=True, capture_output=True, text=True).stdout.split()
    return Memory(megabytes=megabytes, before=int(told[0]), most=int(told[1]))


def _one_bundle(megabytes: int) -> None:
    with tempfile.TemporaryDirectory(prefix="grad-bench-") as name:
        papers = papers_in(Path(name), count=COUNT, megabytes=megabytes)
        blobs, key = _store(Path(name) / "store"), generate_key(KeyUse.BUNDLES)
        kept = [_stored(blobs, paper) for paper in papers]
        before = _most()
        _made(kept, partial(_into_store, blobs), key)
        print(before, _most())


def _most() -> int:
    """The most that was resident since the program began, as Linux counts it; `ru_maxrss` would count the parent's memory too."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    _one_bundle(int(sys.argv[1]))
