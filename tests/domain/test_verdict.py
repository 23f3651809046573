"""A verdict says which law, which facts and which remedy, in members and in a sentence, and names nobody."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.cures import cure_of
from app.domain.entries import ReviewHeld
from app.domain.obligation import Obligation, Shape, State
from app.domain.rule import Actor, Certainty, Force, InForce, Wording
from app.domain.rules import RULES, RULES_VERSION
from app.domain.verdict import verdict_of, verdict_on
from tests.domain.builders import MOTHER

REVIEW = RULES["review-by-the-agreed-date"]
INFORM = RULES["inform-parents-of-sen-provision"]
DUE = date(2015, 12, 11)
REVIEW_OWED = Obligation(rule=REVIEW, shape=Shape.DATED, occasion="1", arises_on=date(2015, 9, 21), due=DUE)
GAP = replace(REVIEW_OWED, shape=Shape.CONTINUOUS, due=None)


def owed(**changes):
    return replace(REVIEW_OWED, **changes)


STATES = [
    (
        State.NOT_DUE,
        owed(opens_on=date(2015, 12, 1)),
        "Not due yet: {duty}. It opens on 1 December 2015 and the last day for it is 11 December 2015.",
    ),
    (State.DUE, owed(), "Due: {duty}. It has been owed since 21 September 2015 and the last day for it is 11 December 2015."),
    (
        State.KEPT,
        owed(met_on=date(2015, 11, 30), met_by=4),
        "Kept: {duty}. It was done on 30 November 2015; the last day for it was 11 December 2015.",
    ),
    (
        State.KEPT_LATE,
        owed(due=date(2015, 11, 29), met_on=date(2015, 11, 30), met_by=4),
        "Kept late: {duty}. It was due by 29 November 2015 and was done on 30 November 2015, 1 day late.",
    ),
    (
        State.BROKEN,
        owed(due=date(2015, 11, 29)),
        "Broken: {duty}. It was due by 29 November 2015 and has not been done, as far as the record shows.",
    ),
    (State.EXCUSED, owed(excused_by=7), "Excused: {duty}. Entry 7 records a lawful exception."),
    (State.DEPARTED, owed(departed_by=8), "Departed from: {duty}. Entry 8 records who departed from this guidance, and why."),
    (
        State.NOT_KNOWN,
        owed(missing=("erased_entry", "autumn term 2015/2016")),
        "Not known: {duty}. Whether it was kept cannot be told without: what an erased entry said, autumn term 2015/2016.",
    ),
]


@pytest.mark.parametrize(("state", "obligation", "sentence"), STATES, ids=[state.value for state, *_ in STATES])
def test_each_of_the_eight_states_has_its_sentence(state, obligation, sentence):
    verdict = verdict_on(obligation, date(2015, 11, 30))
    assert verdict.state is state
    assert verdict.sentence.startswith(sentence.format(duty=REVIEW.duty) + " SEND Code of Practice 0 to 25, January 2015, paragraph ")


def test_all_eight_states_are_told():
    assert {state for state, *_ in STATES} == set(State)


def test_a_duty_without_a_last_day_tells_how_long_the_gap_was():
    broken = verdict_on(GAP, date(2015, 9, 22))
    closed = verdict_on(replace(GAP, met_on=date(2015, 10, 1)), date(2015, 10, 1))
    assert f"{REVIEW.duty}. As far as the record shows, it has not been so since 21 September 2015." in broken.sentence
    assert f"{REVIEW.duty}. It was not so from 21 September 2015 until 1 October 2015." in closed.sentence
    assert verdict_on(GAP, date(2015, 9, 20)) is None


def test_a_verdict_names_the_rules_it_rests_on_and_the_facts_it_used():
    verdict = verdict_on(owed(met_on=DUE, met_by=4, person=MOTHER), DUE)
    assert verdict.rule.id == "review-by-the-agreed-date"
    assert verdict.rules_version == RULES_VERSION
    assert verdict.governed_on == date(2015, 9, 21)
    assert verdict.used == {
        "occasion": "1",
        "person": str(MOTHER),
        "arises_on": "2015-09-21",
        "due": "2015-12-11",
        "met_on": "2015-12-11",
        "met_by": 4,
    }


def test_what_is_met_later_is_not_known_the_day_before():
    later = owed(met_on=DUE, met_by=4)
    assert "met_on" not in verdict_on(later, DUE - timedelta(days=1)).used
    assert verdict_on(later, DUE).used["met_on"] == str(DUE)


def test_a_broken_duty_is_put_right_late_and_guidance_alone_by_a_reason_too():
    guidance, statute = verdict_on(owed(), DUE + timedelta(days=1)), verdict_on(owed(rule=INFORM), DUE + timedelta(days=1))
    assert REVIEW.force is Force.SHOULD and INFORM.force is Force.MUST
    assert "it then counts as kept late" in guidance.cure and "it then counts as kept late" in statute.cure
    assert "reason for departing" in guidance.cure
    assert "reason for departing" not in statute.cure
    assert ReviewHeld.type in guidance.cure
    assert guidance.sentence.endswith(f" To put it right: {guidance.cure}.")


def test_nothing_puts_right_what_was_kept_or_is_no_longer_owed():
    assert verdict_on(owed(met_on=DUE), DUE).cure == ""
    assert "To put it right" not in verdict_on(owed(met_on=DUE), DUE).sentence
    ended = owed(ended_on=DUE + timedelta(days=3))
    assert verdict_on(ended, DUE + timedelta(days=2)).cure != ""
    assert verdict_on(ended, DUE + timedelta(days=3)).cure == ""


def test_what_the_authority_owes_is_put_right_by_the_authority():
    theirs = replace(REVIEW, who=Actor.LOCAL_AUTHORITY)
    assert verdict_on(owed(rule=theirs), DUE).cure.startswith("the local authority does it")


def test_what_is_missing_is_asked_for():
    verdict = verdict_on(owed(missing=("bank holidays 2015", "a fact of its own")), DUE)
    assert verdict.missing == ("bank holidays 2015", "a fact of its own")
    assert verdict.cure == cure_of(verdict.missing)
    assert "bank holidays 2015" in verdict.cure and "a fact of its own" in verdict.cure


@pytest.mark.parametrize(("arises", "duty"), [(date(2024, 8, 31), "Hold the old one"), (date(2024, 9, 1), REVIEW.duty)])
def test_the_wording_is_that_of_the_day_on_which_the_duty_arose(arises, duty):
    old = Wording(duty="Hold the old one", in_force=InForce(since=date(2014, 9, 1), until=date(2024, 8, 31)), cites=REVIEW.cites)
    verdict = verdict_on(owed(rule=replace(REVIEW, earlier=(old,)), arises_on=arises, due=date(2024, 12, 1)), date(2024, 12, 2))
    assert verdict.wording.duty == duty
    assert f"Broken: {duty}." in verdict.sentence


@pytest.mark.parametrize("on", [date(1999, 1, 1), date(2030, 1, 1)])
def test_a_remark_on_a_day_without_the_rule_is_told_in_the_wording_next_to_it(on):
    bounded = replace(REVIEW, in_force=InForce(since=date(2014, 9, 1), until=date(2020, 8, 31)))
    assert verdict_of(bounded.kept(cycle=1), on).wording.duty == REVIEW.duty


def test_a_remark_is_told_with_what_was_seen_what_lacks_and_what_helps():
    kept = verdict_of(REVIEW.kept(cycle=1, on_time=True), DUE)
    assert kept.sentence.startswith(f"Kept: {REVIEW.duty}. Seen: cycle 1, on time yes. SEND Code of Practice")
    broken = verdict_of(REVIEW.broken(missing=("reason",), days=None), DUE)
    assert broken.sentence.startswith(f"Not kept: {REVIEW.duty}. Seen: days not said. Missing: reason. SEND Code of Practice")
    assert broken.sentence.endswith("To put it right: give the reason.")
    assert verdict_of(REVIEW.broken(missing=("reason",)), DUE, is_refused=True).sentence.startswith(f"Refused: {REVIEW.duty}.")


@pytest.mark.parametrize(
    ("certainty", "is_said"),
    [(Certainty.PRIMARY, ""), (Certainty.SECONDARY, ""), (Certainty.LEAFLET, "leaflet tells"), (Certainty.UNCHECKED, "unchecked")],
)
def test_a_source_that_nobody_has_compared_is_called_unchecked_wherever_it_is_cited(certainty, is_said):
    rule = replace(REVIEW, certainty=certainty)
    sentences = [
        *rule.sources,
        verdict_on(owed(rule=rule), DUE).sentence,
        verdict_of(rule.broken(), DUE).sentence,
    ]
    assert all(is_said in sentence for sentence in sentences)
    assert all(("unchecked" in sentence) == (certainty is Certainty.UNCHECKED) for sentence in sentences)


QUALIFY = RULES["qualify-as-senco-within-three-years"]
OLD_AWARD, NEW_AWARD = (wording.duty for wording in QUALIFY.wordings)


@pytest.mark.parametrize(
    ("appointed", "due", "met", "day", "duty"),
    [
        ("2022-09-01", "2025-09-01", None, "2024-01-10", NEW_AWARD),
        ("2021-08-31", "2024-08-31", None, "2024-01-10", OLD_AWARD),
        ("2021-09-01", "2024-09-01", None, "2024-01-10", NEW_AWARD),
        ("2020-09-01", "2023-09-01", None, "2024-08-31", OLD_AWARD),
        ("2020-09-01", "2023-09-01", None, "2024-09-01", NEW_AWARD),
        ("2020-09-01", "2023-09-01", "2023-07-01", "2026-01-10", OLD_AWARD),
    ],
)
def test_a_senco_is_held_to_what_counts_on_the_third_anniversary_and_while_there_is_none_after_it(appointed, due, met, day, duty):
    """Regulation 49(4) asks for the qualification once the anniversary has passed, whenever the person was appointed."""
    held = replace(
        REVIEW_OWED,
        rule=QUALIFY,
        arises_on=date.fromisoformat(appointed),
        due=date.fromisoformat(due),
        met_on=date.fromisoformat(met) if met else None,
    )
    assert verdict_on(held, date.fromisoformat(day)).wording.duty == duty


def test_who_left_before_the_wording_changed_was_held_to_the_old_one():
    left = replace(REVIEW_OWED, rule=QUALIFY, arises_on=date(2018, 9, 3), due=date(2021, 9, 3), ended_on=date(2023, 9, 1))
    assert verdict_on(left, date(2026, 1, 10)).wording.duty == OLD_AWARD


@pytest.mark.parametrize(("asked", "due", "pauses_are_told"), [("2026-01-04", "2026-02-04", False), ("2026-01-05", "2026-02-05", True)])
def test_subject_access_is_told_in_the_words_by_which_its_last_day_is_counted(asked, due, pauses_are_told):
    """Days before 5 February 2026 are counted all the same, and an answer due before it knows no pause."""
    rule = RULES["answer-subject-access-within-a-month"]
    request = replace(REVIEW_OWED, rule=rule, arises_on=date.fromisoformat(asked), due=date.fromisoformat(due))
    assert ("leaving out" in verdict_on(request, date(2026, 3, 2)).wording.duty) is pauses_are_told


DRAFT = replace(REVIEW_OWED, rule=RULES["leave-fifteen-days-for-a-draft"], arises_on=date(2026, 3, 2), due=date(2026, 3, 16))


@pytest.mark.parametrize(
    ("changes", "day", "told"),
    [
        ({}, "2026-03-15", "Due: {duty}. {until}; no plan is made before that is over."),
        ({"met_on": date(2026, 3, 16), "met_by": 2}, "2026-03-16", "Kept: {duty}. {until}; no plan was made before."),
        ({"due": date(2026, 3, 9)}, "2026-03-10", "Broken: {duty}. {until}; a plan was made before that was over."),
    ],
)
def test_days_to_wait_are_told_with_the_last_of_them_and_not_with_the_eve_of_a_plan_made_too_early(changes, day, told):
    until = "The draft was served on 2 March 2026, so that the family has until 16 March 2026"
    verdict = verdict_on(replace(DRAFT, **changes), date.fromisoformat(day))
    assert verdict.sentence.startswith(told.format(duty=DRAFT.rule.duty, until=until))
    assert "record it" not in verdict.cure
    assert bool(verdict.cure) is (verdict.state is not State.KEPT)


def test_one_of_three_meetings_is_told_as_one_of_three():
    meeting = replace(REVIEW_OWED, rule=RULES["meet-parents-three-times-a-year"], shape=Shape.COUNTED, occasion="2015/2016 meeting 2")
    assert verdict_on(replace(meeting, met_on=DUE), DUE).sentence.startswith(
        "Kept: Meet the parents at least three times each year (2015/2016 meeting 2). It was done on 11 December 2015"
    )


@pytest.mark.parametrize(
    ("rule", "is_kept_late_at_all"),
    [("meet-parents-three-times-a-year", False), ("assess-all-pupils-regularly", False), ("review-by-the-agreed-date", True)],
)
def test_what_belongs_to_a_time_that_is_over_is_not_promised_to_count_as_late(rule, is_kept_late_at_all):
    """A meeting of the next school year is the first of that year, and no fourth of the last."""
    cure = verdict_on(replace(REVIEW_OWED, rule=RULES[rule]), date(2016, 9, 1)).cure
    assert ("counts as kept late" in cure) is is_kept_late_at_all
    assert ("that time is over" in cure) is not is_kept_late_at_all
    assert "reason for departing" in cure


@pytest.mark.parametrize("name", ["person_to_tell", "telling_at_the_school_that_decided", "identity awaited since 2026-03-09"])
def test_what_would_settle_it_is_told_in_words_and_never_by_the_name_of_a_field_alone(name):
    verdict = verdict_on(owed(missing=(name,)), DUE)
    assert "_" not in verdict.sentence
    assert "give what is missing" not in verdict.cure


def test_what_is_only_due_is_to_be_done_and_what_is_not_known_to_be_found_out_and_neither_put_right():
    due, unknown = verdict_on(owed(), DUE), verdict_on(owed(missing=("autumn term 2015/2016",)), DUE)
    assert f" What to do: {due.cure}." in due.sentence
    assert f" To find out: {unknown.cure}." in unknown.sentence
    assert "To put it right" not in due.sentence + unknown.sentence


def test_whoever_did_it_already_is_told_to_record_it_with_its_day():
    assert "if it was done already, record it with its own day" in verdict_on(owed(), DUE + timedelta(days=1)).cure
    assert "already" not in verdict_on(owed(), DUE).cure


@pytest.mark.parametrize(
    ("fact", "told"), [("2014-11-03", "3 November 2014"), ("2014-11", "2014-11"), (True, "yes"), (2, "2"), (None, "not said")]
)
def test_a_fact_is_told_as_people_say_it(fact, told):
    assert f"Seen: decided on {told}." in verdict_of(REVIEW.kept(decided_on=fact), DUE).sentence
