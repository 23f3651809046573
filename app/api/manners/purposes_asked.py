"""The purpose that whoever reads a child's papers must name, and by whom: one set of codes for authorities, one for schools."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Header, Query
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.api.shown.shapes import Line
from app.domain.purposes import Purpose, Reader, purposes_of

_WHY: Final = "Why the child's papers are read; it is written down, and the family may see it."


def _only(reader: Reader) -> Callable[[object], object]:
    allowed = [purpose.value for purpose in purposes_of(reader)]

    def check(value: object) -> object:
        if value not in allowed:
            raise PydanticCustomError("enum", "not a purpose here", {"expected": ", ".join(allowed)})
        return value

    return check


def _schema(reader: Reader) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [purpose.value for purpose in purposes_of(reader)]})


AuthorityPurpose = Annotated[
    Purpose,
    BeforeValidator(_only(Reader.AUTHORITY)),
    _schema(Reader.AUTHORITY),
    Query(alias="purpose", description=_WHY, examples=["ehc-needs-assessment"]),
]
SchoolPurpose = Annotated[
    Purpose,
    BeforeValidator(_only(Reader.SCHOOL)),
    _schema(Reader.SCHOOL),
    Query(alias="purpose", description=_WHY, examples=["sen-support"]),
]
OfficerHeader = Annotated[
    Line | None,
    Header(alias="Officer-Reference", max_length=100, description="Your own reference of whoever reads.", examples=["officer-17"]),
]
