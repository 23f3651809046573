"""Byte ranges of a file (RFC 9110 section 14): one range to a request, cut to what is let out under one look at the gate."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header

from app.api.manners.problems import ApiError
from app.db.blobs import LARGEST_RANGE

_RANGE: Final = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the headers of a request want of a file: a range of it, if it is still the one, or nothing where the client has it."""

    range: str | None
    if_range: str | None
    if_none_match: str | None
    if_match: str | None = None
    want_content_digest: str | None = None

    @property
    def wants_content_digest(self) -> bool:
        """Whether the client asks for a digest of the range itself (RFC 9530 section 4), which we can give as SHA-256."""
        return "sha-256=" in (self.want_content_digest or "").replace(" ", "").replace("sha-256=0", "")

    def matches(self, tag: str) -> bool:
        """Whether the file with this entity tag is one that the client would have."""
        return self.if_match is None or tag in (wanted := [each.strip() for each in self.if_match.split(",")]) or wanted == ["*"]

    def is_held(self, tag: str) -> bool:
        """Whether the client has the file with this entity tag already."""
        return tag in [seen.strip().removeprefix("W/") for seen in (self.if_none_match or "").split(",")]

    def span(self, tag: str, size: int) -> tuple[int, int] | None:
        """As `span_asked`; a range of another file than the one with this tag is no range of this one."""
        return span_asked(self.range, size) if self.if_range in (None, tag) else None


def wanted(
    range_: Annotated[str | None, Header(alias="Range", max_length=200, description="One range.", examples=["bytes=0-1048575"])] = None,
    if_range: Annotated[str | None, Header(alias="If-Range", max_length=200, description="The ETag it belongs to.", examples=[""])] = None,
    if_none_match: Annotated[
        str | None, Header(alias="If-None-Match", max_length=1000, description="The ETag of the file you have.", examples=['"0"'])
    ] = None,
    if_match: Annotated[
        str | None, Header(alias="If-Match", max_length=1000, description="The ETag of the file you go on with.", examples=["*"])
    ] = None,
    want_content_digest: Annotated[
        str | None,
        Header(alias="Want-Content-Digest", max_length=200, description="Asks for the digest of a range.", examples=["sha-256=1"]),
    ] = None,
) -> Wanted:
    """Read the headers."""
    return Wanted(range_, if_range, if_none_match, if_match, want_content_digest)


WantedDep = Annotated[Wanted, Depends(wanted)]


def span_asked(header: str | None, size: int) -> tuple[int, int] | None:
    """Give the first byte and the number of bytes asked for, None where the whole is asked for or the header makes no sense.

    Raises ApiError with 416 for a range outside the file and for more than one range.
    """
    if header is None or not header.lower().startswith("bytes="):
        return None
    if "," in header:
        raise _unsatisfiable(size, "Ask for one range at a time.")
    found = _RANGE.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = _ends(found[1], found[2], size)
    if found[1] and found[2] and int(found[2]) < int(found[1]):
        return None
    if first >= size or last < first:
        raise _unsatisfiable(size, None)
    return first, min(last - first + 1, LARGEST_RANGE)


def _ends(first: str, last: str, size: int) -> tuple[int, int]:
    """A range without a first byte counts from the end of the file; one without a last goes up to it."""
    if not first:
        return max(0, size - int(last)), size - 1 if int(last) else -1
    return int(first), min(int(last), size - 1) if last else size - 1


def _unsatisfiable(size: int, detail: str | None) -> ApiError:
    return ApiError("range-not-satisfiable", detail, headers={"Content-Range": f"bytes */{size}"})
