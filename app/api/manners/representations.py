"""One answer in several forms: JSON unless the request names another, by `format` or, where that is left out, by its Accept header."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.problems import ApiError


class Form(StrEnum):
    """The forms of an answer, by the name that `format` takes."""

    JSON = "json"
    CSV = "csv"
    CALENDAR = "ics"
    XML = "xml"
    HTML = "html"
    PDF = "pdf"
    TEXT = "text"
    LARGE_PRINT = "large-print"
    LARGE_PRINT_PDF = "large-print-pdf"


MEDIA_TYPES: Final[Mapping[Form, str]] = MappingProxyType(
    {
        Form.JSON: "application/json",
        Form.CSV: "text/csv",
        Form.CALENDAR: "text/calendar",
        Form.XML: "application/xml",
        Form.HTML: "text/html",
        Form.PDF: "application/pdf",
        Form.TEXT: "text/plain",
        Form.LARGE_PRINT: "text/html",
        Form.LARGE_PRINT_PDF: "application/pdf",
    }
)
_DESCRIBED: Final[Mapping[Form, str]] = MappingProxyType(
    {Form.CSV: "A table.", Form.CALENDAR: "A calendar of tasks (RFC 5545).", Form.XML: "Its own XML."}
)
UNCHANGED: Final = MappingProxyType({"description": "What you have is the answer."})


def file_response(form: Form, content: str | bytes, headers: Mapping[str, str]) -> Response:
    """Answer with what is no JSON, a text in UTF-8; `headers` are the answer's own."""
    raw = content.encode() if isinstance(content, str) else content
    charset = "" if MEDIA_TYPES[form] == "application/pdf" else "; charset=utf-8"
    return Response(raw, media_type=f"{MEDIA_TYPES[form]}{charset}", headers={**headers, "Vary": "Accept"})


def only_as(description: str, **examples: str) -> dict[int | str, dict[str, object]]:
    """Describe, as `responses=` of a route, an answer that has no JSON; each example goes under the name of its form."""
    content = {MEDIA_TYPES[Form(form)]: {"schema": {"type": "string"}, "example": example} for form, example in examples.items()}
    return {200: {"description": description, "content": content}, 304: dict(UNCHANGED)}


def shown_as(*forms: Form, **more: str) -> dict[int | str, dict[str, object]]:
    """Describe, as `responses=` of a route, the forms beside JSON in which it answers."""
    content = {MEDIA_TYPES[form]: {"schema": {"type": "string"}, "example": more[form.value]} for form in forms}
    named = " ".join(_DESCRIBED[form] for form in forms)
    return {
        200: {"description": f"The answer as JSON, or in another form that was asked for. {named}", "content": content},
        304: dict(UNCHANGED),
    }


@dataclass(frozen=True, slots=True)
class OneOf:
    """The dependency of a route that answers in these forms; the first is given to whoever does not mind."""

    forms: tuple[Form, ...]

    async def __call__(
        self,
        request: Request,
        wanted: Annotated[Form | None, Query(alias="format", description="The form of the answer; it goes before Accept.")] = None,
    ) -> Form:
        """Choose the form; raises ApiError where the request accepts none of them."""
        if wanted is not None:
            if wanted in self.forms:
                return wanted
            raise self._none()
        accepted = _accepted(",".join(request.headers.getlist("accept")))
        best = max(self.forms, key=lambda form: (_quality(accepted, MEDIA_TYPES[form]), -self.forms.index(form)))
        if _quality(accepted, MEDIA_TYPES[best]) > 0:
            return best
        raise self._none()

    def _none(self) -> ApiError:
        named = dict.fromkeys(MEDIA_TYPES[form] for form in self.forms)
        return ApiError("not-acceptable", f"This answer comes as {', '.join(named)}; here format takes {', '.join(self.forms)}.")


def _accepted(header: str) -> tuple[tuple[str, float], ...]:
    """Read an Accept header into media ranges with their weights; nothing said accepts everything."""
    return tuple(_ranges(header)) or (("*/*", 1.0),)


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        if name:
            yield name, _weight(weight)


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(accepted: tuple[tuple[str, float], ...], media_type: str) -> float:
    """The weight of the range that names a media type most closely, 0 where none does (RFC 9110, section 12.5.1)."""
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        found = next((weight for range_, weight in accepted if range_ == name), None)
        if found is not None:
            return found
    return 0.0
