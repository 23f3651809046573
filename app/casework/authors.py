"""Who is behind a write: what the client says, or what the school's identity provider signed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db import assertions
from app.db.session import SchoolSession
from app.domain.author import Assurance, Author, AuthorKind
from app.keys.claims import TokenRefusedError
from app.keys.jwks import KeysRefusedError, parse_public_jwks
from app.keys.jws import verify_author_proof

ITSELF: Final = Author(kind=AuthorKind.CLIENT, id=UUID(int=0))
"""The service, where it keeps its own books and nobody asked it to; it never takes a step on a record."""


class AuthorRefusedError(Exception):
    """The author is not who they are said to be, or their proof does not hold; the reason never repeats what was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorClaim:
    """Who the client says the author is, with the identity provider's signed claim where there is one."""

    kind: AuthorKind
    id: UUID
    proof: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofReader:
    """Turns a claim into an author; `audience` is our own issuer address."""

    audience: str
    now: Callable[[], datetime]

    async def author(self, session: SchoolSession, claim: AuthorClaim, provider: dict[str, object] | None, *, is_dry: bool) -> Author:
        """Give the author, proved where a valid proof came along; a proof serves once. Raises AuthorRefusedError."""
        if claim.kind is AuthorKind.CLIENT and claim.id != session.client_id:
            raise AuthorRefusedError("a client writes in its own name alone")
        if claim.proof is None:
            return Author(kind=claim.kind, id=claim.id)
        if claim.kind is not AuthorKind.STAFF or provider is None:
            raise AuthorRefusedError("this school has no identity provider, or none known for 24 hours, whose proofs we could check")
        try:
            keys = parse_public_jwks(provider["jwks"])
            used = verify_author_proof(
                claim.proof, keys, issuer=str(provider["issuer"]), audience=self.audience, staff_id=str(claim.id), now=self.now()
            )
        except (TokenRefusedError, KeysRefusedError) as error:
            raise AuthorRefusedError(f"the proof was refused: {error.reason}") from None
        if not is_dry and not await assertions.use(session, session.school_id, used.jti, used.exp):
            raise AuthorRefusedError("the proof was used before")
        return Author(kind=claim.kind, id=claim.id, assurance=Assurance.PROVED)
