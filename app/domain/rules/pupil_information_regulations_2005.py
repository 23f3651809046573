"""Duties of the Education (Pupil Information) (England) Regulations 2005, in their order."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument, code_of_practice
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import MAINTAINED, REPORTED_ON

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

REPORT_TO_PARENTS_EVERY_YEAR: Final = Rule(
    id="report-to-parents-every-year",
    rows=("APDR-24",),
    duty="Report on every pupil to the parents before the end of the summer term, and let them talk about it with a teacher; at a referral "
    "unit, in the last year of compulsory school age alone",
    who=Actor.HEAD,
    force=Force.MUST,
    cites=(
        Citation(Instrument.PUPIL_INFORMATION_REGULATIONS_2005, "regulation 6"),
        code_of_practice("6.64"),
    ),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTED_ON,
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
