from datetime import date
from io import BytesIO

import pytest

from app.exchange.ctf import read_ctf
from app.exchange.roll import Severity

WHO = "<UPN>F999999925001</UPN><Surname>Example</Surname><Forename>Ada</Forename><DOB>2003-11-20</DOB><Sex>F</Sex>"
SOURCE = "<Header><CTFversion>14.0</CTFversion><SourceSchool/></Header>"


def told(history: str, needs: str = "", on: date = date(2018, 3, 31), pupils: int = 1) -> list[tuple[str, str]]:
    rows = "".join(f"<SEN><StartDate>{row[2:]}</StartDate><SENprovision>{row[0]}</SENprovision></SEN>" for row in history.split())
    pupil = f"<Pupil>{WHO}<SENhistory>{rows}<SENneeds>{needs}</SENneeds></SENhistory></Pupil>" * pupils
    content = f"<CTfile>{SOURCE}<CTFpupilData>{pupil}</CTFpupilData></CTfile>".encode()
    return [(problem.cause, problem.severity.value) for problem in read_ctf(BytesIO(content), on=on).problems]


def need(code: str, rank: int, starts: str = "", ends: str = "") -> str:
    return (
        f"<SENneed><NeedStartDate>{starts}</NeedStartDate><NeedEndDate>{ends}</NeedEndDate>"
        f"<SENtypeRank>{rank}</SENtypeRank><SENtype>{code}</SENtype></SENneed>"
    )


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("A:2014-08-31", []),
        ("A:2014-09-01", [("school-action-after-reform", "warning")]),
        ("P:2015-08-31", [("school-action-after-reform", "warning")]),
        ("P:2015-09-01", [("school-action-after-its-end", "error")]),
        ("N:2009-09-01 A:2016-01-11", [("school-action-after-its-end", "error")]),
        ("A:2012-01-11 P:2015-01-12", []),
        ("A:2012-01-11 P:2015-09-01", [("school-action-after-its-end", "error")]),
        ("A:2012-01-11 A:2016-01-11", []),
        ("A:2012-01-11 K:2014-09-01", []),
        ("K:2014-08-31", [("status-before-its-code", "warning")]),
        ("S:2014-08-31", []),
        ("S:2014-09-01", [("statement-after-reform", "warning")]),
    ],
)
def test_each_status_has_days_on_which_it_could_begin(history, expected):
    """School Action and School Action Plus ran beside SEN Support to 31 August 2015; old rows are history and keep their dates."""
    assert told(history) == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ("A:2012-01-11 N:2010-01-11", [("statuses-out-of-order", "warning")]),
        ("A:2012-01-11 P:2012-01-11", [("statuses-on-one-day", "error")]),
        ("A:2003-11-20", []),
        ("A:2003-11-19", [("start-before-birth", "error")]),
        ("K:2018-03-31", []),
        ("K:2018-04-01", [("start-in-future", "error")]),
        ("K:9999-12-31", [("date-out-of-range", "error")]),
        ("A:2012-02-30", [("date-not-a-date", "error")]),
    ],
)
def test_a_history_has_possible_days_in_their_order(history, expected):
    assert told(history) == expected


@pytest.mark.parametrize(("on", "expected"), [(date(2018, 3, 31), []), (date(2018, 4, 1), [("statement-still-open", "warning")])])
def test_a_statement_still_open_after_march_2018_is_asked_about(on, expected):
    assert told("S:2010-01-11", on=on) == expected


@pytest.mark.parametrize(
    ("history", "needs", "expected"),
    [
        ("K:2014-09-01", need("SPLD", 1) + need("SLCN", 2), []),
        ("K:2014-09-01", need("SPLD", 1) + need("SLCN", 1), [("more-than-one-main-need", "error")]),
        ("K:2014-09-01", need("SPLD", 1, ends="2016-07-15") + need("SLCN", 1, starts="2016-07-16"), []),
        ("K:2014-09-01", need("SPLD", 99), []),
        ("K:2014-09-01", need("SPLD", 0), [("rank-out-of-range", "error")]),
        ("K:2014-09-01", need("SPLD", 1, "2016-01-02", "2016-01-01"), [("need-ends-before-start", "error")]),
        ("K:2014-09-01", need("SPLD", 1, "2016-01-02", "2016-01-02"), []),
        ("K:2014-09-01", need("SPLD", 1, "2003-11-19"), [("start-before-birth", "error")]),
        ("K:2014-09-01", need("NSA*", 1), [("need-type-unknown", "error")]),
        ("K:2014-09-01", need("NSA", 1), []),
        ("P:2012-01-11", need("NSA", 1), [("nsa-without-sen-support", "warning")]),
        ("N:2014-09-01", need("SPLD", 1), [("need-without-provision", "warning")]),
        ("N:2014-09-01", need("SPLD", 1, ends="2018-03-30"), []),
        ("P:2012-01-11", need("BESD", 1, "2015-01-15"), []),
        ("P:2012-01-11", need("BESD", 1, "2015-01-16"), [("need-outside-its-dates", "warning")]),
        ("K:2014-09-01", need("SEMH", 1, "2014-08-31"), [("need-outside-its-dates", "warning")]),
    ],
)
def test_needs_fit_their_ranks_their_days_and_the_status(history, needs, expected):
    assert told(history, needs) == expected


def test_two_pupils_with_one_upn_are_an_error_even_on_the_same_line():
    assert told("A:2012-01-11", pupils=2) == [("upn-duplicate", Severity.ERROR.value)]


@pytest.mark.parametrize(("on", "wrong"), [(date(2003, 11, 20), True), (date(2029, 1, 1), False), (date(2030, 1, 1), True)])
def test_a_date_of_birth_leaves_somebody_who_can_be_a_pupil(on, wrong):
    assert (("date-of-birth-impossible", "error") in told("", on=on)) is wrong
