"""`python -m tests.vectors.publish`: writes all cases out in full into the file that the service publishes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from tests.vectors.reading import FAR_ON, PEOPLE, Case, cases

PUBLISHED = Path(__file__).parents[2] / "app" / "exchange" / "vectors.json"
Json = Any


def published() -> str:
    """The file as it should be: one case to a line."""
    lines = ",\n".join(json.dumps(written(case), ensure_ascii=False, separators=(",", ":"), sort_keys=True) for case in cases())
    return f'{{"items":[\n{lines}\n]}}\n'


def written(case: Case) -> dict[str, Json]:
    """One case in the words of an evaluation."""
    asked = {name: value for name, value in case.request(FAR_ON).items() if name not in ("as_at", "until")}
    checks = [{"as_at": str(day), "until": str(FAR_ON), "expect": expected(case, day)} for day in case.days]
    return {"title": case.title, "why": case.why, "rules": list(case.rules), **asked, "checks": checks}


def expected(case: Case, day: date) -> dict[str, Json]:
    """What must hold of the answer as at a day."""
    told, expect = case.expect, dict[str, Json]()
    on_day = {"status": "status_on", "needs": "needs_on", "rights": "rights_on", "undecided_transition": "undecided_on"}
    expect |= {ours: told[name][day] for ours, name in on_day.items() if day in told.get(name, {})}
    if day in told.get("told_on", {}):
        expect["to_tell"] = [str(PEOPLE[name]) for name in told["told_on"][day]]
    if owed := [{"rule": row["rule"], "states": row["states"]} for row in told.get("obligations", ()) if row["day"] == day]:
        expect["obligations"] = owed
    if checked := [{"rule": row["rule"], "errors": row["errors"]} for row in told.get("census", ()) if row["day"] == day]:
        expect["census"] = checked
    if day == FAR_ON:
        expect |= _of_the_whole(told)
    expect["refusals"] = [_remark(row) for row in told.get("refused", ())]
    return expect


def _of_the_whole(told: dict[str, Json]) -> dict[str, Json]:
    expect: dict[str, Json] = {}
    if "statuses" in told:
        expect["statuses"] = [_status(row) for row in told["statuses"]]
    if "due" in told:
        expect["due"] = {rule: [day and str(day) for day in days] for rule, days in told["due"].items()}
    if "findings" in told:
        expect["findings"] = [{**_remark(row), "kept": row["kept"]} for row in told["findings"]]
    if "unremarked" in told:
        expect["unremarked"] = [_remark(row) for row in told["unremarked"]]
    return expect


def _status(row: dict[str, Json]) -> dict[str, Json]:
    until = row.get("to")
    return {"status": row["status"], "since": str(row["from"]), "until": until and str(until), "imported": row["imported"]}


def _remark(row: dict[str, Json]) -> dict[str, Json]:
    is_of_school = "school_entry" in row
    return {"entry": row["school_entry" if is_of_school else "entry"], "of_the_school": is_of_school, "rule": row["rule"]}


if __name__ == "__main__":
    PUBLISHED.write_text(published(), encoding="utf-8")
