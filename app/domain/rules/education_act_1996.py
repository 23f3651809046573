"""Provisions of the Education Act 1996 on school age and on who is a parent."""

from datetime import date
from typing import Final

from app.domain.citation import education_act
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON, UNDATED
from app.domain.rules.scopes import CENSUS, EVERY_TYPE

COUNT_COMPULSORY_SCHOOL_AGE_FROM_ITS_DAY: Final = Rule(
    id="count-compulsory-school-age-from-its-day",
    rows=("ID-17",),
    duty="Count compulsory school age from the prescribed day on or after the fifth birthday",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(education_act("8(2)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_calendar.py::test_compulsory_school_age_begins_on_the_prescribed_day_on_or_after_the_fifth_birthday",
)

TREAT_CARERS_AS_PARENTS: Final = Rule(
    id="treat-carers-as-parents",
    rows=("REC-12",),
    duty="Treat every parent by birth, and whoever has parental responsibility or care of the child, as a parent, unless restricted",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(education_act("576"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

AUTHORISE_THE_CENSUS: Final = Rule(
    id="authorise-the-census",
    rows=("GOV-11",),
    duty="Return the school census of each term, authorised by the head",
    who=Actor.HEAD,
    force=Force.MUST,
    cites=(education_act("537A"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=InForce(since=date(2006, 1, 1)),
    binds=CENSUS,
    checking=Checking.OBLIGATION,
)
