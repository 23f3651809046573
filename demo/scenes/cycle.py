"""Assess, plan, do, review: one cycle for Chidi from end to end, and a second begun."""

from datetime import date
from typing import Final

from demo.client import Json
from demo.narrator import expect, expect_that, say, scene
from demo.scenes.telling import Post
from demo.school import School, cited, rules_in

SAID: Final[Json] = {"says": "Was asked and said so."}
REVIEW_ON: Final = date(2015, 3, 27)
SECOND_REVIEW_ON: Final = date(2015, 7, 10)
THIRD_REVIEW_ON: Final = date(2015, 11, 27)
SESSIONS: Final = 6
EVIDENCE: Final = {"some_progress": "From 48 to 66 words a minute", "little_or_no_progress": "From 48 to 50 words a minute"}


def assess_and_plan(school: School, post: Post) -> None:
    """Chidi's needs are analysed and a plan is agreed, then put right by a plan that supersedes it."""
    scene("Chidi: assess and plan (November 2014)")
    assessed = assess(school, "Chidi", 1)
    say(
        "His teacher and the SENCO analyse his needs, with his parents' view and his own.",
        law=cited(assessed, "analyse-needs-from-all-sources"),
    )
    first = plan(school, "Chidi", 1, REVIEW_ON, sessions=2)
    expect("what the plan lacks", rules_in(first, kept=False), set())
    say(f"A plan is agreed: an outcome with a measure, provision that serves it, one responsible teacher, review on {REVIEW_ON:%-d %B %Y}.")
    number = first["entries"][0]["number"]
    mended = plan(school, "Chidi", 1, REVIEW_ON, sessions=3, corrects=number)
    record = school.record("Chidi")
    expect("the plan that stands", record["cycles"][0]["plan"], mended["entries"][0]["number"])
    then = school.record("Chidi", known_at=_moment_of(first))
    expect("the plan as it was known before", then["cycles"][0]["plan"], number)
    say("It said two sessions a week where three were agreed. A new plan supersedes it; what was known before can still be read.")
    expect("who was told of the plan", post.told("Chidi", mended["entries"][0]["number"]), {"Gita": "delivered", "Kofi": "delivered"})
    told = brief(school, "Chidi", 1)
    expect("staff left to tell", rules_in(told, kept=False), set())
    say("Both parents have the plan, and all staff who work with him know it.", law=cited(told, "tell-all-staff"))


def do_and_review(school: School, post: Post) -> None:
    """Sessions are given, the parents are met, and the review is held on the day agreed."""
    scene("Chidi: do and review (December 2014 to March 2015)")
    record = school.record("Chidi")
    expect("sessions given by the end of term", record["cycles"][0]["sessions"], SESSIONS)
    say(
        f"{SESSIONS} sessions were logged as they were given, and the autumn meeting was held.", law="SEND Code of Practice, paragraph 6.52"
    )
    school.move_to(REVIEW_ON)
    meet(school, "Chidi", ["Gita"], declined=["Kofi"])
    reviewed = review(school, "Chidi", 1, "continue")
    expect("what the review lacks", rules_in(reviewed, kept=False), set())
    owed = school.owed("Chidi", rule="review-by-the-agreed-date")
    expect("the duty to review by the agreed day", [o["state"] for o in owed], ["kept"])
    say(
        "The review is held on the very day agreed: the outcome is rated, with evidence and the views of parents and pupil.",
        law=owed[0]["citations"][0],
    )
    number = reviewed["entries"][0]["number"]
    expect("who was told of the review", post.told("Chidi", number), {"Gita": "delivered", "Kofi": "delivered"})
    second = assess(school, "Chidi", 2)
    expect_that("a second cycle is open", second["entries"][0]["facts"]["cycle"] == 2)
    plan(school, "Chidi", 2, SECOND_REVIEW_ON, sessions=3)
    brief(school, "Chidi", 2)
    say("It works and goes on: a second cycle begins with what the review found, so that no day is without a plan.")


def sessions_and_meeting(school: School) -> None:
    """Three sessions a week before Christmas, and the first of three meetings in the year."""
    for _ in range(SESSIONS):
        school.step(
            "Chidi", "sessions", by="assistant", cycle=1, provision=1, delivered_by=school.people["assistant"], minutes=20, took_place=True
        )
    held = meet(school, "Chidi", ["Gita", "Kofi"])
    expect("what the meeting lacks", rules_in(held, kept=False), set())


def second_review(school: School) -> None:
    """The second cycle ends on its day, with the third meeting of the year."""
    scene("Chidi: the second review, and a third meeting (10 July 2015)")
    school.move_to(SECOND_REVIEW_ON)
    meet(school, "Chidi", ["Gita", "Kofi"])
    review(school, "Chidi", 2, "continue")
    owed = school.owed("Chidi", rule="meet-parents-three-times-a-year")
    this_year = [o for o in owed if o["occasion"].startswith("2014/2015")]
    expect("meetings owed and held", {o["state"] for o in this_year}, {"kept"})
    say(f"His parents were met {len(this_year)} times in the school year.", law=this_year[0]["citations"][0])
    assess(school, "Chidi", 3)
    plan(school, "Chidi", 3, THIRD_REVIEW_ON, sessions=3)
    brief(school, "Chidi", 3)


def begin(school: School, pupil: str, cycle: int, review_on: date) -> None:
    """Assess, plan and tell the staff on one day."""
    assess(school, pupil, cycle)
    plan(school, pupil, cycle, review_on, sessions=2)
    brief(school, pupil, cycle)


def reviews_of_the_others(school: School, names: list[str], *, slow: str) -> None:
    """Review each on the day agreed, one with little progress, and begin the next cycle with what was found."""
    for name in names:
        review(school, name, 1, "continue", impact="little_or_no_progress" if name == slow else "some_progress")
        begin(school, name, 2, THIRD_REVIEW_ON)
    say(f"{', '.join(names)} are reviewed on the same day. Mei's review is forgotten.")


def brief(school: School, pupil: str, cycle: int) -> Json:
    """Tell everybody who works with the pupil what the plan asks of them."""
    return school.step(pupil, "staff-briefings", cycle=cycle, staff=[school.people["assistant"], school.people["teacher 2"]])


def assess(school: School, pupil: str, cycle: int) -> Json:
    """Record an assessment from all sources."""
    sources: Json = dict.fromkeys(("teachers_assessment", "progress_and_attainment", "parents_view", "pupils_view"), SAID)
    people: Json = {"teacher": school.people["teacher 1"], "senco": school.people["senco"]}
    return school.step(pupil, "assessments", cycle=cycle, **people, **sources, analysis="Decoding is slow; understanding by ear is sound.")


def plan(school: School, pupil: str, cycle: int, review_on: date, *, sessions: int, corrects: int | None = None) -> Json:
    """Record a plan with one outcome and the provision for it."""
    outcome = {
        "number": 1,
        "text": "Reads a page of a class text aloud without losing the line",
        "measure": "Words read correctly in a minute",
        "target_on": review_on.isoformat(),
        "expected_impact": "Follows the text in class with the others",
    }
    provision = {
        "number": 1,
        "support": "Taught reading with an overlay and a reading window",
        "outcomes": [1],
        "sessions_per_week": sessions,
        "minutes_per_session": 20,
        "delivered_by": school.people["assistant"],
        "accountable_teacher": school.people["teacher 2"],
        "evidence": "Two terms of the same in another year group",
        "training": "Taught by the specialist in September",
    }
    facts: Json = {"corrects": corrects} if corrects else {}
    return school.step(
        pupil,
        "plans",
        cycle=cycle,
        outcomes=[outcome],
        provision=[provision],
        review_on=review_on.isoformat(),
        responsible_teacher=school.people["teacher 1"],
        parents_consulted={"on": school.today.isoformat()},
        pupil_consulted={"on": school.today.isoformat()},
        teaching_strategies="Short passages first; nobody is asked to read aloud unprepared",
        home_contribution="Ten minutes of reading at home, with the overlay",
        **facts,
    )


def review(school: School, pupil: str, cycle: int, next_step: str, *, impact: str = "some_progress") -> Json:
    """Record a review with one outcome rated."""
    return school.step(
        pupil,
        "reviews",
        cycle=cycle,
        ratings=[{"outcome": 1, "impact": impact, "evidence": EVIDENCE[impact]}],
        quality_of_support="As planned, but for two weeks of illness",
        parents_view=SAID,
        pupils_view=SAID,
        next_step=next_step,
        next_step_reason="Not yet enough to do without",
    )


def meet(school: School, pupil: str, who: list[str], *, declined: list[str] | None = None) -> Json:
    """Record a meeting led by his teacher with the SENCO there."""
    around = school.pupils[pupil].contacts
    return school.step(
        pupil,
        "meetings",
        attended_by=[around[name] for name in who],
        declined_by=[around[name] for name in declined or ()],
        led_by=school.people["teacher 1"],
        senco_present=True,
        minutes=40,
        pupils_view=SAID,
        agreed="The plan goes on; the overlay comes home.",
        shared_with_staff_on=school.today.isoformat(),
        given_to_parents_on=school.today.isoformat(),
    )


def _moment_of(taken: Json) -> str:
    return str(taken["entries"][0]["recorded_at"])
