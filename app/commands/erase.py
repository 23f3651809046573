"""`graduated admin erase-entry`: what one entry says taken away for good, at the database that DATABASE_ERASURE_URL opens."""

import asyncio
from typing import Annotated
from uuid import UUID

import asyncpg
import typer

from app.casework.erasure import ErasureRefusedError, Wanted, erase_entry
from app.commands.installation import Installation, NotAnInstallationError, configured, database_urls
from app.commands.reaching import reaching
from app.db import organisations
from app.settings import Settings


def erase(
    urn: Annotated[str, typer.Argument(metavar="URN")],
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The entry's number in the school's ledger.", min=1)],
    reason: Annotated[str, typer.Option(help="Stays in the ledger, so it must not repeat what is erased.")],
    by: Annotated[UUID, typer.Option(metavar="STAFF", help="The head, SENCO or administrator on whose word it is done.")],
) -> None:
    """Erase what an entry says, for good; its place in the chain remains, and the ledger still verifies."""
    is_new = asyncio.run(_erase(urn, number, reason, by))
    typer.echo(f"Entry {number} {'was' if is_new else 'had been'} erased; the pupil's duties and summary follow.")


async def _erase(urn: str, number: int, reason: str, by: UUID) -> bool:
    _, url = database_urls(Settings())
    if url is None:
        raise NotAnInstallationError("set DATABASE_ERASURE_URL, for the role graduated_erasure")
    async with configured() as installation:
        wanted = Wanted(school_id=await school_of(installation, urn), number=number, reason=reason, by=by)
        with reaching("DATABASE_ERASURE_URL"):
            connection = await asyncpg.connect(url, timeout=10)
        try:
            return await erase_entry(installation.casework, connection, wanted)
        finally:
            await connection.close()


async def school_of(installation: Installation, urn: str) -> UUID:
    """Tell which school has this number. Raises ErasureRefusedError."""
    async with installation.sessions.shared() as session:
        listed = await organisations.find_school(session, urn)
    if listed is None:
        raise ErasureRefusedError(f"no school has the number {urn}")
    return listed.school_id
