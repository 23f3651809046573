"""How tables are declared: the three kinds, how constraints are named, and the keys that begin with the school."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint
from sqlmodel import SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Moment = DateTime(timezone=True)
SCHOOL = {"info": {"kind": "school"}}
REFERENCE = {"info": {"kind": "reference"}}
LOCAL = {"info": {"kind": "local"}}


class Holds(StrEnum):
    """What a column holds of a person, and what becomes of it when all that is held about a pupil is erased."""

    PLAIN = "plain"
    STAFF = "staff"
    TRACE = "trace"
    GOES = "goes"
    EMPTIED = "emptied"
    NEUTRAL = "neutral"
    PASSING = "passing"


def holding(kind: dict[str, dict[str, str]], **columns: str) -> dict[str, dict[str, object]]:
    """Say of a kind of table what each column holds: names separated by spaces, under the values of `Holds`; each is named once."""
    named = [(column, Holds(holds)) for holds, names in columns.items() for column in names.split()]
    if len(named) != len(dict(named)):
        raise ValueError("a column is classified twice")
    return {"info": {**kind["info"], "holds": dict(named)}}


def one_of(column: str, *values: str) -> CheckConstraint:
    """Allow a text column these values alone."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_known")


def of(table: str, column: str) -> ForeignKeyConstraint:
    """Point a column at the `id` of another table within the same school."""
    return ForeignKeyConstraint(["school_id", column], [f"{table}.school_id", f"{table}.id"], ondelete="RESTRICT")


def of_side() -> ForeignKeyConstraint:
    """Keep `is_sandbox` the school's own, so that a row cannot say that it belongs to the other side."""
    return ForeignKeyConstraint(["school_id", "is_sandbox"], ["school.school_id", "school.is_sandbox"], ondelete="RESTRICT")


def of_school() -> ForeignKeyConstraint:
    """Point `school_id` at the school itself."""
    return ForeignKeyConstraint(["school_id"], ["school.school_id"], ondelete="RESTRICT")
