"""Duties of the Regulations on SENCOs and the SEN information report, in their order."""

from typing import Final

from app.domain.citation import send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import MAINSTREAM_AND_NURSERY

TELL_PARENTS_EARLY_OF_POSSIBLE_SEN: Final = Rule(
    id="tell-parents-early-of-possible-sen",
    rows=("ID-19",),
    duty="Tell a parent as soon as is practicable that the pupil may have special educational needs",
    who=Actor.SENCO,
    force=Force.MUST,
    cites=(send_regulations("50(3)"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM_AND_NURSERY,
    checking=Checking.FINDING,
)
