"""What local authorities ask for; never law, and nothing is refused for want of it."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON, UNDATED
from app.domain.rules.scopes import EVERY_TYPE

SHOW_WHAT_LOCAL_FORMS_ASK_FOR: Final = Rule(
    id="show-what-local-forms-ask-for",
    rows=("EHC-19",),
    duty="Show what the forms of many authorities ask for: reviewed cycles, views, a recent report and a provision map",
    who=Actor.SCHOOL,
    force=Force.LOCAL,
    cites=(Citation(Instrument.LOCAL_PRACTICE, "request forms and guidance of authorities, 2014 to 2018"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

SHOW_THE_COST_BESIDE_THE_THRESHOLD: Final = Rule(
    id="show-the-cost-beside-the-threshold",
    rows=("EHC-20",),
    duty="Show the yearly cost of the provision beside the 6,000 pounds above which authorities expect to add funding",
    who=Actor.SCHOOL,
    force=Force.LOCAL,
    cites=(Citation(Instrument.LOCAL_PRACTICE, "funding guidance of authorities, 6,000 pounds for each pupil and year"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=InForce(since=date(2013, 4, 1)),
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)
