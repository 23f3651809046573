import re

from app.documents.reference.state_diagram import draw_moves
from app.domain.codes import SenStatus
from app.domain.moves import MOVES


def test_the_diagram_has_an_arrow_for_every_move_of_the_table_and_no_other():
    arrows = re.findall(r"^    ([A-Z]) --> ([A-Z]): ([a-z_.]+)$", draw_moves(), re.MULTILINE)
    assert arrows == [(came_from.value, to.value, move.needs.type) for (came_from, to), move in MOVES.items()]


def test_the_diagram_names_every_status():
    named = re.findall(r'^    state "([A-Z]): [^"]+" as ([A-Z])$', draw_moves(), re.MULTILINE)
    assert {code for _, code in named} == {status.value for status in SenStatus}
    assert all(letter == code for letter, code in named)


def test_the_diagram_is_mermaid_that_begins_where_nothing_was_ever_said():
    lines = draw_moves().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> N" in lines
