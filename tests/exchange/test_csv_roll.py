from datetime import date
from io import BytesIO

import pytest

from app.domain.codes import NeedType, SenStatus
from app.exchange.csv_roll import REQUIRED, read_csv
from app.exchange.roll import Limits, Roll

ON = date(2014, 11, 3)
HEADER = "upn,surname,forename,date_of_birth,sex,sen_status,sen_status_from,need_1,need_2,need_1_to"
ADA = "F999999925001,Example,Ada,2003-11-20,F"


def read(text: str | bytes, **limits: int) -> Roll:
    return read_csv(BytesIO(text.encode() if isinstance(text, str) else text), on=ON, limits=Limits(**limits))


def places(roll: Roll) -> list[tuple[str, int, str]]:
    return [(problem.cause, problem.line, problem.pointer) for problem in roll.problems]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_rows_of_a_pupil_are_its_history(mark):
    roll = read(f"{mark}{HEADER}\n{ADA},A,2010-01-11,,,\n{ADA},P,2012-01-11,BESD,SLCN,\n{ADA},N,2014-09-08,,,\n")
    pupil = roll.pupils[0]
    assert roll.problems == ()
    assert [(row.status, row.starts_on) for row in pupil.statuses] == [
        (SenStatus.SCHOOL_ACTION, date(2010, 1, 11)),
        (SenStatus.SCHOOL_ACTION_PLUS, date(2012, 1, 11)),
        (SenStatus.NONE, date(2014, 9, 8)),
    ]
    assert [(need.need_type, need.rank, need.starts_on, need.ends_on) for need in pupil.needs] == [
        (NeedType.BESD, 1, date(2012, 1, 11), date(2014, 9, 7)),
        (NeedType.SLCN, 2, date(2012, 1, 11), date(2014, 9, 7)),
    ]


def test_a_need_keeps_its_own_dates():
    roll = read(f"{HEADER}\n{ADA},K,2014-09-08,SPLD,,2014-10-24\n")
    assert [(need.starts_on, need.ends_on) for need in roll.pupils[0].needs] == [(date(2014, 9, 8), date(2014, 10, 24))]


@pytest.mark.parametrize(
    ("content", "cause", "line"),
    [
        (b"", "file-empty", 1),
        (HEADER.encode("utf-16"), "encoding-wrong", 1),
        (HEADER.encode("utf-16-le"), "nul-byte", 1),
        (f"{HEADER}\n{ADA}\x00,A,2010-01-11,,,\n".encode(), "nul-byte", 2),
        (f"{HEADER}\n{ADA}\xe9,A,2010-01-11,,,\n".encode("latin-1"), "encoding-wrong", 2),
        (HEADER.replace(",", ";").encode(), "delimiter-wrong", 1),
        (HEADER.replace(",", "\t").encode(), "delimiter-wrong", 1),
        (HEADER.encode(), "no-pupils", 1),
        (f'{HEADER}\n{ADA},A,2010-01-11,"open,,\n'.encode(), "csv-not-well-formed", 2),
        (f"{HEADER}\n{'x' * 200_000}\n".encode(), "csv-not-well-formed", 2),
    ],
)
def test_a_file_that_cannot_be_read_has_one_clear_problem_with_its_line(content, cause, line):
    assert [(problem.cause, problem.line) for problem in read(content).problems] == [(cause, line)]


def test_unknown_repeated_and_missing_columns_are_all_told_and_never_named():
    roll = read(f"{ADA},surname,surname\n")
    assert places(roll) == [
        ("column-unknown", 1, "row 1, column 1"),
        ("column-unknown", 1, "row 1, column 2"),
        ("column-unknown", 1, "row 1, column 3"),
        ("column-unknown", 1, "row 1, column 4"),
        ("column-unknown", 1, "row 1, column 5"),
        ("column-repeated", 1, "row 1, column 7"),
        *[("column-missing", 1, "row 1")] * 6,
    ]
    assert "Example" not in repr(roll.problems) and "Ada" not in repr(roll.problems)


def test_a_header_has_at_most_the_columns_that_exist_and_a_longer_one_is_not_looked_through():
    """To compare each of millions of names with all before it would keep the reader busy for hours."""
    needs = ",".join(f"need_{rank},need_{rank}_from,need_{rank}_to" for rank in range(1, 100))
    widest = f"{','.join(REQUIRED)},year_group,{needs}"
    assert places(read(f"{widest}\n{ADA},K,2014-09-08,{',' * 297}\n")) == []
    assert places(read(f"{widest},need_1\n")) == [("too-many-columns", 1, "row 1")]
    assert places(read("upn," * 500_000)) == [("too-many-columns", 1, "row 1")]


def test_every_wrong_cell_is_told_with_its_row_and_column():
    """Row and line part company after an empty line or a value of two lines."""
    roll = read(f'{HEADER}\n\n{ADA},A,"2010-01-11\n",,,\nZ999999925001,,Ben,1850-01-01,Q,X,2031-01-01,PLD,NSA*,\n{ADA},A\n')
    assert places(roll) == [
        ("upn-letter", 5, "row 4, column upn"),
        ("date-out-of-range", 5, "row 4, column date_of_birth"),
        ("surname-missing", 5, "row 4, column surname"),
        ("sex-unknown", 5, "row 4, column sex"),
        ("status-unknown", 5, "row 4, column sen_status"),
        ("start-in-future", 5, "row 4, column sen_status_from"),
        ("row-ragged", 6, "row 5"),
    ]
    assert len(roll.pupils) == 1


def test_a_wrong_type_of_need_says_what_to_use():
    roll = read(f"{HEADER}\n{ADA},K,2014-09-08,PLD,NSA*,\n")
    assert [(problem.pointer, "SPLD" in problem.detail, "NSA" in problem.detail) for problem in roll.problems] == [
        ("row 2, column need_1", True, False),
        ("row 2, column need_2", False, True),
    ]


def test_rows_of_one_pupil_must_agree_about_who_it_is():
    roll = read(f"{HEADER}\n{ADA},A,2010-01-11,,,\n{ADA.replace('2003', '2002')},P,2012-01-11,,,\n")
    assert places(roll) == [("rows-disagree", 3, "row 3, column date_of_birth")]


def test_a_status_without_its_day_is_an_error_and_neither_is_no_history():
    assert places(read(f"{HEADER}\n{ADA},A,,,,\n")) == [("status-not-dated", 2, "row 2, column sen_status_from")]
    assert places(read(f"{HEADER}\n{ADA},,,,,\n")) == []


@pytest.mark.parametrize(
    ("limits", "cause"),
    [
        ({"size_in_bytes": 100}, "file-too-large"),
        ({"pupils": 1}, "too-many-pupils"),
        ({"rows": 2}, "too-many-rows"),
        ({"rows_per_pupil": 1}, "too-many-rows"),
    ],
)
def test_each_limit_is_kept(limits, cause):
    other = ADA.replace("F999999925001", "V999999925002")
    text = f"{HEADER}\n{ADA},A,2010-01-11,,,\n{ADA},P,2012-01-11,,,\n{other},N,2010-01-11,,,\n"
    assert [problem.cause for problem in read(text, **limits).errors] == [cause]
