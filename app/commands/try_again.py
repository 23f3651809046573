"""`graduated admin try-again`: what an operator runs once the cause is mended for which work was given up."""

import asyncio
from typing import Annotated

import typer

from app.casework.working import FileGoneError, try_all_again
from app.commands.erase import school_of
from app.commands.installation import configured
from app.db import organisations
from app.db.work import WorkKind


def try_again(
    kind: Annotated[WorkKind, typer.Argument(help="Which work; an import is handed in anew instead.")],
    urn: Annotated[str | None, typer.Option(metavar="URN", help="At this school alone.")] = None,
) -> None:
    """Let work of one kind that was given up be tried from the start, at one school or at all of them."""
    count = asyncio.run(_try_again(kind, urn))
    typer.echo(f"{count} to be tried again.")


async def _try_again(kind: WorkKind, urn: str | None) -> int:
    if kind is WorkKind.IMPORT:
        raise FileGoneError("an import that was given up has let its file go; its school hands it in again")
    async with configured() as installation:
        if urn is not None:
            return await try_all_again(installation.casework, kind, await school_of(installation, urn))
        async with installation.sessions.shared() as session:
            schools = [listed.school_id for listed in await organisations.list_schools(session)]
        return sum([await try_all_again(installation.casework, kind, school) for school in schools])
