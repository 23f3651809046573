"""The installation that a command works on: its database as the application's role, and what records are written with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from app import clock
from app.casework.authors import ProofReader
from app.casework.taking import Casework, Means
from app.commands.reaching import reaching
from app.db.embedded import running_urls
from app.db.roles import check_app_role
from app.db.session import Sessions, open_pool
from app.keys.sealing import Sealer, SealingKeyError, keys_from_text
from app.keys.secrets_key import kept_secrets_key
from app.settings import Settings

OR_SERVE: Final = "or run `graduated serve` with the same DATA_DIR, whose database is then used"


class NotAnInstallationError(Exception):
    """The environment does not lead to an installation; the message is one line for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What a command needs to read and write as the service does."""

    sessions: Sessions
    casework: Casework
    sealer: Sealer


@asynccontextmanager
async def installation(database_url: str, secrets_key: str, *, audience: str) -> AsyncIterator[Installation]:
    """Open an installation for one command; raises NotAnInstallationError, NotReachedError and RoleTooPowerfulError."""
    try:
        sealer = Sealer(*keys_from_text(secrets_key), random_bytes=clock.random_bytes)
    except SealingKeyError as error:
        raise NotAnInstallationError(f"SECRETS_KEY cannot be used: {error}") from None
    with reaching("DATABASE_URL"):
        pool = await open_pool(database_url, size=2)
    try:
        async with pool.acquire() as connection:
            await check_app_role(connection)
        sessions = Sessions(pool)
        proofs = ProofReader(audience=audience, now=clock.now)
        means = Means(now=clock.now, dice=clock.random_bytes, new_id=clock.new_id, proofs=proofs, wake=lambda: None)
        yield Installation(sessions=sessions, casework=Casework(sessions, means), sealer=sealer)
    finally:
        await pool.close()


def database_urls(settings: Settings) -> tuple[str | None, str | None]:
    """Give the URLs for the application and for erasure: those in the environment, else of the database `graduated serve` runs here."""
    if settings.database_url is not None:
        return settings.database_url, settings.database_erasure_url
    running = running_urls(settings.data_dir.absolute())
    return (None, None) if running is None else (running.app, running.erasure)


@asynccontextmanager
async def configured() -> AsyncIterator[Installation]:
    """Open the installation that DATABASE_URL and SECRETS_KEY lead to, or the embedded one that is running under DATA_DIR."""
    settings = Settings()
    url, _ = database_urls(settings)
    key = settings.secrets_key
    if key is None and settings.database_url is None and (settings.data_dir / "secrets.key").exists():
        key = SecretStr(kept_secrets_key(settings.data_dir))
    if url is None or key is None:
        raise NotAnInstallationError(f"set DATABASE_URL, for the role graduated_app, and SECRETS_KEY; {OR_SERVE}")
    async with installation(url, key.get_secret_value(), audience=settings.public_url) as opened:
        yield opened
