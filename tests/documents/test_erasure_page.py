"""The page on erasure is made from the tables themselves, in which every column says what it holds of a person."""

import pytest

from app.commands.generate import ROOT
from app.db.tables import metadata
from app.db.tables.kinds import SCHOOL, Holds, holding
from app.documents.reference.erasure_page import MEANS, erasure_page
from app.domain.entries import ErasureGround

every_table = pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)


@every_table
def test_every_column_says_what_it_holds_of_a_person_and_none_is_named_that_is_not_there(table):
    assert set(table.info["holds"]) == {column.name for column in table.columns}


def test_a_column_has_one_class_and_a_known_one():
    with pytest.raises(ValueError, match="twice"):
        holding(SCHOOL, plain="id", goes="id")
    with pytest.raises(ValueError, match="names"):
        holding(SCHOOL, names="surname")


def test_every_class_is_explained_and_used():
    assert set(MEANS) == set(Holds)
    assert {holds for table in metadata.sorted_tables for holds in table.info["holds"].values()} == set(Holds)


def test_the_page_is_current():
    """`make docs` writes it anew."""
    assert (ROOT / "docs" / "erasure.md").read_text(encoding="utf-8") == erasure_page(metadata.sorted_tables)


def test_the_page_has_a_line_for_every_column_of_a_table_with_anything_of_a_person_and_names_the_rest():
    page = erasure_page(metadata.sorted_tables)
    plain = [table for table in metadata.sorted_tables if set(table.info["holds"].values()) == {Holds.PLAIN}]
    told = [table for table in metadata.sorted_tables if table not in plain]
    assert plain and told
    assert all((f"## `{table.name}`" in page) is (table in told) and f"`{table.name}`" in page for table in metadata.sorted_tables)
    assert page.count("\n| `") == sum(len(table.columns) for table in told)


def test_the_page_says_what_each_ground_for_erasing_is():
    words = {
        ErasureGround.RETENTION_ENDED: "time\nfor keeping is over",
        ErasureGround.RIGHT_TO_ERASURE: "right to erasure",
        ErasureGround.COURT_ORDER: "a court ordered it",
        ErasureGround.HELD_IN_ERROR: "held in error",
    }
    page = erasure_page(metadata.sorted_tables)
    assert set(words) == set(ErasureGround)
    assert all(said in page for said in words.values())
