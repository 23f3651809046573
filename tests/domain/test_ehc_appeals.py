"""The last day of a family's right to appeal, and mediation before it."""

from datetime import date

import pytest

from app.domain import appeals
from app.domain.days import Calendar, Reckoned
from app.domain.decision import Decision
from app.domain.entries import AppealDecided, AppealLodged, BankHolidaysLoaded, Entry, MediationCertified
from app.domain.record import Record
from app.domain.rule import Actor, Rule
from app.domain.rules.children_and_families_act_2014 import APPEAL_IN_TIME, ARRANGE_MEDIATION, CONSIDER_MEDIATION_BEFORE_AN_APPEAL
from tests.domain.builders import AS_SENCO, AS_TEACHER, a_record, a_school, plan_ceased, plan_issued, with_changes
from tests.domain.test_ehc_clocks import ASSESS, NOT_ASSESS, decided, on_request

HOLIDAYS = (
    BankHolidaysLoaded(occurred_on=date(2025, 1, 1), year=2026, days=(date(2026, 1, 1), date(2026, 4, 3)), source="gov.uk"),
    BankHolidaysLoaded(occurred_on=date(2025, 1, 1), year=2027, days=(date(2027, 1, 1),), source="gov.uk"),
)
LOADED = Calendar(bank_holidays=HOLIDAYS)
LETTER = date(2026, 1, 12)
LAST = date(2026, 3, 12)
DAYS_UNTOLD = ("day on which mediation was asked for or declined, and held",)


@pytest.mark.parametrize(
    ("letter", "certificate", "last"),
    [
        (LETTER, None, LAST),
        (date(2025, 12, 31), None, date(2026, 2, 28)),
        (LETTER, date(2026, 2, 12), date(2026, 3, 12)),
        (LETTER, date(2026, 2, 13), date(2026, 3, 13)),
        (LETTER, date(2026, 1, 31), LAST),
        (date(2026, 10, 24), None, date(2026, 12, 24)),
        (date(2026, 10, 25), None, date(2027, 1, 4)),
        (date(2026, 11, 1), None, date(2027, 1, 4)),
        (date(2026, 11, 2), None, date(2027, 1, 2)),
        (date(2026, 9, 1), date(2026, 11, 30), date(2027, 1, 4)),
        (date(2026, 5, 31), None, date(2026, 7, 31)),
        (date(2026, 6, 1), None, date(2026, 9, 1)),
        (date(2026, 5, 1), date(2026, 7, 31), date(2026, 9, 1)),
        (date(2026, 7, 1), None, date(2026, 9, 1)),
    ],
)
def test_an_appeal_has_two_months_from_the_letter_or_one_from_the_certificate(letter: date, certificate: date | None, last: date) -> None:
    """Whichever is later; what ends from 25 December to 1 January or in August ends on the next working day in January or September."""
    assert appeals.last_day_to_appeal(letter, certificate, LOADED) == Reckoned(last)


@pytest.mark.parametrize(
    ("letter", "missing"),
    [(LETTER, ()), (date(2026, 10, 25), ("bank holidays 2027",)), (date(2026, 6, 1), ("bank holidays 2026",))],
)
def test_only_a_last_day_that_moves_needs_the_bank_holidays(letter: date, missing: tuple[str, ...]) -> None:
    assert appeals.last_day_to_appeal(letter, None, Calendar()).missing == missing


def test_no_duty_is_made_of_the_right() -> None:
    assert (APPEAL_IN_TIME.who, APPEAL_IN_TIME.checking.value) == (Actor.FAMILY, "finding")


def refused(*entries: Entry) -> Record:
    """The fifth entry is the refusal to assess."""
    return on_request(decided(LETTER, NOT_ASSESS), *entries)


def an_appeal(on: date = LAST, **changes: object) -> AppealLodged:
    return with_changes(AppealLodged(occurred_on=on, about=5), changes)


def certified(on: date, *, mediated: bool = False, **changes: object) -> MediationCertified:
    return with_changes(MediationCertified(occurred_on=on, about=5, mediated=mediated), changes)


def verdicts(decision: Decision, rule: Rule) -> list[bool]:
    return [finding.kept for finding in decision.findings if finding.rule is rule]


@pytest.mark.parametrize(("on", "is_kept"), [(LAST, True), (date(2026, 3, 13), False)])
def test_a_late_appeal_is_remarked_on_and_written_down(on: date, is_kept: bool) -> None:
    decision = appeals.lodge_appeal(refused(), an_appeal(on), AS_SENCO)
    assert not decision.is_refused
    assert verdicts(decision, APPEAL_IN_TIME) == [is_kept]


@pytest.mark.parametrize(("on", "is_kept"), [(date(2026, 3, 25), True), (date(2026, 3, 26), False)])
def test_a_certificate_gives_its_own_month(on: date, is_kept: bool) -> None:
    decision = appeals.lodge_appeal(refused(certified(date(2026, 2, 25))), an_appeal(on), AS_SENCO)
    assert verdicts(decision, APPEAL_IN_TIME) == [is_kept]
    about_another = refused(decided(LETTER, NOT_ASSESS), certified(date(2026, 2, 25), about=6))
    assert verdicts(appeals.lodge_appeal(about_another, an_appeal(date(2026, 3, 25)), AS_SENCO), APPEAL_IN_TIME) == [False]


def test_an_appeal_whose_last_day_is_not_known_is_not_called_in_time() -> None:
    record = on_request(decided(date(2026, 6, 1), NOT_ASSESS))
    found = appeals.lodge_appeal(record, an_appeal(date(2026, 8, 3)), AS_SENCO).findings[0]
    assert (found.kept, found.missing) == (False, ("bank holidays 2026",))
    loaded = a_record(*record.entries, school=a_school(*HOLIDAYS))
    assert verdicts(appeals.lodge_appeal(loaded, an_appeal(date(2026, 9, 1)), AS_SENCO), APPEAL_IN_TIME) == [True]
    assert verdicts(appeals.lodge_appeal(loaded, an_appeal(date(2026, 9, 2)), AS_SENCO), APPEAL_IN_TIME) == [False]


def test_mediation_is_considered_first_unless_the_appeal_is_about_the_placement_alone() -> None:
    """Children and Families Act 2014, section 55."""
    before, after = refused(certified(LAST)), refused(certified(date(2026, 3, 13)))
    verdict = [verdicts(appeals.lodge_appeal(r, an_appeal(), AS_SENCO), CONSIDER_MEDIATION_BEFORE_AN_APPEAL) for r in (before, after)]
    assert verdict == [[True], [False]]
    about_plan = on_request(plan_issued(LETTER))
    placement = appeals.lodge_appeal(about_plan, an_appeal(placement_alone=True), AS_SENCO)
    assert verdicts(placement, CONSIDER_MEDIATION_BEFORE_AN_APPEAL) == [True]
    assert verdicts(appeals.lodge_appeal(about_plan, an_appeal(), AS_SENCO), CONSIDER_MEDIATION_BEFORE_AN_APPEAL) == [False]


@pytest.mark.parametrize(
    ("entry", "is_kept", "missing"),
    [
        (certified(date(2026, 4, 7), answered_on=date(2026, 4, 1)), True, ()),
        (certified(date(2026, 4, 8), answered_on=date(2026, 4, 1)), False, ()),
        (certified(LAST), False, DAYS_UNTOLD),
        (certified(LAST, mediated=True, answered_on=date(2026, 2, 1), mediated_on=date(2026, 3, 3)), True, ()),
        (certified(LAST, mediated=True, answered_on=date(2026, 2, 1), mediated_on=date(2026, 3, 4)), False, ()),
        (
            certified(LAST, mediated=True, answered_on=date(2026, 2, 1)),
            False,
            DAYS_UNTOLD,
        ),
    ],
)
def test_mediation_comes_within_thirty_days_and_a_certificate_within_three_working_days(
    entry: MediationCertified, is_kept: bool, missing: tuple[str, ...]
) -> None:
    """Declined on Wednesday 1 April 2026: Thursday, then over Good Friday to Monday and Tuesday (Easter Monday is not loaded here)."""
    record = a_record(*refused().entries, school=a_school(*HOLIDAYS))
    (found,) = appeals.certify_mediation(record, entry, AS_SENCO).findings
    assert (found.rule, found.kept, found.missing) == (ARRANGE_MEDIATION, is_kept, missing)


def test_working_days_without_bank_holidays_are_not_counted() -> None:
    (found,) = appeals.certify_mediation(refused(), certified(LAST, answered_on=date(2026, 3, 11)), AS_SENCO).findings
    assert (found.kept, found.missing) == (False, ("bank holidays 2026",))


@pytest.mark.parametrize("about", [3, 4, 5, 6, 7, 8, 99])
def test_an_appeal_is_against_a_decision_that_may_be_appealed(about: int) -> None:
    """A refusal to assess, a plan and its end may be; that there will be an assessment, a request and a receipt may not."""
    record = on_request(decided(LETTER, NOT_ASSESS), decided(LETTER, ASSESS), plan_issued(LETTER), plan_ceased(LETTER))
    for step, entry in ((appeals.lodge_appeal, an_appeal(about=about)), (appeals.certify_mediation, certified(LAST, about=about))):
        assert step(record, entry, AS_SENCO).is_refused is (about not in (5, 7, 8))


def test_nothing_is_appealed_mediated_or_decided_before_it_is_there() -> None:
    yesterday = date(2026, 1, 11)
    assert appeals.lodge_appeal(refused(), an_appeal(yesterday), AS_SENCO).is_refused
    assert appeals.certify_mediation(refused(), certified(yesterday), AS_SENCO).is_refused
    ended = AppealDecided(occurred_on=LAST, appeal=6, allowed=True)
    assert not appeals.decide_appeal(refused(an_appeal()), ended, AS_SENCO).is_refused
    assert appeals.decide_appeal(refused(an_appeal()), with_changes(ended, {"occurred_on": date(2026, 3, 11)}), AS_SENCO).is_refused
    assert appeals.decide_appeal(refused(an_appeal()), with_changes(ended, {"appeal": 5}), AS_SENCO).is_refused
    assert appeals.decide_appeal(refused(an_appeal()), ended, AS_TEACHER).is_refused
