"""The shapes that cross the wire: what all of ours have in common, and the small types they are made of."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import CoreSchema, PydanticCustomError

from app.domain.rule import Certainty, Finding, Force

FIRST_YEAR = 1900
LAST_YEAR = 2100

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def refusal(code: str, sentence: str, *, rule: str | None = None, citation: str | None = None) -> PydanticCustomError:
    """Make the error that a validator raises; `sentence` goes to the client as it is, so it must not hold what the client sent."""
    context = {"ours": True, "rule": rule, "citation": citation}
    return PydanticCustomError(code, sentence.replace("{", "(").replace("}", ")"), context)


def _make_strict(schema: object) -> None:
    if isinstance(schema, list | tuple):
        for part in schema:
            _make_strict(part)
    elif isinstance(schema, dict):
        if schema.get("type") in ("int", "float", "bool"):
            schema["strict"] = True
        for name, part in schema.items():
            if name != "metadata":
                _make_strict(part)


class In(BaseModel):
    """What comes in: unknown members are refused, and a string is never taken for a number or a truth value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Make numbers and truth values strict; strict as a whole would refuse enums and UUIDs, which JSON can only write as strings."""
        schema = handler(source)
        _make_strict(schema)
        return schema


class Out(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def _day(value: object) -> date:
    day = value if type(value) is date else _parsed_day(value)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise refusal("date_out_of_range", f"This day must lie in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def _parsed_day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticCustomError("date_type", "not a day")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("date_parsing", "no such day") from error


def _instant(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticCustomError("datetime_type", "not a moment")
    try:
        moment = datetime.fromisoformat(value.upper().replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("datetime_parsing", "no such moment") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise refusal("date_out_of_range", f"This moment must lie in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return moment


def plain_uuid(text: str) -> UUID | None:
    """Read a UUID in the form in which it is mostly written, with hyphens; None for any other, which may be one all the same."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise refusal("one_line", "This must be one line without control characters.")
    return value


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    Field(examples=["Reads a short sentence when the page has a picture."]),
]
"""Free text of 1 to 10,000 characters, with spaces at either end taken off."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
    Field(examples=["Reading fluency"]),
]
"""One line of 1 to 200 characters, with spaces at either end taken off."""

CivilDate = Annotated[date, BeforeValidator(_day), Field(examples=["2014-11-03"])]
"""A day as YYYY-MM-DD from 1900-01-01 to 2100-12-31, both inside."""

Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(_rfc3339, return_type=str),
    Field(examples=["2014-11-03T09:30:00Z"], json_schema_extra={"format": "date-time"}),
]
"""A moment as RFC 3339 with an offset, kept and written in UTC; the years of a day hold here too."""

Day = Annotated[date, Field(examples=["2014-11-03"])]
"""A day that goes out: without the bounds of one that comes in, since a duty may fall due after the last year that is taken."""

Moment = Annotated[
    datetime,
    PlainSerializer(_rfc3339, return_type=str),
    Field(examples=["2014-11-03T09:30:00Z"], json_schema_extra={"format": "date-time"}),
]
"""A moment that goes out: written in UTC, without the bounds of one that comes in."""


class FindingOut(Out):
    """A remark on a step: the rule, its source and force, the facts it looked at and those it lacked."""

    rule: str = Field(examples=["meet-parents-three-times-a-year"])
    kept: bool = Field(examples=[False])
    duty: str = Field(examples=["Meet the parents at least three times each year"])
    force: Force = Field(examples=[Force.SHOULD])
    citations: list[str] = Field(examples=[["SEND Code of Practice 0 to 25, January 2015, paragraph 6.65"]])
    certainty: Certainty = Field(examples=[Certainty.SECONDARY])
    used: dict[str, JsonValue] = Field(examples=[{"meetings": 2}])
    missing: list[str] = Field(examples=[["school_calendar"]])
    cure: str = Field(examples=["Hold and record a meeting."])

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Write a finding of the domain for the wire."""
        rule = finding.rule
        return cls(
            rule=rule.id,
            kept=finding.kept,
            duty=rule.duty,
            force=rule.force,
            citations=[str(citation) for citation in rule.cites],
            certainty=rule.certainty,
            used=dict(finding.used),
            missing=list(finding.missing),
            cure=finding.cure,
        )
