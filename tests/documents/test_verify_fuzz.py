"""Five hundred bundles that somebody spoilt, blindly or with care: none is accepted, and none brings the verifier down."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from io import BytesIO
from random import Random

import pytest

from app.documents.bundle import zip_form
from app.documents.bundle.bag_names import BUNDLE_TYP, SIGNATURE
from app.documents.bundle.verify import verify_files
from app.keys.jwks import KeyUse, PrivateKey, generate_key, read_public_jwks
from app.keys.jws import sign_detached
from tests.documents.builders import FROZEN_AT, bundle_key, jwks, parts_of
from tests.documents.contributed import frozen_with_papers
from tests.documents.tampering import Files, manifest

IN_ALL, AT_ONCE = 500, 10
Spoil = Callable[[Random, list[bytes]], list[bytes]]


@cache
def good(cap: int | None) -> tuple[bytes, ...]:
    papers = [Random(place).randbytes(60_000) for place in range(3)]
    return tuple(parts_of(frozen_with_papers(*papers), cap)[0])


@cache
def stranger() -> PrivateKey:
    return generate_key(KeyUse.BUNDLES)


def flip(random: Random, part: bytes) -> bytes:
    spoilt = bytearray(part)
    for _ in range(random.choice((1, 1, 1, 2, 9))):
        spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
    return bytes(spoilt) if bytes(spoilt) != part else flip(random, part)


def cut(random: Random, part: bytes) -> bytes:
    return part[: random.randrange(len(part))]


def insert(random: Random, part: bytes) -> bytes:
    at = random.randrange(len(part) + 1)
    return part[:at] + random.randbytes(random.randint(1, 40)) + part[at:]


def take_out(random: Random, part: bytes) -> bytes:
    at = random.randrange(len(part) - 1)
    return part[:at] + part[at + random.randint(1, 60) :]


def double(random: Random, part: bytes) -> bytes:
    at, length = random.randrange(len(part)), random.randint(1, 5_000)
    return part[: at + length] + part[at:]


def overwrite(random: Random, part: bytes) -> bytes:
    """A stretch of nothing, of a header's own marks, or of the largest numbers."""
    filler = random.choice((b"\0", b"\xff", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"))
    at = random.randrange(len(part) - 64)
    stretch = (filler * 64)[: random.randint(4, 64)]
    return part[:at] + stretch + part[at + len(stretch) :]


def garbage(random: Random, part: bytes) -> bytes:
    return random.choice((b"", b"PK\x03\x04", random.randbytes(3_000), b"PK\x03\x04" + random.randbytes(500), part[::-1]))


def unpacked(part: bytes) -> tuple[str, Files]:
    file = BytesIO(part)
    stored = zip_form.read(file)
    folder = stored[0].name.partition("/")[0]
    return folder, {one.name.removeprefix(f"{folder}/"): b"".join(zip_form.content(file, one)) for one in stored}


def packed(folder: str, files: Files) -> bytes:
    sink = BytesIO()
    zip_form.write(sink, [zip_form.member_of(f"{folder}/{name}", content) for name, content in files.items()])
    return sink.getvalue()


def with_files(change: Callable[[Random, Files], None], *, forged: bool) -> Callable[[Random, bytes], bytes]:
    """Change the files of a part and write it well again; forged, with manifests that fit and a stranger's signature under them."""

    def spoil(random: Random, part: bytes) -> bytes:
        folder, files = unpacked(part)
        change(random, files)
        if forged:
            tags = ("bag-info.txt", "bagit.txt")
            files["manifest-sha256.txt"] = manifest({name: content for name, content in files.items() if name.startswith("data/")})
            told = {name: files[name] for name in (*tags, "manifest-sha256.txt") if name in files}
            files["tagmanifest-sha256.txt"] = manifest(told)
            signed = sign_detached(files["tagmanifest-sha256.txt"], stranger(), typ=BUNDLE_TYP, at=FROZEN_AT)
            files[SIGNATURE] = signed.encode()
        return packed(folder, files)

    return spoil


def any_file(random: Random, files: Files) -> str:
    return random.choice(sorted(files))


def lose(random: Random, files: Files) -> None:
    del files[any_file(random, files)]


def add(random: Random, files: Files) -> None:
    files[random.choice(("data/note.txt", "note.txt", "data/entries/000999.json", "data/papers/009-other.pdf"))] = random.randbytes(20)


def change_one(random: Random, files: Files) -> None:
    name = any_file(random, files)
    content = files[name]
    at = random.randrange(len(content) + 1)
    files[name] = content[:at] + random.choice((b"\0", b"x", b"9", b'"', b"\n", b"{}")) + content[at + 1 :]
    if files[name] == content:
        files[name] = content + b"x"


def exchange(random: Random, files: Files) -> None:
    one, other = random.sample(sorted(files), 2)
    files[one], files[other] = files[other], files[one]
    if files[one] == files[other]:
        files[one] += b"x"


def rename(random: Random, files: Files) -> None:
    name = any_file(random, files)
    files[random.choice((name + "x", name.upper() + "1", "data/" + name))] = files.pop(name)


def of_one_part(spoil: Callable[[Random, bytes], bytes]) -> Spoil:
    def spoiling(random: Random, parts: list[bytes]) -> list[bytes]:
        place = random.randrange(len(parts))
        return [spoil(random, part) if number == place else part for number, part in enumerate(parts)]

    return spoiling


def lose_or_double_a_part(random: Random, parts: list[bytes]) -> list[bytes]:
    chosen = random.choice(parts)
    return [part for part in parts if part is not chosen] if random.random() < 0.5 else [*parts, chosen]


BYTES = (flip, cut, insert, take_out, double, overwrite, garbage)
FILES = (lose, add, change_one, exchange, rename)
SPOILINGS: tuple[Spoil, ...] = (
    *(of_one_part(spoil) for spoil in BYTES),
    *(of_one_part(with_files(change, forged=forged)) for change in FILES for forged in (False, True)),
    lose_or_double_a_part,
)


@pytest.mark.parametrize("beginning", range(0, IN_ALL, AT_ONCE))
def test_none_of_them_is_accepted_and_none_brings_the_verifier_down(beginning: int) -> None:
    keys = read_public_jwks(jwks())
    for seed in range(beginning, beginning + AT_ONCE):
        random = Random(seed)
        whole = list(good(random.choice((None, None, 300_000))))
        spoilt = SPOILINGS[seed % len(SPOILINGS)](random, whole)
        assert spoilt != whole, seed
        verdict = verify_files([BytesIO(part) for part in spoilt], keys)
        assert not verdict.ok, seed
        assert verdict.sentence.startswith("Not accepted: "), seed


def test_what_they_were_made_of_is_accepted() -> None:
    for cap in (None, 300_000):
        assert verify_files([BytesIO(part) for part in good(cap)], read_public_jwks(jwks())).ok
    assert len(good(300_000)) > 1
    assert sha256(good(None)[0]).digest()
    assert bundle_key().kid != stranger().kid
