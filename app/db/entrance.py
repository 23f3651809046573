"""Whether a client may do a thing at a school at this moment: its own state, its scopes, the school's grant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NewType
from uuid import UUID

Scope = NewType("Scope", str)


class EntranceError(Exception):
    """A client may not do what it asked for."""


class ClientRevokedError(EntranceError):
    """The client is unknown or was revoked after its token was issued."""


class SchoolUnknownError(EntranceError):
    """No school has this number."""


class NoGrantError(EntranceError):
    """The school has not granted this client the scope, or no longer does."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class ScopeMissingError(EntranceError):
    """The token, or the client as registered, lacks the scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class OwnClientNeededError(EntranceError):
    """Only a client of the school's own organisation may do this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the database says of a client at a school, read in the request's own transaction."""

    school_id: UUID | None
    is_sandbox: bool | None
    client_is_sandbox: bool
    is_own: bool | None
    client_scopes: list[str]
    granted_scopes: list[str]


STANDING_COLUMNS: Final = 6
"""So many columns stand first in the row of any statement that enters a school, in the order of `Standing`."""


def standing_from(row: Sequence[Any]) -> Standing:
    """Read how a client stands off the row of a statement that enters a school."""
    school_id, is_sandbox, client_is_sandbox, is_own, client_scopes, granted_scopes = row[:STANDING_COLUMNS]
    return Standing(
        school_id=school_id,
        is_sandbox=is_sandbox,
        client_is_sandbox=client_is_sandbox,
        is_own=is_own,
        client_scopes=client_scopes,
        granted_scopes=granted_scopes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A client that may do what it asked for."""

    school_id: UUID
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What a client asks to do at a school: the scope it needs, and what its token carries."""

    urn: str
    client_id: UUID
    scope: Scope
    token_scopes: frozenset[str]
    own_only: bool = False

    def admit(self, standing: Standing | None) -> Admitted:
        """Let the client in or raise the error that says why not; sandbox and live never meet."""
        if standing is None:
            raise ClientRevokedError
        if self.scope not in self.token_scopes or self.scope not in standing.client_scopes:
            raise ScopeMissingError(self.scope)
        if standing.school_id is None:
            raise SchoolUnknownError
        if standing.is_sandbox != standing.client_is_sandbox:
            raise NoGrantError(self.scope)
        return self._admit_to(standing.school_id, is_own=bool(standing.is_own), granted=standing.granted_scopes)

    def _admit_to(self, school_id: UUID, *, is_own: bool, granted: list[str]) -> Admitted:
        if not is_own and self.own_only:
            raise OwnClientNeededError
        if not is_own and self.scope not in granted:
            raise NoGrantError(self.scope)
        return Admitted(school_id=school_id, is_own=is_own)
