"""`graduated verify ...`: what the service says, checked again by anybody who asks."""

import asyncio
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from app.commands.installation import OR_SERVE, database_urls
from app.commands.reaching import reaching
from app.commands.verify_bundle import bundle
from app.db.verify_ledger import Verdict, find_school, verify_ledger
from app.keys.claims import TokenRefusedError
from app.keys.heads import HeadStatement, read_head
from app.keys.jwks import KeysRefusedError, read_public_jwks
from app.settings import Settings

verify = typer.Typer(name="verify", no_args_is_help=True, help="Check a ledger or a bundle.")
verify.command()(bundle)


class CannotVerifyError(Exception):
    """What is needed for the check is missing or cannot be read; the message is one line for the operator."""


@verify.command()
def ledger(
    urn: Annotated[str, typer.Argument(metavar="URN", help="The school's number.")],
    head: Annotated[Path | None, typer.Option("--head", metavar="FILE", help="A signed head, kept from earlier.")] = None,
    jwks: Annotated[Path | None, typer.Option("--jwks", metavar="FILE", help="The public keys as a JWK Set, for the signed head.")] = None,
) -> None:
    """Walk a school's ledger, at DATABASE_URL or the running embedded one, and name the first wrong thing; exits 1 if there is one."""
    url, _ = database_urls(Settings())
    if url is None:
        raise CannotVerifyError(f"set DATABASE_URL to the database whose ledger is to be checked, {OR_SERVE}")
    signed = None if head is None else _signed_head(head, jwks)
    with reaching("DATABASE_URL"):
        verdict = asyncio.run(_verify(url, urn, signed))
    if verdict.fault is not None:
        typer.echo(f"The ledger of {urn} does not hold: {verdict.fault}")
        raise typer.Exit(code=1)
    against = "" if signed is None else f", and agrees with the signed head at {signed.number}"
    typer.echo(f"The ledger of {urn} holds: {verdict.number} entries in epoch {verdict.epoch}, ending in {verdict.link.hex()}{against}.")


def _signed_head(head: Path, jwks: Path | None) -> HeadStatement:
    if jwks is None:
        raise CannotVerifyError("give the public keys by --jwks, so that the signed head can be checked")
    try:
        return read_head(head.read_text().strip(), read_public_jwks(jwks.read_bytes()))
    except OSError as error:
        raise CannotVerifyError(f"{error.filename} cannot be read: {error.strerror}") from None
    except (TokenRefusedError, KeysRefusedError) as error:
        raise CannotVerifyError(f"the signed head is refused: {error.reason}") from None
    except ValueError as error:
        raise CannotVerifyError(f"the signed head is refused: {error}") from None


async def _verify(url: str, urn: str, signed: HeadStatement | None) -> Verdict:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        school = await find_school(connection, urn)
        if school is None:
            raise CannotVerifyError(f"no school has the number {urn}")
        return await verify_ledger(connection, school, signed=signed)
    finally:
        await connection.close()
