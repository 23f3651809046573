"""docs/RULES.md: every line of the rulebook, where it is written, how sure we are of it, how it is checked and where it lives."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType, ModuleType
from typing import Final

from app.domain.rule import Certainty, Checking, InForce, Rule
from app.domain.rules import INSTRUMENTS, RULES, RULES_VERSION, rules_of

SECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "META": "How the rules are applied",
        "ID": "Identification",
        "APDR": "Assess, plan, do, review",
        "TRN": "From School Action to SEN Support",
        "EHC": "EHC needs assessments, plans and their reviews",
        "SIR": "The SEN information report",
        "GOV": "Governing body and SENCO",
        "DAT": "Data standards",
        "REC": "Records and information law",
        "POL": "Proposed law",
    }
)
CHECKED: Final[Mapping[Checking, str]] = MappingProxyType(
    {
        Checking.OBLIGATION: "obligation",
        Checking.FINDING: "finding",
        Checking.DATA_CHECK: "data check",
        Checking.PROPERTY: "property of the system",
        Checking.NOT_CHECKABLE: "not checkable by a machine",
        Checking.RESERVED: "reserved, never enforced",
    }
)
SURE: Final[Mapping[Certainty, str]] = MappingProxyType(
    {
        Certainty.PRIMARY: "primary",
        Certainty.SECONDARY: "secondary",
        Certainty.LEAFLET: "leaflet",
        Certainty.UNCHECKED: "⚠ **unchecked**",
    }
)
INTRODUCTION: Final = """# Rules

Generated from `app/domain/rules` by `make docs`; do not edit it by hand. Every line of the rulebook stands here once for each rule
that carries it.

- *Force*: `must` binds by statute, `should` is guidance that may be departed from with a recorded reason, `data_standard` is what a
  return or an exchange requires, `local` is the practice of authorities, `history` governs what is past, `proposed` is nobody's duty yet.
- *Certainty*: `primary` was read in the source itself, `secondary` in texts that quote it, `leaflet` in what parents are given;
  ⚠ **unchecked** means that nobody has compared it with its source, and it is shown so wherever it appears. *Read on* is the day on
  which what we have was last read.
- *Checked as*: an **obligation** has dates and a state on each day; a **finding** is remarked on the step that keeps or breaks it; a
  **data check** looks at a file or a record; a **property** is how the system is built, with the test that shows it; the rest says why
  a machine cannot check it, or why it is reserved.
"""
HEAD: Final = "| Line | Rule | Duty | Force | Certainty | In force | Written in | Read on | Checked as | Lives in |"


def rules_page() -> str:
    """Write the page; the same for the same rules."""
    lives = {rule.id: _file_of(module) for module in INSTRUMENTS for rule in rules_of(module)}
    return "\n".join([INTRODUCTION, *_summary(), *(line for prefix in SECTIONS for line in _section(prefix, lives))])


def _file_of(module: ModuleType) -> str:
    return f"{module.__name__.replace('.', '/')}.py"


def lines_of(rules: Iterable[Rule]) -> list[tuple[str, Rule]]:
    """Every line of the rulebook with each rule that carries it, in order of their numbers."""
    return sorted(((row, rule) for rule in rules for row in rule.rows), key=lambda line: (_number(line[0]), line[1].id))


def _number(row: str) -> tuple[int, int]:
    prefix, _, number = row.partition("-")
    return list(SECTIONS).index(prefix), int(number)


def _summary() -> Iterator[str]:
    rows = {row for rule in RULES.values() for row in rule.rows}
    yield f"{len(rows)} lines in {len(RULES)} rules, version `{RULES_VERSION}`.\n"
    yield "| Checked as | Rules |\n|---|---|"
    ways = Counter(rule.checking for rule in RULES.values())
    yield from (f"| {name} | {ways[way]} |" for way, name in CHECKED.items())
    yield "\n| Certainty | Rules |\n|---|---|"
    sure = Counter(rule.certainty for rule in RULES.values())
    yield from (f"| {name} | {sure[certainty]} |" for certainty, name in SURE.items())


def _section(prefix: str, lives: Mapping[str, str]) -> Iterator[str]:
    lines = [line for line in lines_of(RULES.values()) if line[0].startswith(f"{prefix}-")]
    yield f"\n## {SECTIONS[prefix]} ({prefix})\n"
    yield HEAD
    yield "|" + "---|" * (HEAD.count("|") - 1)
    yield from (_line(row, rule, lives[rule.id]) for row, rule in lines)
    rules = dict.fromkeys(rule for _, rule in lines)
    notes = [note for rule in rules for note in _notes(rule)]
    if notes:
        yield ""
        yield from notes


def _line(row: str, rule: Rule, file: str) -> str:
    cells = (
        row,
        f"`{rule.id}`",
        rule.duty,
        rule.force.value,
        SURE[rule.certainty],
        _in_force(rule),
        "; ".join(rule.sources),
        _read_on(rule),
        how_checked(rule),
        f"`{file}`",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def how_checked(rule: Rule) -> str:
    """Say how a rule is checked, with the test that shows it or the reason why it is not."""
    shown = f": `{rule.shown_by}`" if rule.checking is Checking.PROPERTY else f": {rule.shown_by}" if rule.shown_by else ""
    return CHECKED[rule.checking] + shown


def _read_on(rule: Rule) -> str:
    return f"{rule.checked}, not compared with its source" if rule.certainty is Certainty.UNCHECKED else str(rule.checked)


def _in_force(rule: Rule) -> str:
    return _dates(rule.in_force) + (f", in these words {_since(rule.wordings[-1].in_force.since)}" if rule.earlier else "")


def _dates(in_force: InForce) -> str:
    return f"{_since(in_force.since)}{f' to {in_force.until}' if in_force.until else ''}"


def _since(day: date | None) -> str:
    return "always" if day is None else f"from {day}"


def _notes(rule: Rule) -> Iterator[str]:
    for wording in rule.earlier:
        yield f"- `{rule.id}`, {_dates(wording.in_force)}: {wording.duty}."
    if rule.leaflets_differ:
        yield f"- `{rule.id}` and the leaflets: {rule.leaflets_differ}"
