"""Where a duty is written: an instrument and the place in it."""

from dataclasses import dataclass
from enum import StrEnum


class Instrument(StrEnum):
    """The instruments that rules are taken from, by the short title a reader would look for."""

    CHILDREN_AND_FAMILIES_ACT_2014 = "Children and Families Act 2014"
    SEND_REGULATIONS_2014 = "Special Educational Needs and Disability Regulations 2014"
    CODE_OF_PRACTICE_2001 = "Special Educational Needs Code of Practice, DfES/581/2001"
    CODE_OF_PRACTICE_2015 = "SEND Code of Practice 0 to 25, January 2015"
    EDUCATION_ACT_1996 = "Education Act 1996"
    PUPIL_INFORMATION_REGULATIONS_2005 = "Education (Pupil Information) (England) Regulations 2005"
    EQUALITY_ACT_2010 = "Equality Act 2010"
    DATA_PROTECTION = "UK General Data Protection Regulation and Data Protection Act 2018"
    RECORDS_TOOLKIT = "Records management toolkit for schools of the IRMS"
    SCHOOL_CENSUS = "DfE school census and common basic data set"
    SEN2 = "DfE SEN2 person level collection"
    UPN_GUIDE = "DfE guide to unique pupil numbers"
    TRANSITION_GUIDANCE = "Guidance on the move from School Action to SEN Support, 2014 to 2015"
    WHITE_PAPER_2026 = "Schools white paper and SEND consultation, February 2026"
    LOCAL_PRACTICE = "Practice of local authorities"
    KNOWSLEY_LEAFLET = "Knowsley SENDIASS leaflet on SEN Support"
    DUDLEY_LEAFLET = "Dudley SENDIASS leaflet on SEN support"


@dataclass(frozen=True, slots=True)
class Citation:
    """One place in one instrument."""

    instrument: Instrument
    provision: str

    def __str__(self) -> str:
        return f"{self.instrument}, {self.provision}"


def children_and_families_act(section: str) -> Citation:
    """Cite a section of the Act, for example `68`."""
    return Citation(Instrument.CHILDREN_AND_FAMILIES_ACT_2014, f"section {section}")


def send_regulations(regulation: str) -> Citation:
    """Cite a regulation, for example `5(1)`."""
    return Citation(Instrument.SEND_REGULATIONS_2014, regulation if regulation.startswith("Schedule") else f"regulation {regulation}")


def code_of_practice(paragraph: str) -> Citation:
    """Cite a paragraph of the Code, for example `6.48`."""
    return Citation(Instrument.CODE_OF_PRACTICE_2015, f"paragraph {paragraph}")


def education_act(section: str) -> Citation:
    """Cite a section of the Education Act 1996, for example `8(3)`."""
    return Citation(Instrument.EDUCATION_ACT_1996, f"section {section}")


def equality_act(section: str) -> Citation:
    """Cite a section of the Equality Act 2010, or a place in a Schedule, for example `Schedule 10, paragraph 3`."""
    return Citation(Instrument.EQUALITY_ACT_2010, section if section.startswith("Schedule") else f"section {section}")


def census(place: str) -> Citation:
    """Cite the census rules by what a school would look up, for example `error 2115`."""
    return Citation(Instrument.SCHOOL_CENSUS, place)
