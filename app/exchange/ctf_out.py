"""Writing a Common Transfer File (CTF) for one pupil who goes to another school: who, and the whole history of status and needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from lxml.etree import Element, SubElement, _Element, tostring

from app.casework.taking import Casework, PupilUnknownError
from app.db.accesses import Access, note
from app.db.entrance import Entrance
from app.db.opening import MergedAwayError
from app.db.records import PupilRef, find_pupil, load_record
from app.domain.calendar import school_year_of
from app.domain.identifiers import Laestab, Urn
from app.domain.periods import NeedPeriod, StatusPeriod
from app.domain.purposes import TRANSFER_FILE
from app.domain.record import Record

SUPPLIER: Final = "Graduated"
LARGEST_NUMBER: Final = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """From which school to which a file goes, and which one of theirs it is, counted from 1."""

    source: Laestab
    destination: Laestab
    destination_urn: Urn | None = None
    number: int = 1

    @property
    def file_name(self) -> str:
        """The name that the receiving school's system looks for."""
        source, to = (f"{end.authority}{end.establishment}" for end in (self.source, self.destination))
        return f"{source}_CTF_{to}_{self.number:03}.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The school that sends, and the moment on its clock at which the file is written."""

    urn: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFile:
    """A file as it goes out."""

    name: str
    content: bytes


def version_on(day: date) -> str:
    """The version of the format in a school year: the last two digits of the year it began in, and `.0`."""
    return f"{school_year_of(day) % 100:02}.0"


def write_ctf(sender: Sender, journey: Journey, pupil: PupilRef, record: Record) -> bytes:
    """Write the file; a gap between statuses is filled with N, and what the pupil had without a status stands for itself."""
    root = Element("CTfile")
    _header(root, sender, journey)
    element = SubElement(SubElement(root, "CTFpupilData"), "Pupil")
    for name, text in (("UPN", pupil.upn), ("Surname", pupil.surname), ("Forename", pupil.forename)):
        _text(element, name, text)
    _text(element, "DOB", pupil.date_of_birth.isoformat())
    _text(element, "Sex", pupil.sex or "U")
    if pupil.year_group:
        _text(SubElement(element, "BasicDetails"), "NCyearActual", pupil.year_group)
    if record.statuses or record.need_periods:
        _history(SubElement(element, "SENhistory"), record.statuses, record.need_periods)
    return tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _header(root: _Element, sender: Sender, journey: Journey) -> None:
    header, day = SubElement(root, "Header"), sender.at.date()
    _text(header, "DocumentName", "Common Transfer File")
    _text(header, "CTFversion", version_on(day))
    _text(header, "DateTime", sender.at.replace(microsecond=0, tzinfo=None).isoformat())
    _text(header, "DocumentQualifier", "partial")
    _text(header, "SupplierID", SUPPLIER)
    source = _school(header, "SourceSchool", journey.source)
    _text(source, "URN", sender.urn)
    _text(source, "SchoolName", sender.name)
    _text(source, "AcademicYear", str(school_year_of(day)))
    destination = _school(header, "DestSchool", journey.destination)
    if journey.destination_urn is not None:
        _text(destination, "URN", str(journey.destination_urn))


def _school(header: _Element, name: str, laestab: Laestab) -> _Element:
    element = SubElement(header, name)
    _text(element, "LEA", laestab.authority)
    _text(element, "Estab", laestab.establishment)
    return element


def _history(element: _Element, statuses: Sequence[StatusPeriod], needs: Sequence[NeedPeriod]) -> None:
    """Statuses have no last day in the file: each ends where the next begins."""
    for period in statuses:
        row = SubElement(element, "SEN")
        _text(row, "StartDate", period.since.isoformat())
        _text(row, "SENprovision", period.status.value)
    if not needs:
        return
    listed = SubElement(element, "SENneeds")
    for need in needs:
        row = SubElement(listed, "SENneed")
        _text(row, "NeedStartDate", need.since.isoformat())
        if need.until is not None:
            _text(row, "NeedEndDate", need.until.isoformat())
        _text(row, "SENtypeRank", str(need.rank))
        _text(row, "SENtype", need.need_type.value)


def _text(parent: _Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


async def release_ctf(casework: Casework, entrance: Entrance, pupil_id: UUID, journey: Journey, *, person: str | None) -> TransferFile:
    """Write a pupil's file for a client of the school's own, once the access is written down; `person` is who asks, by their own word.

    Raises PupilUnknownError, MergedAwayError and the errors of `app.db.entrance`.
    """
    async with casework.sessions.enter(entrance) as session:
        pupil = await find_pupil(session, pupil_id)
        if pupil is None:
            raise PupilUnknownError
        opened = await casework.open(session)
        record = await load_record(session, opened.school, pupil_id)
        if record.merged_into is not None:
            raise MergedAwayError(record.merged_into)
        sender = Sender(urn=opened.now.urn, name=opened.now.name, at=opened.moment)
        content = write_ctf(sender, journey, pupil, record.as_at(opened.today))
        at, client = casework.means.now(), entrance.client_id
        await note(
            session, Access(id=casework.means.new_id(), pupil_id=pupil_id, client_id=client, purpose=TRANSFER_FILE, at=at, person=person)
        )
    return TransferFile(name=journey.file_name, content=content)
