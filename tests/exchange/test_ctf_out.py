"""A Common Transfer File that we write is read back by our own reader with the same pupil, statuses and needs."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import fromstring

from app.db.records import PupilRef
from app.domain.codes import NeedType, SenStatus
from app.domain.entries import StatusImported
from app.domain.identifiers import Laestab, Urn
from app.exchange.ctf import read_ctf
from app.exchange.ctf_out import Journey, Sender, version_on, write_ctf
from tests.domain.builders import PUPIL, a_record, enrolled, imported, need_imported

BORN = date(2008, 6, 30)
AT = datetime(2026, 3, 2, 9, 30, 15, 123, tzinfo=UTC)
JOURNEY = Journey(source=Laestab("999", "9999"), destination=Laestab("998", "9998"), destination_urn=Urn("999998"), number=7)
SENDER = Sender(urn="999999", name="Invented & Daughters", at=AT)


def a_pupil(**changes: object) -> PupilRef:
    said: dict[str, object] = {
        "id": PUPIL, "upn": "F999999925001", "surname": "Example", "forename": "Ada", "date_of_birth": BORN, "sex": "F",
        "year_group": "8", "left_on": None, "last_number": 3,
    }  # fmt: skip
    return PupilRef(**(said | changes))  # type: ignore[arg-type]


def read(content: bytes):
    return read_ctf(BytesIO(content), on=AT.date())


def test_the_file_has_the_name_that_the_receiving_system_looks_for():
    assert JOURNEY.file_name == "9999999_CTF_9989998_007.xml"


@pytest.mark.parametrize(("day", "version"), [(date(2024, 8, 31), "23.0"), (date(2024, 9, 1), "24.0")])
def test_the_version_is_that_of_the_school_year(day, version):
    assert version_on(day) == version


def test_the_header_says_from_whom_to_whom_and_when():
    roll = read(write_ctf(SENDER, JOURNEY, a_pupil(), a_record(enrolled(BORN))))
    assert (roll.version, roll.source_school.name, str(roll.source_school.urn)) == ("25.0", "Invented & Daughters", "999999")
    assert (str(roll.source_school.laestab), str(roll.destination.laestab), str(roll.destination.urn)) == ("999/9999", "998/9998", "999998")
    assert list(roll.errors) == []


def test_the_members_stand_in_the_order_of_the_format():
    root = fromstring(write_ctf(SENDER, JOURNEY, a_pupil(), a_record(enrolled(BORN), imported(SenStatus.SEN_SUPPORT, date(2015, 9, 1)))))
    assert [child.tag for child in root] == ["Header", "CTFpupilData"]
    assert [child.tag for child in root.find("CTFpupilData/Pupil")] == [
        *("UPN", "Surname", "Forename", "DOB", "Sex", "BasicDetails", "SENhistory"),
    ]
    assert [child.tag for child in root.find("Header")] == [
        *("DocumentName", "CTFversion", "DateTime", "DocumentQualifier", "SupplierID", "SourceSchool", "DestSchool"),
    ]
    assert root.findtext("Header/DateTime") == "2026-03-02T09:30:15"


def test_a_pupil_without_a_history_has_none_in_the_file():
    [pupil] = read(write_ctf(SENDER, JOURNEY, a_pupil(sex=None, year_group=None), a_record(enrolled(BORN)))).pupils
    assert (pupil.sex, pupil.year_group, pupil.statuses, pupil.needs) == ("U", None, (), ())


def test_old_codes_go_along_as_history():
    history = (imported(SenStatus.SCHOOL_ACTION, date(2013, 1, 7)), imported(SenStatus.SEN_SUPPORT, date(2015, 3, 2)))
    [pupil] = read(write_ctf(SENDER, JOURNEY, a_pupil(), a_record(enrolled(BORN), *history))).pupils
    assert [(row.status, row.starts_on) for row in pupil.statuses] == [("A", date(2013, 1, 7)), ("K", date(2015, 3, 2))]


NAMES = st.text(st.characters(categories=["L", "Zs", "Pd"], include_characters="'&<>\""), min_size=1, max_size=30).filter(
    lambda name: name.strip() == name and " ".join(name.split()) == name
)
DAYS = st.dates(date(2014, 9, 1), date(2025, 12, 31))
STATUSES = st.lists(st.tuples(DAYS, st.sampled_from([SenStatus.NONE, SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN])), max_size=5)
NEEDS = st.lists(
    st.tuples(st.sampled_from([NeedType.SLCN, NeedType.MLD, NeedType.HI, NeedType.SPLD]), DAYS, st.none() | st.integers(0, 400)),
    max_size=4,
    unique_by=lambda need: need[0],
)


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES, STATUSES, NEEDS)
def test_what_is_written_is_read_back_the_same(surname, forename, statuses, needs):
    by_day = sorted(dict(statuses).items())
    entries: list[StatusImported] = [imported(status, day) for day, status in by_day]
    ranked = [
        need_imported(kind, since, None if days is None else since + timedelta(days=days), rank)
        for rank, (kind, since, days) in enumerate(needs, start=1)
    ]
    record = a_record(enrolled(BORN), *entries, *ranked)
    roll = read(write_ctf(SENDER, JOURNEY, a_pupil(surname=surname, forename=forename), record))
    assert list(roll.errors) == []
    [pupil] = roll.pupils
    assert (pupil.surname, pupil.forename, pupil.upn.value, pupil.date_of_birth) == (surname, forename, "F999999925001", BORN)
    assert [(row.status, row.starts_on) for row in pupil.statuses] == [(period.status, period.since) for period in record.statuses]
    written = sorted((need.rank, need.need_type, need.since, need.until) for need in record.need_periods)
    assert sorted((need.rank, need.need_type, need.starts_on, need.ends_on) for need in pupil.needs) == written
