"""Duties of the Education (Pupil Information) (England) Regulations 2005, in their order."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON
from app.domain.rules.scopes import MAINTAINED

SINCE_JULY_2005: Final = InForce(since=date(2005, 7, 8))

SHOW_THE_EDUCATIONAL_RECORD: Final = Rule(
    id="show-the-educational-record",
    rows=("REC-04",),
    duty="Let a parent see the educational record within 15 school days of asking in writing, free of charge",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(Citation(Instrument.PUPIL_INFORMATION_REGULATIONS_2005, "regulation 5"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_JULY_2005,
    binds=MAINTAINED,
    checking=Checking.OBLIGATION,
)

SEND_THE_RECORD_ON: Final = Rule(
    id="send-the-record-on",
    rows=("REC-03",),
    duty="Send the common transfer file and the educational record to the next school within 15 school days",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(Citation(Instrument.PUPIL_INFORMATION_REGULATIONS_2005, "regulation 9(3)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_JULY_2005,
    binds=MAINTAINED,
    checking=Checking.OBLIGATION,
)
