"""How the files of a bundle are shared out among its parts, and the list of all that each part holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.db.chain import Json, canonical
from app.documents.bundle.bag_files import File, json_file
from app.documents.bundle.bag_names import FORMAT, SET
from app.documents.bundle.frozen import FrozenRecord
from app.documents.bundle.zip_form import MAX_ARCHIVE_BYTES
from app.documents.papers.paper_pages import PageCount, placed_of

_OF_A_NAME: Final = 60
"""At most so many bytes are the folder's name and its slash."""
_OF_A_FILE: Final = 30 + 46 + 2 * _OF_A_NAME + 67
"""In bytes, beside its content and its name three times: two headers in the archive with the folder's name, and a line of the manifest."""
_OF_THE_TAGS: Final = 6_000
"""More bytes than the tag files, the signature and their headers have, but for the school's name."""
_OF_A_PART: Final = 64
"""So many bytes more has the list for each part."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Files that lie in one part together: their names and sizes in bytes."""

    files: tuple[tuple[str, int], ...]

    @property
    def takes(self) -> int:
        """At most so many bytes they take of a part."""
        return sum(size + 3 * len(name.encode()) + _OF_A_FILE for name, size in self.files)

    @property
    def names(self) -> frozenset[str]:
        """The names of its files."""
        return frozenset(name for name, _ in self.files)


@dataclass(frozen=True, slots=True)
class PartPlan:
    """The files of one part by their names; `is_over_cap` where what cannot be divided is larger than a part should be."""

    names: frozenset[str]
    is_over_cap: bool


def share_out(lots: Sequence[Lot], cap: int | None, beside: int) -> tuple[PartPlan, ...]:
    """Put lots into parts in their order, a new part where one would pass the cap in bytes; `beside` is what every part holds anyway.

    Without a cap a part holds as much as the form of the archive can.
    """
    most = MAX_ARCHIVE_BYTES if cap is None else min(cap, MAX_ARCHIVE_BYTES)
    parts: list[list[Lot]] = [[]]
    filled = beside
    for lot in lots:
        if parts[-1] and filled + lot.takes > most:
            parts.append([])
            filled = beside
        parts[-1].append(lot)
        filled += lot.takes
    return tuple(_part(part, beside, most) for part in parts)


def _part(lots: Sequence[Lot], beside: int, most: int) -> PartPlan:
    names = frozenset[str]().union(*(lot.names for lot in lots))
    return PartPlan(names, is_over_cap=beside + sum(lot.takes for lot in lots) > most)


def beside(frozen: FrozenRecord, lots: Sequence[Lot], limits: Sequence[PageCount], cap: int | None) -> int:
    """At most so many bytes each part holds beside its own files: the list of all, the tag files and the signature."""
    listed: list[Json] = [{"name": name, "sha256": "0" * 64, "size": size} for lot in lots for name, size in lot.files]
    told = _told(frozen, [{"number": 1, "over_cap": False, "files": listed}], limits, cap)
    list_takes = Lot(((SET, len(canonical(told)) + _OF_A_PART * len(lots)),)).takes
    return list_takes + _OF_THE_TAGS + len(frozen.school.name.encode())


def set_file(
    frozen: FrozenRecord, parts: Sequence[PartPlan], files: Mapping[str, File], limits: Sequence[PageCount], cap: int | None
) -> File:
    """The list of all parts, papers and limits, which lies in every part and says the same in each."""
    return json_file(SET, _told(frozen, _parts_told(parts, files), limits, cap))


def _parts_told(parts: Sequence[PartPlan], files: Mapping[str, File]) -> list[Json]:
    return [
        {"number": number, "over_cap": part.is_over_cap, "files": [files[name].told() for name in sorted(part.names)]}
        for number, part in enumerate(parts, start=1)
    ]


def _told(frozen: FrozenRecord, parts: list[Json], limits: Iterable[PageCount], cap: int | None) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "request": str(frozen.request_id),
        "record_digest": frozen.digest.hex(),
        "cap": cap,
        "parts": parts,
        "papers": [one.told() for one in placed_of(frozen)],
        "limits": [one.told() for one in limits],
        "left_out": [{"number": one.number, "reason": one.reason} for one in sorted(frozen.left_out, key=lambda one: one.number)],
    }
