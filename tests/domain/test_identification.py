from datetime import date

import pytest

from app.domain.codes import NeedType, SenStatus
from app.domain.entries import (
    BaselineTaken,
    ConcernAnswered,
    Domain,
    EvidenceSource,
    Judgement,
    Measurement,
    ProgressChecked,
    Raiser,
    SencoRoleDetermined,
)
from app.domain.identification import (
    adapt_teaching,
    answer_concern,
    check_progress,
    decide_sen_support,
    hold_discussion,
    raise_concern,
    take_baseline,
)
from app.domain.rule import Force
from app.domain.rules.children_and_families_act_2014 import (
    INFORM_PARENTS_OF_SEN_PROVISION,
    NAME_DIFFICULTY_AND_PROVISION,
    TELL_LANGUAGE_FROM_NEED,
)
from app.domain.rules.code_of_practice_2015.identification import (
    ANSWER_A_PARENTS_CONCERN,
    ANSWER_A_PUPILS_CONCERN,
    CONSIDER_OTHER_EXPLANATIONS,
    COUNT_WIDER_PROGRESS,
    DECIDE_FROM_OUTCOMES_AND_VIEWS,
    GIVE_PARENTS_A_SHORT_NOTE,
    GIVE_REASONS_FOR_NO_SEN,
    LET_A_NAMED_PERSON_DECIDE,
    LOOK_FOR_CAUSES_OF_BEHAVIOUR,
    LOOK_INTO_SLOW_PROGRESS,
    TAKE_A_BASELINE_ON_ENTRY,
    TEACH_WELL_FIRST,
)
from app.domain.rules.school_census import KEEP_TYPES_AND_STATUS_CONSISTENT
from app.domain.rules.send_regulations_2014.schools import TELL_PARENTS_EARLY_OF_POSSIBLE_SEN
from app.domain.rules.transition_2014_2015 import USE_SEN_SUPPORT
from tests.domain.builders import (
    AS_CLIENT,
    AS_IMPORT,
    AS_MOTHER,
    AS_PUPIL,
    AS_SENCO,
    AS_TEACHER,
    FATHER,
    MOTHER,
    a_concern,
    a_contact,
    a_discussion,
    a_record,
    a_school,
    enrolled,
    imported,
    needs_set,
    plan_issued,
    sen_decided,
    teaching_adapted,
    with_changes,
)

DAY = date(2015, 1, 12)
BEFORE = date(2015, 1, 5)
PREPARED = (enrolled(), a_contact(), teaching_adapted(BEFORE), a_discussion(BEFORE), needs_set(BEFORE, NeedType.SPLD))


def broken(decision):
    return {finding.rule.id: finding for finding in decision.findings if not finding.kept}


def test_a_well_prepared_decision_breaks_nothing():
    decision = decide_sen_support(a_record(*PREPARED), sen_decided(DAY), AS_TEACHER)
    assert not decision.is_refused
    assert broken(decision) == {}


def test_a_bare_decision_is_taken_and_told_what_it_lacks():
    bare = sen_decided(DAY, difficulty=None, provision_beyond_ordinary="", considered=(), parents_view=None, pupils_view=None)
    decision = decide_sen_support(a_record(enrolled()), bare, AS_SENCO)
    assert not decision.is_refused
    assert set(broken(decision)) == {
        NAME_DIFFICULTY_AND_PROVISION.id,
        TEACH_WELL_FIRST.id,
        GIVE_PARENTS_A_SHORT_NOTE.id,
        DECIDE_FROM_OUTCOMES_AND_VIEWS.id,
        KEEP_TYPES_AND_STATUS_CONSISTENT.id,
        INFORM_PARENTS_OF_SEN_PROVISION.id,
    }
    assert broken(decision)[NAME_DIFFICULTY_AND_PROVISION.id].missing == ("difficulty", "provision_beyond_ordinary")


@pytest.mark.parametrize(
    ("english", "considered", "is_broken"),
    [(False, None, True), (False, "Tested in both.", False), (True, None, False), (None, None, False)],
)
def test_another_home_language_must_be_told_from_a_need(english, considered, is_broken):
    """Children and Families Act 2014 s. 20(4)."""
    record = a_record(enrolled(english=english), *PREPARED[1:])
    decision = decide_sen_support(record, sen_decided(DAY, home_language_considered=considered), AS_SENCO)
    assert (TELL_LANGUAGE_FROM_NEED.id in broken(decision)) is is_broken
    assert TELL_LANGUAGE_FROM_NEED.force is Force.MUST


def test_teaching_first_may_be_explained_away_with_a_reason():
    record = a_record(enrolled(), a_contact(), a_discussion(BEFORE))
    decision = decide_sen_support(record, sen_decided(DAY, no_first_response_because="Came with a known need."), AS_SENCO)
    assert TEACH_WELL_FIRST.id not in broken(decision)


def test_what_came_after_the_decision_does_not_prepare_it():
    record = a_record(enrolled(), teaching_adapted(date(2015, 1, 13)), a_discussion(date(2015, 1, 13)))
    assert {TEACH_WELL_FIRST.id, GIVE_PARENTS_A_SHORT_NOTE.id} <= set(broken(decide_sen_support(record, sen_decided(DAY), AS_SENCO)))


@pytest.mark.parametrize("author", [AS_IMPORT, AS_CLIENT, AS_MOTHER, AS_PUPIL])
def test_only_a_named_member_of_staff_decides(author):
    """Code of Practice 6.23; no file, client or threshold does."""
    decision = decide_sen_support(a_record(*PREPARED), sen_decided(DAY), author)
    assert decision.is_refused
    assert decision.findings[0].rule is LET_A_NAMED_PERSON_DECIDE


@pytest.mark.parametrize("status", [status for status in SenStatus if status is not SenStatus.NONE])
@pytest.mark.parametrize("judgement", list(Judgement))
def test_a_pupil_who_has_a_status_is_not_decided_anew(status, judgement):
    record = a_record(enrolled(), imported(status, date(2013, 9, 2)))
    assert decide_sen_support(record, sen_decided(DAY, judgement), AS_SENCO).is_refused


def test_a_pupil_with_a_plan_is_not_put_on_sen_support():
    assert decide_sen_support(a_record(enrolled(), plan_issued(BEFORE)), sen_decided(DAY), AS_SENCO).is_refused


@pytest.mark.parametrize(("day", "is_refused"), [(date(2014, 8, 31), True), (date(2014, 9, 1), False)])
def test_sen_support_begins_with_the_code_of_2014(day, is_refused):
    decision = decide_sen_support(a_record(), sen_decided(day), AS_SENCO)
    assert decision.is_refused is is_refused
    assert not is_refused or decision.findings[0].rule is USE_SEN_SUPPORT


def test_a_decision_without_a_reason_is_none():
    assert decide_sen_support(a_record(*PREPARED), sen_decided(DAY, reason=" "), AS_SENCO).is_refused


@pytest.mark.parametrize(("review_on", "is_broken"), [(None, True), (date(2015, 4, 1), False)])
def test_a_decision_that_there_is_no_need_is_recorded_with_a_day_to_look_again(review_on, is_broken):
    decision = decide_sen_support(a_record(*PREPARED), sen_decided(DAY, Judgement.NO_SEN, review_on=review_on), AS_SENCO)
    assert not decision.is_refused
    assert (GIVE_REASONS_FOR_NO_SEN.id in broken(decision)) is is_broken
    assert NAME_DIFFICULTY_AND_PROVISION.id not in broken(decision)


def test_a_parent_and_a_pupil_raise_concerns_in_their_own_name():
    record = a_record(enrolled(), a_contact(), a_contact(FATHER))
    assert not raise_concern(record, with_changes(a_concern(DAY), {"contact": MOTHER}), AS_MOTHER).is_refused
    assert raise_concern(record, with_changes(a_concern(DAY), {"contact": FATHER}), AS_MOTHER).is_refused
    assert raise_concern(record, a_concern(DAY, Raiser.TEACHER), AS_MOTHER).is_refused
    assert not raise_concern(record, a_concern(DAY, Raiser.PUPIL), AS_PUPIL).is_refused
    assert raise_concern(record, a_concern(DAY, Raiser.PARENT), AS_PUPIL).is_refused
    assert not raise_concern(record, a_concern(DAY), AS_TEACHER).is_refused


def test_a_concern_about_more_than_attainment_counts_without_numbers():
    decision = raise_concern(a_record(enrolled()), a_concern(DAY), AS_TEACHER)
    assert [finding.rule for finding in decision.findings] == [COUNT_WIDER_PROGRESS]
    attainment = with_changes(a_concern(DAY), {"domain": Domain.ATTAINMENT})
    assert raise_concern(a_record(enrolled()), attainment, AS_TEACHER).findings == ()


def answer(on, concern=1, **changes):
    return with_changes(ConcernAnswered(occurred_on=on, concern=concern, answer="We looked and will adapt teaching."), changes)


@pytest.mark.parametrize(("answered_on", "is_late"), [(date(2015, 1, 26), False), (date(2015, 1, 27), True)])
@pytest.mark.parametrize(("raiser", "rule"), [(Raiser.PARENT, ANSWER_A_PARENTS_CONCERN), (Raiser.PUPIL, ANSWER_A_PUPILS_CONCERN)])
def test_an_answer_after_the_schools_own_days_is_taken_and_remarked_on(answered_on, is_late, raiser, rule):
    decision = answer_concern(a_record(a_concern(DAY, raiser)), answer(answered_on), AS_TEACHER)
    assert not decision.is_refused
    assert (rule.id in broken(decision)) is is_late


@pytest.mark.parametrize("reply", [answer(DAY, 2), answer(BEFORE)])
def test_there_is_no_answer_without_a_concern_before_it(reply):
    assert answer_concern(a_record(a_concern(DAY), teaching_adapted(DAY)), reply, AS_TEACHER).is_refused


def test_behaviour_asks_for_causes_and_another_explanation_for_a_day_to_look_again():
    behaviour = with_changes(a_concern(DAY), {"domain": Domain.BEHAVIOUR})
    assert LOOK_FOR_CAUSES_OF_BEHAVIOUR.id in broken(answer_concern(a_record(behaviour), answer(DAY), AS_TEACHER))
    explained = answer(DAY, other_explanations=("bereavement",))
    assert set(broken(answer_concern(a_record(behaviour), explained, AS_TEACHER))) == {CONSIDER_OTHER_EXPLANATIONS.id}
    dated = answer(DAY, other_explanations=("bereavement",), review_on=date(2015, 3, 1))
    assert broken(answer_concern(a_record(behaviour), dated, AS_TEACHER)) == {}


def a_check(*scores):
    points = tuple(Measurement(taken_on=date(2014, 9 + n, 8), score=score) for n, score in enumerate(scores))
    return ProgressChecked(occurred_on=DAY, domain=Domain.ATTAINMENT, measure="Reading", measurements=points, comment="")


def test_slow_progress_is_a_remark_with_values_and_never_a_status():
    decision = check_progress(a_record(enrolled()), a_check(70, 80, 81), AS_TEACHER)
    finding = broken(decision)[LOOK_INTO_SLOW_PROGRESS.id]
    assert (finding.used["indicator"], finding.used["confidence"]) == ("slower_than_before", "low")
    assert "rate_now" in finding.used
    assert a_record(enrolled(), *decision.entries).statuses == ()


def test_too_few_measurements_are_told_and_measurements_to_come_refused():
    few = check_progress(a_record(), a_check(70, 80), AS_TEACHER)
    assert few.findings[0].used == {"measurements": 2, "measurements_needed": 3}
    late = with_changes(a_check(70, 80, 81), {"occurred_on": date(2014, 11, 7)})
    assert check_progress(a_record(), late, AS_TEACHER).is_refused


@pytest.mark.parametrize("missing", ["with_parents", "with_pupil", "note_given_on", "advice_service_named"])
def test_an_early_discussion_names_what_it_lacks(missing):
    lacking = a_discussion(DAY, **{missing: None if missing == "note_given_on" else False})
    decision = hold_discussion(a_record(), lacking, AS_TEACHER)
    assert broken(decision)[GIVE_PARENTS_A_SHORT_NOTE.id].missing == (missing,)
    assert broken(hold_discussion(a_record(), a_discussion(DAY), AS_TEACHER)) == {}


def test_teaching_first_says_what_was_tried_and_what_it_changed():
    assert broken(adapt_teaching(a_record(), teaching_adapted(DAY), AS_TEACHER)) == {}
    silent = with_changes(teaching_adapted(DAY), {"effect": ""})
    assert broken(adapt_teaching(a_record(), silent, AS_TEACHER))[TEACH_WELL_FIRST.id].missing == ("effect",)
    assert adapt_teaching(a_record(), teaching_adapted(DAY), AS_CLIENT).is_refused


@pytest.mark.parametrize(
    ("skills", "disability", "missing"),
    [
        ("Counts to twenty.", True, ()),
        (" ", True, ("skills_and_attainment",)),
        ("Counts to twenty.", False, ("disability_considered",)),
    ],
)
def test_a_baseline_says_what_the_pupil_can_do_and_thinks_of_disability(skills, disability, missing):
    """Code of Practice 6.16."""
    entry = BaselineTaken(
        occurred_on=DAY, skills_and_attainment=skills, earlier_setting=EvidenceSource(says="Shy."), disability_considered=disability
    )
    (finding,) = take_baseline(a_record(enrolled()), entry, AS_TEACHER).findings
    assert finding.rule is TAKE_A_BASELINE_ON_ENTRY
    assert (finding.kept, finding.missing) == (not missing, missing)


@pytest.mark.parametrize(
    ("before", "is_broken"),
    [
        ((a_discussion(DAY),), True),
        ((a_discussion(BEFORE),), False),
        ((a_discussion(BEFORE, with_parents=False),), True),
        ((a_concern(BEFORE),), False),
        ((a_concern(BEFORE, Raiser.TEACHER),), True),
    ],
)
def test_a_parent_hears_before_the_decision_that_there_may_be_a_need(before, is_broken):
    """Special Educational Needs and Disability Regulations 2014, regulation 50(3)."""
    record = a_record(enrolled(), a_contact(), *before, school=a_school(a_role(tells_parents_early=True)))
    decision = decide_sen_support(record, sen_decided(DAY), AS_SENCO)
    assert (TELL_PARENTS_EARLY_OF_POSSIBLE_SEN.id in broken(decision)) is is_broken


@pytest.mark.parametrize(("roles", "is_a_task"), [((True,), True), ((False,), False), ((), False), ((True, False), False)])
def test_telling_early_is_the_sencos_task_where_the_governors_gave_it(roles, is_a_task):
    """Regulation 50(3) names it among what the role may hold; nobody owes a task that nobody was given."""
    school = a_school(*(a_role(tells_parents_early=is_given) for is_given in roles))
    decision = decide_sen_support(a_record(enrolled(), a_contact(), school=school), sen_decided(DAY), AS_SENCO)
    assert (TELL_PARENTS_EARLY_OF_POSSIBLE_SEN.id in broken(decision)) is is_a_task


def a_role(*, tells_parents_early):
    return SencoRoleDetermined(occurred_on=BEFORE, functions=("records",), on_leadership_team=True, tells_parents_early=tells_parents_early)
