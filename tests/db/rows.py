"""One minimal row for every table of school data, made from the declared tables alone: a new table needs no word here."""

import re
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

import asyncpg
from sqlalchemy import CheckConstraint, Column, Table
from sqlalchemy.types import ARRAY, JSON, Boolean, Date, DateTime, Integer, LargeBinary, Uuid

from app.db.tables import metadata

SPACE = UUID(int=0x999)
SCHOOL_TABLES: dict[str, Table] = {table.name: table for table in metadata.sorted_tables if table.info.get("kind") == "school"}
Value = object


def row_of(table: Table, school: UUID) -> dict[str, Value]:
    """The table's row of a school. Ids are the same in every school, so a row may change schools and still find its parents."""
    row = {column.name: _value(column) for column in table.columns if not column.nullable or column.foreign_keys}
    return row | {"school_id": school}


def _value(column: Column[Value]) -> Value:
    """A parent's key is the parent's own value; a text with a list of allowed values is the first of them."""
    parent = next((key for key in column.foreign_keys if key.column is not column), None)
    if parent is not None:
        return _value(parent.column)
    if isinstance(column.type, Uuid):
        return uuid5(SPACE, f"{column.table.name}.{column.name}")
    plain = {Boolean: False, DateTime: datetime(2026, 3, 2, tzinfo=UTC), Date: date(2026, 3, 2), Integer: 1, LargeBinary: b"x", ARRAY: []}
    for kind, value in plain.items():
        if isinstance(column.type, kind):
            return value
    return "{}" if isinstance(column.type, JSON) else _text(column)


def _text(column: Column[Value]) -> str:
    for check in column.table.constraints:
        listed = re.match(rf"{column.name} in \('(\w+)'", str(check.sqltext)) if isinstance(check, CheckConstraint) else None
        if listed:
            return listed[1]
    return "998" if column.name == "authority" else f"{column.table.name}.{column.name}"


async def insert(connection: asyncpg.Connection, table: Table, school: UUID) -> str:
    """Insert the table's row of a school; gives the server's word for it."""
    row = row_of(table, school)
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    return await connection.execute(f"insert into {table.name} ({', '.join(row)}) values ({places})", *row.values())


async def fill(connection: asyncpg.Connection, *schools: UUID) -> None:
    """Give each school one row in every table of school data, parents first."""
    for school in schools:
        for table in SCHOOL_TABLES.values():
            await insert(connection, table, school)


def hanging_on(table: Table) -> list[Table]:
    """The tables whose rows point at this one's, directly or not, leaves first."""
    found = {table.name}
    for other in SCHOOL_TABLES.values():
        if any(key.column.table.name in found for key in other.foreign_keys):
            found.add(other.name)
    return [other for other in reversed(SCHOOL_TABLES.values()) if other.name in found - {table.name}]
