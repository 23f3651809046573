"""The school census's fragment on a pupil, as XML: a part that a management system puts into its return, and no return by itself.

Names of elements are those of the common basic data set; places in units are written 0 and 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree
from lxml.etree import _Element

from app.domain.census import Return, Season, season_of
from app.domain.identifiers import Upn

SEX_SINCE: Final = date(2023, 1, 1)
"""The element was called Gender before."""
UNKNOWN_SEX: Final = "U"


@dataclass(frozen=True, slots=True, kw_only=True)
class CensusPupil:
    """A pupil as the census asks for them."""

    upn: Upn
    date_of_birth: date
    sex: str | None
    returned: Return


def census_xml(pupils: Iterable[CensusPupil], on: date) -> bytes:
    """Write the fragments of pupils, in the order given, for a census day; types and places in units in spring alone."""
    root = etree.Element("Pupils")
    for pupil in pupils:
        _write_pupil(etree.SubElement(root, "Pupil"), pupil, on)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _write_pupil(node: _Element, pupil: CensusPupil, on: date) -> None:
    identifiers = etree.SubElement(node, "PupilIdentifiers")
    _write(identifiers, "UPN", pupil.upn.value)
    _write(identifiers, "DOB", pupil.date_of_birth.isoformat())
    _write(identifiers, "Sex" if on >= SEX_SINCE else "Gender", pupil.sex or UNKNOWN_SEX)
    told, returned = etree.SubElement(node, "SpecialEducationalNeeds"), pupil.returned
    _write(told, "SENprovision", returned.provision)
    if season_of(on) is not Season.SPRING:
        return
    if returned.needs:
        needs = etree.SubElement(told, "SENneeds")
        for need in returned.needs:
            listed = etree.SubElement(needs, "SENneed")
            _write(listed, "SENtypeRank", need.rank)
            _write(listed, "SENtype", need.need_type)
    _write(told, "SENunitIndicator", _flag(returned.in_sen_unit))
    _write(told, "ResourcedProvisionIndicator", _flag(returned.in_resourced_provision))


def _flag(value: bool | None) -> str | None:
    return None if value is None else str(int(value))


def _write(node: _Element, name: str, value: object) -> None:
    """Leave out what is not known, which the census's own checks then ask for."""
    if value is not None:
        etree.SubElement(node, name).text = str(value)
