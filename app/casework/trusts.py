"""Puts schools into trusts and lets them go, as the operator is told; a membership is dated, and a school is in one trust at a time."""

from datetime import date
from uuid import UUID

from app.casework.registration import RegistrationRefusedError
from app.db import organisations, trusts
from app.db.organisations import Listed, OrganisationKind
from app.db.session import Session


async def join_trust(session: Session, trust: UUID, urn: str, *, since: date) -> None:
    """Let a school be in a trust from a day on; raises RegistrationRefusedError."""
    school = await _both(session, trust, urn)
    if not await trusts.join(session, trust, school.school_id, since=since):
        raise RegistrationRefusedError("the school is in a trust on that day or later; end that membership on an earlier day first")


async def leave_trust(session: Session, trust: UUID, urn: str, *, until: date) -> None:
    """Let a school be in a trust until a day, which is the last inside; raises RegistrationRefusedError."""
    school = await _both(session, trust, urn)
    if not await trusts.leave(session, trust, school.school_id, until=until):
        raise RegistrationRefusedError("the school is not in this trust on that day")


async def _both(session: Session, trust: UUID, urn: str) -> Listed:
    organisation, school = await organisations.find_organisation(session, trust), await organisations.find_school(session, urn)
    if organisation is None or organisation.kind is not OrganisationKind.TRUST:
        raise RegistrationRefusedError("there is no such trust")
    if school is None:
        raise RegistrationRefusedError("there is no school with this URN")
    if organisation.is_sandbox != school.is_sandbox:
        raise RegistrationRefusedError("a sandbox and a live organisation never meet")
    return school
