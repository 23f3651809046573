"""The two questions of time: what was true on a day, and what was written by a moment."""

from typing import Annotated

from fastapi import Query

from app.api.shown.shapes import CivilDate, Instant

AsAt = Annotated[
    CivilDate | None, Query(description="As it was true at the end of this day; today where it is left out.", examples=["2015-03-01"])
]
KnownAt = Annotated[
    Instant | None,
    Query(
        description="By what was written until this moment; now where it is left out. Not in the future.", examples=["2015-03-01T12:00:00Z"]
    ),
]
