"""Reading a roll from a CSV file, for schools whose system cannot write a Common Transfer File.

The file is UTF-8 (with or without a byte order mark), separated by commas, with one header row. Columns may come in any order:

- `upn`, `surname`, `forename`, `date_of_birth`, `sex`, `sen_status`, `sen_status_from` are required;
- `year_group` is optional;
- `need_1`, `need_2`, ... up to `need_99` are optional: types of need in order of rank, each with an optional `need_1_from` and `need_1_to`.

A pupil may have several rows, one for each status that began on another day; they must agree about who the pupil is. A need begins with the
status of its row and ends the day before the pupil's next status begins, unless its own dates say otherwise. Days are written 2014-09-01.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import BinaryIO, Final

from app.domain.identifiers import Upn
from app.exchange.cells import Cell, CellReader, ProblemLog
from app.exchange.intake import FileRefusedError, Intake
from app.exchange.roll import Limits, Roll, RollFormat, RollNeed, RollPupil, RollStatus
from app.exchange.roll_checks import RollChecks

REQUIRED: Final = ("upn", "surname", "forename", "date_of_birth", "sex", "sen_status", "sen_status_from")
_WHO: Final = ("surname", "forename", "date_of_birth", "sex", "year_group")
MOST_COLUMNS: Final = len(REQUIRED) + 1 + 3 * 99
"""All that a roll can have: the required ones, the year group, and 99 needs with their two days."""

_NEED: Final = re.compile(r"need_([1-9][0-9]?)(_from|_to)?")
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_OTHER_DELIMITERS: Final = re.compile(r"[;\t|]")
_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class _Row:
    """One row below the header; `number` counts as a spreadsheet does (the header is 1), `line` as an editor does."""

    number: int
    line: int
    values: Mapping[str, str]

    def cell(self, column: str) -> Cell:
        return Cell(self.values.get(column, ""), self.line, f"row {self.number}, column {column}")

    @property
    def place(self) -> Cell:
        return Cell("", self.line, f"row {self.number}")


@dataclass(slots=True)
class _Group:
    """The rows of one pupil, the first of which says who it is."""

    first: _Row
    upn: Upn
    born_on: date | None
    pupil: RollPupil | None
    rows: list[tuple[_Row, RollStatus | None]] = field(default_factory=list)


class _CsvReading:
    """One file being read: the pupils met so far by their numbers, and the readers that know the day and the limits."""

    def __init__(self, on: date, limits: Limits) -> None:
        self.limits = limits
        self.log = ProblemLog(limits.problems)
        self.read = CellReader(on, self.log, limits.cell)
        self.checks = RollChecks(on, self.log)
        self.groups: dict[Upn, _Group] = {}
        self.pupils: list[RollPupil] = []

    def take(self, intake: Intake) -> None:
        try:
            self.take_rows(_decoded(b"".join(intake.pieces())))
        except FileRefusedError as refused:
            self.log.found.append(refused.problem)
        for group in self.groups.values():
            self.finish(group)

    def take_rows(self, text: str) -> None:
        records = _records(text)
        header = next(records, None)
        if header is None:
            raise FileRefusedError("file-empty", "The file is empty.")
        columns = [name.strip().lower() for name in header[2]]
        if not self.header_is_good(columns):
            return
        for count, (number, line, values) in enumerate(records):
            if count == self.limits.rows:
                raise FileRefusedError("too-many-rows", f"The file has more than {self.limits.rows} rows; send it in parts.", line=line)
            if len(values) != len(columns):
                detail = f"This row has {len(values)} values and the header has {len(columns)}."
                self.log.error(Cell("", line, f"row {number}"), "row-ragged", detail)
            else:
                self.take_row(_Row(number, line, dict(zip(columns, values, strict=True))))
        if not self.groups:
            self.log.error(Cell("", 1, "row 1"), "no-pupils", "There is no pupil in the file that could be read.")

    def header_is_good(self, columns: Sequence[str]) -> bool:
        """Put every wrong column into the log by its place, never by its name, which may be a child's if the header is missing."""
        before = len(self.log.found)
        if len(columns) == 1 and _OTHER_DELIMITERS.search(columns[0]):
            raise FileRefusedError("delimiter-wrong", "Columns are separated by commas; this file uses another sign.", pointer="row 1")
        if len(columns) > MOST_COLUMNS:
            raise FileRefusedError("too-many-columns", f"A roll has at most {MOST_COLUMNS} columns.", pointer="row 1")
        seen: set[str] = set()
        for place, column in enumerate(columns, start=1):
            at = Cell("", 1, f"row 1, column {place}")
            if column not in REQUIRED and column != "year_group" and not _NEED.fullmatch(column):
                self.log.error(at, "column-unknown", "The header has a name here that is no column of a roll.")
            elif column in seen:
                self.log.error(at, "column-repeated", f"The column {column} comes twice.")
            seen.add(column)
        for column in [name for name in REQUIRED if name not in columns]:
            self.log.error(Cell("", 1, "row 1"), "column-missing", f"The column {column} is missing.")
        return len(self.log.found) == before

    def take_row(self, row: _Row) -> None:
        upn = self.read.upn(row.cell("upn"))
        group = self.groups.get(upn) if upn else None
        if group is None:
            group = self.new_pupil(row, upn)
        else:
            self.compare(group.first, row)
        status = self.status(row, group.born_on if group else None)
        if group is None:
            return
        if len(group.rows) == self.limits.rows_per_pupil:
            raise FileRefusedError("too-many-rows", f"One pupil has more than {self.limits.rows_per_pupil} rows.", line=row.line)
        group.rows.append((row, status))

    def new_pupil(self, row: _Row, upn: Upn | None) -> _Group | None:
        """Read who the pupil is; without a usable number the rest of the row is still read for its problems, and then left out."""
        if len(self.groups) == self.limits.pupils:
            raise FileRefusedError(
                "too-many-pupils", f"The file has more than {self.limits.pupils} pupils; send it in parts.", line=row.line
            )
        born_on = self.read.birth(row.cell("date_of_birth"))
        surname = self.read.words(row.cell("surname"), missing="surname-missing")
        forename = self.read.words(row.cell("forename"), missing="forename-missing")
        sex, year_group = self.read.sex(row.cell("sex")), self.read.year_group(row.cell("year_group"))
        if upn is None:
            return None
        pupil = None
        if surname and forename and born_on and sex:
            pupil = RollPupil(row.line, row.place.pointer, upn, surname, forename, born_on, sex, year_group)
        self.groups[upn] = _Group(row, upn, born_on, pupil)
        return self.groups[upn]

    def compare(self, first: _Row, row: _Row) -> None:
        for column in _WHO:
            if row.cell(column).text.strip() != first.cell(column).text.strip():
                detail = f"This differs from row {first.number}, which has the same UPN; all rows of a pupil must agree."
                self.log.error(row.cell(column), "rows-disagree", detail)

    def status(self, row: _Row, born_on: date | None) -> RollStatus | None:
        code, start = row.cell("sen_status"), row.cell("sen_status_from")
        if not code.text.strip() and not start.text.strip():
            return None
        status = self.read.status(code)
        if not start.text.strip():
            self.log.error(start, "status-not-dated", "A status needs the day it began.")
        starts_on = self.read.start(start, born_on)
        return RollStatus(status, starts_on, row.line, start.pointer) if status and starts_on else None

    def finish(self, group: _Group) -> None:
        statuses = self.checks.in_order([status for _, status in group.rows if status])
        needs = [need for row, status in group.rows for need in self.needs(group, row, status, statuses)]
        if group.pupil is None:
            return
        who = group.pupil
        ranked = tuple(sorted(needs, key=lambda need: need.rank))
        pupil = RollPupil(
            who.line, who.pointer, who.upn, who.surname, who.forename, who.date_of_birth, who.sex, who.year_group, statuses, ranked
        )
        self.checks.check(pupil)
        self.pupils.append(pupil)

    def needs(self, group: _Group, row: _Row, status: RollStatus | None, statuses: Sequence[RollStatus]) -> Iterator[RollNeed]:
        begins_on = status.starts_on if status else None
        next_on = min((later.starts_on for later in statuses if begins_on and later.starts_on > begins_on), default=None)
        for column in row.values:
            match = _NEED.fullmatch(column)
            if match is None or match[2] or not row.values[column].strip():
                continue
            need_type = self.read.need_type(row.cell(column))
            starts_on = self.read.start(row.cell(f"{column}_from"), group.born_on) or begins_on
            ends_on = self.read.day(row.cell(f"{column}_to")) or (next_on - timedelta(days=1) if next_on else None)
            if need_type:
                yield RollNeed(need_type, int(match[1]), starts_on, ends_on, row.line, row.cell(column).pointer)


def _decoded(content: bytes) -> str:
    if content.startswith(_WIDE_MARKS):
        raise FileRefusedError("encoding-wrong", "The file is in UTF-16 or UTF-32; save it as UTF-8.", pointer="row 1")
    if b"\x00" in content:
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        raise FileRefusedError("nul-byte", "The file has a NUL byte here, so it is not text in UTF-8.", line=line)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefusedError("encoding-wrong", "This line is not in UTF-8; save the file as UTF-8.", line=line) from None


def _records(text: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield row number, first line and values; empty lines are counted and passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for number, values in enumerate(reader, start=1):
            if values:
                yield number, line, values
            line = reader.line_num + 1
    except csv.Error:
        raise FileRefusedError("csv-not-well-formed", "A quotation mark is out of place, or a value has no end.", line=line) from None


def read_csv(stream: BinaryIO, *, on: date, limits: Limits = _LIMITS) -> Roll:
    """Read a whole CSV roll as of a day, after which nothing in it may begin; never raises for what the file says: see its `problems`."""
    intake, reading = Intake(stream, limits.size_in_bytes), _CsvReading(on, limits)
    reading.take(intake)
    return Roll(
        format=RollFormat.CSV,
        version=None,
        source_school=None,
        destination=None,
        pupils=tuple(reading.pupils),
        problems=reading.log.by_line(),
        sha256=intake.sha256(),
    )
