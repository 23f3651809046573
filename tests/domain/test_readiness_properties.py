"""What holds of readiness for every profile and any pupil: generated histories, with evidence added to them at random."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest

from app.domain.paper_limits import papers_over_limits
from app.domain.profile import COUNTED, Expectation, Looks, Mender, Profile, contradictions
from app.domain.profiles import SHIPPED
from app.domain.profiles.national import NATIONAL
from app.domain.readiness import Readiness, Weighed, readiness
from app.domain.record import Record
from app.domain.school import School
from tests.domain.builders import AS_SENCO, PUPIL, recorded
from tests.domain.evidence import more_evidence
from tests.histories import HOW_MANY, history

EVERYTHING = replace(
    NATIONAL,
    id="everything",
    expectations=tuple(
        Expectation(
            id=looks.value.replace("_", "-"),
            asks="All there is",
            looks=looks,
            mender=Mender.SENCO,
            is_local=False,
            least=2 if looks in COUNTED else None,
            months=12 if looks in (Looks.ATTAINMENT, Looks.RECENT_ADVICE, Looks.ATTENDANCE) else None,
        )
        for looks in Looks
    ),
)
PROFILES = [*SHIPPED.values(), EVERYTHING]
SEEDS = range(HOW_MANY)
ORDER = [Readiness.MISSING, Readiness.PARTLY, Readiness.MET]


@cache
def pupil(seed: int) -> tuple[Record, date]:
    """A pupil with a random history and evidence of the last two years of it; the day is that of the last line."""
    dice = Random(seed)
    moment = history(dice, 40)[-1]
    ledger, number = list(moment.ledger), moment.number
    for _ in range(dice.randint(0, 25)):
        number += 1
        day = moment.day - timedelta(days=dice.randrange(700))
        ledger.append(recorded(more_evidence(dice, day), number, by=AS_SENCO))
    school = School.fold(one for one in ledger if one.pupil is None)
    return Record.fold(school, [one for one in ledger if one.pupil == PUPIL], PUPIL), moment.day


def weighed(seed: int, profile: Profile) -> tuple[tuple[Weighed, ...], Record, date, date]:
    record, on = pupil(seed)
    wanted_by = on + timedelta(days=42)
    return readiness(record, profile, on, wanted_by=wanted_by), record, on, wanted_by


def test_the_profile_that_looks_at_everything_makes_sense() -> None:
    assert contradictions(EVERYTHING) == ()


def test_the_generated_pupils_meet_each_thing_and_do_not() -> None:
    """So that what is held of all of them below is held of something."""
    seen = {(one.expectation.looks, one.readiness is Readiness.MET) for seed in range(25) for one in weighed(seed, EVERYTHING)[0]}
    assert seen == {(looks, met) for looks in Looks for met in (True, False)}
    assert any(one.awaited for seed in range(25) for one in weighed(seed, EVERYTHING)[0])
    assert any(papers_over_limits(*pupil(seed)[:1], SHIPPED["tribunal"], pupil(seed)[1], wanted_by=pupil(seed)[1]) for seed in range(25))


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_expectation_is_weighed_once_and_what_is_missing_has_a_mender_and_a_day(seed: int, profile: Profile) -> None:
    found, record, on, wanted_by = weighed(seed, profile)
    assert [one.expectation for one in found] == list(profile.expectations)
    numbers = {one.number for one in record.as_at(on).entries}
    for one in found:
        assert set(one.entries) <= numbers
        assert one.readiness is not Readiness.MET or (one.entries and not one.missing and one.mender is None and one.mend_by is None)
        lacks = one.readiness in (Readiness.PARTLY, Readiness.MISSING)
        assert not lacks or (one.missing and one.mender is not None and one.mend_by is not None and on <= one.mend_by <= wanted_by)
        assert (one.readiness is Readiness.NOT_APPLICABLE) is (one.reason is not None)
        assert one.holds_until is None or (one.readiness is Readiness.MET and one.holds_until >= on)
        assert all(awaited.is_late is (awaited.due < on) for awaited in one.awaited)
        assert not one.awaited or one.readiness is Readiness.PARTLY


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_met_stays_met_to_the_day_it_holds_and_not_a_day_longer(seed: int, profile: Profile) -> None:
    """Held against the record as it is known now, with nothing that happens later in it."""
    found, record, on, _ = weighed(seed, profile)
    kept = record.as_at(on)
    for before in found:
        if before.holds_until is None:
            continue
        one = replace(profile, expectations=(before.expectation,))
        last, after = before.holds_until, before.holds_until + timedelta(days=1)
        assert readiness(kept, one, last, wanted_by=last)[0].readiness is Readiness.MET
        assert readiness(kept, one, after, wanted_by=after)[0].readiness is not Readiness.MET


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
@pytest.mark.parametrize("seed", SEEDS)
def test_more_evidence_never_makes_a_pupil_less_ready(seed: int, profile: Profile) -> None:
    """Where something did not apply it may come to: a condition that is noted asks for its plan."""
    record, on = pupil(seed)
    dice, before = Random(1_000 + seed), readiness(record, profile, on, wanted_by=on)
    known = record.known
    for n in range(12):
        number = max(one.number for one in known) + 1
        known = (*known, recorded(more_evidence(dice, on - timedelta(days=dice.choice((0, 0, 30, 300)))), number, by=AS_SENCO))
        after = readiness(Record.fold(record.school, known, PUPIL), profile, on, wanted_by=on)
        for earlier, later in zip(before, after, strict=True):
            applies = Readiness.NOT_APPLICABLE not in (earlier.readiness, later.readiness)
            assert not applies or ORDER.index(later.readiness) >= ORDER.index(earlier.readiness), (n, known[-1].entry, earlier, later)
        before = after


@pytest.mark.parametrize("seed", SEEDS)
def test_an_earlier_day_sees_nothing_that_happened_later(seed: int) -> None:
    record, on = pupil(seed)
    for day in (on - timedelta(days=400), on - timedelta(days=30)):
        known_then = [one for one in record.known if one.entry.occurred_on <= day]
        later = {one.number for one in record.known if one.entry.occurred_on > day}
        found = readiness(record, EVERYTHING, day, wanted_by=day)
        assert not later & {number for one in found for number in one.entries}
        superseded = {one.supersedes for one in record.known if one.supersedes}
        if not superseded:
            assert found == readiness(Record.fold(record.school, known_then, PUPIL), EVERYTHING, day, wanted_by=day)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_paper_is_shown_only_for_a_limit_that_the_profile_names(seed: int, profile: Profile) -> None:
    _, record, on, wanted_by = weighed(seed, profile)
    found = papers_over_limits(record, profile, on, wanted_by=wanted_by)
    assert all(one.mend_by == wanted_by and one.taken and one.found for one in found)
    assert len({(one.limit, one.paper) for one in found}) == len(found)
    free = replace(profile, papers=replace(profile.papers, largest_file=None, most_pages=None, limits=(), types=("pdf",)))
    assert papers_over_limits(record, free, on, wanted_by=wanted_by) == ()
