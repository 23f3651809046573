from datetime import date
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.codes import NeedType, SenStatus
from app.exchange.csv_roll import read_csv
from app.exchange.ctf import read_ctf
from app.exchange.roll import Limits, Roll, Severity

ON = date(2014, 11, 3)
HEADER = (
    "<Header><CTFversion>14.0</CTFversion><SourceSchool><LEA>999</LEA><Estab>9999</Estab><URN>999999</URN></SourceSchool>"
    "<DestSchool><LEA>999</LEA><Estab>LLLL</Estab></DestSchool></Header>"
)
WHO = "<UPN>F999999925001</UPN><Surname>Example</Surname><Forename>Ada</Forename><DOB>2003-11-20</DOB><Sex>F</Sex>"
ON_SCHOOL_ACTION = "<SEN><StartDate>2010-01-11</StartDate><SENprovision>A</SENprovision></SEN>"
PUPIL = "/CTfile/CTFpupilData/Pupil[1]"


def a_pupil(history: str = "", who: str = WHO, more: str = "") -> str:
    return f"<Pupil>{who}<SENhistory>{history}</SENhistory>{more}</Pupil>"


def a_file(*pupils: str, header: str = HEADER) -> bytes:
    return f"<CTfile>{header}\n<CTFpupilData>\n{chr(10).join(pupils)}\n</CTFpupilData></CTfile>".encode()


def read(content: bytes, on: date = ON, **limits: int) -> Roll:
    return read_ctf(BytesIO(content), on=on, limits=Limits(**limits))


def causes(roll: Roll) -> list[str]:
    return [problem.cause for problem in roll.problems]


def test_a_pupil_is_read_with_history_needs_and_contacts():
    needs = (
        "<SENneeds><SENneed><NeedStartDate>2010-01-11</NeedStartDate><SENtypeRank>2</SENtypeRank><SENtype>SLCN</SENtype></SENneed>"
        "<SENneed><NeedEndDate>2015-07-17</NeedEndDate><SENtypeRank>1</SENtypeRank><SENtype>spld</SENtype></SENneed></SENneeds>"
    )
    contacts = (
        "<BasicDetails><NCyearActual>6</NCyearActual></BasicDetails><Contacts><Contact><Surname>Example</Surname><Forename>Bea</Forename>"
        "<Relationship>Mother</Relationship><Responsibility>Y</Responsibility><Address><L1>1 Sample Row</L1><L2>ZZ99 9ZZ</L2></Address>"
        "<Phones><Phone><PhoneNo>01632 960001</PhoneNo></Phone></Phones><Email>bea@example.invalid</Email></Contact>"
        "<Contact><Surname>Sample</Surname></Contact></Contacts>"
    )
    roll = read(a_file(a_pupil(ON_SCHOOL_ACTION + needs, more=contacts)))
    pupil = roll.pupils[0]
    assert roll.problems == ()
    assert roll.version == "14.0"
    assert str(roll.source_school.laestab) == "999/9999" and roll.source_school.urn.is_sandbox
    assert roll.destination.laestab.is_an_authority
    assert (pupil.upn.value, pupil.surname, pupil.forename, pupil.sex, pupil.year_group) == ("F999999925001", "Example", "Ada", "F", "6")
    assert pupil.date_of_birth == date(2003, 11, 20)
    assert (pupil.open_status.status, pupil.open_status.starts_on) == (SenStatus.SCHOOL_ACTION, date(2010, 1, 11))
    assert [(need.need_type, need.rank) for need in pupil.needs] == [(NeedType.SPLD, 1), (NeedType.SLCN, 2)]
    mother, other = pupil.contacts
    assert (mother.name, mother.parental_responsibility, mother.address) == ("Bea Example", True, "1 Sample Row, ZZ99 9ZZ")
    assert (mother.phone, mother.email, mother.relationship) == ("01632 960001", "bea@example.invalid", "Mother")
    assert other.parental_responsibility is None


def test_a_namespace_an_older_version_and_unknown_elements_do_not_matter():
    content = a_file(a_pupil(ON_SCHOOL_ACTION, more="<Invented><Deep/></Invented>")).replace(
        b"<CTfile>", b'<CTfile xmlns="urn:invented:ctf">'
    )
    roll = read(content.replace(b"14.0", b"09.1").replace(b"<Sex>F</Sex>", b"<Gender>F</Gender>"))
    assert roll.problems == ()
    assert roll.version == "09.1"


@pytest.mark.parametrize(
    ("content", "cause", "line"),
    [
        (b"", "file-empty", 1),
        (b"upn,surname\n", "not-xml", 1),
        (b"PK\x03\x04" * 40, "not-xml", 1),
        (b"<html/>", "root-unexpected", 1),
        (b"<CTfile>\n<Header>", "file-truncated", 2),
        (a_file(a_pupil())[:-40], "file-truncated", 3),
        (b"<CTfile>\n<a></b></CTfile>", "xml-not-well-formed", 2),
        (a_file(a_pupil()).replace(b"Ada", b"A\x00a"), "xml-not-well-formed", 3),
        (a_file(a_pupil()).replace(b"Ada", b"Ad\xe9"), "encoding-wrong", 3),
        (b'<?xml version="1.0" encoding="utf-16"?>' + a_file(a_pupil()), "encoding-wrong", 1),
        (b'<?xml version="1.0" encoding="klingon"?>' + a_file(a_pupil()), "encoding-wrong", 1),
        (a_file(a_pupil()).replace(b"Ada", b"&ada;"), "entity-not-accepted", 3),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE CTfile [<!ENTITY a "a">]><CTfile>&a;</CTfile>', "doctype-not-accepted", 3),
        ('<?xml version="1.0"?>\n<!DOCTYPE CTfile []><CTfile/>'.encode("utf-16"), "doctype-not-accepted", 2),
        (b" " * 70_000 + b"\n<!DOCTYPE CTfile []><CTfile/>", "doctype-not-accepted", 2),
        (b"\n<!--" + b" " * 70_000 + b"-->\n<!DOCTYPE CTfile []><CTfile/>", "doctype-not-accepted", 3),
    ],
)
def test_a_file_that_cannot_be_read_has_one_clear_problem_with_its_line(content, cause, line):
    roll = read(content)
    assert [(problem.cause, problem.line) for problem in roll.errors][-1:] == [(cause, line)]


def test_nothing_of_an_entity_bomb_is_expanded():
    layers = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    content = f'<!DOCTYPE CTfile [<!ENTITY e0 "bomb">{layers}]><CTfile><CTFpupilData>&e9;</CTFpupilData></CTfile>'.encode()
    assert causes(read(content)) == ["doctype-not-accepted"]


@pytest.mark.parametrize(
    ("limits", "cause"),
    [
        ({"size_in_bytes": 200}, "file-too-large"),
        ({"pupils": 1}, "too-many-pupils"),
        ({"depth": 3}, "too-deep"),
        ({"elements": 5}, "too-many-elements"),
        ({"elements_per_pupil": 7}, "too-many-elements"),
        ({"rows_per_pupil": 1}, "too-many-rows"),
        ({"cell": 6}, "text-not-usable"),
        ({"problems": 0}, "too-many-problems"),
    ],
)
def test_each_limit_is_kept(limits, cause):
    other = WHO.replace("F999999925001", "V999999925002")
    twice = ON_SCHOOL_ACTION + "<SEN><StartDate>2009-01-12</StartDate><SENprovision>P</SENprovision></SEN>"
    assert cause in causes(read(a_file(a_pupil(twice), a_pupil(who=other)), **limits))


def test_a_tag_without_end_is_refused_before_it_fills_the_memory():
    content = b"<CTfile " + b" ".join(b'a%d=""' % number for number in range(60_000)) + b"/>"
    assert causes(read(content)) == ["part-too-long"]


def test_a_pupil_that_is_too_large_is_refused_though_never_closed():
    assert causes(read(b"<CTfile><CTFpupilData><Pupil>" + b"<a/>" * 100_000)) == ["too-many-elements"]


def test_all_problems_are_told_and_each_has_its_place():
    who = "<UPN>A999999925001</UPN><Forename>Ada</Forename><DOB>2014-02-30</DOB><Sex>Q</Sex>"
    history = (
        "<SEN><SENprovision>K</SENprovision></SEN><SEN><StartDate>9999-01-01</StartDate><SENprovision>X</SENprovision></SEN>"
        "<SENneeds><SENneed><SENtype>PLD</SENtype><SENtypeRank>100</SENtypeRank></SENneed></SENneeds>"
    )
    roll = read(a_file(a_pupil(history, who=who)))
    assert sorted((problem.cause, problem.pointer) for problem in roll.errors) == [
        ("date-not-a-date", f"{PUPIL}/DOB"),
        ("date-out-of-range", f"{PUPIL}/SENhistory/SEN[2]/StartDate"),
        ("need-type-unknown", f"{PUPIL}/SENhistory/SENneeds/SENneed[1]/SENtype"),
        ("rank-out-of-range", f"{PUPIL}/SENhistory/SENneeds/SENneed[1]/SENtypeRank"),
        ("sex-unknown", f"{PUPIL}/Sex"),
        ("status-not-dated", f"{PUPIL}/SENhistory/SEN[1]/StartDate"),
        ("status-unknown", f"{PUPIL}/SENhistory/SEN[2]/SENprovision"),
        ("surname-missing", f"{PUPIL}/Surname"),
        ("upn-letter", f"{PUPIL}/UPN"),
    ]
    assert roll.pupils == () and {problem.line for problem in roll.problems} == {3}


def test_no_problem_repeats_a_name_a_number_or_a_birthday():
    who = WHO.replace("F9999", "A9999").replace("<Sex>F</Sex>", "<Sex>Example</Sex>").replace("2003-11-20", "2003-11-31")
    roll = read(a_file(a_pupil("<SEN><StartDate>Ada</StartDate><SENprovision>Example</SENprovision></SEN>", who=who)))
    told = repr(roll.problems)
    assert len(roll.problems) == 5
    assert not [word for word in ("Ada", "Example", "99999992", "2003-11") if word in told]


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ("", "header-missing"),
        (HEADER.replace("14.0", "fourteen"), "version-unknown"),
        (HEADER.replace("<CTFversion>14.0</CTFversion>", ""), "version-missing"),
        (HEADER.replace("SourceSchool", "Other"), "source-school-missing"),
        (HEADER.replace("<LEA>999</LEA><Estab>9999", "<LEA>99</LEA><Estab>9999"), "laestab-shape"),
        (HEADER.replace("999999", "099999"), "urn-shape"),
    ],
)
def test_a_header_says_what_the_file_is_and_where_it_is_from(header, cause):
    assert causes(read(a_file(a_pupil(), header=header))) == [cause]


@pytest.mark.parametrize("name", [":upil", "x:Pupil", "Pupil:", "x::Pupil"])
def test_a_name_with_a_colon_that_belongs_to_no_namespace_is_not_well_formed(name):
    content = a_file(a_pupil()).replace(b"<Pupil>", f"<{name}>".encode()).replace(b"</Pupil>", f"</{name}>".encode())
    assert [(problem.cause, problem.line) for problem in read(content).problems] == [("xml-not-well-formed", 3)]


def test_a_file_without_pupils_is_an_error():
    assert causes(read(a_file())) == ["no-pupils"]


def test_a_second_upn_in_one_pupil_is_an_error():
    assert causes(read(a_file(a_pupil(more="<UPN>V999999925002</UPN>")))) == ["element-repeated"]


def test_the_hash_is_that_of_the_whole_file_even_where_reading_stopped_early():
    content = b"<html/>" + b" " * 200_000
    assert read(content).sha256 == read_csv(BytesIO(content), on=ON).sha256
    assert read(content).sha256 != read(content + b" ").sha256


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_roll_with_problems(content):
    """A file decides what is in the roll, never whether there is one."""
    for roll in (read(content), read_csv(BytesIO(content), on=ON)):
        assert any(problem.severity is Severity.ERROR and problem.line >= 1 for problem in roll.problems)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 600), st.binary(min_size=1, max_size=6))
@example(1, b":")
def test_a_good_file_with_a_few_bytes_changed_still_gives_a_roll(position, change):
    content = a_file(a_pupil(ON_SCHOOL_ACTION))
    broken = content[:position] + change + content[position + len(change) :]
    assert read(broken).sha256 != read(content).sha256 or broken == content
