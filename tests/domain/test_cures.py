"""Whoever is refused is told what would put it right."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.cures import CURES, cure_of
from app.domain.rules import RULES

APP = Path(__file__).parent.parent.parent / "app"


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """Every finding of a broken rule made in a function that gives a refusal or none, or that is handed to `refused`."""
    for path in sorted(APP.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                refuses = function.returns is not None and ast.unparse(function.returns) == "Finding | None"
                for call in ast.walk(function):
                    if _is_broken(call) and (refuses or _is_assigned(function, call)):
                        yield f"{path.name} {function.name} {call.lineno}", call


def _is_broken(call: ast.AST) -> bool:
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "broken"


def _is_assigned(function: ast.AST, call: ast.AST) -> bool:
    assigned = (node for node in ast.walk(function) if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "refusal")
    return any(inner is call for node in assigned for inner in ast.walk(node.value))


REFUSALS = dict(refusals())


def test_the_refusals_are_found() -> None:
    assert len(REFUSALS) > 50


@pytest.mark.parametrize("where", sorted(REFUSALS))
def test_no_refusing_finding_has_an_empty_cure(where: str) -> None:
    given = {keyword.arg: keyword.value for keyword in REFUSALS[where].keywords}
    missing = given.get("missing")
    named = [part.value for part in missing.elts if isinstance(part, ast.Constant)] if isinstance(missing, ast.Tuple) else []
    assert "cure" in given or missing is not None
    assert "cure" in given or set(named) <= set(CURES)


def test_what_is_missing_is_asked_for_by_name_where_nothing_better_is_known() -> None:
    assert cure_of(["outcome 3 in the plan"]) == "give what is missing: outcome 3 in the plan"
    assert cure_of([]) == ""


def test_a_cure_of_its_own_comes_before_that_of_what_is_missing() -> None:
    rule = RULES["leave-a-trail"]
    assert rule.broken(missing=("reason",), cure="ask").cure == "ask"
    assert rule.broken(missing=("reason", "second person")).cure == f"{CURES['reason']}; {CURES['second person']}"
