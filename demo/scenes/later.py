"""The year goes on: a new concern, a young person past compulsory school age, and decisions that come late or not at all."""

from datetime import date

from demo.client import Json
from demo.narrator import expect, expect_that, say, scene
from demo.scenes.cycle import THIRD_REVIEW_ON, begin
from demo.scenes.telling import Post, latest
from demo.scenes.transition import Look, decide
from demo.school import School, cited, rules_in

DECIDES = "decide-each-school-action-pupil"


def parent_is_worried(school: School, post: Post) -> None:
    """Violet's mother raises a concern; it is looked into and leads to SEN Support."""
    scene("A new concern: Violet (April 2015)")
    school.move_to(date(2015, 4, 20))
    mother = next(iter(school.pupils["Violet"].contacts))
    contact = school.pupils["Violet"].contact(mother)
    author = {"kind": "contact", "id": contact}
    words = "She cannot tell me in the evening what she was asked to do."
    raised = school.step("Violet", "concerns", author=author, raised_by="parent", contact=contact, domain="communication", words=words)
    concern = raised["entries"][0]["number"]
    owed = school.owed("Violet", rule="answer-a-parents-concern")
    expect("the concern waits for an answer", [o["state"] for o in owed], ["due"])
    say(f"Violet's mother {mother} writes that she is worried. The school owes an answer.", law=owed[0]["citations"][0])
    school.move_to(date(2015, 4, 27))
    school.step("Violet", "concern-answers", by="teacher 1", concern=concern, answer="We see it too and are looking into it.")
    points = [("2014-11-03", 100, 100), ("2015-01-12", 99, 104), ("2015-04-22", 98, 109)]
    measured = [{"taken_on": day, "score": score, "peers": peers} for day, score, peers in points]
    facts: Json = {"domain": "communication", "measure": "Listening age", "comment": "The gap widens."}
    checked = school.step("Violet", "progress-checks", by="teacher 1", measurements=measured, **facts)
    expect_that("the check shows slow progress", "look-into-slow-progress" in rules_in(checked, kept=False))
    expect("Violet's status after the check", school.status("Violet"), "N")
    say("A progress check shows the gap widening. It proposes nothing and sets no status.", law=cited(checked, "look-into-slow-progress"))
    _first_response(school)
    school.move_to(date(2015, 5, 18))
    decided = _support(school, "Violet", "Loses spoken instructions", "A listening group and pre-taught words")
    expect("Violet's status", school.status("Violet"), "K")
    expect("who was told", set(post.told("Violet", decided).values()), {"delivered"})
    begin(school, "Violet", 1, THIRD_REVIEW_ON)
    say("After teaching aimed at it and a talk with her parents, the SENCO decides on SEN Support, and her parents are told.")


def young_person_is_told(school: School, post: Post) -> None:
    """Isla's compulsory school age ended on 26 June 2015, so in July it is Isla herself who is told."""
    scene("Past compulsory school age: Isla (July 2015)")
    before = post.told("Isla", latest(school, "Isla", "transition.decided"))
    expect_that("in March her parents were told", "Isla" not in before and set(before.values()) == {"delivered"})
    expect("whose rights they are on the last day", school.record("Isla", as_at="2015-06-26")["rights_are_with"], "parents")
    school.move_to(date(2015, 7, 6))
    expect("whose rights they are now", school.record("Isla")["rights_are_with"], "young_person")
    say(
        "Isla turned sixteen in September; compulsory school age lasted until the last Friday in June. Since 27 June the rights are hers.",
        law="Education Act 1996, section 8(3); Children and Families Act 2014, section 83(2)",
    )
    decided = _support(school, "Isla", "Reads at half the speed of the course", "A reading tutor in the sixth form")
    expect("who was told in July", post.told("Isla", decided), {"Isla": "delivered"})
    begin(school, "Isla", 1, THIRD_REVIEW_ON)
    say("In July the SENCO decides on SEN Support in the sixth form. Isla is told, and not her parents; in March it was her parents.")


def window_closes(school: School) -> None:
    """On 1 September 2015 two pupils are still undecided, and the duty is broken for both."""
    scene("The window closes (31 August 2015)")
    school.move_to(date(2015, 8, 31))
    expect("on the last day", _states(school), {"kept": 13, "due": 2})
    school.move_to(date(2015, 9, 1))
    expect("a day later", _states(school), {"kept": 13, "broken": 2})
    broken = school.owed(rule=DECIDES, state="broken")
    names = sorted(school.name_of(o["pupil"]) for o in broken)
    expect("who is late", names, ["Hamza", "Olu"])
    expect("Hamza's status", school.status("Hamza"), "A")
    say(
        "Hamza and Olu were not decided in time. They stay what they were: no job and no date moved them.",
        law="; ".join(broken[0]["citations"]),
    )


def late_decision(school: School, post: Post) -> None:
    """Hamza is decided on 21 September 2015: it counts, and it is flagged."""
    scene("Late is a finding, not a bar: Hamza (September 2015)")
    school.move_to(date(2015, 9, 21))
    look = Look(school.today, "Hamza", "A", "K", "Cannot hold a page of text in mind.", "Needs taught note-making twice a week.")
    decided = decide(school, look)
    owed = school.owed("Hamza", rule=DECIDES)
    expect("the duty to decide", [o["state"] for o in owed], ["kept_late"])
    counts = school.transition()
    expect("the transition", counts, {"undecided": 1, "to_sen_support": 9, "to_no_sen": 5, "decided_late": 1})
    expect("who was told", set(post.told("Hamza", decided["entries"][0]["number"]).values()), {"delivered"})
    say(
        "Hamza gets SEN Support at last. The decision takes effect, his parents are told, and it is flagged as late under the rules of the "
        "move, which go on governing.",
        law=cited(decided, "finish-the-move-by-september-2015"),
    )


def _first_response(school: School) -> None:
    school.step(
        "Violet", "teaching-adaptations", by="teacher 1", tried="Instructions in two steps, with pictures", effect="Better, not enough"
    )
    school.step(
        "Violet",
        "discussions",
        with_parents=True,
        with_pupil=True,
        strengths="Kind, quick with numbers",
        difficulties="Long spoken instructions",
        parents_concerns="Evenings end in tears",
        outcomes_agreed="Can say back what was asked",
        next_steps="Decide in May",
        note_given_on=school.today.isoformat(),
        advice_service_named=True,
    )


def _support(school: School, pupil: str, difficulty: str, provision: str) -> int:
    decided = school.step(
        pupil,
        "sen-decisions",
        judgement="K",
        difficulty=difficulty,
        provision_beyond_ordinary=provision,
        reason="Teaching aimed at it was not enough",
        considered=["Assessments over three terms", "The parents' view", "The pupil's view"],
        parents_view="Agree",
        pupils_view="Wants it",
        no_first_response_because="Known from an earlier decision" if pupil == "Isla" else None,
        provision_starts_on=school.today.isoformat(),
        review_on="2015-11-27",
    )
    return int(decided["entries"][0]["number"])


def _states(school: School) -> dict[str, int]:
    states = [o["state"] for o in school.owed(rule=DECIDES)]
    return {state: states.count(state) for state in ("kept", "due", "broken") if state in states}
