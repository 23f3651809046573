"""What authorities expect beside a request: shipped, or loaded and kept by version."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute, body_up_to
from app.api.manners.callers import Caller, needs_client
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.shown.profile_shapes import ListedProfileOut, ProfileIn, ProfileOut
from app.casework.profile_loading import (
    MOST_PROFILES,
    MOST_VERSIONS,
    ProfileContradictsItselfError,
    ProfileTakenError,
    TooManyProfilesError,
    load_profile,
)
from app.casework.taking import Casework
from app.db import authority_profiles
from app.db.authority_profiles import Loaded
from app.db.client_entrance import ClientEntrance
from app.db.scopes import scope_of
from app.domain.calendar import civil_day
from app.domain.profile import LONGEST_ID, Profile, is_well_formed
from app.domain.profiles import SHIPPED

router = APIRouter(prefix="/v1/authority-profiles", tags=["Readiness"], route_class=StrictRoute)
SCOPE: Final = "profiles:write"
LIST: Final = "authority-profiles"
MOST_BYTES: Final = 64_000
MayLoad = Annotated[Caller, Depends(needs_client(SCOPE))]
ProfilePath = Annotated[str, Path(max_length=LONGEST_ID, description="The profile, by its id.", examples=["cycles-and-costs"])]
VersionPath = Annotated[int, Path(ge=1, le=2**31 - 1, description="The version, from 1 on.", examples=[1])]
Sandbox = Annotated[
    bool, Query(description="Whether to look at what sandbox organisations loaded; the two sides never meet.", examples=[False])
]


@router.post("", status_code=201, openapi_extra=may_answer("conflict"))
@body_up_to(MOST_BYTES)
async def load_authority_profile(request: Request, response: Response, caller: MayLoad, body: ProfileIn) -> ProfileOut:
    """Load what an authority expects, as the next version of its id; a version never changes, and none is ever taken back.

    An id belongs to the organisation that loaded it first. The same content as its newest version is that version, answered with 200. An
    authority's own client may say that a profile is this authority's: readiness and submissions to it then use it where none is named. What
    contradicts itself is refused, with all places at once.
    """
    casework: Casework = request.app.state.casework
    entrance = ClientEntrance(client_id=caller.client_id, scope=scope_of(SCOPE), token_scopes=caller.scopes)
    try:
        loading = await load_profile(casework.sessions, casework.means, entrance, body.profile())
    except ProfileContradictsItselfError as error:
        raise invalid([Fault(one.pointer, "profile_contradicts_itself", one.says) for one in error.found]) from None
    except ProfileTakenError:
        raise ApiError("conflict", "This id belongs to somebody else's profile; choose another.") from None
    except TooManyProfilesError:
        sentence = f"An organisation loads at most {MOST_PROFILES} profiles, each in at most {MOST_VERSIONS} versions."
        raise ApiError("conflict", sentence) from None
    response.status_code = 201 if loading.is_new else 200
    profile, side = loading.loaded.profile, "?sandbox=true" if loading.is_sandbox else ""
    response.headers["Location"] = f"{router.prefix}/{profile.id}/versions/{profile.version}{side}"
    return ProfileOut.of(loading.loaded, civil_day(casework.means.now()))


@router.get("")
async def list_profiles(request: Request, paging: PagingDep, sandbox: Sandbox = False) -> Page[ListedProfileOut]:
    """List what authorities expect beside a request, as far as this installation knows it, each in its newest version. Open to all."""
    casework: Casework = request.app.state.casework
    key = paging.after(LIST)
    after = None if key is None else str(key[0])
    async with casework.sessions.shared() as session:
        loaded = await authority_profiles.list_newest(session, is_sandbox=sandbox, after=after, limit=paging.fetch)
    shipped = [profile for id_, profile in SHIPPED.items() if after is None or id_ > after]
    both: list[Profile | Loaded] = [*shipped, *loaded]
    found = sorted(both, key=_id_of)[: paging.fetch]
    today = civil_day(casework.means.now())
    return paging.page(LIST, found, lambda one: ListedProfileOut.of(one, today), key=lambda one: (_id_of(one),))


@router.get("/{profile_id}")
async def read_profile(request: Request, profile_id: ProfilePath, sandbox: Sandbox = False) -> ProfileOut:
    """Read the newest version of a profile, in force or not; versions count from 1 without a gap. Open to all."""
    return await _answer(request, profile_id, None, sandbox=sandbox)


@router.get("/{profile_id}/versions/{version}")
async def read_profile_version(request: Request, profile_id: ProfilePath, version: VersionPath, sandbox: Sandbox = False) -> ProfileOut:
    """Read one version of a profile, as it was loaded. Open to all."""
    return await _answer(request, profile_id, version, sandbox=sandbox)


async def _answer(request: Request, id_: str, version: int | None, *, sandbox: bool) -> ProfileOut:
    casework: Casework = request.app.state.casework
    found = _shipped(id_, version) if id_ in SHIPPED else await _loaded(casework, id_, version, sandbox)
    if found is None:
        raise ApiError("not-found")
    return ProfileOut.of(found, civil_day(casework.means.now()))


def _shipped(id_: str, version: int | None) -> Profile | None:
    return SHIPPED[id_] if version in (None, SHIPPED[id_].version) else None


async def _loaded(casework: Casework, id_: str, version: int | None, is_sandbox: bool) -> Loaded | None:
    if not is_well_formed(id_):
        return None
    async with casework.sessions.shared() as session:
        if version is None:
            return await authority_profiles.newest(session, id_, is_sandbox=is_sandbox)
        return await authority_profiles.find(session, id_, version, is_sandbox=is_sandbox)


def _id_of(found: Profile | Loaded) -> str:
    return found.id if isinstance(found, Profile) else found.profile.id
