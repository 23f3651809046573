"""`graduated serve`: the database where none is given, the migrations, the API and the worker, as one thing to start and stop."""

import asyncio
import socket
import sys
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from app.commands.first_start import load_demo
from app.commands.supervision import Child, keep, keep_database, until_told_to_stop
from app.db.embedded import EmbeddedCluster, running_cluster
from app.db.migrations import upgrade
from app.db.roles import check_app_role
from app.keys.secrets_key import kept_secrets_key
from app.settings import Settings, child_environment


class CannotServeError(Exception):
    """Something outside the service is not as it must be; the message is one line for the operator."""


def serve(
    embedded: Annotated[bool, typer.Option(help="Without DATABASE_URL, run a PostgreSQL of our own under DATA_DIR.")] = True,
    demo: Annotated[
        bool | None, typer.Option(help="Make the demo school where nothing is registered; on with the embedded database, else off.")
    ] = None,
    demo_roll: Annotated[Path | None, typer.Option(metavar="FILE", help="A Common Transfer File for the new demo school.")] = None,
) -> None:
    """Serve the API and run the worker until told to stop."""
    settings = Settings()
    _check_port(settings.host, settings.port)
    if settings.database_url is None and not embedded:
        raise CannotServeError("set DATABASE_URL: the embedded database is switched off here")
    with _prepared(settings) as (environment, cluster):
        if demo if demo is not None else cluster is not None:
            _show_demo(environment, demo_roll)
        tasks: list[Coroutine[object, object, None]] = [
            keep(Child("API", _api_program(settings), environment)),
            keep(Child("worker", (sys.executable, "-m", "app.worker"), environment)),
            _announce(settings),
        ]
        if cluster is not None:
            tasks.append(keep_database(cluster))
        until_told_to_stop(*tasks)


def _show_demo(environment: Mapping[str, str], roll: Path | None) -> None:
    """Print what a first start made, secrets included, this once; nothing where somebody is registered already."""
    made = load_demo(environment, roll)
    for line in made.lines() if made else ():
        typer.echo(line)


@contextmanager
def _prepared(settings: Settings) -> Iterator[tuple[dict[str, str], EmbeddedCluster | None]]:
    """Give the environment of the children, over a migrated database, and the embedded database if it is ours."""
    if settings.database_url is not None:
        _migrate(settings.database_owner_url, settings.database_url)
        yield _environment({"DATABASE_URL": settings.database_url}, settings), None
        return
    with running_cluster(settings.data_dir) as cluster:
        urls = cluster.urls
        _migrate(urls.owner, urls.app)
        given = {"DATABASE_URL": urls.app, "DATABASE_SWEEP_URL": urls.sweep, "DATABASE_ERASURE_URL": urls.erasure}
        yield _environment(given, settings), cluster


def _environment(urls: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Keep the owner's URL from the children: they must not be able to change the schema."""
    if settings.secrets_key is not None:
        key = settings.secrets_key.get_secret_value()
    elif settings.database_url is None:
        key = kept_secrets_key(settings.data_dir)
    else:
        raise CannotServeError("set SECRETS_KEY to 32 random bytes in base64: with DATABASE_URL the key is yours to keep")
    environment = child_environment({**urls, "SECRETS_KEY": key, "PORT": str(settings.port), "PUBLIC_URL": settings.public_url})
    environment.pop("DATABASE_OWNER_URL", None)
    return environment


def _migrate(owner_url: str | None, app_url: str) -> None:
    if owner_url is not None:
        upgrade(owner_url)
    asyncio.run(_check_login(app_url))


async def _check_login(url: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise CannotServeError(f"the database in DATABASE_URL cannot be reached: {type(error).__name__}") from None
    try:
        await check_app_role(connection)
    finally:
        await connection.close()


def _api_program(settings: Settings) -> tuple[str, ...]:
    listen = ("--host", settings.host, "--port", str(settings.port), "--workers", str(settings.api_workers))
    manner = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "5")
    return (sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory", *listen, *manner)


def _check_port(host: str, port: int) -> None:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CannotServeError(f"cannot listen on {host} port {port} ({error.strerror}); choose another with PORT=...") from None


async def _announce(settings: Settings) -> None:
    """Say where things are once the port answers."""
    while True:
        try:
            _, writer = await asyncio.open_connection(settings.host, settings.port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        break
    url = settings.public_url
    typer.echo(f"Graduated is serving at {url}")
    typer.echo(f"  docs     {url}/docs")
    typer.echo(f"  a token  curl -u CLIENT_ID:CLIENT_SECRET -d grant_type=client_credentials {url}/oauth2/token")
