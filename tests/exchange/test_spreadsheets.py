"""A table that a spreadsheet opens runs nothing that somebody wrote into it."""

import csv
import io

import pytest

from app.exchange.spreadsheets import safe_cell, table


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "=cmd|' /C calc'!A0"])
def test_text_that_would_be_run_gets_an_apostrophe_in_front(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    (_, row) = csv.reader(io.StringIO(table(["a"], [[text]]), newline=""))
    assert row == [f"'{text}"]


@pytest.mark.parametrize(
    ("value", "written"), [("a=1", "a=1"), ("'=1", "'=1"), (-1, "-1"), (0, "0"), (None, ""), ("", ""), ('é, "x"', 'é, "x"')]
)
def test_everything_else_is_written_as_it_is(value: str | int | None, written: str) -> None:
    assert safe_cell(value) == written
    (_, row) = csv.reader(io.StringIO(table(["a", "b"], [[value, "z"]]), newline=""))
    assert row == [written, "z"]
