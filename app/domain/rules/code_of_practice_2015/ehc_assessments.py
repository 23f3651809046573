"""Chapter 9 of the Code of Practice on EHC needs assessments and plans, in its order."""

from typing import Final

from app.domain.citation import code_of_practice
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import EVERY_TYPE

SHOW_THE_SIX_KINDS_OF_EVIDENCE: Final = Rule(
    id="show-the-six-kinds-of-evidence",
    rows=("EHC-18",),
    duty="Show what there is on each of the six things that an authority looks at, or say why one does not apply",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("9.14"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/documents/test_record_documents.py::test_the_six_things_of_the_code_are_counted",
)

ANSWER_A_CONSULTATION_WITHIN_FIFTEEN_DAYS: Final = Rule(
    id="answer-a-consultation-within-fifteen-days",
    rows=("EHC-11",),
    duty="Answer within fifteen days whether the school can be named in a plan",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("9.83"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)
