"""Loads what an authority expects: a version that contradicts itself is refused, and one that was taken never changes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from app.casework.taking import Means
from app.db import authority_profiles
from app.db.authority_profiles import Loaded
from app.db.client_entrance import ClientEntrance, standing_of
from app.db.organisations import Organisation, OrganisationKind, find_client
from app.db.session import Session, Sessions
from app.domain.calendar import civil_day
from app.domain.profile import Contradiction, Profile, contradictions
from app.domain.profiles import SHIPPED

MOST_PROFILES: Final = 20
MOST_VERSIONS: Final = 100


class ProfileTakenError(Exception):
    """The id is that of a profile which comes with the software, or which another organisation loaded."""


class TooManyProfilesError(Exception):
    """The organisation has as many profiles as one may load, or the profile as many versions."""


class ProfileContradictsItselfError(Exception):
    """What in the profile cannot be meant, all of it."""

    def __init__(self, found: tuple[Contradiction, ...]) -> None:
        super().__init__(f"{len(found)} contradictions")
        self.found = found


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What became of a loading: the version that stands, whether it is new or was there already, and on which side it is."""

    loaded: Loaded
    is_new: bool
    is_sandbox: bool


async def load_profile(sessions: Sessions, means: Means, entrance: ClientEntrance, wanted: Profile) -> Loading:
    """Keep a profile as the next version of its id, whatever version it says; the same as the newest is that one.

    Raises ProfileContradictsItselfError, ProfileTakenError, TooManyProfilesError and the errors of an entrance.
    """
    async with sessions.shared() as session:
        entrance.admit(await standing_of(session.connection, entrance.client_id))
        organisation = await _organisation(session, entrance.client_id)
        _require_sound(wanted, organisation, civil_day(means.now()))
        count = await authority_profiles.count_ids(session, organisation.id)
        newest = await authority_profiles.newest(session, wanted.id, is_sandbox=organisation.is_sandbox)
        if newest is not None and newest.organisation_id != organisation.id:
            raise ProfileTakenError
        if newest is not None and replace(wanted, version=newest.profile.version) == newest.profile:
            return Loading(loaded=newest, is_new=False, is_sandbox=organisation.is_sandbox)
        version = 1 if newest is None else newest.profile.version + 1
        if version > MOST_VERSIONS or (newest is None and count >= MOST_PROFILES):
            raise TooManyProfilesError
        new = Loaded(
            profile=replace(wanted, version=version),
            organisation_id=organisation.id,
            organisation=organisation.name,
            client_id=entrance.client_id,
            loaded_at=means.now(),
        )
        await authority_profiles.insert(session, new, is_sandbox=organisation.is_sandbox)
    return Loading(loaded=new, is_new=True, is_sandbox=organisation.is_sandbox)


def _require_sound(wanted: Profile, organisation: Organisation, today: date) -> None:
    found = (*contradictions(wanted), *_out_of_place(wanted, organisation, today))
    if found:
        raise ProfileContradictsItselfError(found)
    if wanted.id in SHIPPED:
        raise ProfileTakenError


def _out_of_place(wanted: Profile, organisation: Organisation, today: date) -> Iterator[Contradiction]:
    own = organisation.authority if organisation.kind is OrganisationKind.AUTHORITY else None
    if wanted.authority is not None and wanted.authority != own:
        yield Contradiction("/authority", "Only an authority's own client says that a profile is this authority's.")
    if wanted.source.read_on > today:
        yield Contradiction("/source/read_on", "Nobody has read a source on a day that is still to come.")


async def _organisation(session: Session, client_id: UUID) -> Organisation:
    client = await find_client(session, client_id)
    if client is None:
        raise LookupError("a client that was let in has a row")
    return client.organisation
