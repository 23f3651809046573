"""Facts of any kind of entry, read from the wire as strictly as the steps read theirs, with every fault and where it lies."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin, get_type_hints

from pydantic import StringConstraints, ValidationError, create_model

from app.api.manners.faults import Fault, faults_of
from app.api.shown.shapes import CivilDate, In, Instant
from app.db.codec import entry_of
from app.domain.entries import Entry

LONGEST_TEXT: Final = 10_000
_Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
_WIRE: Final[Mapping[object, object]] = {date: CivilDate, datetime: Instant, str: _Text}


class FactsRefusedError(Exception):
    """Facts that do not fit their kind of entry; the pointers of the faults begin at the facts."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__("the facts do not fit")
        self.faults = tuple(faults)


def entry_told(kind: type[Entry], occurred_on: date, facts: Mapping[str, object]) -> Entry:
    """Build an entry of a kind from its facts as JSON gives them; raises FactsRefusedError with everything that does not fit."""
    try:
        told = shape_of(kind).model_validate(facts)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise FactsRefusedError(faults_of([{**one, "loc": ("body", *one["loc"])} for one in found], facts)) from None
    return entry_of(kind, {**told.model_dump(), "occurred_on": occurred_on})


_SHAPES: Final[dict[type, type[In]]] = {}


def shape_of(kind: type) -> type[In]:
    """Give the shape that the members of an entry, or of a part of one, have on the wire; the day stands beside an entry's facts."""
    if kind not in _SHAPES:
        _SHAPES[kind] = _made(kind)
    return _SHAPES[kind]


def _made(kind: type) -> type[In]:
    hints = get_type_hints(kind)
    members = {field.name: (_wire(hints[field.name]), _default(field)) for field in fields(kind) if field.name != "occurred_on"}
    return create_model(f"{kind.__name__}Facts", __base__=In, **cast(Any, members))


def _default(field: "Field[object]") -> object:
    return ... if field.default is MISSING else field.default


def _wire(hint: object) -> object:
    if isinstance(hint, UnionType):
        return Union[tuple(NoneType if part is NoneType else _wire(part) for part in get_args(hint))]  # noqa: UP007 - made of parts
    if get_origin(hint) is tuple:
        return tuple[_wire(get_args(hint)[0]), ...]  # type: ignore[misc]  # a type that is worked out
    if is_dataclass(hint) and isinstance(hint, type):
        return shape_of(hint)
    return _WIRE.get(hint, hint)
