"""What `graduated serve` does once, over a database in which nobody was ever registered: the demo school, and a roll for it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from app.commands.demo_school import STAFF, URN, DemoSchool, load_if_empty
from app.commands.installation import Installation, installation
from app.db.entrance import Entrance
from app.db.scopes import scope_of
from app.domain.codes import StaffRole
from app.exchange.roll import RollFormat
from app.exchange.roll_intake import HandedIn, hand_in


def load_demo(environment: Mapping[str, str], roll: Path | None) -> DemoSchool | None:
    """Make the demo school where there is nothing yet, and hand in a roll (CTF) for the worker; None where anybody is registered."""
    return asyncio.run(_load(environment, roll.read_bytes() if roll else None))


async def _load(environment: Mapping[str, str], roll: bytes | None) -> DemoSchool | None:
    url, key, audience = (environment[name] for name in ("DATABASE_URL", "SECRETS_KEY", "PUBLIC_URL"))
    async with installation(url, key, audience=audience) as opened:
        made = await load_if_empty(opened.casework)
        if made is not None and roll is not None:
            await _hand_in(opened, made, roll)
        return made


async def _hand_in(opened: Installation, made: DemoSchool, roll: bytes) -> None:
    """Hand the roll in as the school's own software would, under the SENCO's name."""
    scope = scope_of("roll:write")
    entrance = Entrance(urn=URN, client_id=made.clients[0].id, scope=scope, token_scopes=frozenset({scope}))
    senco = next(made.staff[name] for name, roles in STAFF.items() if StaffRole.SENCO in roles)
    handed = HandedIn(entrance=entrance, staff_id=senco, file_format=RollFormat.CTF, content=roll, key=None, is_dry_run=False)
    await hand_in(opened.casework, opened.sealer, handed)
