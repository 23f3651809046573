"""Opening a part of a bundle for checking: names that cannot escape, sizes that are bounded, and a bag whose manifests hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import BinaryIO, Final
from uuid import UUID

from app.documents.bundle.bag_names import (
    AUTHORITY,
    CHAIN,
    DECLARATION,
    FORMAT,
    MANIFEST,
    PROFILE,
    SET,
    SIGNATURE,
    TAG_MANIFEST,
    folder_of,
)
from app.documents.bundle.zip_form import Stored, ZipFormError, content, read, reemit
from app.keys.strict import read_json_object

MAX_READ_BYTES: Final = 64 << 20
_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_LINE: Final = re.compile(r"([0-9a-f]{64})  (\S+)")
_INFO_LINE: Final = re.compile(r"([A-Za-z0-9-]+): (.*)")
_TAGS: Final = frozenset({"bag-info.txt", "bagit.txt", MANIFEST})
_IN_THE_FIRST: Final = frozenset({AUTHORITY, CHAIN, PROFILE})
_ENTRIES: Final = "data/entries/"
_FOLDER: Final = re.compile(r"bundle-([0-9a-f-]{36})(?:-([1-9][0-9]{0,4})-of-([1-9][0-9]{0,4}))?")
_OF_THE_BAG: Final = _TAGS | {TAG_MANIFEST, SIGNATURE}


class BundleBrokenError(Exception):
    """What is wrong with a bundle, and in which of its files."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True)
class Contents:
    """An opened part: its request and place by the folder's name, its size in bytes, and its files by their names below that folder."""

    file: BinaryIO
    request: UUID
    number: int
    count: int
    size: int
    stored: tuple[Stored, ...]
    files: Mapping[str, Stored]
    digests: dict[str, str] = field(default_factory=dict)

    def bytes_of(self, name: str) -> bytes:
        """Read one file whole; BundleBrokenError when it is missing or larger than 64 MiB."""
        one = self.files.get(name)
        if one is None:
            raise BundleBrokenError(name, "the file is missing")
        if one.size > MAX_READ_BYTES:
            raise BundleBrokenError(name, "the file is larger than 64 MiB")
        return b"".join(content(self.file, one))

    def text_of(self, name: str) -> str:
        """Read one file as UTF-8."""
        try:
            return self.bytes_of(name).decode("utf-8")
        except UnicodeDecodeError:
            raise BundleBrokenError(name, "the file is not UTF-8") from None

    def object_of(self, name: str) -> dict[str, object]:
        """Read one file as a strict JSON object."""
        try:
            return read_json_object(self.bytes_of(name))
        except ValueError:
            raise BundleBrokenError(name, "the file is not a JSON object") from None

    def digest_of(self, name: str) -> str:
        """SHA-256 of one file in hex, read in chunks, and once however often it is asked for."""
        if name not in self.digests:
            digest = sha256()
            for chunk in content(self.file, self.files[name]):
                digest.update(chunk)
            self.digests[name] = digest.hexdigest()
        return self.digests[name]


def open_contents(file: BinaryIO) -> Contents:
    """Read the list of files without their content; whatever a careless unpacker could stumble over is refused here."""
    try:
        stored = read(file)
    except ZipFormError as wrong:
        raise BundleBrokenError(wrong.place, wrong.reason) from None
    for one in stored:
        if not _SAFE_NAME.fullmatch(one.name):
            raise BundleBrokenError(repr(one.name), "a file name that could lead outside the bundle's folder")
    folder, _, _ = stored[0].name.partition("/")
    if any(not one.name.startswith(f"{folder}/") for one in stored):
        raise BundleBrokenError("the archive", "its files do not lie in one folder")
    request, number, count = _place_of(folder)
    files = {one.name.removeprefix(f"{folder}/"): one for one in stored}
    return Contents(file, request, number, count, file.seek(0, 2), stored, files)


def check_complete(bundle: Contents) -> None:
    """Every file is listed once and there; only the signature stands outside the manifests."""
    if bundle.bytes_of("bagit.txt") != DECLARATION:
        raise BundleBrokenError("bagit.txt", "it is not the declaration of a BagIt 1.0 bag")
    _check_manifest(bundle, TAG_MANIFEST, _TAGS)
    payload = frozenset(name for name in bundle.files if name.startswith("data/"))
    for name in sorted(bundle.files.keys() - payload - _OF_THE_BAG):
        raise BundleBrokenError(name, "the file belongs to no bundle")
    needed = {SET} | (_IN_THE_FIRST if bundle.number == 1 else frozenset())
    for name in sorted(needed - payload):
        raise BundleBrokenError(name, "the file is missing")
    for name in sorted(_of_the_first(payload) if bundle.number > 1 else ()):
        raise BundleBrokenError(name, "only part 1 holds this file")
    _check_manifest(bundle, MANIFEST, payload)


def _of_the_first(payload: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in payload if name in _IN_THE_FIRST or name.startswith(_ENTRIES))


def check_form(bundle: Contents) -> None:
    """The archive is byte for byte what writing its files again gives."""
    differs = reemit(bundle.file, bundle.stored)
    if differs is not None:
        raise BundleBrokenError(differs, "the archive is not in the one ZIP form of a bundle")


def check_about(bundle: Contents) -> Mapping[str, str]:
    """Give what bag-info.txt says, once it agrees with the folder and the files."""
    about: dict[str, str] = {}
    for line in bundle.text_of("bag-info.txt").splitlines():
        found = _INFO_LINE.fullmatch(line)
        if found is None or found[1] in about:
            raise BundleBrokenError("bag-info.txt", "a line is not a label with its value, each label once")
        about[found[1]] = found[2]
    payload = [one.size for name, one in bundle.files.items() if name.startswith("data/")]
    expected = {"External-Identifier": str(bundle.request), "Payload-Oxum": f"{sum(payload)}.{len(payload)}", "Bundle-Format": FORMAT}
    for name, value in expected.items():
        if about.get(name) != value:
            raise BundleBrokenError("bag-info.txt", f"{name} is not {value}")
    return about


def _place_of(folder: str) -> tuple[UUID, int, int]:
    """The request, the number of the part and how many there are, as the folder's name says."""
    found = _FOLDER.fullmatch(folder)
    try:
        request = None if found is None else UUID(found[1])
    except ValueError:
        request = None
    if found is None or request is None:
        raise BundleBrokenError("the archive", "its folder is not named bundle- and the number of a request")
    number, count = int(found[2] or 1), int(found[3] or 1)
    if number > count or folder != folder_of(request, number, count):
        raise BundleBrokenError("the archive", "its folder names no part of a bundle")
    return request, number, count


def _check_manifest(bundle: Contents, manifest: str, expected: frozenset[str]) -> None:
    listed = _listed(bundle, manifest)
    for name in sorted(listed.keys() - expected):
        raise BundleBrokenError(name, f"the file is missing, though {manifest} lists it")
    for name in sorted(expected - listed.keys()):
        raise BundleBrokenError(name, f"{manifest} does not list this file")
    for name, digest in listed.items():
        if name not in bundle.files:
            raise BundleBrokenError(name, f"the file is missing, though {manifest} lists it")
        if bundle.digest_of(name) != digest:
            raise BundleBrokenError(name, f"its bytes do not have the SHA-256 that {manifest} gives")


def _listed(bundle: Contents, manifest: str) -> dict[str, str]:
    listed: dict[str, str] = {}
    for line in bundle.text_of(manifest).splitlines():
        found = _LINE.fullmatch(line)
        if found is None or found[2] in listed:
            raise BundleBrokenError(manifest, "a line is not a SHA-256 and a file name, each file once")
        listed[found[2]] = found[1]
    return listed
