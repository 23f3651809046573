"""What four systems hold of one pupil, read into one history: nothing guessed, nothing upgraded, nothing repeated of a child."""

from datetime import date

import pytest

from app.domain.codes import NeedType, SenStatus
from app.exchange.system_shapes import HeldNeed, HeldStatus, System, history_of

SINCE = date(2022, 1, 10)
WONDE = {"upi": "x", "extended_details": {"data": {"sen_status": "SEN Support"}}}
ARBOR = {
    "senStatusAssignments": [
        {"startDate": "2022-01-10", "endDate": None, "senStatus": {"code": "K", "displayName": "SEN Support"}},
        {"startDate": "2019-09-04", "endDate": "2022-01-09", "senStatus": {"code": "N", "displayName": "None"}},
    ]
}
ASSEMBLY = {
    "sen_category": "K",
    "sen_needs": [
        {"sen_need_code": "SEMH", "sen_broad_need_type_code": "SEMH", "start_date": "2023-01-09", "priority": 2},
        {"sen_need_code": "SLCN", "sen_broad_need_type_code": "CAI", "start_date": "2022-01-10", "priority": 1},
    ],
}
GROUPCALL = {
    "StudentSENTypeHistory": [
        {"NeedTypeCode": "SLCN", "NeedStartDate": "2022-01-10T00:00:00", "NeedEndDate": None, "Rank": "1", "RowHash": "x"},
        {"NeedTypeCode": "SEMH", "NeedStartDate": "2023-01-09", "NeedEndDate": "2024-07-19", "Rank": "2"},
    ]
}


def test_four_systems_tell_one_history():
    """DAT-07: status from three of them, needs from two, and they agree."""
    wonde, arbor, assembly, groupcall = (
        history_of(system, shape) for system, shape in zip(System, (WONDE, ARBOR, ASSEMBLY, GROUPCALL), strict=True)
    )
    assert wonde.statuses[-1].status is arbor.statuses[-1].status is assembly.statuses[-1].status is SenStatus.SEN_SUPPORT
    assert arbor.statuses == [HeldStatus(date(2019, 9, 4), SenStatus.NONE), HeldStatus(SINCE, SenStatus.SEN_SUPPORT)]
    assert [need.need_type for need in assembly.needs] == [need.need_type for need in groupcall.needs] == [NeedType.SLCN, NeedType.SEMH]
    assert groupcall.needs[1] == HeldNeed(NeedType.SEMH, 2, date(2023, 1, 9), date(2024, 7, 19))
    assert not any(history.unread for history in (wonde, arbor, assembly, groupcall))


@pytest.mark.parametrize(
    ("said", "status"),
    [("K", "K"), ("k", "K"), (" SEN  support ", "K"), ("EHC plan", "E"), ("School Action Plus", "P"), ("No SEN", "N"), ("S", "S")],
)
def test_a_status_is_read_as_a_code_or_in_words(said, status):
    (held,) = history_of(System.WONDE, {"extended_details": {"data": {"sen_status": said}}}).statuses
    assert (held.status.value, held.starts_on) == (status, None)


@pytest.mark.parametrize("code", ["A", "P", "S"])
def test_an_old_code_stays_an_old_code(code):
    """TRN-18: nothing is upgraded on the way in."""
    (held,) = history_of(System.ASSEMBLY, {"sen_category": code}).statuses
    assert held.status.value == code


def test_besd_stays_besd():
    row = {"NeedTypeCode": "BESD", "NeedStartDate": "2012-09-03", "NeedEndDate": None, "Rank": 1}
    (need,) = history_of(System.GROUPCALL, {"StudentSENTypeHistory": [row]}).needs
    assert need.need_type is NeedType.BESD


@pytest.mark.parametrize(
    ("starts_on", "gap"),
    [("2024-07-20", []), ("2024-07-21", [HeldStatus(date(2024, 7, 20), SenStatus.NONE)])],
)
def test_a_status_that_ends_without_another_the_day_after_leaves_no_sen(starts_on, gap):
    """The last day of an assignment is inside."""
    rows = [
        {"startDate": "2022-01-10", "endDate": "2024-07-19", "senStatus": {"code": "K"}},
        {"startDate": starts_on, "endDate": None, "senStatus": {"code": "E"}},
    ]
    statuses = history_of(System.ARBOR, {"senStatusAssignments": rows}).statuses
    assert statuses == [HeldStatus(SINCE, SenStatus.SEN_SUPPORT), *gap, HeldStatus(date.fromisoformat(starts_on), SenStatus.EHC_PLAN)]
    alone = history_of(System.ARBOR, {"senStatusAssignments": rows[:1]}).statuses
    assert alone[-1] == HeldStatus(date(2024, 7, 20), SenStatus.NONE)


@pytest.mark.parametrize(("category", "status"), [(None, "N"), ("N", "N"), ("K", "K")])
def test_assembly_without_a_category_says_that_there_is_none(category, status):
    assert [held.status.value for held in history_of(System.ASSEMBLY, {"sen_category": category}).statuses] == [status]


@pytest.mark.parametrize(
    ("system", "shape", "unread"),
    [
        (System.WONDE, {"extended_details": {"data": {"sen_status": "Ada needs help"}}}, "extended_details.data.sen_status"),
        (System.ASSEMBLY, {"sen_category": "N", "sen_needs": [{"sen_need_code": "PLD", "priority": 1}]}, "sen_needs[0]"),
        (System.GROUPCALL, {"StudentSENTypeHistory": [{"NeedTypeCode": "NSA*", "Rank": 1}]}, "StudentSENTypeHistory[0]"),
        (System.GROUPCALL, {"StudentSENTypeHistory": [{"NeedTypeCode": "SLCN", "Rank": "first"}]}, "StudentSENTypeHistory[0]"),
        (
            System.ARBOR,
            {"senStatusAssignments": [{"startDate": "soon", "senStatus": {"code": "K"}}]},
            "senStatusAssignments[0].startDate",
        ),
    ],
)
def test_what_cannot_be_read_is_told_by_its_place_alone(system, shape, unread):
    assert history_of(system, shape).unread == [unread]


@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize(
    "shape", [{}, {"sen_needs": "SLCN", "senStatusAssignments": {}, "extended_details": [], "StudentSENTypeHistory": 7}]
)
def test_a_shape_of_something_else_gives_no_needs_and_does_not_fail(system, shape):
    assert history_of(system, shape).needs == []
