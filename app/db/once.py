"""Reads that a transaction makes once, where it asks the same for many deliveries and writes none of what it reads."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

from app.db.session import SchoolSession, Session

S = TypeVar("S", bound=Session)
P = ParamSpec("P")
T = TypeVar("T")
ASKED_BY: Final = (UUID, str, list)
Read = Callable[Concatenate[S, P], Awaitable[T]]


def remembering(session: SchoolSession) -> SchoolSession:
    """Give the same transaction with a memory, for as long as it only reads."""
    return replace(session, seen={})


def once(read: Read[S, P, T]) -> Read[S, P, T]:
    """Let a read be remembered by the ids and words it was asked with; one with named arguments, such as a lock, is made each time."""

    @wraps(read)
    async def reading(session: S, /, *asked: P.args, **named: P.kwargs) -> T:
        if session.seen is None or named:
            return await read(session, *asked, **named)
        key = _key(read.__qualname__, asked)
        if key not in session.seen:
            session.seen[key] = await read(session, *asked, **named)
        return session.seen[key]  # type: ignore[return-value]  # what is kept under the key came from this read

    return reading


def keep(session: Session, read: Callable[..., object], asked: Sequence[object], found: object) -> None:
    """Remember what a read would find, where it was found for many at once."""
    if session.seen is not None:
        session.seen[_key(read.__qualname__, asked)] = found


def _key(name: str, asked: Sequence[object]) -> Hashable:
    return name, *[tuple(each) if isinstance(each, list) else each for each in asked if isinstance(each, ASKED_BY)]
