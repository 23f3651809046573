"""The last day: what is overdue, the ledger checked, and everything counted."""

from collections import Counter, defaultdict
from typing import Final

from demo.client import Json
from demo.narrator import expect, expect_that, say, scene
from demo.scenes.telling import Post
from demo.school import URN, School
from demo.stage import Stage

TELLING: Final = (
    "inform-parents-of-sen-provision",
    "tell-of-the-transition-decision",
    "make-parents-aware-of-the-plan",
    "explain-the-impact-to-parents",
)
OVERDUE: Final = "broken"
MOST_NAMES: Final = 8
UNDECIDED: Final = "Olu"


def what_is_overdue(school: School) -> None:
    """List what is overdue by rule, with those it is owed to; Olu is there."""
    scene(f"What is overdue on {school.today:%-d %B %Y}")
    by_rule: dict[str, list[Json]] = defaultdict(list)
    for owed in school.owed(state=OVERDUE):
        by_rule[owed["rule"]].append(owed)
    expect_that("something is overdue", by_rule)
    expect("who is still undecided", _names(school, by_rule["decide-each-school-action-pupil"]), [UNDECIDED])
    expect("whose review was forgotten", _names(school, by_rule["review-by-the-agreed-date"]), ["Mei"])
    expect("who has no plan", _names(school, by_rule["have-a-plan-on-sen-support"]), ["Hamza"])
    late = [o for rule in TELLING for o in school.owed(rule=rule) if o["state"] not in ("kept", "not_due", "not_known")]
    expect("people told too late or not at all", [(o["rule"], school.name_of(o["person"])) for o in late], [])
    for rule, all_owed in sorted(by_rule.items()):
        first = all_owed[0]
        expect_that(f"{rule} names its source", first["citations"])
        names = _names(school, all_owed)
        shown = ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} pupils"
        say(f"{first['force'].upper()}: {first['duty']} - {shown}", law=first["citations"][0])


def numbers_have_no_gap(school: School, post: Post) -> None:
    """The messaging system got every number once, whatever was withheld."""
    numbers = post.seen()["numbers"]
    expect("the numbers that the messaging system got", sorted(set(numbers)), list(range(1, max(numbers) + 1)))
    say(f"The messaging system got the numbers 1 to {max(numbers)}; those of withheld notices came bare.")


def ledger_holds(stage: Stage) -> None:
    """Walk the school's chain from outside the service."""
    scene("The ledger")
    told = stage.graduated("verify", "ledger", URN)
    expect_that("the ledger holds", f"The ledger of {URN} holds" in told)
    say(told)


def count(school: School, post: Post) -> None:
    """Count everything once more."""
    scene("Everything counted")
    pupils = school.client.every(school.path("/pupils"), limit=100)
    statuses: Counter[str] = Counter(pupil["standing"]["status"] for pupil in pupils)
    expect("pupils", len(pupils), 30)
    expect("pupils on School Action and School Action Plus", (statuses["A"], statuses["P"]), (0, 1))
    notices: Counter[str] = Counter(notice["state"] for notice in post.client.every(school.path("/notices"), limit=100))
    states: Counter[str] = Counter(owed["state"] for owed in school.owed())
    number = school.client.get(school.path())["ledger_number"]
    say(f"Pupils by status: {_counted(statuses)}.")
    say(f"Notices: {_counted(notices)}; {len(post.seen()['events'])} signed events received.")
    expect("notices that never went out and are not withheld", notices["composed"], 0)
    say("Those withheld told of the plan that was put right before they went out, and never will go out.")
    say(f"Obligations: {_counted(states)}.")
    say(f"Ledger entries: {number}, of which {school.written} were written by steps of this story.")


def _names(school: School, owed: list[Json]) -> list[str]:
    return sorted({school.name_of(one["pupil"]) if one["pupil"] else "the school itself" for one in owed})


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
