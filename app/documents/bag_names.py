"""What the files of a bundle are called, and what is fixed in them; shared by the writer and the verifier."""

from typing import Final
from uuid import UUID

FORMAT: Final = "1"
PROFILE: Final = "national"
PROFILE_VERSION: Final = "1"
BUNDLE_TYP: Final = "graduated-bundle+jws"
DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
SIGNATURE: Final = "tagmanifest-sha256.txt.jws"


def folder_of(request: UUID) -> str:
    """The single folder at the top of a bundle."""
    return f"bundle-{request}"


def entry_file(number: int) -> str:
    """Where an entry lies in the bag."""
    return f"data/entries/{number:06d}.json"
