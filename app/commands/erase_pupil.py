"""`graduated admin erase-pupil`: all that is held about a pupil taken away for good, on the word of two people."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from app import clock
from app.casework.erasure import ErasureRefusedError
from app.casework.pupil_erasure import Erased, Eraser, ErasureNotSetUpError, PupilWanted, RollBeingLoadedError, erase_pupil
from app.casework.taking import PupilUnknownError, StepRefusedError
from app.commands.erase import school_of
from app.commands.installation import NotAnInstallationError, configured, database_urls
from app.commands.reaching import reaching
from app.db.blobs import open_blobs
from app.domain.author import Author, AuthorKind
from app.domain.entries import ErasureGround
from app.settings import Settings


def erase_all(
    urn: Annotated[str, typer.Argument(metavar="URN")],
    pupil: Annotated[UUID, typer.Argument(metavar="PUPIL")],
    ground: Annotated[ErasureGround, typer.Option(help="Why it may go.")],
    reason: Annotated[str, typer.Option(help="Stays in the ledger, so it must not repeat what is erased.")],
    by: Annotated[UUID, typer.Option(metavar="STAFF", help="The head, SENCO or administrator on whose word it is done.")],
    confirmed_by: Annotated[UUID, typer.Option(metavar="STAFF", help="The member of staff who confirms it.")],
) -> None:
    """Erase all that is held about a pupil, for good; the places in the chain remain, and the ledger still verifies."""
    erased = asyncio.run(_erase(urn, PupilWanted(pupil_id=pupil, ground=ground, reason=reason), by, confirmed_by))
    typer.echo(f"The pupil {'was' if erased.is_new else 'had been'} erased, under entry {erased.recorded.number}.")
    for finding in erased.findings:
        if not finding.kept:
            typer.echo(f"Remark: {finding.rule.duty} ({finding.rule.force}).")


async def _erase(urn: str, wanted: PupilWanted, by: UUID, confirmed_by: UUID) -> Erased:
    settings = Settings()
    _, url = database_urls(settings)
    first, second = (Author(kind=AuthorKind.STAFF, id=person) for person in (by, confirmed_by))
    async with configured() as installation:
        eraser = Eraser(url=url, blobs=open_blobs(settings.files, installation.sealer, clock.random_bytes))
        school = await school_of(installation, urn)
        try:
            with reaching("DATABASE_ERASURE_URL"):
                return await erase_pupil(installation.casework, eraser, school, wanted, first, second)
        except ErasureNotSetUpError:
            raise NotAnInstallationError("set DATABASE_ERASURE_URL, for the role graduated_erasure") from None
        except PupilUnknownError:
            raise ErasureRefusedError("the school has no such pupil") from None
        except RollBeingLoadedError:
            raise ErasureRefusedError("a roll is being loaded at the school; try again when it is done") from None
        except StepRefusedError as refused:
            raise ErasureRefusedError("; ".join(finding.cure for finding in refused.findings)) from None
