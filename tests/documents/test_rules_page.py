"""docs/RULES.md lists every line of the rulebook with where it lives, and nothing is shown as checked that nobody checked."""

import ast
import csv
from dataclasses import replace
from pathlib import Path

import pytest

from app.documents.reference.rules_page import CHECKED, SECTIONS, SURE, how_checked, lines_of, rules_page
from app.domain.rule import Certainty, Checking
from app.domain.rules import RULES
from app.main import create_app

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "RULES.md"
TABLE = ROOT / "tests" / "domain" / "rulebook_rows.csv"
ROWS = [row["row"] for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())]
OF = {checking: [rule for rule in RULES.values() if rule.checking is checking] for checking in Checking}


def lines():
    rows = [line.strip("| ").split(" | ") for line in rules_page().splitlines() if line.startswith("| ")]
    return [cells for cells in rows if cells[0].partition("-")[0] in SECTIONS]


def test_every_line_of_the_rulebook_is_in_a_rule_and_on_the_page():
    assert len(ROWS) == 140
    assert set(ROWS) - {row for rule in RULES.values() for row in rule.rows} == set()
    assert [row for row in ROWS if not any(line[0] == row for line in lines())] == []


def test_the_page_is_the_one_that_the_rules_give():
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "run `make docs`"


def test_each_line_says_all_there_is_to_say():
    """Line, rule, duty, force, certainty, dates, citation, day of reading, how it is checked, and the file it lives in."""
    carried = lines_of(RULES.values())
    assert len(lines()) == len(carried)
    for cells, (row, rule) in zip(lines(), carried, strict=True):
        assert len(cells) == 10 and all(cells), cells
        assert (cells[0], cells[1], cells[3], cells[4]) == (row, f"`{rule.id}`", rule.force.value, SURE[rule.certainty])
        assert str(rule.checked) in cells[7] and CHECKED[rule.checking] in cells[8]
        assert rule.id in (ROOT / cells[9].strip("`")).read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_has_a_citation_a_force_a_certainty_dates_and_a_day_of_reading(rule):
    assert rule.cites and rule.force and rule.certainty and rule.checking and rule.checked and rule.duty
    since, until = rule.in_force.since, rule.in_force.until
    assert since is None or until is None or since <= until


@pytest.mark.parametrize("rule", OF[Checking.PROPERTY], ids=lambda rule: rule.id)
def test_what_is_called_a_property_is_shown_by_a_test_that_exists(rule):
    path, _, name = rule.shown_by.partition("::")
    assert path.startswith("tests/") and (ROOT / path).is_file(), rule.shown_by
    nodes = ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name.startswith("test_") and name in functions, rule.shown_by


@pytest.mark.parametrize("rule", OF[Checking.NOT_CHECKABLE], ids=lambda rule: rule.id)
def test_what_no_machine_checks_says_why(rule):
    assert len(rule.shown_by.split()) >= 5, rule.id
    assert not rule.shown_by.startswith("tests/")
    assert rule.shown_by in how_checked(rule)


def test_what_nobody_compared_with_its_source_is_marked_three_times_over_on_the_page():
    unchecked = [cells for cells in lines() if RULES[cells[1].strip("`")].certainty is Certainty.UNCHECKED]
    others = [cells for cells in lines() if cells not in unchecked]
    assert len(unchecked) >= 5
    for cells in unchecked:
        assert "unchecked" in cells[4] and "unchecked" in cells[6] and "not compared" in cells[7]
    assert all("unchecked" not in cell for cells in others for cell in cells)


def test_a_citation_is_marked_where_it_is_shown_by_itself():
    rule = replace(next(iter(RULES.values())), certainty=Certainty.UNCHECKED)
    assert all("(unchecked" in source for source in rule.sources)
    assert not any("unchecked" in source for source in replace(rule, certainty=Certainty.PRIMARY).sources)


def test_every_answer_that_cites_tells_the_certainty_or_takes_citations_that_do():
    """A shape with citations has the certainty beside them, or its file never touches a citation without its mark."""
    bare = {schema for schema, found in _schemas().items() if "citations" in found and "certainty" not in found}
    within_a_rule = {"WordingOut"}
    modules = {path: path.read_text(encoding="utf-8") for path in (ROOT / "app" / "api").glob("*.py")}
    for schema in bare - within_a_rule:
        homes = [path.name for path, text in modules.items() if f"class {schema}(" in text and ".cites" in text]
        assert homes == [], schema
    assert all(".cites" not in text for path, text in modules.items() if path.stem.endswith("_files"))


def _schemas():
    components = create_app().openapi()["components"]["schemas"]
    return {name: set(schema.get("properties", {})) for name, schema in components.items()}
