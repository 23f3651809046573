"""Entries to JSON bodies and back. The body is the entry's own fields without the day, plus the number it supersedes."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import TypeAdapter

from app.db.chain import Json
from app.domain.entries import KINDS, Entry, Erased

Body = dict[str, Json]


_ADAPTERS: Final[dict[str, TypeAdapter[Entry]]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def body_of(entry: Entry, supersedes: int | None = None) -> Body:
    """Give the JSON body of an entry; the day stands in the header."""
    body: Body = _ADAPTERS[entry.type].dump_python(entry, mode="json", exclude={"occurred_on"})
    return body if supersedes is None else {**body, "supersedes": supersedes}


def entry_from(type_: str, occurred_on: date, body: Mapping[str, Json] | None) -> Entry:
    """Rebuild an entry; one whose body was erased comes back as `Erased`. Raises KeyError for a type that was never listed."""
    if body is None:
        return Erased(occurred_on=occurred_on, erased_type=type_)
    fields = {name: value for name, value in body.items() if name != "supersedes"}
    return _ADAPTERS[type_].validate_python({**fields, "occurred_on": occurred_on})


def entry_of(kind: type[Entry], fields: Mapping[str, object]) -> Entry:
    """Build an entry of a kind from plain members that were checked on the wire."""
    return _ADAPTERS[kind.type].validate_python(fields)
