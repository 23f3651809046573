"""`graduated verify bundle`: an evidence bundle checked from its files and a set of keys alone, with no network and no database."""

from pathlib import Path
from typing import Annotated

import typer

from app.documents.bundle.verify import verify_bundle


def bundle(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The bundle's ZIP file, or all of its parts in any order.")],
    jwks: Annotated[Path, typer.Option("--jwks", metavar="FILE", help="What the service answers at /.well-known/bundle-keys.json.")],
) -> None:
    """Say in one sentence whether an evidence bundle is whole, signed and in the school's chain; exits 1 if not."""
    verdict = verify_bundle(files, jwks)
    for check in verdict.checks:
        typer.echo(f"held: {check.name}: {check.found}")
    typer.echo(verdict.sentence)
    if not verdict.ok:
        raise typer.Exit(code=1)
