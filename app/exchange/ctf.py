"""Reading a Common Transfer File (CTF), the XML in which schools and authorities in England pass pupils on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

from lxml.etree import _Element

from app.domain.identifiers import IdentifierError, Laestab, Urn
from app.exchange.cells import Cell, CellReader, ProblemLog
from app.exchange.intake import FileRefusedError, Intake
from app.exchange.roll import Limits, Roll, RollContact, RollFormat, RollNeed, RollPupil, RollSchool, RollStatus
from app.exchange.roll_checks import RollChecks
from app.exchange.xml_stream import line_of, local_name, wanted_elements

_HEADER: Final = ("CTfile", "Header")
_PUPIL: Final = ("CTfile", "CTFpupilData", "Pupil")
_VERSION: Final = re.compile(r"[0-9]{2}\.[0-9]")
_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class _Node:
    """An element with the path that leads to it, whatever namespace it is in."""

    element: _Element
    pointer: str

    @property
    def place(self) -> Cell:
        return Cell(self.element.text or "", line_of(self.element), self.pointer)

    def children(self, name: str) -> "list[_Node]":
        found = [child for child in self.element if isinstance(child.tag, str) and local_name(child) == name]
        if len(found) == 1:
            return [_Node(found[0], f"{self.pointer}/{name}")]
        return [_Node(child, f"{self.pointer}/{name}[{number}]") for number, child in enumerate(found, start=1)]

    def rows(self, name: str) -> "list[_Node]":
        """The same, numbered even where there is only one."""
        return [_Node(node.element, f"{self.pointer}/{name}[{number}]") for number, node in enumerate(self.children(name), start=1)]

    def child(self, *path: str) -> "_Node | None":
        node: _Node | None = self
        for name in path:
            node = next(iter(node.children(name)), None) if node else None
        return node

    def cell(self, *path: str) -> Cell:
        node = self.child(*path)
        return node.place if node else Cell("", line_of(self.element), "/".join((self.pointer, *path)))


class _CtfReading:
    """One file being read: what has been found so far, and the readers that know the day and the limits."""

    def __init__(self, on: date, limits: Limits) -> None:
        self.limits = limits
        self.log = ProblemLog(limits.problems)
        self.read = CellReader(on, self.log, limits.cell)
        self.checks = RollChecks(on, self.log)
        self.version: str | None = None
        self.source: RollSchool | None = None
        self.destination: RollSchool | None = None
        self.has_header = False
        self.met = 0
        self.pupils: list[RollPupil] = []

    def take(self, intake: Intake) -> None:
        try:
            for path, element in wanted_elements(intake, frozenset({_HEADER, _PUPIL}), self.limits):
                if path == _HEADER:
                    self.take_header(_Node(element, "/" + "/".join(path)))
                else:
                    self.take_pupil(element)
        except FileRefusedError as refused:
            self.log.found.append(refused.problem)
        else:
            self.check_whole()

    def check_whole(self) -> None:
        root = Cell("", 1, "/CTfile")
        if not self.has_header:
            self.log.error(root, "header-missing", "There is no CTfile/Header, so this is not a Common Transfer File.")
        if not self.met:
            self.log.error(root, "no-pupils", "There is no pupil at CTfile/CTFpupilData/Pupil.")

    def take_header(self, node: _Node) -> None:
        self.has_header = True
        version = node.cell("CTFversion")
        self.version = self.read.words(version, missing="version-missing")
        if self.version is not None and not _VERSION.fullmatch(self.version):
            self.log.error(version, "version-unknown", "A CTF version is two digits, a dot and a digit, like 14.0.")
            self.version = None
        self.source = self.school(node.child("SourceSchool"))
        self.destination = self.school(node.child("DestSchool"))
        if self.source is None:
            self.log.error(node.cell("SourceSchool"), "source-school-missing", "The header does not say which school the file is from.")

    def school(self, node: _Node | None) -> RollSchool | None:
        if node is None:
            return None
        return RollSchool(self.laestab(node), self.urn(node.cell("URN")), self.read.words(node.cell("SchoolName")))

    def laestab(self, node: _Node) -> Laestab | None:
        authority, establishment = self.read.words(node.cell("LEA")), self.read.words(node.cell("Estab"))
        if authority is None or establishment is None:
            return None
        try:
            return Laestab(authority, establishment.upper())
        except IdentifierError as error:
            self.log.error(node.cell("Estab"), error.reason.value, "An authority has three digits and an establishment four, or LLLL.")
            return None

    def urn(self, cell: Cell) -> Urn | None:
        text = self.read.words(cell)
        try:
            return Urn.parse(text) if text else None
        except IdentifierError as error:
            self.log.error(cell, error.reason.value, "A URN has six digits and does not begin with 0.")
            return None

    def take_pupil(self, element: _Element) -> None:
        self.met += 1
        if self.met > self.limits.pupils:
            detail = f"The file has more than {self.limits.pupils} pupils; send it in parts."
            raise FileRefusedError("too-many-pupils", detail, line=line_of(element))
        node = _Node(element, f"/CTfile/CTFpupilData/Pupil[{self.met}]")
        born_on = self.read.birth(self.only(node, "DOB"))
        upn = self.read.upn(self.only(node, "UPN"))
        surname = self.read.words(self.only(node, "Surname"), missing="surname-missing")
        forename = self.read.words(self.only(node, "Forename"), missing="forename-missing")
        sex = self.read.sex(self.only(node, "Sex" if node.child("Sex") else "Gender" if node.child("Gender") else "Sex"))
        year_group = self.read.year_group(node.cell("BasicDetails", "NCyearActual"))
        statuses, needs = tuple(self.statuses(node, born_on)), tuple(self.needs(node, born_on))
        contacts = tuple(self.contacts(node))
        ordered = self.checks.in_order(statuses)
        if upn and surname and forename and born_on and sex:
            ranked = tuple(sorted(needs, key=lambda need: need.rank))
            line, pointer = node.place.line, node.pointer
            pupil = RollPupil(line, pointer, upn, surname, forename, born_on, sex, year_group, ordered, ranked, contacts)
            self.checks.check(pupil)
            self.pupils.append(pupil)

    def only(self, node: _Node, name: str) -> Cell:
        """The one child of this name; a second one is an error, since nothing says which is right."""
        for again in node.children(name)[1:]:
            self.log.error(again.place, "element-repeated", f"A pupil has one {name} only.")
        return node.cell(name)

    def rows(self, nodes: list[_Node]) -> list[_Node]:
        for surplus in nodes[self.limits.rows_per_pupil : self.limits.rows_per_pupil + 1]:
            self.log.error(surplus.place, "too-many-rows", f"One pupil has more than {self.limits.rows_per_pupil} of these rows.")
        return nodes[: self.limits.rows_per_pupil]

    def statuses(self, node: _Node, born_on: date | None) -> Iterator[RollStatus]:
        history = node.child("SENhistory")
        for row in self.rows(history.rows("SEN") if history else []):
            status = self.read.status(row.cell("SENprovision"))
            start = row.cell("StartDate")
            if not start.text.strip():
                self.log.error(start, "status-not-dated", "A status needs the day it began.")
            starts_on = self.read.start(start, born_on)
            if status and starts_on:
                yield RollStatus(status, starts_on, start.line, start.pointer)

    def needs(self, node: _Node, born_on: date | None) -> Iterator[RollNeed]:
        history = node.child("SENhistory", "SENneeds")
        for row in self.rows(history.rows("SENneed") if history else []):
            need_type, rank = self.read.need_type(row.cell("SENtype")), self.read.rank(row.cell("SENtypeRank"))
            starts_on, ends_on = self.read.start(row.cell("NeedStartDate"), born_on), self.read.day(row.cell("NeedEndDate"))
            if need_type and rank:
                yield RollNeed(need_type, rank, starts_on, ends_on, row.place.line, row.pointer)

    def contacts(self, node: _Node) -> Iterator[RollContact]:
        listed = node.child("Contacts")
        for row in self.rows(listed.rows("Contact") if listed else []):
            surname = self.read.words(row.cell("Surname"))
            if surname is None:
                self.log.warning(row.cell("Surname"), "contact-without-name", "A contact without a surname was left out.")
                continue
            yield self.contact(row, surname)

    def contact(self, row: _Node, surname: str) -> RollContact:
        return RollContact(
            surname=surname,
            forename=self.read.words(row.cell("Forename")) or "",
            relationship=self.read.words(row.cell("Relationship")),
            parental_responsibility=self.read.flag(row.cell("Responsibility")),
            line=row.place.line,
            pointer=row.pointer,
            address=self.address(row.child("Address")),
            email=self.read.words(row.cell("Email")),
            phone=self.read.words(row.cell("Phones", "Phone", "PhoneNo")),
        )

    def address(self, node: _Node | None) -> str | None:
        """All the lines of an address, however it is divided, joined by commas."""
        if node is None:
            return None
        lines = [text.strip() for text in map(str, node.element.itertext()) if text.strip()]
        return self.read.words(Cell(", ".join(lines), node.place.line, node.pointer))


def read_ctf(stream: BinaryIO, *, on: date, limits: Limits = _LIMITS) -> Roll:
    """Read a whole CTF as of a day, after which nothing in it may begin; never raises for what is in the file, but says it in `problems`.

    Old versions are accepted. The order of the elements and their namespace do not matter, nor do elements that are not asked for.
    """
    intake, reading = Intake(stream, limits.size_in_bytes), _CtfReading(on, limits)
    reading.take(intake)
    return Roll(
        format=RollFormat.CTF,
        version=reading.version,
        source_school=reading.source,
        destination=reading.destination,
        pupils=tuple(reading.pupils),
        problems=reading.log.by_line(),
        sha256=intake.sha256(),
    )
