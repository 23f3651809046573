"""The census's fragment on a pupil: its names, what each term collects, and nothing where nothing is known."""

import io
from datetime import date

import pytest
from lxml import etree

from app.domain.census import Return, ReturnedNeed
from app.domain.codes import NeedType, SenStatus
from app.domain.identifiers import Upn
from app.exchange.census import CensusPupil, census_xml
from app.exchange.ctf import read_ctf

SPRING, SUMMER, AUTUMN = date(2026, 1, 15), date(2026, 5, 21), date(2026, 10, 1)
UPN = "F999999925001"
NEEDS = (ReturnedNeed(need_type=NeedType.SLCN, rank=1), ReturnedNeed(need_type=NeedType.SEMH, rank=2))


def a_pupil(sex: str | None = "F", **facts: object) -> CensusPupil:
    told = {"provision": SenStatus.SEN_SUPPORT, "needs": NEEDS, "in_sen_unit": False, "in_resourced_provision": True, **facts}
    return CensusPupil(upn=Upn.parse(UPN), date_of_birth=date(2013, 11, 20), sex=sex, returned=Return(**told))


def written(*pupils: CensusPupil, on: date = SPRING) -> etree._Element:
    return etree.fromstring(census_xml(pupils, on))


def names(node: etree._Element) -> list[str]:
    return [child.tag for child in node]


def test_a_pupil_is_written_under_the_names_of_the_census():
    """DAT-05: the container and its children, in the order in which they are published."""
    (pupil,) = written(a_pupil())
    assert names(pupil) == ["PupilIdentifiers", "SpecialEducationalNeeds"]
    assert [node.text for node in pupil[0]] == [UPN, "2013-11-20", "F"]
    assert names(pupil[1]) == ["SENprovision", "SENneeds", "SENunitIndicator", "ResourcedProvisionIndicator"]
    assert [[part.text for part in need] for need in pupil.iter("SENneed")] == [["1", "SLCN"], ["2", "SEMH"]]
    assert [names(need) for need in pupil.iter("SENneed")] == [["SENtypeRank", "SENtype"]] * 2
    assert [pupil.findtext(f".//{name}") for name in ("SENprovision", "SENunitIndicator", "ResourcedProvisionIndicator")] == ["K", "0", "1"]


@pytest.mark.parametrize(("on", "collected"), [(SPRING, True), (SUMMER, False), (AUTUMN, False)])
def test_types_and_places_in_units_are_written_in_spring_alone(on, collected):
    (pupil,) = written(a_pupil(), on=on)
    told = names(pupil[1])
    assert told[0] == "SENprovision"
    assert (len(told) > 1) is collected


@pytest.mark.parametrize(
    ("on", "element"),
    [(date(2022, 10, 6), "Gender"), (date(2023, 1, 19), "Sex"), (date(2022, 12, 31), "Gender"), (date(2023, 1, 1), "Sex")],
)
def test_sex_is_written_from_2023_and_gender_before(on, element):
    """DAT-06; a transfer file that still says Gender is read all the same."""
    (pupil,) = written(a_pupil(), on=on)
    assert names(pupil[0]) == ["UPN", "DOB", element]
    for name in ("Sex", "Gender"):
        content = f"""<CTfile><Header><CTFversion>14.0</CTFversion><SourceSchool><LEA>999</LEA><Estab>9999</Estab></SourceSchool></Header>
        <CTFpupilData><Pupil><UPN>{UPN}</UPN><Surname>Example</Surname><Forename>Ada</Forename><DOB>2013-11-20</DOB><{name}>F</{name}></Pupil>
        </CTFpupilData></CTfile>"""
        assert [read.sex for read in read_ctf(io.BytesIO(content.encode()), on=SPRING).pupils] == ["F"]


def test_what_is_not_known_is_left_out_and_an_unknown_sex_is_said_to_be_so():
    (pupil,) = written(a_pupil(sex=None, provision=None, needs=(), in_sen_unit=None, in_resourced_provision=None))
    assert names(pupil[1]) == []
    assert pupil.findtext(".//Sex") == "U"


def test_pupils_come_in_the_order_given_and_the_file_says_that_it_is_utf_8():
    assert census_xml([], SPRING).startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert len(written(a_pupil(), a_pupil())) == 2
