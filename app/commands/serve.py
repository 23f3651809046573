"""`graduated serve`: the database where none is given, the migrations, the API and the worker, as one thing to start and stop."""

import asyncio
import socket
import sys
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from app import clock
from app.casework.keyring import Keyring, KeysUnreadableError
from app.commands.first_start import load_demo
from app.commands.installation import installation
from app.commands.reaching import reaching
from app.commands.supervision import Child, keep, keep_database, until_told_to_stop
from app.db.embedded import EmbeddedCluster, running_cluster
from app.db.file_stores import FileStoreError, open_store
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
    demo_roll: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, readable=True, help="A Common Transfer File for the new demo school."),
    ] = None,
) -> None:
    """Serve the API and run the worker until told to stop."""
    settings = Settings()
    _check_port(settings.host, settings.port)
    _check_settings(settings, embedded=embedded)
    _check_folder(settings.data_dir)
    _check_store(settings)
    with _prepared(settings) as (environment, cluster):
        asyncio.run(check_key(environment))
        if demo if demo is not None else cluster is not None:
            _show_demo(environment, demo_roll)
        tasks: list[Coroutine[object, object, None]] = [
            keep(Child("API", api_program(settings), environment)),
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


def _check_settings(settings: Settings, *, embedded: bool) -> None:
    """Name what is missing before anything starts: the API and the worker would each find out alone, and later."""
    if settings.database_url is None:
        if not embedded:
            raise CannotServeError("set DATABASE_URL: the embedded database is switched off here")
        return
    if settings.secrets_key is None:
        raise CannotServeError("set SECRETS_KEY to 32 random bytes in base64: with DATABASE_URL the key is yours to keep")
    if settings.database_sweep_url is None:
        raise CannotServeError("set DATABASE_SWEEP_URL, for the role graduated_sweep: the worker looks for work with it")


def _check_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as error:
        raise CannotServeError(f"DATA_DIR cannot be used ({error.strerror}); name a folder that may be written") from None


def _check_store(settings: Settings) -> None:
    try:
        open_store(settings.files)
    except FileStoreError as error:
        raise CannotServeError(f"BLOBS_URL cannot be used ({error}); docs/operating.md says what each provider needs") from None


async def check_key(environment: Mapping[str, str]) -> None:
    """Open the signing keys once, before the API finds out that it cannot; makes them at the first start."""
    url, key, audience = (environment[name] for name in ("DATABASE_URL", "SECRETS_KEY", "PUBLIC_URL"))
    with reaching("DATABASE_URL"):
        async with installation(url, key, audience=audience) as opened:
            try:
                await Keyring(opened.sessions, opened.sealer, clock.now).start()
            except KeysUnreadableError:
                raise CannotServeError("SECRETS_KEY is not the one this database was made with; put the right one back") from None


def _environment(urls: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Keep the owner's URL from the children: they must not be able to change the schema."""
    given = settings.secrets_key
    key = kept_secrets_key(settings.data_dir) if given is None else given.get_secret_value()
    environment = child_environment({**urls, "SECRETS_KEY": key, "PORT": str(settings.port), "PUBLIC_URL": settings.public_url})
    environment.pop("DATABASE_OWNER_URL", None)
    return environment


def _migrate(owner_url: str | None, app_url: str) -> None:
    if owner_url is not None:
        with reaching("DATABASE_OWNER_URL"):
            upgrade(owner_url)
    with reaching("DATABASE_URL"):
        asyncio.run(_check_login(app_url))


async def _check_login(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await check_app_role(connection)
    finally:
        await connection.close()


def api_program(settings: Settings) -> tuple[str, ...]:
    """Give the command line of the API; who else a caller may claim to be is believed from the operator's own proxies alone."""
    trusted = ",".join(map(str, settings.trusted_proxies))
    proxies = ("--proxy-headers", "--forwarded-allow-ips", trusted) if trusted else ("--no-proxy-headers",)
    listen = ("--host", settings.host, "--port", str(settings.port), "--workers", str(settings.api_workers))
    manner = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "5")
    return (sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory", *listen, *proxies, *manner)


def _check_port(host: str, port: int) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        raise CannotServeError("HOST is neither an address nor a name that this machine knows") from None
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
