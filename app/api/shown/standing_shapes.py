"""Statuses and needs on the wire, wherever a pupil's are shown."""

from typing import Self

from pydantic import Field

from app.api.shown.shapes import Day, Out
from app.domain.codes import NeedType, SenStatus
from app.domain.periods import NeedPeriod, StatusPeriod


class StatusOut(Out):
    """A status from a day (inside) until a day (outside), and whether it was decided elsewhere."""

    status: SenStatus = Field(examples=["K"])
    since: Day
    until: Day | None
    entry: int = Field(examples=[14])
    imported: bool = Field(examples=[False])

    @classmethod
    def of(cls, period: StatusPeriod) -> Self:
        """Write a period for the wire."""
        return cls(status=period.status, since=period.since, until=period.until, entry=period.number, imported=period.imported)


class NeedOut(Out):
    """A need from a day until a day, both inside; rank 1 is the primary need."""

    need_type: NeedType = Field(examples=["SLCN"])
    rank: int = Field(examples=[1])
    since: Day
    until: Day | None
    entry: int = Field(examples=[15])
    imported: bool = Field(examples=[False])

    @classmethod
    def of(cls, period: NeedPeriod) -> Self:
        """Write a need for the wire."""
        return cls(
            need_type=period.need_type,
            rank=period.rank,
            since=period.since,
            until=period.until,
            entry=period.number,
            imported=period.imported,
        )
