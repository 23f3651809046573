"""Duties of the Regulations on EHC needs assessments and plans, in their order."""

from typing import Final

from app.domain.citation import send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import EVERY_TYPE

AUTHORITY_DECIDES_WITHIN_SIX_WEEKS: Final = Rule(
    id="authority-decides-within-six-weeks",
    rows=("EHC-05",),
    duty="Decide within six weeks of receiving a request whether to assess, and say so",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("5(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS: Final = Rule(
    id="authority-says-no-plan-within-sixteen-weeks",
    rows=("EHC-08",),
    duty="Say within sixteen weeks of receiving a request that no plan will be made, if so decided",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("10(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS: Final = Rule(
    id="authority-sends-plan-within-twenty-weeks",
    rows=("EHC-10",),
    duty="Send the final plan within twenty weeks of receiving a request, if one is made",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("13(2)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)
