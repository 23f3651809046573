"""What a roll changes, decided without a database: what loads once is unchanged ever after, and no file moves a status."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.db.pupils import NewPupil
from app.db.records import PupilRef
from app.db.rolls import Held
from app.domain.author import Author, AuthorKind
from app.domain.codes import NeedType, SenStatus
from app.domain.entries import ContactDescribed, NeedImported, PupilEnrolled, StatusImported
from app.domain.identifiers import Upn, check_letter
from app.domain.record import Record
from app.exchange.roll import RollContact, RollNeed, RollPupil, RollStatus
from app.exchange.roll_import import plan_of, refused
from app.exchange.roll_plan import Loading, Outcome, PupilPlan, plan_pupil
from tests.domain.builders import A_SCHOOL, SENCO, recorded

TODAY = date(2014, 11, 3)
BODY = "999999906001"
DAYS = st.dates(date(2004, 1, 1), date(2014, 11, 2))
STATUSES = st.sampled_from(
    [SenStatus.NONE, SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS, SenStatus.STATEMENT, SenStatus.SEN_SUPPORT]
)
NAMES = st.sampled_from(["Ana", "Ben", "Cem"])


def loading(ids: Callable[[], UUID] | None = None) -> Loading:
    numbers = itertools.count(0x900)
    return Loading(
        school=A_SCHOOL,
        today=TODAY,
        moment=datetime(2014, 11, 3, 9, tzinfo=UTC),
        author=Author(kind=AuthorKind.IMPORT, id=SENCO),
        job=UUID(int=0x700),
        file_digest="0" * 64,
        new_id=ids or (lambda: UUID(int=next(numbers))),
    )


def a_pupil(
    statuses: tuple[tuple[SenStatus, date], ...] = (), needs: tuple[RollNeed, ...] = (), contacts: tuple[RollContact, ...] = ()
) -> RollPupil:
    rows = tuple(RollStatus(status, day, 10 + n, f"row {10 + n}") for n, (status, day) in enumerate(statuses))
    upn = Upn(check_letter(BODY) + BODY)
    return RollPupil(2, "row 2", upn, "Example", "Ada", date(2001, 10, 9), "F", "8", rows, needs, contacts)


def a_need(kind: NeedType, rank: int, starts_on: date | None, ends_on: date | None = None) -> RollNeed:
    return RollNeed(kind, rank, starts_on, ends_on, 30, "row 30")


@st.composite
def pupils(draw: st.DrawFn) -> RollPupil:
    days = sorted(draw(st.sets(DAYS, max_size=5)))
    statuses = tuple((draw(STATUSES), day) for day in days)
    types = draw(st.lists(st.sampled_from(list(NeedType)), max_size=3, unique=True))
    needs = tuple(a_need(kind, rank, draw(st.none() | DAYS)) for rank, kind in enumerate(types, start=1))
    told = st.none() | st.booleans()
    contacts = tuple(
        RollContact(
            "Example", name, draw(st.none() | st.just("Mother")), draw(told), 40, "row 40", email=draw(st.none() | st.just("a@b.invalid"))
        )
        for name in draw(st.lists(NAMES, max_size=2, unique=True))
    )
    return a_pupil(statuses, needs, contacts)


def held_after(plan: PupilPlan) -> Held:
    """The pupil as the school holds it once the plan was stored."""
    new = plan.new_pupil
    assert isinstance(new, NewPupil)
    entries = [recorded(entry, n, pupil=new.id) for n, entry in enumerate(plan.entries, start=1)]
    ref = PupilRef(
        id=new.id,
        upn=new.upn,
        surname=new.surname,
        forename=new.forename,
        date_of_birth=new.date_of_birth,
        sex=new.sex,
        year_group=new.year_group,
        left_on=None,
        last_number=len(entries),
    )
    return Held(pupil=ref, record=Record.fold(A_SCHOOL, entries, new.id), contacts=plan.contacts)


@given(pupils())
def test_what_was_loaded_once_is_unchanged_ever_after(pupil: RollPupil) -> None:
    first = plan_pupil(loading(), pupil, None)
    again = plan_pupil(loading(), pupil, held_after(first))
    assert (first.outcome, again.outcome) == (Outcome.ADDED, Outcome.UNCHANGED)
    assert (again.entries, again.contacts, again.renamed, again.new_pupil) == ((), (), None, None)


@given(pupils())
def test_a_newcomers_status_is_the_last_of_the_file_and_no_other(pupil: RollPupil) -> None:
    plan = plan_pupil(loading(), pupil, None)
    record = held_after(plan).record
    assert record.status is (pupil.open_status.status if pupil.open_status else SenStatus.NONE)
    assert plan.is_undecided == (record.status in (SenStatus.SCHOOL_ACTION, SenStatus.SCHOOL_ACTION_PLUS))


@given(pupils(), pupils())
def test_no_second_file_moves_a_status_that_is_held(one: RollPupil, other: RollPupil) -> None:
    held = held_after(plan_pupil(loading(), one, None))
    plan = plan_pupil(loading(), other, held)
    if one.statuses:
        assert not [entry for entry in plan.entries if isinstance(entry, StatusImported)]
    assert plan.new_pupil is None


def test_a_newcomer_comes_on_roll_today_with_people_and_history_behind() -> None:
    plan = plan_pupil(loading(), a_pupil(((SenStatus.SCHOOL_ACTION, date(2007, 10, 25)),), (a_need(NeedType.MLD, 1, None),)), None)
    assert [(type(entry), entry.occurred_on) for entry in plan.entries] == [
        (PupilEnrolled, TODAY),
        (StatusImported, date(2007, 10, 25)),
        (NeedImported, date(2007, 10, 25)),
    ]


def test_a_status_of_today_is_for_a_person_here_to_decide() -> None:
    """The pupil is this school's from today on, and so are the decisions."""
    plan = plan_pupil(loading(), a_pupil(((SenStatus.NONE, date(2010, 9, 1)), (SenStatus.SEN_SUPPORT, TODAY))), None)
    assert [(r.line, r.outcome, r.cause) for r in plan.results] == [
        (2, "added", "pupil-added"),
        (11, "proposal", "move-status-only-as-allowed"),
    ]
    assert held_after(plan).record.status is SenStatus.NONE


def test_a_pupil_put_on_roll_without_history_gets_it_from_the_file() -> None:
    bare, full = a_pupil(), a_pupil(((SenStatus.SCHOOL_ACTION_PLUS, date(2007, 10, 25)),))
    plan = plan_pupil(loading(), full, held_after(plan_pupil(loading(), bare, None)))
    assert plan.outcome is Outcome.UPDATED and plan.is_undecided
    assert [type(entry) for entry in plan.entries] == [StatusImported]


def test_a_contact_without_a_word_on_responsibility_has_none_and_no_care() -> None:
    contact = RollContact("Example", "Gita", None, None, 40, "row 40")
    plan = plan_pupil(loading(), a_pupil(contacts=(contact,)), None)
    (described,) = [entry for entry in plan.entries if isinstance(entry, ContactDescribed)]
    assert (described.parental_responsibility, described.has_care, described.relationship) == (False, False, "not stated")
    assert [(r.outcome, r.cause) for r in plan.results[1:]] == [("warning", "responsibility-not-stated")]


def test_one_pupil_who_cannot_come_on_roll_keeps_all_out() -> None:
    good = plan_pupil(loading(), a_pupil(), None)
    bad = plan_pupil(loading(), replace(a_pupil(), date_of_birth=date(2015, 1, 1)), None)
    planned = plan_of([good, bad], ())
    assert planned.is_refused and planned.counts["failed"] == 1
    assert (planned.results[0].outcome, planned.results[0].cause) == ("failed", "pupil-failed")
    assert all(result.pupil_id is None for result in planned.results)


def test_a_refused_file_counts_each_pupil_once() -> None:
    plan = plan_pupil(loading(), a_pupil(), None)
    rows = [replace(plan.results[0], outcome="error", pointer=pointer) for pointer in ("row 1", "row 2, column upn", "row 2", "row 21")]
    assert refused(rows).counts["failed"] == 2
