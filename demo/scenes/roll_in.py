"""The roll comes in as a Common Transfer File, with pupils still on School Action and School Action Plus."""

from collections import Counter
from typing import Final

from demo.client import Json, until
from demo.narrator import expect, expect_that, say, scene
from demo.school import School
from demo.stage import CHECKOUT

ROLL: Final = CHECKOUT / "demo" / "9999999_CTF_9999999_001.xml"
PUPILS: Final = 30
UNDECIDED: Final = 15


def roll_comes_in(school: School) -> None:
    """Try the file out, load it, and load it again."""
    scene("The roll comes in (3 November 2014)")
    tried = _hand_in(school, dry_run="true")
    expect("pupils in the file", tried["counts"]["pupils"], PUPILS)
    expect("pupils on roll after the dry run", school.client.every(school.path("/pupils")), [])
    say(f"A dry run reads the school's Common Transfer File: {PUPILS} pupils, nothing stored.")
    loaded = _hand_in(school)
    expect("pupils added", loaded["counts"]["added"], PUPILS)
    expect("pupils undecided", loaded["counts"]["undecided"], UNDECIDED)
    say(f"Loaded for real: {PUPILS} pupils, {loaded['counts']['entries']} entries in the ledger, under the administrator's name.")
    again = _hand_in(school)
    expect("what the second import said", again["counts"]["unchanged"], PUPILS)
    expect("entries of the second import", again["counts"]["entries"], 0)
    say(f"The same file again: {again['said']}")
    school.meet_pupils()
    _old_codes_stay(school)


def _old_codes_stay(school: School) -> None:
    listed = school.client.every(school.path("/pupils"), limit=100)
    codes = Counter(pupil["standing"]["status"] for pupil in listed)
    expect("pupils on School Action and School Action Plus", (codes["A"], codes["P"]), (9, 6))
    expect("undecided pupils", school.transition()["undecided"], UNDECIDED)
    chidi = school.record("Chidi")
    expect("Chidi's status", (chidi["status"], chidi["statuses"][-1]["imported"]), ("A", True))
    owed = [o for o in school.owed(rule="decide-each-school-action-pupil") if o["state"] == "due"]
    expect("decisions that are due", len(owed), UNDECIDED)
    expect("the last day for them", {o["due"] for o in owed}, {"2015-08-31"})
    say(
        f"{codes['A']} pupils stand on School Action and {codes['P']} on School Action Plus, with their own dates. "
        f"Nobody was moved: {UNDECIDED} individual decisions are due by 31 August 2015.",
        law="; ".join(owed[0]["citations"]),
    )
    expect_that("some were on SEN Support already in the file", codes["K"] > 0)


def _hand_in(school: School, **params: str) -> Json:
    handed = school.client.send_file(school.path("/imports"), ROLL.read_bytes(), "application/xml", staff=school.people["office"], **params)
    where = school.path(f"/imports/{handed['id']}")

    def ended() -> Json | None:
        job = school.client.get(where)
        return None if job["state"] == "waiting" else job

    job = until("the import ends", ended)
    expect("state of the import", job["state"], "done")
    return job
