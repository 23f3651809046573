"""What the files of a bundle are called, and what is fixed in them; shared by the writer and the verifier."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.documents.papers.inspection import MEDIA_TYPES
from app.domain.entries import ContributionKind

FORMAT: Final = "2"
BAG_PROFILE: Final = "tag:graduated.example,2026:bagit-profile/2"
"""Names `bundle-profile.json`, which says in the common form for profiles of bags what each part of a bundle holds."""
BUNDLE_TYP: Final = "graduated-bundle+jws"
DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
ABOUT: Final = "bag-info.txt"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
SIGNATURE: Final = "tagmanifest-sha256.txt.jws"
SET: Final = "data/set.json"
AUTHORITY: Final = "data/authority.json"
CHAIN: Final = "data/chain.json"
PROFILE: Final = "data/profile.json"
RECORD_HTML: Final = "data/record.html"
RECORD_LARGE_PRINT: Final = "data/record-large-print.html"
RECORD_TEXT: Final = "data/record.txt"
RECORD_PDF: Final = "data/record.pdf"
_ENDS: Final[Mapping[str, str]] = MappingProxyType({media_type: kind.value for kind, media_type in MEDIA_TYPES.items()})


def folder_of(request: UUID, number: int = 1, count: int = 1) -> str:
    """The single folder at the top of a part; `number` counts from 1."""
    return f"bundle-{request}" if count == 1 else f"bundle-{request}-{number}-of-{count}"


def entry_file(number: int) -> str:
    """Where an entry lies in the bag."""
    return f"data/entries/{number:06d}.json"


def paper_file(number: int, kind: ContributionKind, media_type: str) -> str:
    """Where a paper lies; `number` is its place among the papers of the bundle, from 1."""
    return f"data/papers/{number:03d}-{kind.value.replace('_', '-')}.{_ENDS.get(media_type, 'bin')}"


def cover_file(number: int) -> str:
    """Where the cover page of a paper lies."""
    return f"data/papers/{number:03d}-cover.pdf"
