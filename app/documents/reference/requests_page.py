"""The page that shows the stages of a request for an EHC needs assessment, as a drawing and as a table, from the table itself."""

from typing import Final

from app.domain.request_moves import BEGINS_AS, MOVES, Deed, Stage

INTRODUCTION: Final = """\
# The stages of a request for an EHC needs assessment

Generated from `app/domain/request_moves.py` by `make docs`; a test fails when it is out of date.

A request is never refused, and where it stands follows from the entries that name it, in order of their days. A family's request is there
for the authority at once and begins as *submitted*; a school's or a college's own is *drafted* until its evidence is submitted. *Received*
is the authority's own word: a day that is only deemed makes none. *Deciding* is that the authority has begun: it consulted the family,
asked for advice or claimed an exception. What a school was not told it cannot write down, so an authority's later step may follow any
earlier stage. Mediation and appeals are dated facts beside the stage; one alone moves it, an appeal allowed against a refusal to assess.
That somebody else brought a child to notice is no request and moves nowhere.

"""
TABLE: Final = """\
## Every deed from every stage

A dot is a step that does not exist there: it is refused, with the reason. *stays* is written down and moves nothing.

"""


def requests_page() -> str:
    """Write the page; it ends with a line break."""
    return "".join([INTRODUCTION, "```mermaid\n", draw_stages(), "```\n\n", TABLE, "\n".join(_rows()), "\n"])


def draw_stages() -> str:
    """Draw each move to another stage as an arrow with what was done, in the order of the table."""
    begun = [f"    [*] --> {stage}: asked by {requester}" for requester, stage in BEGINS_AS.items()]
    arrows = [f"    {came_from} --> {to}: {deed}" for (came_from, deed), to in MOVES.items() if came_from is not to]
    return "\n".join(["stateDiagram-v2", *begun, *arrows]) + "\n"


def _rows() -> list[str]:
    head = f"| from | {' | '.join(Deed)} |"
    rows = [f"| {stage} | {' | '.join(_cell(stage, deed) for deed in Deed)} |" for stage in Stage]
    return [head, "|---" * (len(Deed) + 1) + "|", *rows]


def _cell(stage: Stage, deed: Deed) -> str:
    to = MOVES.get((stage, deed))
    if to is None:
        return "·"
    return "stays" if to is stage else to.value
