"""`graduated admin rotate-secrets-key`: seals everything anew under the newest key; may be broken off and repeated, beside the service."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID

import typer

from app.commands.installation import Installation, configured
from app.commands.reaching import reaching
from app.db import blobs, keys, sealed
from app.db.organisations import list_schools
from app.db.sealed import Place
from app.db.session import Session
from app.exchange import roll_intake
from app.keys.sealing import Sealer, UnsealError
from app.keys.secrets_key import FILE, kept_secrets_key, put_new_key_first
from app.settings import Settings
from app.webhooks.sending import signing_secrets

_OF_ALL: Final[tuple[tuple[Place, Callable[[str], str]], ...]] = (
    (sealed.PRIVATE_KEYS, keys.about),
    (sealed.SECRETS, lambda key: signing_secrets.sealed_about(UUID(key))),
)
_OF_SCHOOLS: Final[tuple[tuple[Place, Callable[[str], str]], ...]] = (
    (sealed.WAITING_FILES, lambda key: roll_intake.sealed_about(UUID(key))),
    (sealed.KEYS_OF_FILES, lambda key: blobs.sealed_about(UUID(key))),
    (sealed.OPENED_REQUESTS, lambda key: sealed.opened_about(UUID(key))),
)
PLACES: Final = tuple(place for place, _ in (*_OF_ALL, *_OF_SCHOOLS))
Opening = Callable[[], AbstractAsyncContextManager[Session]]


class KeyNotGivenError(Exception):
    """Something is sealed by a key that is not among those given; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many things were sealed anew, and how many no key at hand opens."""

    anew: int = 0
    unopened: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.anew + other.anew, self.unopened + other.unopened)


def rotate_secrets_key() -> None:
    """Seal all that is sealed anew under the newest key; where the key is in a file of ours, begin with a new one."""
    settings = Settings()
    kept = _kept(settings)
    if kept is not None and "," not in kept_secrets_key(settings.data_dir):
        put_new_key_first(settings.data_dir)
        typer.echo(f"A new key is the first line of {kept}. Start the service anew, then give this command again.")
        return
    with reaching("DATABASE_URL"):
        found = asyncio.run(_run())
    if found.unopened:
        raise KeyNotGivenError(f"{found.unopened} things are sealed by a key that is not given; put it behind a comma in SECRETS_KEY")
    typer.echo(f"{found.anew} things were sealed anew; all that is sealed is under the newest key.")
    typer.echo(f"Once every process was started with it, take the older key out of {kept or 'SECRETS_KEY'}.")


def _kept(settings: Settings) -> Path | None:
    path = settings.data_dir / FILE
    given = settings.secrets_key is not None or settings.database_url is not None
    return None if given or not path.exists() else path


async def _run() -> Outcome:
    async with configured() as installation:
        return await seal_anew(installation)


async def seal_anew(installation: Installation) -> Outcome:
    """Seal anew what an older key sealed, each thing in a transaction of its own."""
    sessions, sealer = installation.sessions, installation.sealer
    outcome = await _seal_all(sessions.shared, _OF_ALL, sealer)
    async with sessions.shared() as session:
        schools = await list_schools(session)
    for school in schools:
        outcome += await _seal_all(partial(sessions.for_school, school.school_id), _OF_SCHOOLS, sealer)
    return outcome


async def _seal_all(opening: Opening, places: Sequence[tuple[Place, Callable[[str], str]]], sealer: Sealer) -> Outcome:
    outcome = Outcome()
    for place, about in places:
        async with opening() as session:
            older = [key for key, beginning in await sealed.listed(session, place) if not sealer.is_newest(beginning)]
        for key in older:
            async with opening() as session:
                outcome += await _seal_one(session, place, key, about(key), sealer)
    return outcome


async def _seal_one(session: Session, place: Place, key: str, about: str, sealer: Sealer) -> Outcome:
    held = await sealed.lock(session, place, key)
    if held is None or sealer.is_newest(held):
        return Outcome()
    try:
        plain = sealer.unseal(held, about=about)
    except UnsealError:
        return Outcome(unopened=1)
    await sealed.keep(session, place, key, sealer.seal(plain, about=about))
    return Outcome(anew=1)
