"""Duties of the Children and Families Act 2014, Part 3, in the order of the Act."""

from typing import Final

from app.domain.citation import Citation, Instrument, children_and_families_act, code_of_practice, education_act, send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import BEST_ENDEAVOURS, BOUND_TO_INFORM, EVERY_TYPE, MAINSTREAM_AND_NURSERY

NAME_DIFFICULTY_AND_PROVISION: Final = Rule(
    id="name-difficulty-and-provision",
    rows=("META-04",),
    duty="Call a need special only where a difficulty or disability calls for provision beyond what others of that age have",
    who=Actor.SYSTEM,
    force=Force.MUST,
    cites=(children_and_families_act("20(1) and (2)"), children_and_families_act("21(1)")),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

TELL_LANGUAGE_FROM_NEED: Final = Rule(
    id="tell-language-from-need",
    rows=("ID-09",),
    duty="Do not take another home language for a learning difficulty",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("20(4)"), code_of_practice("6.24")),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

INCLUDE_PUPILS_WITH_SEN: Final = Rule(
    id="include-pupils-with-sen",
    rows=("GOV-02",),
    duty="Let a child with special educational needs take part in school life with the others, as far as is compatible",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("35(2) and (3)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM_AND_NURSERY,
    checking=Checking.FINDING,
)

ASK_FOR_AN_EHC_NEEDS_ASSESSMENT: Final = Rule(
    id="ask-for-an-ehc-needs-assessment",
    rows=("EHC-01",),
    duty="Take a request for an EHC needs assessment from the parent, the young person or the school",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("36(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

NEVER_REFUSE_A_REQUEST: Final = Rule(
    id="never-refuse-a-request",
    rows=("EHC-21",),
    duty="Never refuse a request because a local threshold of cycles or money is not met",
    who=Actor.SYSTEM,
    force=Force.MUST,
    cites=(children_and_families_act("36(1) and (8)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

WEIGH_AN_EARLIER_ASSESSMENT: Final = Rule(
    id="weigh-an-earlier-assessment",
    rows=("EHC-02",),
    duty="Show that a plan is maintained or an assessment was made within six months; it warns and does not bar",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("36(5) and (6)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

USE_BEST_ENDEAVOURS: Final = Rule(
    id="use-best-endeavours",
    rows=("GOV-01",),
    duty="Use best endeavours to secure the provision that the pupil's needs call for",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("66(2)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=BEST_ENDEAVOURS,
    checking=Checking.FINDING,
)

DESIGNATE_A_SENCO: Final = Rule(
    id="designate-a-senco",
    rows=("GOV-03",),
    duty="Have a teacher designated as SENCO",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("67(2)"), send_regulations("49")),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM_AND_NURSERY,
    checking=Checking.FINDING,
)

INFORM_PARENTS_OF_SEN_PROVISION: Final = Rule(
    id="inform-parents-of-sen-provision",
    rows=("ID-14", "GOV-06", "APDR-05"),
    duty="Tell the child's parent or the young person that special educational provision is being made",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(
        children_and_families_act("68(2)"),
        code_of_practice("6.43"),
        code_of_practice("6.48"),
        Citation(Instrument.KNOWSLEY_LEAFLET, "Plan"),
    ),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=BOUND_TO_INFORM,
    checking=Checking.OBLIGATION,
)

HONOUR_WHO_HOLDS_THE_RIGHTS: Final = Rule(
    id="honour-who-holds-the-rights",
    rows=("ID-16",),
    duty="Deal with the young person, not the parents, once compulsory school age has ended",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("83(2)"), education_act("8(3)")),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)
