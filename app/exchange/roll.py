"""A school's roll as read from a file, whatever its format: pupils, their history, and every problem found on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.codes import NeedType, SenStatus
from app.domain.identifiers import Laestab, Upn, Urn


class RollFormat(StrEnum):
    """The kinds of file that a roll may come in."""

    CTF = "ctf"
    CSV = "csv"


class Severity(StrEnum):
    """Whether a problem keeps the whole file out (error) or is only told (warning)."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is read before it is refused; a depth is counted in nested elements, a cell in characters."""

    size_in_bytes: int = 20_000_000
    pupils: int = 5_000
    rows: int = 100_000
    rows_per_pupil: int = 200
    elements: int = 1_000_000
    elements_per_pupil: int = 10_000
    bytes_between_tags: int = 262_144
    depth: int = 20
    cell: int = 1_000
    problems: int = 5_000


@dataclass(frozen=True, slots=True)
class RollProblem:
    """One thing wrong: a stable code, a sentence that repeats nothing of the file, and the source that demands it, if there is one."""

    line: int
    pointer: str
    cause: str
    detail: str
    severity: Severity
    provision: str | None = None


@dataclass(frozen=True, slots=True)
class RollStatus:
    """A status that began on a day and held until the next one began."""

    status: SenStatus
    starts_on: date
    line: int
    pointer: str


@dataclass(frozen=True, slots=True)
class RollNeed:
    """A type of need with its rank (1 is the main one); the last day is inside, and None means that it goes on."""

    need_type: NeedType
    rank: int
    starts_on: date | None
    ends_on: date | None
    line: int
    pointer: str

    def is_current(self, on: date) -> bool:
        """Whether the need is held on this day; one that has no first day has always been held."""
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class RollContact:
    """A person named in the file beside a pupil; responsibility is None where the file does not say, which is not a no."""

    surname: str
    forename: str
    relationship: str | None
    parental_responsibility: bool | None
    line: int
    pointer: str
    address: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str:
        """Forename and surname, as one would address an envelope."""
        return f"{self.forename} {self.surname}".strip()


@dataclass(frozen=True, slots=True)
class RollPupil:
    """A pupil whose number, name, sex and date of birth could be read; statuses come in the order of their days, ranks ascending."""

    line: int
    pointer: str
    upn: Upn
    surname: str
    forename: str
    date_of_birth: date
    sex: str
    year_group: str | None
    statuses: tuple[RollStatus, ...] = ()
    needs: tuple[RollNeed, ...] = ()
    contacts: tuple[RollContact, ...] = ()

    @property
    def open_status(self) -> RollStatus | None:
        """The status nothing has followed yet, or None where the file gives no history."""
        return self.statuses[-1] if self.statuses else None


@dataclass(frozen=True, slots=True)
class RollSchool:
    """A school as the file's header names it; any part may be absent."""

    laestab: Laestab | None
    urn: Urn | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Roll:
    """All that a file said; load it only where there are no `errors`, since the pupils with errors are left out of `pupils`."""

    format: RollFormat
    version: str | None
    source_school: RollSchool | None
    destination: RollSchool | None
    pupils: tuple[RollPupil, ...]
    problems: tuple[RollProblem, ...]
    sha256: str

    @property
    def errors(self) -> Iterator[RollProblem]:
        """The problems that keep the file out."""
        return (problem for problem in self.problems if problem.severity is Severity.ERROR)
