"""`graduated migrate`: the schema brought up to date, and the script that makes the roles beforehand."""

from typing import Annotated

import typer

from app.commands.reaching import reaching
from app.db.migrations import upgrade
from app.db.roles import print_roles
from app.settings import Settings


def migrate(
    print_roles_only: Annotated[
        bool, typer.Option("--print-roles", help="Print the SQL that a database administrator runs in psql; change nothing.")
    ] = False,
) -> None:
    """Bring the database at DATABASE_OWNER_URL up to date."""
    if print_roles_only:
        typer.echo(print_roles(), nl=False)
        return
    url = Settings().database_owner_url
    if url is None:
        raise typer.BadParameter("set DATABASE_OWNER_URL; the embedded database is migrated by `graduated serve`")
    with reaching("DATABASE_OWNER_URL"):
        upgrade(url)
    typer.echo("The database is up to date.")
