"""Staff and the roles they hold; written by the school's own clients alone."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError
from app.api.manners.steps import A_PERSON, DryRun, KeyHeader, StepOut, key_of, shown
from app.api.shown.shapes import CivilDate, In, Line, Out
from app.casework.authors import AuthorClaim
from app.casework.school_steps import Asking, take_for_school
from app.db import staff
from app.db.entrance import Entrance
from app.db.session import SchoolSession
from app.db.staff import StaffMember
from app.domain.author import AuthorKind
from app.domain.codes import StaffRole
from app.domain.entries import Recorded, RoleEnded, RoleGiven
from app.domain.staffing import write_roles

router = APIRouter(prefix="/v1/schools/{urn}/staff", tags=["Staff"], route_class=StrictRoute)
MayWriteStaff = Annotated[Entrance, Depends(needs("staff:write", own_only=True))]
MayReadStaff = Annotated[Entrance, Depends(needs("schools:read"))]
StaffPath = Annotated[UUID, Path(description="The member of staff, by our id.", examples=[A_PERSON])]


class RoleIn(In):
    """A role from a day on, until the day before another."""

    role: StaffRole = Field(examples=["senco"])
    since: CivilDate
    until: CivilDate | None = Field(default=None, examples=[None])

    def given(self, staff_id: UUID) -> RoleGiven:
        """Build the entry that gives the role."""
        return RoleGiven(occurred_on=self.since, staff=staff_id, role=self.role, until=self.until)


class StaffIn(In):
    """A member of staff with the roles they hold."""

    name: Line = Field(examples=["Sam Placeholder"])
    roles: list[RoleIn] = Field(min_length=1, max_length=20)


class RoleEndIn(In):
    """A role that is no longer held from a day on."""

    role: StaffRole = Field(examples=["senco"])
    since: CivilDate


class StaffOut(Out):
    """A member of staff and the roles held today."""

    id: UUID = Field(examples=[A_PERSON])
    name: str = Field(examples=["Sam Placeholder"])
    roles: list[StaffRole] = Field(examples=[["senco", "teacher"]])


class StaffCall:
    """A request to write about staff, with everything but its body."""

    def __init__(
        self, request: Request, response: Response, entrance: MayWriteStaff, key: KeyHeader = None, dry_run: DryRun = False
    ) -> None:
        self.request, self.response, self.entrance, self.key, self.dry_run = request, response, entrance, key, dry_run

    async def add(
        self, staff_id: UUID, entry: RoleGiven | RoleEnded, also: Sequence[RoleGiven] = (), *, name: str | None = None
    ) -> StepOut:
        """Append the entries, with the member of staff's name where they are new; the author is the school's own client."""

        async def alongside(session: SchoolSession, _: tuple[Recorded, ...]) -> Mapping[str, object]:
            if name is not None:
                await staff.insert(session, StaffMember(id=staff_id, name=name))
            elif not await staff.is_known(session, staff_id):
                raise ApiError("not-found")
            return {"staff": staff_id}

        author = AuthorClaim(kind=AuthorKind.CLIENT, id=self.entrance.client_id)
        key = await key_of(self.request, self.entrance.client_id, self.key, dry_run=self.dry_run)
        asking = Asking(entrance=self.entrance, author=author, key=key, dry_run=self.dry_run)
        step = partial(write_roles, also=also)
        taken = await take_for_school(self.request.app.state.casework, asking, step, entry, alongside=alongside)
        return shown(self.response, taken, dry_run=self.dry_run)


StaffCallDep = Annotated[StaffCall, Depends()]
STAFF = may_answer("conflict")


@router.post("", status_code=201, openapi_extra=STAFF)
async def appoint_staff(call: StaffCallDep, body: StaffIn) -> StepOut:
    """Add a member of staff with roles; `references.staff` is the new id."""
    staff_id = clock.new_id()
    first, *others = (role.given(staff_id) for role in body.roles)
    return await call.add(staff_id, first, others, name=body.name)


@router.post("/{staff_id}/roles", status_code=201, openapi_extra=STAFF)
async def give_role(call: StaffCallDep, staff_id: StaffPath, body: RoleIn) -> StepOut:
    """Give a member of staff a role from a day on."""
    return await call.add(staff_id, body.given(staff_id))


@router.post("/{staff_id}/role-ends", status_code=201, openapi_extra=STAFF)
async def end_role(call: StaffCallDep, staff_id: StaffPath, body: RoleEndIn) -> StepOut:
    """End a member of staff's role; what they decided before stands."""
    return await call.add(staff_id, RoleEnded(occurred_on=body.since, staff=staff_id, role=body.role))


@router.get("")
async def list_staff(request: Request, entrance: MayReadStaff, paging: PagingDep) -> Page[StaffOut]:
    """List staff with the roles they hold today, in the order of their ids."""
    after = paging.after_id("staff")
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        opened = await request.app.state.casework.open(session)
        found = await staff.list_staff(session, after=after, limit=paging.fetch)

    def show(member: StaffMember) -> StaffOut:
        return StaffOut(id=member.id, name=member.name, roles=sorted(opened.school.roles_of(member.id, opened.today)))

    return paging.page("staff", found, show)
