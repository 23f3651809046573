"""The school that a first start makes where there is nothing yet: invented people, random secrets, a clock that stands in November 2014."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.casework.registration import Opening, Registered, Registry
from app.casework.taking import Casework
from app.db import grants, keys, organisations
from app.db.grants import Grant
from app.db.organisations import OrganisationKind
from app.db.scopes import OF_AUTHORITIES, may_hold
from app.db.session import SchoolSession, Session
from app.domain.codes import SchoolType, StaffRole

URN: Final = "999999"
AUTHORITY: Final = "999"
NAME: Final = "Example Invented School"
# The week after half-term in the first autumn of the reform: 09:00 in London, which is UTC by then.
CLOCK_BEGINS: Final = datetime(2014, 11, 3, 9, 0, tzinfo=UTC)
RECORD_BEGINS_ON: Final = date(2014, 11, 3)
IN_POST_SINCE: Final = date(2012, 9, 1)
GRANTED_FOR: Final = timedelta(days=365)

STAFF: Final[Mapping[str, tuple[StaffRole, ...]]] = MappingProxyType(
    {
        "Helen Headington-Sample": (StaffRole.HEAD, StaffRole.TEACHER),
        "Sam Placeholder": (StaffRole.SENCO, StaffRole.TEACHER),
        "Tina Testcase": (StaffRole.TEACHER,),
        "Tariq Exemplar": (StaffRole.TEACHER,),
        "Toby Mockingham": (StaffRole.TEACHER,),
        "Tess Dummyfield": (StaffRole.TEACHER,),
        "Asha Assistwell-Invented": (StaffRole.TEACHING_ASSISTANT,),
        "Andy Adminton-Invented": (StaffRole.ADMINISTRATOR,),
    }
)
OF_THE_VENDOR: Final = (
    "records:read",
    "records:write",
    "roll:write",
    "notices:read",
    "obligations:read",
    "schools:read",
    "evaluations:run",
)
OF_THE_MESSENGER: Final = ("notices:read", "notices:deliver")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSchool:
    """What a first start made; the secrets are in here and nowhere else."""

    school_id: UUID
    staff: Mapping[str, UUID]
    clients: tuple[Registered, ...]

    def lines(self) -> Iterator[str]:
        """Tell a person what there is, secrets included; for a terminal, never for a log."""
        yield f"This is a first start, so there is now a demo school: {NAME}, URN {URN}, where it is {RECORD_BEGINS_ON:%-d %B %Y}."
        yield "Its clients, with secrets that are shown this once:"
        for client in self.clients:
            yield f"  {client.name}"
            yield f"    client id     {client.id}"
            yield f"    client secret {client.secret}"
        yield "Its staff, who are the authors of what is written:"
        for name, staff_id in self.staff.items():
            yield f"  {staff_id}  {', '.join(STAFF[name])}"


async def load_if_empty(casework: Casework) -> DemoSchool | None:
    """Make the demo school where nobody was ever registered; of two starters one does, and None is for the other."""
    async with casework.sessions.shared() as session:
        await keys.lock(session)
        if not await organisations.is_empty(session):
            return None
        return await _Demo(casework, session).make()


class _Demo:
    """One transaction in which all of it comes to be, or nothing."""

    def __init__(self, casework: Casework, session: Session) -> None:
        self._means = casework.means
        self._registry = Registry(casework)
        self._session = session

    async def make(self) -> DemoSchool:
        own = await self._registry.organisation(self._session, OrganisationKind.SCHOOL, NAME, is_sandbox=True)
        opening = Opening(
            organisation=own,
            urn=URN,
            name=NAME,
            authority=AUTHORITY,
            school_type=SchoolType.MAINTAINED_MAINSTREAM,
            since=IN_POST_SINCE,
            record_begins_on=RECORD_BEGINS_ON,
            clock_begins=CLOCK_BEGINS,
        )
        school = await self._registry.school(self._session, opening)
        people = {name: await self._registry.appoint(school, name, roles, since=IN_POST_SINCE) for name, roles in STAFF.items()}
        everything = sorted(may_hold(OrganisationKind.SCHOOL, is_sandbox=True))
        clients = (
            await self._registry.client(self._session, own, "The school's own MIS", everything),
            await self._registry.client(self._session, own, "The school's messaging system", OF_THE_MESSENGER),
            await self._vendor(school, granted_by=next(iter(people.values()))),
            await self._authority(),
        )
        return DemoSchool(school_id=school.school_id, staff=people, clients=clients)

    async def _vendor(self, school: SchoolSession, *, granted_by: UUID) -> Registered:
        vendor = await self._registry.organisation(self._session, OrganisationKind.VENDOR, "Invented Vendor", is_sandbox=True)
        client = await self._registry.client(self._session, vendor, "A vendor's software, under a grant", OF_THE_VENDOR)
        now = self._means.now()
        grant = Grant(
            id=self._means.new_id(),
            client_id=client.id,
            scopes=client.scopes,
            purpose="Keeping the SEN record in step with other software of the school.",
            until=now.date() + GRANTED_FOR,
            granted_by=granted_by,
            granted_at=now,
        )
        await grants.give(school, grant)
        return client

    async def _authority(self) -> Registered:
        authority = await self._registry.organisation(
            self._session, OrganisationKind.AUTHORITY, "Example Invented Authority", authority=AUTHORITY, is_sandbox=True
        )
        return await self._registry.client(self._session, authority, "The local authority's case system", sorted(OF_AUTHORITIES))
