"""Two reviews with little progress: a specialist is turned to with the parents, advises, and the advice is shared."""

from datetime import date
from typing import Final

from demo.narrator import expect, expect_that, say, scene
from demo.scenes.cycle import THIRD_REVIEW_ON, begin, review
from demo.scenes.telling import Post
from demo.school import School, cited, rules_in

SLOW: Final = "Keisha"
INVOLVES: Final = "involve-a-specialist"
SHARES: Final = "share-what-the-specialist-said"
LITTLE: Final = "little_or_no_progress"


def second_slow_review(school: School, post: Post) -> None:
    """Keisha's second review shows little progress again, so that a specialist is owed; one is involved three days later."""
    scene(f"Two reviews with little progress: {SLOW} (July 2015)")
    reviewed = review(school, SLOW, 2, "involve_specialist", impact=LITTLE)
    post.told(SLOW, reviewed["entries"][0]["number"])
    begin(school, SLOW, 3, THIRD_REVIEW_ON)
    owed = school.owed(SLOW, rule=INVOLVES)
    expect("the duty to involve a specialist", [o["state"] for o in owed], ["broken"])
    say(f"{SLOW} made little progress in two cycles, well supported. From now on a specialist is owed.", law=owed[0]["citations"][0])
    school.move_to(date(2015, 7, 13))
    day = school.today.isoformat()
    facts = {"profession": "speech_and_language_therapist", "reason": "Two cycles, each word taught, few kept."}
    involved = school.step(SLOW, "specialists", parents_involved_on=day, parents_agreed_on=day, **facts)
    expect("what the contact lacks", rules_in(involved, kept=False), set())
    expect("the duty once a specialist is there", [o["state"] for o in school.owed(SLOW, rule=INVOLVES)], ["kept_late"])
    say(
        "Her parents take part in the decision and agree, and a speech and language therapist is asked. The three days stay in view.",
        law=cited(involved, "decide-on-specialists-with-parents"),
    )
    _advice(school, involved["entries"][0]["number"])


def _advice(school: School, involvement: int) -> None:
    school.move_to(date(2015, 7, 17))
    advised = school.step(SLOW, "specialist-advice", involvement=involvement, advice="Ten words a week, with signs, and at home too.")
    number = advised["entries"][0]["number"]
    expect_that("sharing is owed", school.owed(SLOW, rule=SHARES, state="due"))
    school.step(SLOW, "specialist-advice-sharings", advice=number, with_parents=True, with_staff=True)
    owed = school.owed(SLOW, rule=SHARES)
    expect("the duty to share", [o["state"] for o in owed], ["kept"])
    say("Her advice reaches parents and staff on the last day of term.", law=owed[0]["citations"][0])


def what_can_be_done_now(school: School, pupil: str) -> None:
    """Ask which steps exist for a pupil who was just given support, and why the others do not."""
    scene(f"What can be done now, and what cannot: {pupil}")
    found = school.client.get(school.path(f"/pupils/{school.pupils[pupil].id}/next-steps"))["items"]
    steps = {step["adds"]: step for step in found}
    expect_that("an assessment may be made", steps["assessment.made"]["exists"])
    barred = steps["review.held"]
    expect("whether a review may be held", barred["exists"], False)
    say(f"{sum(step['exists'] for step in found)} of {len(found)} steps exist for {pupil} today; an assessment would open a cycle.")
    refusal = barred["refusal"]
    say(f"A review does not exist yet: missing: {', '.join(refusal['missing'])}. Cure: {refusal['cure']}.", law=refusal["citations"][0])
