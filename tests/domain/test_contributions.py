"""Contributions to the evidence: who may be asked, what may be given, and where each stands, on both sides of each line."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.author import Author, AuthorKind
from app.domain.codes import StaffRole
from app.domain.contributing import OF_WHOM, ask_contribution, decline_contribution, give_contribution
from app.domain.contributions import MOVES, PART_KINDS, ContributionState, awaited_on, out_of_place, standing_of, state_after
from app.domain.entries import (
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    ContributionKind,
    Contributor,
    ContributorKind,
    EhcAssessmentRequested,
    Erased,
    PaperNamed,
    Profession,
    RecordMerged,
    Requester,
    RoleEnded,
    SpecialistInvolved,
)
from app.domain.record import Record
from app.domain.rules.children_and_families_act_2014 import HONOUR_WHO_HOLDS_THE_RIGHTS
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from tests.domain.builders import (
    AS_HEAD,
    AS_MOTHER,
    AS_PUPIL,
    AS_SENCO,
    ASSISTANT,
    FATHER,
    GRANDMOTHER,
    MOTHER,
    OTHER_PUPIL,
    PUPIL,
    SENCO,
    STRANGER,
    TEACHER,
    a_contact,
    a_record,
    a_school,
    enrolled,
    recorded,
    staff,
)

PAGE = Path(__file__).parents[2] / "docs" / "contributions.md"
ASKED_ON, DUE = date(2026, 3, 2), date(2026, 3, 20)
A_DAY = timedelta(days=1)
VIEW, ANOTHER = UUID(int=0x601), UUID(int=0x602)
THE_MOTHER = Contributor(kind=ContributorKind.CONTACT, person=MOTHER)
THE_TEACHER = Contributor(kind=ContributorKind.STAFF, person=TEACHER)
THE_PUPIL = Contributor(kind=ContributorKind.PUPIL)
THE_SPECIALIST = Contributor(kind=ContributorKind.SPECIALIST, involvement=3)
PAPER = PaperNamed(id=UUID(int=0x701), sha256="ab" * 32, size=2_000, media_type="application/pdf", title="Our view", pages=2)
INVOLVED = SpecialistInvolved(occurred_on=date(2026, 1, 12), profession=Profession.EDUCATIONAL_PSYCHOLOGIST, reason="Little progress.")
PENDING, GIVEN, DECLINED, LATE = ContributionState


def asked(on: date = ASKED_ON, **changes: object) -> ContributionAsked:
    told: dict[str, object] = {"kind": ContributionKind.PARENTS_VIEW, "contributor": THE_MOTHER, "asks": "How is it at home?", "due": DUE}
    return ContributionAsked(**{"occurred_on": on, "contribution": VIEW, **told, **changes})  # type: ignore[arg-type]


def given(on: date = DUE, **changes: object) -> ContributionGiven:
    told: dict[str, object] = {"kind": ContributionKind.PARENTS_VIEW, "contributor": THE_MOTHER, "words": "She reads to her brother."}
    return ContributionGiven(**{"occurred_on": on, "contribution": VIEW, **told, **changes})  # type: ignore[arg-type]


def declined(on: date = DUE, **changes: object) -> ContributionDeclined:
    return ContributionDeclined(**{"occurred_on": on, "contribution": VIEW, **changes})  # type: ignore[arg-type]


def around(*entries: object, **more: object) -> Record:
    """A pupil with a mother and a specialist, whose entries take the numbers 1 to 3."""
    return a_record(enrolled(), a_contact(), INVOLVED, *entries, **more)  # type: ignore[arg-type]


def states(record: Record, *days: date) -> list[ContributionState]:
    return [standing_of(record, day)[0].state for day in days]


MADE = {ContributionAsked: asked, ContributionGiven: given, ContributionDeclined: declined}
STEPS = {ContributionAsked: ask_contribution, ContributionGiven: give_contribution, ContributionDeclined: decline_contribution}


@pytest.mark.parametrize("kinds", list(product(PART_KINDS, repeat=3)), ids=lambda kinds: " ".join(kind.type[13:] for kind in kinds))
def test_a_step_exists_where_the_table_of_states_has_a_move_and_nowhere_else(kinds: tuple[type, ...]) -> None:
    taken, state = [], None
    for days, kind in enumerate(kinds):
        entry = MADE[kind](ASKED_ON + days * A_DAY)
        decision = STEPS[kind](around(*taken), entry, AS_SENCO)
        assert decision.is_refused is ((state, kind) not in MOVES)
        if decision.is_refused:
            assert decision.findings[0].cure
        else:
            taken.append(entry)
            state = MOVES[state, kind]
    assert state_after(taken) is state
    assert out_of_place(taken) is None


def test_the_page_shows_the_table_as_it_is() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert rows[0] == ["before", *(kind.type for kind in PART_KINDS)]
    for state, row in zip((None, PENDING, GIVEN, DECLINED), rows[1:], strict=True):
        to = [MOVES.get((state, kind)) for kind in PART_KINDS]
        assert row == ["nothing" if state is None else state.value, *("·" if one is None else one.value for one in to)]


def test_late_is_no_state_that_an_entry_makes_but_time_alone() -> None:
    assert LATE not in MOVES.values() and all(state is not LATE for state, _ in MOVES)


def test_a_contribution_is_pending_through_its_last_day_and_late_from_the_next_on() -> None:
    assert states(around(asked()), ASKED_ON, DUE, DUE + A_DAY) == [PENDING, PENDING, LATE]
    assert standing_of(around(asked()), ASKED_ON - A_DAY) == ()


@pytest.mark.parametrize(("on", "is_late"), [(DUE, False), (DUE + A_DAY, True)])
def test_what_is_given_after_the_last_day_is_given_and_late(on: date, is_late: bool) -> None:
    record = around(asked(), given(on))
    (found,) = standing_of(record, on)
    assert (found.state, found.is_late, found.asked, found.given, found.given_on) == (GIVEN, is_late, 4, 5, on)
    assert states(record, on - A_DAY) == [PENDING]


def test_what_is_given_in_time_and_again_later_replaces_the_first_and_is_not_late() -> None:
    again = given(DUE + A_DAY, words="More of it.", papers=(PAPER,))
    (found,) = standing_of(around(asked(), given(DUE), again), DUE + A_DAY)
    assert (found.state, found.is_late, found.given, found.words, found.papers) == (GIVEN, False, 6, "More of it.", (PAPER,))


def test_what_nobody_asked_for_is_given_and_has_no_last_day() -> None:
    (found,) = standing_of(around(given()), DUE)
    assert (found.state, found.is_late, found.asked, found.due, found.given) == (GIVEN, False, None, None, 4)


def test_somebody_who_declined_can_be_asked_again_and_give_after_all() -> None:
    later = DUE + 30 * A_DAY
    record = around(asked(), declined(ASKED_ON + A_DAY, reason="Not now."), asked(DUE + A_DAY, due=later), given(later))
    assert states(record, ASKED_ON + A_DAY, DUE + A_DAY, later) == [DECLINED, PENDING, GIVEN]
    (found,) = standing_of(record, ASKED_ON + A_DAY)
    assert (found.declined, found.declined_on, found.reason, found.given) == (5, ASKED_ON + A_DAY, "Not now.", None)
    (found,) = standing_of(record, later)
    assert (found.is_late, found.due, found.declined, found.asked) == (False, later, None, 6)


def test_asking_again_gives_more_time() -> None:
    record = around(asked(), asked(DUE + A_DAY, due=DUE + 7 * A_DAY))
    assert states(record, DUE + A_DAY, DUE + 7 * A_DAY, DUE + 8 * A_DAY) == [PENDING, PENDING, LATE]


def test_each_contribution_stands_for_itself() -> None:
    report = {"contribution": ANOTHER, "kind": ContributionKind.TEACHERS_REPORT, "contributor": THE_TEACHER}
    found = standing_of(around(asked(), asked(**report), given(ASKED_ON + A_DAY, **report)), DUE + A_DAY)
    assert [(one.id, one.state) for one in found] == [(VIEW, LATE), (ANOTHER, GIVEN)]


def test_what_was_not_known_then_does_not_count_then() -> None:
    record = around(asked(), given(DUE - A_DAY))
    assert states(record.known_at(4), DUE, DUE + A_DAY) == [PENDING, LATE]
    assert states(record.known_at(5), DUE, DUE + A_DAY) == [GIVEN, GIVEN]


def test_an_erased_giving_leaves_what_was_asked_and_an_erased_asking_what_was_given() -> None:
    erased = Erased(occurred_on=DUE, erased_type=ContributionGiven.type)
    assert states(around(asked(), erased), DUE, DUE + A_DAY) == [PENDING, LATE]
    gone = Erased(occurred_on=ASKED_ON, erased_type=ContributionAsked.type)
    assert states(around(gone, given()), DUE) == [GIVEN]
    assert standing_of(around(gone, declined()), DUE) == ()


def test_a_record_that_was_joined_brings_its_contributions_along() -> None:
    joined = RecordMerged(occurred_on=date(2026, 4, 1), other=OTHER_PUPIL, is_kept=True, reason="Twice.", confirmed_by=SENCO)
    before = [enrolled(), a_contact(), joined, recorded(asked(), 4, pupil=OTHER_PUPIL), recorded(given(), 5, pupil=OTHER_PUPIL)]
    assert states(a_record(*before), DUE) == [GIVEN]


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        (asked(due=ASKED_ON), True),
        (asked(due=ASKED_ON - A_DAY), False),
        (asked(asks=" "), False),
        (asked(request=UUID(int=9)), False),
        (asked(kind=ContributionKind.TEACHERS_REPORT, contributor=THE_TEACHER), True),
        (asked(kind=ContributionKind.TEACHERS_REPORT, contributor=Contributor(kind=ContributorKind.STAFF, person=STRANGER)), False),
        (asked(kind=ContributionKind.TEACHERS_REPORT, contributor=THE_MOTHER), False),
        (asked(contributor=Contributor(kind=ContributorKind.CONTACT, person=FATHER)), False),
        (asked(contributor=Contributor(kind=ContributorKind.CONTACT)), False),
        (asked(contributor=Contributor(kind=ContributorKind.CONTACT, person=MOTHER, involvement=3)), False),
        (asked(kind=ContributionKind.PUPILS_VIEW, contributor=THE_PUPIL), True),
        (asked(kind=ContributionKind.PUPILS_VIEW, contributor=Contributor(kind=ContributorKind.PUPIL, person=PUPIL)), False),
        (asked(kind=ContributionKind.SPECIALISTS_REPORT, contributor=THE_SPECIALIST), True),
        (asked(kind=ContributionKind.SPECIALISTS_REPORT, contributor=THE_MOTHER), True),
        (
            asked(kind=ContributionKind.SPECIALISTS_REPORT, contributor=Contributor(kind=ContributorKind.SPECIALIST, involvement=2)),
            False,
        ),
        (asked(kind=ContributionKind.OTHER, contributor=THE_TEACHER), True),
    ],
)
def test_only_somebody_the_record_knows_is_asked_for_what_is_theirs_to_give(entry: ContributionAsked, fits: bool) -> None:
    decision = ask_contribution(around(), entry, AS_SENCO)
    assert decision.is_refused is not fits
    assert fits or decision.findings[0].cure


def test_a_kind_that_is_somebodys_own_is_nobody_elses() -> None:
    people = {
        ContributorKind.STAFF: THE_TEACHER,
        ContributorKind.CONTACT: THE_MOTHER,
        ContributorKind.PUPIL: THE_PUPIL,
        ContributorKind.SPECIALIST: THE_SPECIALIST,
    }
    for kind, (whose, contributor) in product(ContributionKind, people.items()):
        refused = give_contribution(around(), given(kind=kind, contributor=contributor), AS_SENCO).is_refused
        assert refused is (whose not in OF_WHOM.get(kind, set(people)))


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        (given(words=None, papers=(PAPER,)), True),
        (given(words=None), False),
        (given(words=" "), False),
        (given(papers=(PAPER, replace(PAPER, id=UUID(int=0x702), sha256="cd" * 32))), True),
        (given(papers=(PAPER, PAPER)), False),
        (given(dated_on=DUE), True),
        (given(dated_on=DUE + A_DAY), False),
        (given(papers=(PAPER, replace(PAPER, id=UUID(int=0x702)))), False),
    ],
)
def test_words_or_papers_are_given_that_bear_no_later_day_and_each_paper_once(entry: ContributionGiven, fits: bool) -> None:
    decision = give_contribution(around(asked()), entry, AS_SENCO)
    assert decision.is_refused is not fits
    assert fits or decision.findings[0].cure


@pytest.mark.parametrize(
    "entry",
    [
        given(kind=ContributionKind.OTHER),
        given(contributor=Contributor(kind=ContributorKind.CONTACT, person=FATHER)),
        asked(DUE, kind=ContributionKind.DECLARATION),
    ],
)
def test_an_id_stays_with_one_kind_and_one_person(entry: ContributionAsked | ContributionGiven) -> None:
    record = a_record(enrolled(), a_contact(), INVOLVED, a_contact(FATHER), asked())
    assert STEPS[type(entry)](record, entry, AS_SENCO).is_refused
    assert not STEPS[type(entry)](record, replace(entry, contribution=ANOTHER), AS_SENCO).is_refused


def test_a_contact_is_asked_from_the_day_of_the_description_on() -> None:
    record = a_record(enrolled(), a_contact(on=ASKED_ON))
    assert ask_contribution(record, asked(ASKED_ON - A_DAY), AS_SENCO).findings[0].missing == ("contact described by that day",)
    assert not ask_contribution(record, asked(ASKED_ON), AS_SENCO).is_refused


def test_a_specialist_is_asked_from_the_day_of_the_involvement_on() -> None:
    report = {"kind": ContributionKind.SPECIALISTS_REPORT, "contributor": THE_SPECIALIST}
    day = INVOLVED.occurred_on
    assert ask_contribution(around(), asked(day - A_DAY, **report), AS_SENCO).findings[0].missing == ("specialist involved by that day",)
    assert not ask_contribution(around(), asked(day, **report), AS_SENCO).is_refused


def test_staff_are_asked_while_they_have_a_role_and_still_give_afterwards_what_they_were_asked_for() -> None:
    record = around(school=a_school(RoleEnded(occurred_on=ASKED_ON + A_DAY, staff=TEACHER, role=StaffRole.TEACHER)))
    report = {"kind": ContributionKind.TEACHERS_REPORT, "contributor": THE_TEACHER}
    refused = ask_contribution(record, asked(ASKED_ON + A_DAY, **report), AS_SENCO)
    assert refused.findings[0].missing == ("contributor's role on the day",)
    assert not ask_contribution(record, asked(**report), AS_SENCO).is_refused
    assert give_contribution(record, given(**report), AS_SENCO).is_refused
    was_asked = around(asked(**report), school=record.school)
    assert not give_contribution(was_asked, given(**report), AS_SENCO).is_refused


def test_a_request_is_named_once_it_was_made() -> None:
    made = EhcAssessmentRequested(
        occurred_on=ASKED_ON, request=UUID(int=9), authority="999", requester=Requester.SCHOOL, contact=None, reason="More help."
    )
    on = {"request": UUID(int=9)}
    assert not ask_contribution(around(made), asked(**on), AS_SENCO).is_refused
    assert ask_contribution(around(made), asked(ASKED_ON - A_DAY, **on), AS_SENCO).is_refused
    assert standing_of(around(made, asked(**on)), DUE)[0].request == UUID(int=9)


@pytest.mark.parametrize("restriction", ["information_restricted", "contact_restricted"])
def test_nobody_is_asked_who_may_not_be_informed_or_met_and_what_they_give_unasked_is_kept(restriction: str) -> None:
    """Decision 24: a restriction bars telling, and asking tells."""
    barred = a_record(enrolled(), a_contact(**{restriction: True}, restriction_basis="Order of an invented court"))
    (finding,) = ask_contribution(barred, asked(), AS_SENCO).findings
    assert (finding.rule, finding.used["withheld"]) == (TREAT_CARERS_AS_PARENTS, restriction)
    assert "court" not in str(finding)
    assert not give_contribution(barred, given(), AS_SENCO).is_refused
    lifted = a_record(enrolled(), a_contact(**{restriction: True}), a_contact(on=ASKED_ON))
    assert not ask_contribution(lifted, asked(), AS_SENCO).is_refused


def test_asking_somebody_without_a_right_to_be_told_is_remarked_on() -> None:
    grandmother = a_contact(GRANDMOTHER, parental_responsibility=False, has_care=False)
    record = a_record(enrolled(), a_contact(), grandmother)
    asks_her = asked(kind=ContributionKind.OTHER, contributor=Contributor(kind=ContributorKind.CONTACT, person=GRANDMOTHER))
    decision = ask_contribution(record, asks_her, AS_SENCO)
    assert not decision.is_refused
    assert [(f.rule, f.kept) for f in decision.findings] == [(TREAT_CARERS_AS_PARENTS, False)]
    assert ask_contribution(record, asked(), AS_SENCO).findings == ()
    grown = a_record(enrolled(born=date(2008, 3, 1)), a_contact())
    assert [finding.rule for finding in ask_contribution(grown, asked(), AS_SENCO).findings] == [HONOUR_WHO_HOLDS_THE_RIGHTS]


def test_the_family_write_their_own_and_staff_pass_on_what_anybody_gave() -> None:
    record = around(asked())
    views = given(kind=ContributionKind.PUPILS_VIEW, contributor=THE_PUPIL, contribution=ANOTHER)
    father = Author(kind=AuthorKind.CONTACT, id=FATHER)
    record_of_both = a_record(enrolled(), a_contact(), INVOLVED, a_contact(FATHER), asked())
    assert not give_contribution(record, given(), AS_MOTHER).is_refused
    assert not give_contribution(record, views, AS_PUPIL).is_refused
    assert not give_contribution(record, given(), staff(ASSISTANT)).is_refused
    assert not give_contribution(record, views, AS_SENCO).is_refused
    assert give_contribution(record, given(), AS_PUPIL).is_refused
    assert give_contribution(record, views, AS_MOTHER).is_refused
    assert give_contribution(record_of_both, given(), father).is_refused
    assert decline_contribution(record_of_both, declined(), father).is_refused
    assert decline_contribution(record, declined(), AS_PUPIL).is_refused
    assert not decline_contribution(record, declined(), AS_MOTHER).is_refused


def test_the_family_do_not_ask_each_other() -> None:
    assert ask_contribution(around(), asked(), AS_MOTHER).is_refused
    assert not ask_contribution(around(), asked(), AS_HEAD).is_refused


def test_what_is_awaited_is_what_was_asked_for_and_neither_given_nor_declined_the_earliest_first() -> None:
    ids = [UUID(int=0x610 + place) for place in range(4)]
    later, sooner, there, not_wanted = (asked(contribution=id_, due=DUE - place * A_DAY) for place, id_ in enumerate(ids))
    record = around(later, sooner, there, not_wanted, given(ASKED_ON, contribution=ids[2]), declined(ASKED_ON, contribution=ids[3]))
    assert [(one.id, one.state) for one in awaited_on(record, DUE)] == [(ids[1], LATE), (ids[0], PENDING)]
    assert awaited_on(record, ASKED_ON - A_DAY) == ()
