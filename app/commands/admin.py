"""`graduated admin ...`: organisations, schools, first staff, clients and signing keys of a real installation."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar
from uuid import UUID

import typer

from app import clock
from app.casework.keyring import rotate
from app.casework.registration import Opening, RegistrationRefusedError, Registry
from app.casework.trusts import join_trust, leave_trust
from app.commands.installation import Installation, configured
from app.commands.reaching import reaching
from app.db import organisations
from app.db.organisations import Organisation, OrganisationKind
from app.db.scopes import SCOPES, given_by_default
from app.domain.codes import SchoolType, StaffRole
from app.keys.jwks import KeyUse

T = TypeVar("T")

admin = typer.Typer(name="admin", no_args_is_help=True, help="Set up organisations, schools, clients and keys.")

SCOPES_HELP: Final = f"Give it once for each scope; when left out, all that fits the organisation. There are: {', '.join(SCOPES)}."
Urn = Annotated[str, typer.Argument(metavar="URN", help="Six digits; 999000 to 999999 are sandboxes.")]
ClientId = Annotated[UUID, typer.Argument(metavar="CLIENT")]
Jwks = Annotated[Path, typer.Option("--jwks", metavar="FILE", exists=True, dir_okay=False, help="The client's public keys as a JWK Set.")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("give a day as YYYY-MM-DD") from None


Day = Annotated[date | None, typer.Option(parser=_day, metavar="DAY", help="YYYY-MM-DD; today when left out.")]


def _run(work: Callable[[Installation], Awaitable[T]]) -> T:
    async def run() -> T:
        async with configured() as installation:
            return await work(installation)

    with reaching("DATABASE_URL"):
        return asyncio.run(run())


@admin.command()
def create_organisation(
    kind: Annotated[OrganisationKind, typer.Argument()],
    name: Annotated[str, typer.Argument()],
    authority: Annotated[str | None, typer.Option(help="The three-digit number of a local authority.")] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="It never meets live schools.")] = False,
) -> None:
    """Register an organisation and print its id."""

    async def work(installation: Installation) -> Organisation:
        async with installation.sessions.shared() as session:
            return await Registry(installation.casework).organisation(session, kind, name, authority=authority, is_sandbox=sandbox)

    typer.echo(_run(work).id)


@admin.command()
def create_school(
    organisation: Annotated[UUID, typer.Argument(metavar="ORGANISATION")],
    urn: Urn,
    name: Annotated[str, typer.Argument()],
    authority: Annotated[str, typer.Option(help="The three-digit number of the area the school lies in.")],
    school_type: Annotated[SchoolType, typer.Option("--type")],
    record_begins_on: Day = None,
    clock_begins: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], help="A sandbox's clock, with its offset.")
    ] = None,
) -> None:
    """Open a school, begin its ledger, and print its id."""

    async def work(installation: Installation) -> UUID:
        begins = record_begins_on or (clock_begins or clock.now()).date()
        async with installation.sessions.shared() as session:
            owner = await organisations.find_organisation(session, organisation)
            if owner is None:
                raise RegistrationRefusedError("there is no such organisation")
            opening = Opening(
                organisation=owner,
                urn=urn,
                name=name,
                authority=authority,
                school_type=school_type,
                since=begins,
                record_begins_on=begins,
                clock_begins=clock_begins,
            )
            return (await Registry(installation.casework).school(session, opening)).school_id

    typer.echo(_run(work))


@admin.command()
def create_staff(
    urn: Urn,
    name: Annotated[str, typer.Argument()],
    role: Annotated[list[StaffRole], typer.Option(help="Give it once for each role.")],
    since: Day = None,
) -> None:
    """Add a first member of staff, so that somebody can give grants and roles, and print their id."""

    async def work(installation: Installation) -> UUID:
        async with installation.sessions.shared() as session:
            listed = await organisations.find_school(session, urn)
        if listed is None:
            raise RegistrationRefusedError("there is no school with this URN")
        async with installation.sessions.for_school(listed.school_id) as school:
            return await Registry(installation.casework).appoint(school, name, role, since=since or clock.now().date())

    typer.echo(_run(work))


@admin.command()
def create_client(
    organisation: Annotated[UUID, typer.Argument(metavar="ORGANISATION")],
    name: Annotated[str, typer.Argument()],
    scope: Annotated[list[str] | None, typer.Option(help=SCOPES_HELP)] = None,
    jwks: Annotated[Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Public keys instead of a secret.")] = None,
) -> None:
    """Register a client and print its id and, this once, its secret."""

    async def work(installation: Installation) -> None:
        async with installation.sessions.shared() as session:
            owner = await organisations.find_organisation(session, organisation)
            if owner is None:
                raise RegistrationRefusedError("there is no such organisation")
            scopes = scope or sorted(given_by_default(owner.kind, is_sandbox=owner.is_sandbox))
            keys = None if jwks is None else jwks.read_bytes()
            made = await Registry(installation.casework).client(session, owner, name, scopes, jwks=keys)
        typer.echo(f"client id     {made.id}")
        if made.secret is not None:
            typer.echo(f"client secret {made.secret}")

    _run(work)


Trust = Annotated[UUID, typer.Argument(metavar="TRUST", help="The id of its organisation.")]


@admin.command(name="join-trust")
def join(trust: Trust, urn: Urn, since: Day = None) -> None:
    """Let a school be in a trust from a day on, so that the trust's totals count it."""

    async def work(installation: Installation) -> None:
        async with installation.sessions.shared() as session:
            await join_trust(session, trust, urn, since=since or clock.now().date())

    _run(work)


@admin.command(name="leave-trust")
def leave(trust: Trust, urn: Urn, until: Day = None) -> None:
    """Let a school be in a trust until a day, which is the last on which it is."""

    async def work(installation: Installation) -> None:
        async with installation.sessions.shared() as session:
            await leave_trust(session, trust, urn, until=until or clock.now().date())

    _run(work)


@admin.command()
def rotate_secret(client: ClientId) -> None:
    """Give a client a fresh secret, print it this once, and refuse the old one from now on."""

    async def work(installation: Installation) -> str:
        async with installation.sessions.shared() as session:
            return await Registry(installation.casework).rotate_secret(session, client)

    typer.echo(f"client secret {_run(work)}")


@admin.command()
def add_client_keys(
    client: ClientId, jwks: Jwks, replace: Annotated[bool, typer.Option("--replace", help="Refuse the client's other keys.")] = False
) -> None:
    """Let a client sign its assertions with these keys too."""

    async def work(installation: Installation) -> int:
        async with installation.sessions.shared() as session:
            return await Registry(installation.casework).add_keys(session, client, jwks.read_bytes(), replace=replace)

    typer.echo(f"The client has {_run(work)} keys.")


@admin.command()
def revoke_client(client: ClientId) -> None:
    """End a client for good; its tokens are refused from the next request on."""

    async def work(installation: Installation) -> None:
        async with installation.sessions.shared() as session:
            await Registry(installation.casework).revoke_client(session, client)

    _run(work)
    typer.echo("The client was revoked.")


@admin.command()
def rotate_key(
    use: Annotated[KeyUse, typer.Argument()],
    at_once: Annotated[
        bool, typer.Option("--at-once", help="For a key that leaked: tokens and webhooks of the old one end within a minute.")
    ] = False,
) -> None:
    """Put a new signing key in the place of the present one, with time for both."""

    async def work(installation: Installation) -> str:
        async with installation.sessions.shared() as session:
            key = await rotate(session, use, installation.sealer, now=clock.now(), at_once=at_once)
        return f"{key.kid} signs from {key.signs_from:%Y-%m-%dT%H:%M:%SZ}."

    typer.echo(_run(work))


@admin.command(name="list")
def list_all() -> None:
    """List organisations, schools and clients; never a secret."""

    async def work(installation: Installation) -> None:
        async with installation.sessions.shared() as session:
            for owner in await organisations.list_organisations(session):
                kind = f"{owner.kind.value}{' ' + owner.authority if owner.authority else ''}{' sandbox' if owner.is_sandbox else ''}"
                typer.echo(f"organisation {owner.id}  {kind}  {owner.name}")
            for school in await organisations.list_schools(session):
                typer.echo(f"school       {school.school_id}  {school.urn} in {school.authority}  {school.name}")
            for client in await organisations.list_clients(session):
                state = "revoked" if client.revoked_at else " ".join(client.scopes)
                typer.echo(f"client       {client.id}  {client.organisation.name}: {client.name}  [{state}]")

    _run(work)
