"""`graduated admin restore-epoch`: what an operator runs for each school once a backup was put back."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from app.casework.restoring import restore_epoch as begin
from app.commands.erase import school_of
from app.commands.installation import configured
from app.domain.author import Author, AuthorKind
from app.domain.entries import Recorded


def restore_epoch(
    urn: Annotated[str, typer.Argument(metavar="URN")],
    reason: Annotated[str, typer.Option(help="Why and from which backup it was restored; stays in the ledger.")],
    by: Annotated[UUID, typer.Option(metavar="STAFF", help="The head, SENCO or administrator on whose word it is done.")],
) -> None:
    """Begin a new epoch of a school's ledger after a restore, before anybody writes; heads signed in the life that was lost then show."""
    recorded = asyncio.run(_restore(urn, reason, by))
    typer.echo(f"A new epoch of the ledger of {urn} began with entry {recorded.number}.")


async def _restore(urn: str, reason: str, by: UUID) -> Recorded:
    async with configured() as installation:
        school = await school_of(installation, urn)
        return await begin(installation.casework, school, reason=reason, by=Author(kind=AuthorKind.STAFF, id=by))
