"""The page of the stages of a request is the table itself."""

import re
from pathlib import Path

from app.documents.reference.requests_page import draw_stages, requests_page
from app.domain.request_moves import BEGINS_AS, MOVES, Deed, Stage

PAGE = Path(__file__).parent.parent.parent / "docs" / "ehc-requests.md"


def test_the_drawing_has_an_arrow_for_each_move_and_each_beginning_and_no_other() -> None:
    arrows = re.findall(r"^    (\S+) --> (\S+): (.+)$", draw_stages(), re.MULTILINE)
    begun = [("[*]", stage.value, f"asked by {requester.value}") for requester, stage in BEGINS_AS.items()]
    moves = [(came_from.value, to.value, deed.value) for (came_from, deed), to in MOVES.items() if came_from is not to]
    assert arrows == begun + moves


def test_the_table_has_a_cell_for_every_pair_and_a_dot_where_there_is_no_way() -> None:
    rows = [line.strip("| ").split(" | ") for line in requests_page().splitlines() if line.startswith("| ")]
    assert rows[0] == ["from", *(deed.value for deed in Deed)]
    assert [row[0] for row in rows[1:]] == [stage.value for stage in Stage]
    for stage, row in zip(Stage, rows[1:], strict=True):
        told = [MOVES.get((stage, deed)) for deed in Deed]
        assert row[1:] == ["·" if to is None else "stays" if to is stage else to.value for to in told]


def test_the_page_is_the_one_that_is_generated() -> None:
    assert PAGE.read_text(encoding="utf-8") == requests_page(), "run `make docs`"
