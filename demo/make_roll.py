"""Writes the demo's input files: an invented secondary school's roll as it stood on 3 November 2014, as a CTF and, in part, as CSV.

Run `python -m demo.make_roll`; the same files come out every time. Nobody in them exists: authority 999 has no schools, and the surnames,
addresses, telephone numbers (a range kept for drama) and mail addresses belong to no one.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final
from xml.sax.saxutils import escape

from app.domain.identifiers import check_letter

AS_OF: Final = date(2014, 11, 3)
SEED: Final = 20141103
CTF_NAME: Final = "9999999_CTF_9999999_001.xml"
CSV_NAME: Final = "roll.csv"
SCHOOL_NAME: Final = "Example Secondary School"
IN_THE_CSV: Final = ("Ada", "Ben", "Isla", "Jakub", "Priya", "Samir", "Umar", "Violet")

_REFORM_YEAR: Final = 2014
_FIRST_DAY_OF_TERM: Final = date(2014, 9, 3)
_STREETS: Final = ("Invented Street", "Sample Row", "Mockup Lane", "Specimen Close", "Placeholder Avenue")
_MOTHERS: Final = ("Ana", "Beth", "Carmen", "Dee", "Efua", "Fatima", "Gita", "Hana")
_FATHERS: Final = ("Ivo", "Jamal", "Kofi", "Luis", "Marek", "Nadir", "Omar", "Pete")


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is decided by hand about a pupil; the generator adds numbers and days."""

    forename: str
    surname: str
    sex: str
    year_group: int
    path: str
    needs: tuple[str, ...] = ()
    born_on: date | None = None
    home: str = "together"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at an address, with what the school's old system knew of parental responsibility."""

    forename: str
    surname: str
    relationship: str
    responsible: bool
    address: tuple[str, str, str]
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Pupil:
    """A finished pupil, ready to be written in either format; `ends_on` of a need is None while it goes on."""

    upn: str
    sketch: Sketch
    born_on: date
    statuses: tuple[tuple[date, str], ...]
    needs: tuple[tuple[date, date | None, int, str], ...]
    contacts: tuple[Contact, ...]


SKETCHES: Final = (
    Sketch("Ada", "Example", "F", 8, "A"),
    Sketch("Ben", "Sample", "M", 7, "A"),
    Sketch("Chidi", "Specimen", "M", 9, "A", ("SPLD",), home="apart"),
    Sketch("Daniela", "Placeholder", "F", 10, "A"),
    Sketch("Elif", "Testwell", "F", 8, "A", ("SLCN",)),
    Sketch("Farid", "Madeup", "M", 9, "A"),
    Sketch("Grace", "Mockford", "F", 7, "A", ("MLD",), home="carer"),
    Sketch("Hamza", "Exampleton", "M", 10, "A"),
    Sketch("Isla", "Samplewood", "F", 11, "A", ("SPLD",), born_on=date(1998, 9, 14)),
    Sketch("Jakub", "Inventon", "M", 9, "AP", ("BESD",)),
    Sketch("Keisha", "Fictionby", "F", 8, "AP", ("BESD", "SLCN")),
    Sketch("Liam", "Pretendly", "M", 7, "P", ("ASD",)),
    Sketch("Mei", "Fabricant", "F", 10, "AP", ("SLCN", "MLD")),
    Sketch("Noah", "Trialwood", "M", 8, "AP", ("SPLD",)),
    Sketch("Olu", "Demostead", "M", 9, "P", ("HI",)),
    Sketch("Priya", "Notional", "F", 7, "NK", ("SLCN",)),
    Sketch("Quentin", "Draftley", "M", 8, "AK", ("NSA",)),
    Sketch("Rosa", "Supposely", "F", 9, "AK", ("SPLD",)),
    Sketch("Samir", "Patternby", "M", 9, "PS", ("ASD", "SLCN")),
    Sketch("Tess", "Modelworth", "F", 7, "S", ("PD",)),
    Sketch("Umar", "Outlineton", "M", 8, "AKN", ("MLD",)),
    Sketch("Violet", "Dummyfield", "F", 7, "N"),
    Sketch("Wei", "Blankley", "F", 10, "N"),
    Sketch("Xenia", "Imaginer", "F", 9, "N"),
    Sketch("Yusuf", "Sketchley-Made", "M", 8, "N"),
    Sketch("Zara", "Tokenham", "F", 10, "N"),
    Sketch("Arlo", "Examplar", "M", 7, "N"),
    Sketch("Bronwyn", "Fakenby", "F", 9, "N"),
    Sketch("Callum", "Templateson", "M", 10, "N"),
    Sketch("Dina", "Mockingham", "F", 8, "N"),
)


def invent_pupils() -> tuple[Pupil, ...]:
    """Give the thirty pupils in the order of the file."""
    dice = Random(SEED)
    return tuple(_invent(dice, serial, sketch) for serial, sketch in enumerate(SKETCHES, start=1))


def _invent(dice: Random, serial: int, sketch: Sketch) -> Pupil:
    entered_in = _REFORM_YEAR - sketch.year_group
    born_on = sketch.born_on or date(entered_in - 5, 9, 1) + timedelta(days=dice.randrange(20, 340))
    body = f"9999999{entered_in % 100:02}{serial:03}"
    statuses = tuple(_statuses(dice, sketch.path, entered_in))
    return Pupil(
        upn=check_letter(body) + body,
        sketch=sketch,
        born_on=born_on,
        statuses=statuses,
        needs=tuple(_needs(sketch, statuses)),
        contacts=tuple(_contacts(dice, serial, sketch)),
    )


def _statuses(dice: Random, path: str, entered_in: int) -> Iterator[tuple[date, str]]:
    """Date a path such as AKN: old categories while at primary school, SEN Support from the first term of the reform, N after it."""
    year = entered_in + 1
    for step, status in enumerate(path):
        if status == "K":
            yield _weekday(_FIRST_DAY_OF_TERM + timedelta(days=dice.randrange(0, 20))), status
        elif status == "N" and step == 0:
            yield date(entered_in, 9, 6), status
        elif status == "N":
            yield date(2014, 10, 20), status
        else:
            yield _weekday(date(year, dice.choice((1, 3, 5, 10)), 1) + timedelta(days=dice.randrange(0, 27))), status
            year += 1


def _needs(sketch: Sketch, statuses: Sequence[tuple[date, str]]) -> Iterator[tuple[date, date | None, int, str]]:
    """Begin each need with the last status other than N, and end it the day before an N that came after."""
    held_from = max((day for day, status in statuses if status != "N"), default=AS_OF)
    last_day, last_status = statuses[-1]
    ended_on = last_day - timedelta(days=1) if last_status == "N" else None
    for rank, code in enumerate(sketch.needs, start=1):
        yield held_from, ended_on, rank, code


def _weekday(day: date) -> date:
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def _contacts(dice: Random, serial: int, sketch: Sketch) -> Iterator[Contact]:
    mother, father = dice.choice(_MOTHERS), dice.choice(_FATHERS)
    home, elsewhere = _address(dice, serial), _address(dice, serial + 100)
    match sketch.home:
        case "apart":
            yield _contact(mother, sketch.surname, "Mother", True, home, serial)
            yield _contact(father, sketch.surname, "Father", True, elsewhere, serial + 100)
        case "carer":
            yield _contact("Gwen", "Carington-Sample", "Grandmother, with whom the pupil lives", False, home, serial)
            yield _contact(mother, sketch.surname, "Mother", True, elsewhere, serial + 100)
        case _:
            yield _contact(mother, sketch.surname, "Mother", True, home, serial)
            if serial % 2:
                yield _contact(father, sketch.surname, "Father", True, home, serial + 100)


def _contact(forename: str, surname: str, relationship: str, responsible: bool, address: tuple[str, str, str], number: int) -> Contact:
    email = f"{forename}.{surname}.{number}@example.invalid".lower()
    return Contact(forename, surname, relationship, responsible, address, f"01632 960{number:03}", email)


def _address(dice: Random, number: int) -> tuple[str, str, str]:
    return f"{number} {dice.choice(_STREETS)}", "Exampleton", "ZZ99 9ZZ"


def roll_as_ctf() -> str:
    """Write all thirty as a CTF, version 14.0."""
    school = f"<LEA>999</LEA><Estab>9999</Estab><URN>999999</URN><SchoolName>{SCHOOL_NAME}</SchoolName><AcademicYear>2014</AcademicYear>"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<CTfile>",
        "  <Header>",
        "    <DocumentName>Common Transfer File</DocumentName>",
        "    <CTFversion>14.0</CTFversion>",
        f"    <DateTime>{AS_OF.isoformat()}T08:30:00</DateTime>",
        "    <DocumentQualifier>full</DocumentQualifier>",
        "    <SupplierID>Invented School System</SupplierID>",
        f"    <SourceSchool>{school}</SourceSchool>",
        "    <DestSchool><LEA>999</LEA><Estab>9999</Estab><URN>999999</URN></DestSchool>",
        "  </Header>",
        "  <CTFpupilData>",
        *(line for pupil in invent_pupils() for line in _ctf_pupil(pupil)),
        "  </CTFpupilData>",
        "</CTfile>",
    ]
    return "\n".join(lines) + "\n"


def _ctf_pupil(pupil: Pupil) -> Iterator[str]:
    sketch = pupil.sketch
    yield "    <Pupil>"
    yield f"      <UPN>{pupil.upn}</UPN>"
    yield f"      <Surname>{escape(sketch.surname)}</Surname>"
    yield f"      <Forename>{escape(sketch.forename)}</Forename>"
    yield f"      <DOB>{pupil.born_on.isoformat()}</DOB>"
    yield f"      <Sex>{sketch.sex}</Sex>"
    yield f"      <BasicDetails><NCyearActual>{sketch.year_group}</NCyearActual></BasicDetails>"
    yield "      <SENhistory>"
    for day, status in pupil.statuses:
        yield f"        <SEN><StartDate>{day.isoformat()}</StartDate><SENprovision>{status}</SENprovision></SEN>"
    if pupil.needs:
        yield "        <SENneeds>"
        for need in pupil.needs:
            yield _ctf_need(*need)
        yield "        </SENneeds>"
    yield "      </SENhistory>"
    yield "      <Contacts>"
    for order, contact in enumerate(pupil.contacts, start=1):
        yield from _ctf_contact(order, contact)
    yield "      </Contacts>"
    yield "    </Pupil>"


def _ctf_need(starts_on: date, ends_on: date | None, rank: int, code: str) -> str:
    end = f"<NeedEndDate>{ends_on.isoformat()}</NeedEndDate>" if ends_on else ""
    dates = f"<NeedStartDate>{starts_on.isoformat()}</NeedStartDate>{end}"
    return f"          <SENneed>{dates}<SENtypeRank>{rank}</SENtypeRank><SENtype>{code}</SENtype></SENneed>"


def _ctf_contact(order: int, contact: Contact) -> Iterator[str]:
    street, town, postcode = map(escape, contact.address)
    yield "        <Contact>"
    yield f"          <Order>{order}</Order>"
    yield f"          <Surname>{escape(contact.surname)}</Surname>"
    yield f"          <Forename>{escape(contact.forename)}</Forename>"
    yield f"          <Relationship>{escape(contact.relationship)}</Relationship>"
    yield f"          <Responsibility>{'true' if contact.responsible else 'false'}</Responsibility>"
    yield f"          <Address><AddressLine1>{street}</AddressLine1><Town>{town}</Town><PostCode>{postcode}</PostCode></Address>"
    yield f"          <Phones><Phone><PhoneNo>{contact.phone}</PhoneNo></Phone></Phones>"
    yield f"          <Email>{escape(contact.email)}</Email>"
    yield "        </Contact>"


def roll_as_csv() -> str:
    """Write eight of them as CSV, one row for each status, needs beside the last status other than N."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    who = ("upn", "surname", "forename", "date_of_birth", "sex", "year_group")
    writer.writerow((*who, "sen_status", "sen_status_from", "need_1", "need_2"))
    for pupil in invent_pupils():
        if pupil.sketch.forename in IN_THE_CSV:
            writer.writerows(_csv_rows(pupil))
    return text.getvalue()


def _csv_rows(pupil: Pupil) -> Iterator[tuple[str, ...]]:
    sketch = pupil.sketch
    who = (pupil.upn, sketch.surname, sketch.forename, pupil.born_on.isoformat(), sketch.sex, str(sketch.year_group))
    for day, status in pupil.statuses:
        codes = [code for starts_on, _, _, code in pupil.needs if starts_on == day]
        first, second = (*codes, "", "")[:2]
        yield (*who, status, day.isoformat(), first, second)


def main() -> None:
    """Write both files beside this one."""
    here = Path(__file__).parent
    (here / CTF_NAME).write_bytes(roll_as_ctf().encode())
    (here / CSV_NAME).write_bytes(roll_as_csv().encode())


if __name__ == "__main__":
    main()
