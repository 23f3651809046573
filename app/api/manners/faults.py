"""What is wrong at one place of a request, told in plain English and never with the value itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

MOST_FAULTS = 500
LONGEST_POINTER = 300

# Only limits and choices that our own schemas name are filled in; what the client sent never is.
SENTENCES: Mapping[str, str] = {
    "missing": "This is required.",
    "extra_forbidden": "There is no such member here.",
    "model_type": "This must be a JSON object.",
    "model_attributes_type": "This must be a JSON object.",
    "dict_type": "This must be a JSON object.",
    "list_type": "This must be a JSON array.",
    "tuple_type": "This must be a JSON array.",
    "set_type": "This must be a JSON array.",
    "string_type": "This must be a string.",
    "string_too_short": "This must have at least {min_length} characters.",
    "string_too_long": "This must have at most {max_length} characters.",
    "string_pattern_mismatch": "This must match the pattern {pattern}.",
    "string_unicode": "This must be Unicode text.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "float_type": "This must be a number.",
    "float_parsing": "This must be a number.",
    "finite_number": "This must be a finite number.",
    "decimal_type": "This must be a number.",
    "decimal_parsing": "This must be a number.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "none_required": "This must be null.",
    "enum": "This must be one of {expected}.",
    "literal_error": "This must be one of {expected}.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be at most {le}.",
    "multiple_of": "This must be a multiple of {multiple_of}.",
    "too_short": "This must have at least {min_length} items.",
    "too_long": "This must have at most {max_length} items.",
    "date_type": "This must be a day as YYYY-MM-DD.",
    "date_parsing": "This must be a day that exists, as YYYY-MM-DD.",
    "date_from_datetime_parsing": "This must be a day that exists, as YYYY-MM-DD.",
    "date_from_datetime_inexact": "This must be a day without a time, as YYYY-MM-DD.",
    "datetime_type": "This must be a moment as RFC 3339 writes it, with its offset.",
    "datetime_parsing": "This must be a moment as RFC 3339 writes it, with its offset.",
    "datetime_from_date_parsing": "This must be a moment as RFC 3339 writes it, with its offset.",
    "timezone_aware": "This moment must carry its offset from UTC.",
    "uuid_type": "This must be a UUID.",
    "uuid_parsing": "This must be a UUID.",
    "uuid_version": "This must be a UUID.",
    "url_type": "This must be a web address.",
    "url_parsing": "This must be a web address.",
    "url_scheme": "This must be a web address that begins with {expected_schemes}.",
    "url_too_long": "This web address is too long.",
    "union_tag_invalid": "This must be one of {expected_tags}.",
    "union_tag_not_found": "The member that says which kind this is is missing.",
}
FALLBACK = "This is not acceptable here."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong; `pointer` is an RFC 6901 pointer into the body, or the name of a parameter or header."""

    pointer: str
    code: str
    detail: str
    rule: str | None = None
    citation: str | None = None


def pointer_to(parts: Iterable[str | int]) -> str:
    """Write RFC 6901: each part after a slash, `~` and `/` escaped; the whole document is the empty string."""
    written = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return written if len(written) <= LONGEST_POINTER else written[:LONGEST_POINTER] + "…"


def faults_of(errors: Sequence[Mapping[str, object]], body: object = None) -> tuple[Fault, ...]:
    """Turn what pydantic found into faults, at most 500; `body` is what was validated and is used for pointers alone."""
    faults = [_fault_of(error, body) for error in errors[:MOST_FAULTS]]
    if len(errors) > MOST_FAULTS:
        faults.append(Fault("", "and_more", f"There are {len(errors) - MOST_FAULTS} further errors that are not listed."))
    return tuple(dict.fromkeys(faults))


def _fault_of(error: Mapping[str, object], body: object) -> Fault:
    code = str(error["type"])
    context = error.get("ctx")
    known = context if isinstance(context, Mapping) else {}
    pointer = _place(error, body)
    if code == "missing" and pointer == "":
        return Fault("", code, "A JSON body is required.")
    return Fault(pointer, code, _sentence(code, known, error), rule=_text(known, "rule"), citation=_text(known, "citation"))


def _sentence(code: str, known: Mapping[str, object], error: Mapping[str, object]) -> str:
    if (sentence := SENTENCES.get(code)) is not None:
        try:
            return sentence.format_map(known)
        except KeyError:
            return FALLBACK
    # A refusal of our own shapes carries its sentence as a constant; anything else could quote the input.
    if known.get("ours") is True:
        return str(error["msg"])
    return FALLBACK


def _text(known: Mapping[str, object], name: str) -> str | None:
    value = known.get(name) if known.get("ours") is True else None
    return None if value is None else str(value)


def _place(error: Mapping[str, object], body: object) -> str:
    where = error["loc"]
    if not _is_path(where) or not where:
        return ""
    if where[0] == "body":
        return pointer_to(_steps_in(body, where[1:], missing=error["type"] == "missing"))
    return str(where[-1])[:LONGEST_POINTER]


def _steps_in(body: object, path: Sequence[str | int], *, missing: bool) -> list[str | int]:
    """Leave out what pydantic puts into a path that no body has: the names of union members and of validators."""
    steps: list[str | int] = []
    here = body
    for number, part in enumerate(path):
        if _holds(here, part):
            here = here[part]  # type: ignore[index]  # _holds has just looked
        elif not (missing and number == len(path) - 1):
            continue
        steps.append(part)
    return steps


def _holds(here: object, part: str | int) -> bool:
    if isinstance(here, list):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, dict) and part in here


def _is_path(value: object) -> TypeGuard[Sequence[str | int]]:
    return isinstance(value, list | tuple)
