"""The published vectors: entries in, and what must come of them, for anybody's software to be held to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

Json = Any
NAME: Final = "vectors.json"
KEPT: Final = frozenset({"kept"})
BROKEN: Final = frozenset({"broken", "kept_late"})
HAS_A_LAST_DAY: Final = frozenset({"not_due", "due", "kept"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What must hold of an evaluation as at one day, in the members of its answer."""

    as_at: str
    until: str
    expect: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A case: why it is so in law, the entries as an evaluation takes them, and the checks."""

    title: str
    why: str
    rules: tuple[str, ...]
    pupil: UUID
    school: tuple[Json, ...]
    record: tuple[Json, ...]
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, row: Mapping[str, Json]) -> "Vector":
        """Read one from the file."""
        return cls(
            title=row["title"],
            why=row["why"],
            rules=tuple(row["rules"]),
            pupil=UUID(row["pupil"]),
            school=tuple(row["school"]),
            record=tuple(row["record"]),
            checks=tuple(Check(**check) for check in row["checks"]),
        )

    def request(self, check: Check) -> dict[str, Json]:
        """The evaluation to ask for."""
        lists = {"pupil": str(self.pupil), "school": list(self.school), "record": list(self.record)}
        return {"as_at": check.as_at, "until": check.until, **lists}

    @property
    def sides(self) -> frozenset[tuple[str, bool]]:
        """The rules that it shows kept (True) and the rules that it shows broken, late or refused (False)."""
        return frozenset(side for check in self.checks for side in _sides(check.expect))

    @property
    def states(self) -> frozenset[tuple[str, str]]:
        """The rules whose duties it speaks of, with each state that it shows them in, empty for a day on which none is owed."""
        owed = (owed for check in self.checks for owed in check.expect.get("obligations", ()))
        return frozenset((duty["rule"], state) for duty in owed for state in duty["states"] or [""])


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """One vector that shows a rule kept and one that shows it broken, None where there is none."""

    kept: Vector | None
    broken: Vector | None


def examples_of(rule: str, vectors: Sequence[Vector] | None = None) -> Examples:
    """Give an example of a rule each way, those that are about it first; of the published vectors unless others are given.

    A duty that runs on without a last day is never shown due: it is kept on a day on which no gap has been open.
    """
    known = published() if vectors is None else vectors
    about = sorted(known, key=lambda vector: rule not in vector.rules)
    kept, broken = (next((v for v in about if (rule, side) in v.sides), None) for side in (True, False))
    if kept is None and not any((rule, state) in vector.states for vector in known for state in HAS_A_LAST_DAY):
        kept = next((vector for vector in about if (rule, "") in vector.states), None)
    return Examples(kept=kept, broken=broken)


def read_published() -> str:
    """The file of all vectors as it is published."""
    return files("app.exchange").joinpath(NAME).read_text(encoding="utf-8")


@cache
def published() -> tuple[Vector, ...]:
    """All vectors, in the order of their files."""
    return tuple(Vector.of(row) for row in json.loads(read_published())["items"])


def _sides(expect: Mapping[str, Json]) -> Iterator[tuple[str, bool]]:
    for owed in expect.get("obligations", ()):
        yield from ((owed["rule"], True) for _ in KEPT & set(owed["states"]))
        yield from ((owed["rule"], False) for _ in BROKEN & set(owed["states"]))
    yield from ((finding["rule"], finding["kept"]) for finding in expect.get("findings", ()))
    yield from ((remark["rule"], True) for remark in expect.get("unremarked", ()))
    yield from ((check["rule"], not check["errors"]) for check in expect.get("census", ()))
    yield from ((refusal["rule"], False) for refusal in expect["refusals"])
