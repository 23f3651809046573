"""The state table of SEN status as a Mermaid state diagram, drawn from the table itself for the README."""

from typing import Final

from app.domain.codes import SenStatus
from app.domain.moves import MOVES

NAMES: Final = {
    SenStatus.NONE: "N: no SEN",
    SenStatus.SEN_SUPPORT: "K: SEN Support",
    SenStatus.EHC_PLAN: "E: EHC plan",
    SenStatus.SCHOOL_ACTION: "A: School Action (until 2015)",
    SenStatus.SCHOOL_ACTION_PLUS: "P: School Action Plus (until 2015)",
    SenStatus.STATEMENT: "S: statement (until 2018)",
}


def draw_moves() -> str:
    """Draw every move as an arrow that carries the type of the entry it needs, in the order of the table; ends with a line break."""
    states = [f'    state "{name}" as {status}' for status, name in NAMES.items()]
    arrows = [f"    {came_from} --> {to}: {move.needs.type}" for (came_from, to), move in MOVES.items()]
    return "\n".join(["stateDiagram-v2", *states, f"    [*] --> {SenStatus.NONE}", *arrows]) + "\n"
