"""What must hold between the rows of one pupil and between pupils, the same for every format."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final

from app.domain.codes import NEED_CODES, SCHOOL_ACTION_CODES, NeedType, SenStatus
from app.domain.identifiers import Upn
from app.exchange.cells import Cell, ProblemLog
from app.exchange.roll import RollNeed, RollPupil, RollStatus

REFORM_ON: Final = date(2014, 9, 1)
"""SEN Support and EHC plans begin (Children and Families Act 2014, Part 3)."""

SCHOOL_ACTION_LAST_DAY: Final = date(2015, 8, 31)
"""The last day of the school year in which the old categories and the new ran side by side."""

STATEMENTS_LAST_DAY: Final = date(2018, 3, 31)
"""The last day by which every statement was to have been reviewed and replaced."""

BESD_LAST_CENSUS: Final = date(2015, 1, 15)
"""The first spring census without BESD; a row up to it is no mistake."""

_TWO_CODES: Final = "School census guide 2015 to 2016 (DfE): code K, not A or P"
_TRANSITION: Final = "SI 2014/2270 (transition to EHC plans)"


@dataclass(slots=True)
class RollChecks:
    """Checks each pupil as it is read, remembering the numbers seen so far."""

    on: date
    log: ProblemLog
    _seen: dict[Upn, int] = field(default_factory=dict)

    def check(self, pupil: RollPupil) -> None:
        """Put every contradiction in this pupil's rows, or with an earlier pupil, into the log."""
        self._check_number(pupil)
        self._check_statuses(pupil.statuses)
        self._check_needs(pupil)

    def in_order(self, rows: Sequence[RollStatus]) -> tuple[RollStatus, ...]:
        """Sort a history by its days; a file that gave it otherwise gets a warning, two statuses on one day an error."""
        for earlier, later in pairwise(rows):
            if later.starts_on < earlier.starts_on:
                self.log.warning(
                    _place(later), "statuses-out-of-order", "This row begins before the one above it; rows were put in order of date."
                )
        ordered = sorted(rows, key=lambda row: row.starts_on)
        for first, second in pairwise(ordered):
            if first.starts_on == second.starts_on:
                self.log.error(_place(second), "statuses-on-one-day", "Two statuses begin on the same day, so it is not clear which holds.")
        return tuple(ordered)

    def _check_number(self, pupil: RollPupil) -> None:
        if pupil.upn in self._seen:
            self.log.error(_place(pupil), "upn-duplicate", f"This pupil has the same UPN as the one at line {self._seen[pupil.upn]}.")
        self._seen.setdefault(pupil.upn, pupil.line)

    def _check_statuses(self, rows: tuple[RollStatus, ...]) -> None:
        befores = (None, *(row.status for row in rows))
        for before, row in zip(befores, rows, strict=False):
            self._check_code_and_day(before, row)
        if rows and rows[-1].status is SenStatus.STATEMENT and self.on > STATEMENTS_LAST_DAY:
            detail = "A statement cannot still be in force: record the EHC plan or other outcome of the transfer review."
            self.log.warning(_place(rows[-1]), "statement-still-open", detail, "School census validation 2115")

    def _check_code_and_day(self, before: SenStatus | None, row: RollStatus) -> None:
        if row.status in (SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN) and row.starts_on < REFORM_ON:
            detail = "SEN Support and EHC plans began on 1 September 2014; a row before that day needs its original code."
            self.log.warning(_place(row), "status-before-its-code", detail, "Children and Families Act 2014, Part 3")
        if row.status is SenStatus.STATEMENT and row.status is not before and row.starts_on >= REFORM_ON:
            detail = "From 1 September 2014 a statement is made only where the assessment was already under way."
            self.log.warning(_place(row), "statement-after-reform", detail, _TRANSITION)
        if row.status in SCHOOL_ACTION_CODES and row.starts_on >= REFORM_ON:
            self._check_late_school_action(before, row)

    def _check_late_school_action(self, before: SenStatus | None, row: RollStatus) -> None:
        """A row that only repeats the open category is history told again; a move between the two was possible while both ran."""
        if row.starts_on > SCHOOL_ACTION_LAST_DAY and before is not row.status:
            detail = "School Action and School Action Plus ended on 31 August 2015; nobody can have been placed on them later."
            self.log.error(_place(row), "school-action-after-its-end", detail, _TWO_CODES)
        elif before not in SCHOOL_ACTION_CODES:
            detail = "A pupil newly identified from 1 September 2014 is on SEN Support, not School Action or School Action Plus."
            self.log.warning(_place(row), "school-action-after-reform", detail, _TWO_CODES)

    def _check_needs(self, pupil: RollPupil) -> None:
        for need in pupil.needs:
            self._check_period(need)
        current = [need for need in pupil.needs if need.is_current(self.on)]
        self._check_main_need(current)
        if pupil.open_status is not None:
            self._check_needs_with_status(pupil.open_status.status, current)

    def _check_period(self, need: RollNeed) -> None:
        if need.starts_on and need.ends_on and need.ends_on < need.starts_on:
            self.log.error(_place(need), "need-ends-before-start", "This need ends before it starts.")
        if need.starts_on is None:
            return
        code = NEED_CODES[need.need_type]
        last_day = BESD_LAST_CENSUS if need.need_type is NeedType.BESD else code.until
        if need.starts_on < code.since or (last_day is not None and need.starts_on > last_day):
            detail = f"The code {need.need_type.value} was not in use on the day this need starts; it is kept as the file has it."
            self.log.warning(_place(need), "need-outside-its-dates", detail, "School census code set: type of need")

    def _check_main_need(self, current: Sequence[RollNeed]) -> None:
        for surplus in [need for need in current if need.rank == 1][1:]:
            detail = "Two needs have rank 1 at the same time; only one can be the main need."
            self.log.error(_place(surplus), "more-than-one-main-need", detail, "School census validation 2140")

    def _check_needs_with_status(self, status: SenStatus, current: Iterable[RollNeed]) -> None:
        for need in current:
            if status is SenStatus.NONE:
                detail = "The pupil has no special educational need now, yet this need has no end date in the past."
                self.log.warning(_place(need), "need-without-provision", detail, "School census validation 2125")
            elif need.need_type is NeedType.NSA and status is not SenStatus.SEN_SUPPORT:
                detail = "NSA goes with SEN Support only."
                self.log.warning(_place(need), "nsa-without-sen-support", detail, "School census validation 2175")


def _place(row: RollPupil | RollStatus | RollNeed) -> Cell:
    return Cell("", row.line, row.pointer)
