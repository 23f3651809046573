"""Planted words, and the search for them: in every column of every table, in files, and in what was logged."""

from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import asyncpg

WORD = "Quillfeather"
"""A word that nobody would write by chance; every text that is planted has it in it."""


def planted(kind: type[Any], people: UUID) -> Any:
    """Build a frozen value with the word in each of its texts, whatever its shape."""
    hints = get_type_hints(kind)
    return kind(**{field.name: _value(hints[field.name], people) for field in fields(kind)})


def _value(hint: Any, people: UUID) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return _value(next(part for part in get_args(hint) if part is not type(None)), people)
    if get_origin(hint) in (tuple, frozenset):
        return get_origin(hint)([_value(get_args(hint)[0], people)])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if is_dataclass(hint):
        return planted(hint, people)
    return {str: f"Said of {WORD}.", UUID: people, date: date(2025, 11, 3), int: 1, bool: True, float: 1.0}[hint]


async def tables_with(connection: asyncpg.Connection, *words: str, school: UUID) -> set[str]:
    """Name the columns in which one of the words stands, as text or as the bytes of it; by a superuser's connection.

    Looked through are all tables: of school data the rows of one school, so that tests beside it do not disturb, of the rest all rows.
    """
    columns = await connection.fetch(
        "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
    )
    of_schools = {table for table, column, _ in map(tuple, columns) if column == "school_id"}
    found: set[str] = set()
    for table, column, kind in map(tuple, columns):
        text = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
        where = "school_id = $2" if table in of_schools else "$2::uuid is not null"
        for word in words:
            if await connection.fetchval(f"select exists (select from {table} where position($1 in {text}) > 0 and {where})", word, school):
                found.add(f"{table}.{column}")
    return found


def files_with(folder: Path, *words: str) -> set[str]:
    """Name the files under a folder in which one of the words stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if any(word.encode() in path.read_bytes() for word in words)}
