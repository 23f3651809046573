"""Each pupil on School Action is looked at again by a named person; nothing moves them automatically or together."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from demo.client import Json
from demo.narrator import expect, expect_that, say, scene
from demo.school import School, cited, rules_in

WINDOW_ENDS: Final = date(2015, 8, 31)


@dataclass(frozen=True, slots=True)
class Look:
    """What the school found when it looked at one pupil again."""

    on: date
    pupil: str
    came_from: str
    judgement: str
    needs: str
    reason: str


AUTUMN: Final = (
    Look(date(2014, 11, 17), "Ada", "A", "N", "Reads at her age now.", "Good teaching in class meets what is left."),
    Look(date(2014, 11, 24), "Elif", "A", "K", "Loses long instructions.", "Needs a language group that others do not have."),
    Look(date(2014, 11, 24), "Grace", "A", "K", "Number sense two years behind.", "Needs daily number work in a pair."),
    Look(date(2014, 12, 8), "Ben", "A", "N", "Slow to start, sound once started.", "A seat plan and a timer are open to everybody."),
    Look(date(2014, 12, 8), "Farid", "A", "K", "Writes two lines in a lesson.", "Needs taught typing and a scribe in tests."),
)
NEW_YEAR: Final = (
    Look(date(2015, 1, 12), "Jakub", "P", "K", "Anxious; leaves the room when work is unclear.", "Needs a key adult and planned exits."),
    Look(date(2015, 1, 12), "Keisha", "P", "K", "What looked like temper is not understanding.", "Needs speech and language therapy."),
)
FEBRUARY: Final = (
    Look(date(2015, 2, 2), "Liam", "P", "K", "Change upsets him for hours.", "Needs a visual timetable and a place to go."),
    Look(date(2015, 2, 2), "Mei", "P", "K", "Vocabulary far below her age.", "Needs words taught before each topic."),
)
MARCH: Final = (
    Look(date(2015, 3, 2), "Noah", "P", "N", "Spells as others in his set do now.", "The spelling scheme of the whole year meets it."),
    Look(date(2015, 3, 2), "Isla", "A", "N", "Has extra time in exams and uses it.", "Exam arrangements and class teaching are enough."),
)


def first_decisions(school: School) -> None:
    """Chidi gets SEN Support; Daniela needs nothing beyond the ordinary offer."""
    scene("The SENCO looks at each pupil again (10 November 2014)")
    school.move_to(date(2014, 11, 10))
    _no_bulk_form(school)
    _not_for_an_assistant(school)
    _not_without_reviewers(school)
    chidi = Look(school.today, "Chidi", "A", "K", "Reads slowly and loses the line.", "Needs taught reading three times a week.")
    decided = decide(school, chidi)
    say("Chidi, until now on School Action, gets SEN Support, with reasons and his own and his parents' views.", law=_provision(decided))
    daniela = Look(school.today, "Daniela", "A", "N", "Her reading has caught up.", "What every class offers meets her needs entirely.")
    decided = decide(school, daniela)
    say(
        "Daniela does not move across: the ordinary offer meets her needs.",
        law=cited(decided, "decide-each-school-action-pupil"),
    )


def before_christmas(school: School) -> None:
    """Five more decisions, one by one."""
    scene("Five more before Christmas, one by one (November and December 2014)")
    for look in AUTUMN:
        _look_again(school, look)


def february(school: School) -> None:
    """Two decisions in a day, each its own."""
    scene("February 2015")
    for look in FEBRUARY:
        _look_again(school, look)


def by_march(school: School) -> None:
    """Two more decisions; two pupils are left."""
    scene("And on until March 2015")
    for look in MARCH:
        _look_again(school, look)
    counts = school.transition()
    expect("the transition in March", counts, {"undecided": 2, "to_sen_support": 8, "to_no_sen": 5, "decided_late": 0})
    say("Thirteen of fifteen are decided; Hamza and Olu are not.")


def besd_is_assessed_anew(school: School) -> None:
    """A person chooses what follows BESD, differently for two pupils; and gives a type to those who have none."""
    scene("Behaviour was never one need (January 2015)")
    for look in NEW_YEAR:
        _look_again(school, look)
    refused = school.step("Jakub", "needs", status=409, needs=[{"need_type": "BESD", "rank": 1}], reason="As it was.")
    say("BESD can no longer be given to anybody.", law=cited_in(refused, "assess-besd-anew"))
    expect("Jakub's need until then", [n["need_type"] for n in school.record("Jakub")["needs"]], ["BESD"])
    _set_needs(school, "Jakub", ["SEMH"], "social_emotional_and_mental_health", "Assessed anew: anxiety, seen at school and at home.")
    _set_needs(school, "Keisha", ["SLCN"], "communication_and_interaction", "Assessed anew: the behaviour came of not understanding.")
    expect("Jakub and Keisha", [_types(school, name) for name in ("Jakub", "Keisha")], [["SEMH"], ["SLCN"]])
    say("Jakub's BESD was assessed anew and became SEMH; Keisha's did not: hers is SLCN.")
    _set_needs(school, "Farid", ["NSA"], "cognition_and_learning", "No specialist has assessed him yet.")
    owed = school.owed("Farid", rule="set-a-type-after-school-action")
    expect("Farid's type", [o["state"] for o in owed], ["kept"])
    say("Farid, who came from School Action without a type, gets NSA.", law=owed[0]["citations"][0])


def decide(school: School, look: Look) -> Json:
    """Record one decision as the SENCO who looked at the pupil with the teacher."""
    support: Json = {"provision_starts_on": school.today.isoformat()} if look.judgement == "K" else {}
    decided = school.step(
        look.pupil,
        "transition-decisions",
        programme="school-action",
        came_from=look.came_from,
        judgement=look.judgement,
        reviewed_on=school.today.isoformat(),
        reviewers=[school.people["senco"], school.people["teacher 1"]],
        needs_analysis=look.needs,
        ordinarily_available="Quality teaching, seating, reading time and homework club, open to every pupil.",
        reason=look.reason,
        pupils_view="Was asked and said what helps.",
        parents_view="Were asked and agree.",
        **support,
    )
    expect(f"{look.pupil}'s status", school.status(look.pupil), look.judgement)
    is_late = school.today > WINDOW_ENDS
    expect(f"{look.pupil} decided late", "finish-the-move-by-september-2015" in rules_in(decided, kept=False), is_late)
    return decided


def _look_again(school: School, look: Look) -> None:
    if look.on > school.today:
        school.move_to(look.on)
    decide(school, look)
    meant = "SEN Support" if look.judgement == "K" else "no special educational needs"
    say(f"{look.on:%-d %B %Y}: {look.pupil}, {look.came_from} to {look.judgement} ({meant}). {look.reason}")


def cited_in(problem: Json, rule: str) -> str:
    """Give the first provision that a refusal names under a rule."""
    return cited(problem, rule)


def _no_bulk_form(school: School) -> None:
    pupils = [school.pupils[name].id for name in ("Ada", "Ben", "Elif")]
    school.client.post(school.path("/transition-decisions"), {"pupils": pupils, "judgement": "K"}, status=404)
    say("Moving several at once is not refused by a rule; there is no such thing to ask for.")


def _not_for_an_assistant(school: School) -> None:
    facts = _facts(school)
    refused = school.step("Chidi", "transition-decisions", by="assistant", status=409, **facts)
    say("A teaching assistant cannot decide it.", law=cited_in(refused, "record-the-transition-decision"))
    expect("Chidi's status after that", school.status("Chidi"), "A")


def _not_without_reviewers(school: School) -> None:
    facts = {**_facts(school), "reviewers": []}
    refused = school.step("Chidi", "transition-decisions", status=409, **facts)
    finding = next(f for f in refused["findings"] if f["rule"] == "record-the-transition-decision")
    expect_that("the refusal says what is missing", any("reviewer" in name for name in finding["missing"]))
    say(f"A decision that nobody reviewed is none; missing: {', '.join(finding['missing'])}.", law=finding["citations"][0])


def _facts(school: School) -> Json:
    return {
        "programme": "school-action",
        "came_from": "A",
        "judgement": "K",
        "reviewed_on": school.today.isoformat(),
        "reviewers": [school.people["senco"]],
        "needs_analysis": "Reads slowly.",
        "ordinarily_available": "Quality teaching.",
        "reason": "Needs more.",
    }


def _provision(decided: Json) -> str:
    return cited(decided, "record-the-transition-decision")


def _set_needs(school: School, pupil: str, types: list[str], area: str, reason: str) -> None:
    ranked = [{"need_type": name, "rank": rank} for rank, name in enumerate(types, start=1)]
    school.step(pupil, "needs", needs=ranked, areas=[area], reason=reason)


def _types(school: School, pupil: str) -> list[str]:
    today = school.today.isoformat()
    return [n["need_type"] for n in school.record(pupil)["needs"] if n["until"] is None or n["until"] >= today]
