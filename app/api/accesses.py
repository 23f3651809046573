"""Who looked at a pupil's papers, all of it, for the school itself; what a parent may read of it is the document `who-looked`."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from app.api.manners.body import StrictRoute
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError
from app.api.manners.steps import A_PERSON, PupilPath
from app.api.pupils import MayReadRecords
from app.api.shown.shapes import Moment, Out
from app.db import accesses, pupils
from app.db.accesses import Looked
from app.domain.purposes import words_of

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}", tags=["Record"], route_class=StrictRoute)


class AccessOut(Out):
    """One read of a pupil's papers, or one time they were pushed: by whom, for what, from when to when."""

    id: UUID = Field(examples=[A_PERSON])
    request: UUID | None = Field(description="The EHC request whose evidence it was.", examples=[A_PERSON])
    organisation: str | None = Field(examples=["Invented Authority"])
    client: str | None = Field(description="The program that fetched them; null where they were pushed.", examples=["Casework system"])
    person: str | None = Field(description="Who read, as the organisation itself refers to them.", examples=["officer-17"])
    purpose: str = Field(description="With /person where no more was read than whom it is about.", examples=["ehc-needs-assessment"])
    why: str = Field(description="The purpose in words for a parent.", examples=[words_of("ehc-needs-assessment")])
    first_at: Moment
    last_at: Moment

    @classmethod
    def of(cls, found: Looked) -> Self:
        """Write an access for the wire."""
        return cls(
            id=found.id,
            request=found.request_id,
            organisation=found.organisation,
            client=found.client,
            person=found.person,
            purpose=found.purpose,
            why=words_of(found.purpose),
            first_at=found.first_at,
            last_at=found.last_at,
        )


@router.get("/accesses")
async def list_accesses(request: Request, pupil_id: PupilPath, entrance: MayReadRecords, paging: PagingDep) -> Page[AccessOut]:
    """List who looked at a pupil's papers, in order; times are the world's, never a sandbox clock's.

    Reads to keep a child safe, and for somebody who asked to see the record, are in it: to a parent show `documents/who-looked`, not this.
    """
    after = paging.after_id("accesses")
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        if not await pupils.exists(session, pupil_id):
            raise ApiError("not-found")
        found = await accesses.of_pupil(session, pupil_id, after=after, limit=paging.fetch)
    return paging.page("accesses", found, AccessOut.of)
