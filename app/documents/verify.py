"""Checking a bundle with nothing but the file and a set of public keys: no network, no database, and one sentence on what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from app.documents.bundle_contents import BundleBrokenError, check_about, check_complete, check_form, open_contents
from app.documents.bundle_proof import check_chain, check_entries, check_record_digest, check_signature, read_chain
from app.keys.jwks import KeysRefusedError, PublicKey, read_public_jwks

_UNREADABLE: Final = (ValueError, KeyError, IndexError, TypeError, ArithmeticError, RecursionError, OSError, MemoryError)


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


def verify_bundle(path: Path, jwks_path: Path) -> Verdict:
    """Check a bundle file against a file of public keys (a JWK Set); never raises for what the files hold or lack."""
    try:
        keys = read_public_jwks(jwks_path.read_bytes())
    except KeysRefusedError as refused:
        return Verdict(False, f"The key file cannot be used: {refused.reason}", ())
    except OSError:
        return Verdict(False, f"The key file {jwks_path} cannot be read.", ())
    try:
        with path.open("rb") as file:
            return verify_file(file, keys)
    except OSError:
        return Verdict(False, f"The bundle file {path} cannot be read.", ())


def verify_file(file: BinaryIO, keys: Mapping[str, PublicKey]) -> Verdict:
    """Check an open, seekable bundle; never raises for what it holds."""
    held: list[Check] = []
    try:
        sentence = _check_all(file, keys, held)
    except BundleBrokenError as broken:
        return Verdict(False, f"Not accepted: {broken.place}: {broken.reason}.", tuple(held))
    except _UNREADABLE:
        after = f" after the check '{held[-1].name}'" if held else ""
        return Verdict(False, f"Not accepted: the bundle cannot be read{after}.", tuple(held))
    return Verdict(True, sentence, tuple(held))


def _check_all(file: BinaryIO, keys: Mapping[str, PublicKey], held: list[Check]) -> str:
    bundle = open_contents(file)
    held.append(Check("structure", f"{len(bundle.files)} files in one folder, none compressed"))
    check_complete(bundle)
    held.append(Check("bag", "every file is listed, there, and has its SHA-256"))
    check_form(bundle)
    held.append(Check("form", "the archive is in the one ZIP form"))
    about = check_about(bundle)
    kid = check_signature(bundle, keys)
    held.append(Check("signature", f"signed with the key {kid}"))
    chain = read_chain(bundle)
    headers = check_entries(bundle, chain)
    held.append(Check("entries", f"{len(headers)} entries are as they were written"))
    check_chain(chain, keys)
    held.append(Check("chain", f"they stand in the school's chain up to number {len(chain.digests)}"))
    digest = check_record_digest(bundle, about, headers, chain)
    held.append(Check("record digest", digest))
    return f"Accepted: {len(headers)} entries of one pupil for request {bundle.request}, whole, signed and in the school's chain."
