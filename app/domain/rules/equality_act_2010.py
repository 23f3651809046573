"""Duties of the Equality Act 2010 that touch on special educational needs, in the order of the Act."""

from datetime import date
from typing import Final

from app.domain.citation import equality_act
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON
from app.domain.rules.scopes import EVERY_TYPE, SCHOOLS

SINCE_OCTOBER_2010: Final = InForce(since=date(2010, 10, 1))

MAKE_REASONABLE_ADJUSTMENTS: Final = Rule(
    id="make-reasonable-adjustments",
    rows=("GOV-09",),
    duty="Make reasonable adjustments for disabled pupils, auxiliary aids among them",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(equality_act("20, 85 and 149"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_OCTOBER_2010,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

HAVE_AN_ACCESSIBILITY_PLAN: Final = Rule(
    id="have-an-accessibility-plan",
    rows=("SIR-05",),
    duty="Have an accessibility plan, for three years at a time",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(equality_act("Schedule 10, paragraph 3"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_OCTOBER_2010,
    binds=SCHOOLS,
    checking=Checking.OBLIGATION,
)
