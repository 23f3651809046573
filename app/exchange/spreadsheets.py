"""Tables as CSV that a spreadsheet can open without running anything in it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula, or hides such a beginning; the wide forms count as the plain ones do."""

Value = str | int | None


def safe_cell(value: Value) -> str:
    """Write one value; text that a spreadsheet would run gets an apostrophe in front, which spreadsheets do not show."""
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.lstrip(" ").startswith(FORMULA_STARTS) else text


def table(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """Write a header and rows as RFC 4180 describes, every text in quotes where it must be."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return written.getvalue()
