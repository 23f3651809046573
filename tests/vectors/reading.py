"""Reads the published cases: expands each into full entries with all their facts, and into questions to ask of an evaluation."""

from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from re import fullmatch
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

import yaml

from app.domain.author import AuthorKind
from app.domain.entries import KINDS, RankedNeed

Json = Any

FOLDER: Final = Path(__file__).parent
Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
START: Final = date(2009, 9, 1)
"""The day on which the pupil of a case came on roll, unless born later: then it is the first September at the age of four."""
FAR_ON: Final = date(2040, 8, 31)
"""The last day of the last school year that any case looks at."""

STAFF: Final = {name: UUID(int=0x200 + n) for n, name in enumerate(("teacher", "senco", "head", "assistant", "clerk"), start=1)}
CONTACTS: Final = {name: UUID(int=0x300 + n) for n, name in enumerate(("mother", "father", "grandmother"), start=1)}
PEOPLE: Final = {"pupil": UUID(int=0x101), **STAFF, **CONTACTS}
NAMES: Final = {person: name for name, person in PEOPLE.items()}
ROLES: Final = {"teacher": "teacher", "senco": "senco", "head": "head", "assistant": "teaching_assistant", "clerk": "administrator"}
OUTSIDERS: Final = {"client": UUID(int=0x401), "officer": UUID(int=0x402), "import": STAFF["clerk"]}
OUTSIDE_KINDS: Final = {"client": AuthorKind.CLIENT, "officer": AuthorKind.AUTHORITY_OFFICER, "import": AuthorKind.IMPORT}
NAMED_IN_CASES: Final = UUID("0199f1a0-0000-7000-8000-000000000000")

OF_A_CASE: Final = frozenset({"title", "why", "rules", "born", "school", "entries", "expect"})
OF_A_SCHOOL: Final = frozenset({"type", "record_begins_on", "entries"})
OF_A_ROW: Final = frozenset({"day", "what", "supersedes", "by", "written_on"})
ON_A_DAY: Final = ("status_on", "needs_on", "told_on", "rights_on", "undecided_on")
EXPECTED: Final = frozenset({"statuses", "due", "obligations", "findings", "unremarked", "refused", "census", *ON_A_DAY})


@dataclass(frozen=True, slots=True)
class Case:
    """One case: what it says, and its entries written out in full as an evaluation takes them."""

    title: str
    why: str
    rules: tuple[str, ...]
    file: str
    school: tuple[dict[str, Json], ...]
    record: tuple[dict[str, Json], ...]
    expect: dict[str, Json]

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which the case expects something, in order; the far day is asked for what holds of the whole record."""
        on_days = {day for name in ON_A_DAY for day in self.expect.get(name, {})}
        owed = {row["day"] for name in ("obligations", "census") for row in self.expect.get(name, ())}
        whole = {FAR_ON} if set(self.expect) & {"statuses", "due", "findings", "unremarked", "refused"} else set()
        return tuple(sorted(on_days | owed | whole))

    def request(self, as_at: date) -> dict[str, Json]:
        """The evaluation to ask for as at a day."""
        asked = {"as_at": str(as_at), "until": str(FAR_ON), "pupil": str(PEOPLE["pupil"])}
        return {**asked, "school": list(self.school), "record": list(self.record)}


@cache
def rows() -> tuple[tuple[dict[str, Json], str], ...]:
    """All cases as they are written, by file and place, each with the name of its file."""
    return tuple((row, file.stem) for file in sorted(FOLDER.glob("*.yaml")) for row in _yaml(file) or ())


@cache
def cases() -> tuple[Case, ...]:
    """Read all cases. Raises KeyError or ValueError for whatever is not of the format."""
    return tuple(read_case(row, file) for row, file in rows())


@cache
def unsaid() -> dict[str, dict[str, Json]]:
    """What an entry of each type says where a case says nothing."""
    told = [(kind, facts) for file in sorted((FOLDER / "unsaid").glob("*.yaml")) for kind, facts in (_yaml(file) or {}).items()]
    return {kind: {_name(name): value for name, value in facts.items()} for kind, facts in told}


def read_case(row: dict[str, Json], file: str) -> Case:
    """Expand one case of a file."""
    told = row.get("school", {})
    _only(row, OF_A_CASE), _only(told, OF_A_SCHOOL), _only(row["expect"], EXPECTED)
    return Case(
        title=row["title"],
        why=row["why"],
        rules=tuple(row.get("rules", ())),
        file=file,
        school=(*_opening_of_the_school(told), *(entry_of(entry, n) for n, entry in enumerate(told.get("entries", ()), start=1))),
        record=(*_opening_of_the_record(row), *(entry_of(entry, n) for n, entry in enumerate(row["entries"], start=1))),
        expect=row["expect"],
    )


def _opening_of_the_school(told: dict[str, Json]) -> tuple[dict[str, Json], ...]:
    """Described, and with one of each role since 2010, in the numbers from -999 up."""
    kind, begins = told.get("type", "maintained_mainstream"), told.get("record_begins_on", date(2014, 9, 1))
    described = {"what": "school.described", "school_type": kind, "authority": "999", "record_begins_on": begins}
    given = [{"what": "staff.role_given", "staff": name, "role": role} for name, role in ROLES.items()]
    return tuple(entry_of({"day": date(2010, 1, 1), **row}, n - 999) for n, row in enumerate([described, *given]))


def _opening_of_the_record(row: dict[str, Json]) -> tuple[dict[str, Json], ...]:
    """On roll with one parent, in the numbers -1 and 0, unless the case says so itself."""
    told, born = {entry["what"] for entry in row["entries"]}, row.get("born")
    day = START if born is None or born <= START else date(born.year + (4 if born.month < 9 else 5), 9, 1)
    opening = [{"day": day, "what": "pupil.enrolled", "date_of_birth": born}, {"day": day, "what": "contact.described"}]
    return tuple(entry_of(entry, n - 1) for n, entry in enumerate(opening) if entry["what"] not in told)


def entry_of(row: dict[str, Json], number: int) -> dict[str, Json]:
    """Write out one entry as an evaluation takes it."""
    kind, day = KINDS[row["what"]], row["day"]
    said = {_name(name): value for name, value in row.items() if name not in OF_A_ROW}
    known = {**unsaid().get(kind.type, {}), **said}
    hints = get_type_hints(kind)
    facts = {_name(name): _fact(hints[_name(name)], value, {**known, "day": day}) for name, value in known.items()}
    lacking = {field.name for field in fields(kind) if field.default is MISSING} - {*facts, "occurred_on"}
    if lacking:
        raise ValueError(f"tests/vectors/unsaid does not say {sorted(lacking)} of {kind.type}")
    entry: dict[str, Json] = {"type": kind.type, "occurred_on": str(day), "facts": facts, "number": number}
    if "supersedes" in row:
        entry["supersedes"] = row["supersedes"]
    if "by" in row:
        entry["author"] = author_of(row["by"])
    if "written_on" in row:
        entry["recorded_at"] = datetime.combine(row["written_on"], time(16), UTC).isoformat().replace("+00:00", "Z")
    return entry


def author_of(name: str) -> dict[str, str]:
    """The author of that name: a member of staff, a contact, the pupil, or `import`, `client` or `officer`."""
    if name in OUTSIDERS:
        return {"kind": OUTSIDE_KINDS[name].value, "id": str(OUTSIDERS[name])}
    kind = AuthorKind.STAFF if name in STAFF else AuthorKind.CONTACT if name in CONTACTS else AuthorKind.PUPIL
    return {"kind": kind.value, "id": str(PEOPLE[name])}


def _fact(hint: Any, value: Json, entry: dict[str, Json]) -> Json:
    if isinstance(hint, UnionType):
        return None if value is None else _fact(next(part for part in get_args(hint) if part is not NoneType), value, entry)
    if get_origin(hint) is tuple:
        ranked = [{"need_type": need, "rank": n} for n, need in enumerate(value, start=1)] if _is_short(hint, value) else value
        return [_fact(get_args(hint)[0], part, entry) for part in ranked]
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return {_name(name): _fact(hints[_name(name)], part, entry) for name, part in value.items()}
    if hint is UUID:
        return str(_id_of(value))
    if hint is date:
        return str(_day_of(value, entry))
    return value


def _is_short(hint: Any, value: Json) -> bool:
    return get_args(hint)[0] is RankedNeed and all(isinstance(need, str) for need in value)


def _id_of(name: str) -> UUID:
    if name in PEOPLE:
        return PEOPLE[name]
    if not fullmatch(r"[a-z][a-z ]* \d+", name):
        raise ValueError(f"{name} is nobody in a case, and no name with a number such as 'request 1'")
    return uuid5(NAMED_IN_CASES, name)


def _day_of(value: date | str, entry: dict[str, Json]) -> date:
    """A date, `the day` of the entry, `a year later`, or `the` with the name of another day of the entry."""
    if isinstance(value, date):
        return value
    if value == "a year later":
        return entry["day"].replace(day=min(entry["day"].day, 28), year=entry["day"].year + 1)
    named: date = entry[value.removeprefix("the ")]
    return named


def _name(name: str | bool) -> str:
    """YAML reads a bare `on` as yes."""
    return "on" if name is True else str(name)


def _only(said: dict[str, Json], known: frozenset[str]) -> None:
    if not set(said) <= known:
        raise ValueError(f"{sorted(set(said) - known)} is not of the format: {sorted(known)}")


def _yaml(file: Path) -> Json:
    return yaml.load(file.read_text(encoding="utf-8"), Loader)
