"""What the two leaflets promise works here, and where they differ from the law or from each other the rule says what holds."""

import re
from pathlib import Path

import pytest

from app.domain.citation import Instrument
from app.domain.entries import KINDS, Matter
from app.domain.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "leaflets.md"
ROWS = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
SAID = [row for row in ROWS if row[0] != "What the leaflet says"]
LEAFLETS = {Instrument.DUDLEY_LEAFLET, Instrument.KNOWSLEY_LEAFLET}

DIFFERENCES = {
    "who supports teachers in regular assessment": ("assess-all-pupils-regularly", "senior leadership team"),
    "whether School Action moves by itself": ("decide-each-school-action-pupil", "not automatic"),
    "until when it moves": ("finish-the-move-by-september-2015", "no statute"),
    "which edition of the Code": ("apply-the-law-of-the-day", "January 2015"),
    "whether telling is a duty": ("inform-parents-of-sen-provision", "by the Act"),
    "who sets outcomes": ("agree-plan-with-parents-and-pupil", "agreed with parents and pupil"),
    "whether reviews and meetings are one": ("meet-parents-three-times-a-year", "two clocks"),
    "when a specialist is involved": ("involve-a-specialist", "substantially below"),
    "whether parents decide on specialists": ("decide-on-specialists-with-parents", "take part in the decision"),
    "when the rights pass to a young person": ("honour-who-holds-the-rights", "compulsory school age"),
    "how often the report is renewed": ("publish-an-information-report", "both"),
    "who asks for an assessment, and when": ("ask-for-an-ehc-needs-assessment", "at any time"),
    "whether there are individual education plans": ("take-an-old-form-of-plan", "neither"),
    "where the duties come from": ("bind-the-schools-named", "types of school"),
    "what record parents get": ("record-and-share-the-meeting", "both"),
    "whether a pupil with a plan has SEN Support": ("use-sen-support", "who is E"),
}
"""The points on which the rulebook sets the leaflets beside the Code, each with the rule that says what holds."""


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", SAID, ids=lambda row: row[0])
def test_what_a_leaflet_says_is_carried_by_rules_entries_and_notices_that_there_are(row) -> None:
    said, rules, entries, notices = row
    assert said and named(rules)
    assert set(named(rules)) <= set(RULES)
    assert set(named(entries)) <= set(KINDS)
    assert set(named(notices)) <= set(Matter)
    assert named(entries) or "no machine" in entries


def test_no_rule_that_cites_a_leaflet_is_left_out_of_the_page() -> None:
    cited = {rule.id for rule in RULES.values() if LEAFLETS & {place.instrument for place in rule.cites}}
    assert len(SAID) > 40
    assert cited <= {rule for row in SAID for rule in named(row[1])}


@pytest.mark.parametrize(("rule", "holds"), DIFFERENCES.values(), ids=list(DIFFERENCES))
def test_where_the_leaflets_differ_the_rule_says_what_holds(rule, holds) -> None:
    told = RULES[rule].leaflets_differ
    assert holds in told
    assert re.search("Dudley|Knowsley|leaflets", told)


def test_no_other_rule_says_that_a_leaflet_differs() -> None:
    assert {rule.id for rule in RULES.values() if rule.leaflets_differ} == {rule for rule, _ in DIFFERENCES.values()}
