"""Registers organisations, schools, first staff and clients; for the operator at the command line and for the demo school."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from app.casework.taking import Casework, Work
from app.db import organisations, staff
from app.db.ledger import Draft
from app.db.organisations import Client, NewClient, Organisation, OrganisationKind
from app.db.schools import NewSchool, create_school
from app.db.scopes import may_hold
from app.db.session import SchoolSession, Session
from app.db.staff import StaffMember
from app.domain.author import Author, AuthorKind
from app.domain.codes import SchoolType, StaffRole
from app.domain.entries import Entry, RoleGiven, SchoolDescribed
from app.domain.identifiers import IdentifierError, Urn
from app.keys.jwks import KeysRefusedError, parse_public_jwks
from app.keys.sealing import hash_secret, new_client_secret
from app.keys.strict import read_json_object

SALT_BYTES: Final = 16
MICROSECOND: Final = timedelta(microseconds=1)
OPERATOR: Final = Author(kind=AuthorKind.CLIENT, id=UUID(int=0))
"""Whoever runs the installation: no client has the nil id."""


class RegistrationRefusedError(Exception):
    """It cannot be registered so; the message is one line for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A school that is to be opened; `since` is from when the description holds, `clock_begins` moves a sandbox's clock."""

    organisation: Organisation
    urn: str
    name: str
    authority: str
    school_type: SchoolType
    since: date
    record_begins_on: date
    clock_begins: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A client as it was just registered, with its secret, which nobody can show again."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    secret: str | None


class Registry:
    """Writes what comes before the first request; each method works in a transaction that the caller opened."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework
        self._means = casework.means

    async def organisation(
        self, session: Session, kind: OrganisationKind, name: str, *, authority: str | None = None, is_sandbox: bool
    ) -> Organisation:
        """Register an organisation; only a local authority has a number, and one that begins with 99 is invented."""
        if (kind is OrganisationKind.AUTHORITY) != (authority is not None):
            raise RegistrationRefusedError("a local authority needs its three-digit number, and no other organisation has one")
        if authority is not None:
            _require_fitting(authority, is_sandbox=is_sandbox)
        new = Organisation(id=self._means.new_id(), kind=kind, name=name, authority=authority, is_sandbox=is_sandbox)
        await organisations.create_organisation(session, new, at=self._means.now())
        return new

    async def school(self, session: Session, opening: Opening) -> SchoolSession:
        """Open a school and begin its ledger with what it is; it is a sandbox for ever exactly if its URN begins with 999."""
        now = self._means.now()
        _require_openable(opening)
        ahead = 0 if opening.clock_begins is None else (opening.clock_begins - now) // MICROSECOND
        new = NewSchool(
            id=self._means.new_id(),
            urn=opening.urn,
            name=opening.name,
            authority=opening.authority,
            organisation_id=opening.organisation.id,
            is_sandbox=opening.organisation.is_sandbox,
            clock_ahead=ahead,
        )
        try:
            opened = await create_school(session, new, at=now)
        except asyncpg.UniqueViolationError:
            raise RegistrationRefusedError("there is a school with this URN already") from None
        described = SchoolDescribed(
            occurred_on=opening.since,
            school_type=opening.school_type,
            authority=opening.authority,
            record_begins_on=opening.record_begins_on,
        )
        await self._append(opened, [described])
        return opened

    async def appoint(self, session: SchoolSession, name: str, roles: Sequence[StaffRole], *, since: date) -> UUID:
        """Add a member of staff who holds these roles from a day on, and give their id."""
        member = StaffMember(id=self._means.new_id(), name=name)
        await staff.insert(session, member)
        await self._append(session, [RoleGiven(occurred_on=since, staff=member.id, role=role) for role in roles])
        return member.id

    async def client(
        self, session: Session, organisation: Organisation, name: str, scopes: Sequence[str], *, jwks: bytes | None = None
    ) -> Registered:
        """Register a client that proves itself by the keys given, or else by a fresh secret."""
        held = may_hold(organisation.kind, is_sandbox=organisation.is_sandbox)
        wrong = ", ".join(sorted(set(scopes) - held))
        if wrong or not scopes:
            told = f"a client of this organisation cannot hold {wrong or 'nothing at all'}; it may hold {', '.join(sorted(held))}"
            raise RegistrationRefusedError(told)
        secret = new_client_secret(self._means.dice) if jwks is None else None
        new = NewClient(
            id=self._means.new_id(),
            organisation_id=organisation.id,
            name=name,
            scopes=tuple(sorted(set(scopes))),
            secret_hash=None if secret is None else await self._hashed(secret),
            jwks=None if jwks is None else read_key_set(jwks),
        )
        await organisations.create_client(session, new, at=self._means.now())
        return Registered(id=new.id, name=name, scopes=new.scopes, secret=secret)

    async def rotate_secret(self, session: Session, client_id: UUID) -> str:
        """Give a client a fresh secret; the old one is refused from now on."""
        secret = new_client_secret(self._means.dice)
        if not await organisations.replace_secret(session, client_id, await self._hashed(secret)):
            raise RegistrationRefusedError("there is no such client, or it was revoked")
        return secret

    async def add_keys(self, session: Session, client_id: UUID, jwks: bytes, *, replace: bool = False) -> int:
        """Let a client prove itself by these keys too, or by these alone, and say how many it has now."""
        client = await organisations.find_client(session, client_id)
        if client is None or client.revoked_at is not None:
            raise RegistrationRefusedError("there is no such client, or it was revoked")
        merged = _merged(None if replace else client, read_key_set(jwks))
        await organisations.replace_keys(session, client_id, merged)
        return len(parse_public_jwks(merged))

    async def revoke_client(self, session: Session, client_id: UUID) -> None:
        """End a client for good; what it holds in hand is refused from its next request on."""
        if not await organisations.revoke_client(session, client_id, at=self._means.now()):
            raise RegistrationRefusedError("there is no such client")

    async def _append(self, session: SchoolSession, entries: Sequence[Entry]) -> None:
        opened = await self._casework.open(session)
        await self._casework.store(opened, [Work(drafts=tuple(Draft(entry=entry, author=OPERATOR) for entry in entries))])

    async def _hashed(self, secret: str) -> str:
        return await asyncio.to_thread(hash_secret, secret, self._means.dice(SALT_BYTES))


def read_key_set(raw: bytes) -> dict[str, object]:
    """Give a public key set as it is stored, once it is known to be acceptable; raises RegistrationRefusedError."""
    try:
        found = read_json_object(raw)
        parse_public_jwks(found)
    except KeysRefusedError as refused:
        raise RegistrationRefusedError(f"the key set is not accepted: {refused.reason} {refused.pointer}".rstrip()) from None
    except ValueError:
        raise RegistrationRefusedError("the key set is not a JSON object") from None
    return {"keys": found["keys"]}


def _merged(client: Client | None, added: dict[str, object]) -> dict[str, object]:
    """Put key sets together by kid, the new key in the place of an old one of the same name."""
    sets = [added] if client is None or client.jwks is None else [client.jwks, added]
    by_kid = {jwk["kid"]: jwk for found in sets for jwk in _keys_of(found)}
    return {"keys": list(by_kid.values())}


def _keys_of(jwks: dict[str, object]) -> list[dict[str, object]]:
    keys = jwks["keys"]
    return [jwk for jwk in keys if isinstance(jwk, dict)] if isinstance(keys, list) else []


def _require_openable(opening: Opening) -> None:
    try:
        urn = Urn(opening.urn)
    except IdentifierError:
        raise RegistrationRefusedError("a URN has six digits, the first not 0") from None
    if opening.organisation.kind is not OrganisationKind.SCHOOL:
        raise RegistrationRefusedError("a school belongs to an organisation of the kind school")
    if urn.is_sandbox != opening.organisation.is_sandbox:
        raise RegistrationRefusedError("schools with URN 999000 to 999999 belong to sandbox organisations, and no others do")
    if opening.clock_begins is not None and not urn.is_sandbox:
        raise RegistrationRefusedError("only a sandbox school has a clock of its own")
    _require_fitting(opening.authority, is_sandbox=urn.is_sandbox)


def _require_fitting(authority: str, *, is_sandbox: bool) -> None:
    if len(authority) != 3 or not authority.isascii() or not authority.isdigit():
        raise RegistrationRefusedError("a local authority's number has three digits")
    if authority.startswith("99") != is_sandbox:
        raise RegistrationRefusedError("numbers from 990 on are invented: sandboxes have one, and nobody else")
