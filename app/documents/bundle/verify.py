"""Checking a bundle with nothing but its files and a set of public keys: no network, no database, and one sentence on what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from app.documents.bundle.bundle_contents import BundleBrokenError, check_about, check_complete, check_form, open_contents
from app.documents.bundle.bundle_proof import check_chain, check_entries, check_profile, check_record_digest, check_signature, read_chain
from app.documents.bundle.bundle_set import PartOfSet, check_omissions, check_papers, check_whole, read_part
from app.domain.set_digest import digest_of_parts
from app.keys.jwks import KeysRefusedError, PublicKey, read_public_jwks

_UNREADABLE: Final = (ValueError, KeyError, IndexError, TypeError, ArithmeticError, RecursionError, OSError, MemoryError)
MOST_PARTS: Final = 10_000
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was found."""

    name: str
    found: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer in one sentence, and the checks that held before it."""

    ok: bool
    sentence: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A part that is whole by itself, with what its bag-info.txt says."""

    part: PartOfSet
    about: Mapping[str, str]


def verify_bundle(paths: Sequence[Path], jwks_path: Path) -> Verdict:
    """Check the files of a bundle's parts, in any order, against a file of public keys (a JWK Set); never raises for what they hold."""
    try:
        keys = read_public_jwks(jwks_path.read_bytes())
    except KeysRefusedError as refused:
        return Verdict(False, f"The key file cannot be used: {refused.reason}", ())
    except OSError:
        return Verdict(False, f"The key file {jwks_path} cannot be read.", ())
    with ExitStack() as stack:
        files: list[BinaryIO] = []
        for path in paths[:MOST_PARTS]:
            try:
                files.append(stack.enter_context(path.open("rb")))
            except OSError:
                return Verdict(False, f"The bundle file {path} cannot be read.", ())
        return verify_files(files, keys)


def verify_files(files: Sequence[BinaryIO], keys: Mapping[str, PublicKey]) -> Verdict:
    """Check open, seekable parts; never raises for what they hold."""
    held: list[Check] = []
    try:
        sentence = _check_all(files, keys, held)
    except BundleBrokenError as broken:
        return Verdict(False, f"Not accepted: {broken.place}: {broken.reason}.", tuple(held))
    except _UNREADABLE:
        after = f" after the check '{held[-1].name}'" if held else ""
        return Verdict(False, f"Not accepted: the bundle cannot be read{after}.", tuple(held))
    return Verdict(True, sentence, tuple(held))


def _check_all(files: Sequence[BinaryIO], keys: Mapping[str, PublicKey], held: list[Check]) -> str:
    if not files:
        raise BundleBrokenError("the bundle", "no file was given")
    opened = [one for file in files for one in _check_part(file, len(files), keys, held)]
    opened.sort(key=lambda one: one.part.number)
    check_whole([one.part for one in opened])
    first, listed = opened[0], opened[0].part.listed
    held.append(Check("set", f"{len(opened)} of {len(opened)} parts are there"))
    held.append(Check("profile", check_profile(first.part.contents, first.about)))
    chain = read_chain(first.part.contents)
    proved = check_entries(first.part.contents, chain)
    held.append(Check("entries", f"{len(proved)} entries are as they were written"))
    check_chain(chain, keys)
    held.append(Check("chain", f"they stand in the school's chain up to number {len(chain.digests)}"))
    told = [("bag-info.txt", one.about.get("Record-Digest")) for one in opened] + [("data/set.json", listed.record_digest)]
    contents = [one.part.contents for one in opened]
    held.append(Check("record digest", check_record_digest(contents, told, {number: one.header for number, one in proved.items()}, chain)))
    papers = check_papers(listed, proved)
    check_omissions(listed, proved)
    held.append(Check("papers", f"{papers} papers are as the entries name them, {len(listed.left_out)} entries were left out"))
    digest = digest_of_parts([_digest(one.part.contents.file) for one in opened]).hex()
    held.append(Check("digest", digest))
    return f"Accepted: {len(proved)} entries of one pupil for request {listed.request}, whole, signed and in the school's chain."


def _check_part(file: BinaryIO, of: int, keys: Mapping[str, PublicKey], held: list[Check]) -> Iterator[_Opened]:
    """Check one part by itself; where there are several, what held says of which."""
    bundle = open_contents(file)
    which = "" if of == 1 else f" of part {bundle.number}"
    held.append(Check(f"structure{which}", f"{len(bundle.files)} files in one folder, none compressed"))
    check_complete(bundle)
    held.append(Check(f"bag{which}", "every file is listed, there, and has its SHA-256"))
    check_form(bundle)
    held.append(Check(f"form{which}", "the archive is in the one ZIP form"))
    about = check_about(bundle)
    kid = check_signature(bundle, keys)
    held.append(Check(f"signature{which}", f"signed with the key {kid}"))
    yield _Opened(read_part(bundle, about), about)


def _digest(file: BinaryIO) -> bytes:
    digest = sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()
