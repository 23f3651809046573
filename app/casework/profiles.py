"""Which profile is meant: one that comes with the software or one that was loaded, by its name, by its authority, or the national one."""

from datetime import date

from app.db import authority_profiles
from app.db.session import Session
from app.domain.profile import Profile, is_well_formed
from app.domain.profiles import SHIPPED
from app.domain.profiles.national import NATIONAL

LONGEST_VERSION = 9


class ProfileUnknownError(Exception):
    """There is no profile of that name on this side, or none of that version."""


async def profile_named(session: Session, name: str | None, *, authority: str | None, is_sandbox: bool, on: date) -> Profile:
    """Give the profile of a name, `id` or `id/version`; without one, what the authority loaded as its own, else the national one.

    An id alone means its newest version in force on that day, or its newest where none is. Raises ProfileUnknownError.
    """
    if name is not None:
        return await _named(session, name, is_sandbox=is_sandbox, on=on)
    own = None if authority is None else await authority_profiles.of_authority(session, authority, is_sandbox=is_sandbox, on=on)
    return NATIONAL if own is None else own.profile


async def _named(session: Session, name: str, *, is_sandbox: bool, on: date) -> Profile:
    id_, slash, version = name.partition("/")
    if not is_well_formed(id_) or (slash and not _is_version(version)):
        raise ProfileUnknownError
    found = await _version(session, id_, int(version), is_sandbox=is_sandbox) if slash else await _newest(session, id_, is_sandbox, on)
    if found is None:
        raise ProfileUnknownError
    return found


async def _version(session: Session, id_: str, version: int, *, is_sandbox: bool) -> Profile | None:
    if id_ in SHIPPED:
        return SHIPPED[id_] if SHIPPED[id_].version == version else None
    found = await authority_profiles.find(session, id_, version, is_sandbox=is_sandbox)
    return None if found is None else found.profile


async def _newest(session: Session, id_: str, is_sandbox: bool, on: date) -> Profile | None:
    if id_ in SHIPPED:
        return SHIPPED[id_]
    found = await authority_profiles.in_force(session, id_, is_sandbox=is_sandbox, on=on)
    found = found or await authority_profiles.newest(session, id_, is_sandbox=is_sandbox)
    return None if found is None else found.profile


def _is_version(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_VERSION and not text.startswith("0")
