"""Where the law counts no days, the school's own limit is used, and whoever reads that a day went by is told whose limit it was."""

from datetime import date, timedelta

from app.domain.days import Reckoned
from app.domain.entries import SettingName
from app.domain.evaluation import evaluation_of
from app.domain.own_limits import OWN_LIMITS
from app.domain.rules import RULES
from app.domain.school import School
from app.domain.verdict import verdict_on
from tests.domain.test_vectors import replayed
from tests.domain.test_verdict import INFORM, REVIEW, owed
from tests.vectors.reading import FAR_ON, cases

DUE = date(2015, 12, 11)


def last_days_asked_for(monkeypatch):
    """Let every own limit be missing under the name of its setting, and give what the published cases then lack, by rule."""
    monkeypatch.setattr(School, "last_day", lambda _, name, day: Reckoned(None, (f"own {name.value}",)))
    return {
        standing.owed.rule.id: SettingName(lacking.removeprefix("own "))
        for case in cases()
        for standing in evaluation_of(replayed(case), as_at=FAR_ON, until=FAR_ON).obligations
        for lacking in standing.owed.missing
        if lacking.startswith("own ")
    }


def test_every_duty_whose_last_day_is_the_schools_own_is_among_them(monkeypatch):
    assert last_days_asked_for(monkeypatch) == {
        rule: name for rule, name in OWN_LIMITS.items() if name is not SettingName.PLAN_MOVE_BEFORE_DAYS
    }


def test_a_day_by_the_schools_own_limit_is_never_told_as_the_laws():
    due, broken, late = (
        verdict_on(owed(rule=INFORM, **met), day).sentence
        for day, met in ((DUE, {}), (DUE + timedelta(days=1), {}), (DUE + timedelta(days=1), {"met_on": DUE + timedelta(days=1)}))
    )
    assert all("the school's own limit (tell_within_days)" in sentence for sentence in (due, broken, late))


def test_a_day_that_the_plan_or_the_law_names_is_told_without_a_limit():
    assert REVIEW.id not in OWN_LIMITS
    assert "own limit" not in verdict_on(owed(), DUE + timedelta(days=1)).sentence


def test_what_was_kept_in_time_needs_no_word_on_the_limit():
    assert "own limit" not in verdict_on(owed(rule=INFORM, met_on=DUE), DUE).sentence


def test_every_own_limit_is_of_a_rule_that_there_is():
    assert set(OWN_LIMITS) <= set(RULES)
