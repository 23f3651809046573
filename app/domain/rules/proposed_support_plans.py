"""The Individual Support Plans proposed in February 2026: reserved, and enforced by nobody."""

from typing import Final

from app.domain.citation import Citation, Instrument
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, UNDATED
from app.domain.rules.scopes import EVERY_TYPE

KEEP_TO_THE_LAW_UNTIL_IT_CHANGES: Final = Rule(
    id="keep-to-the-law-until-it-changes",
    rows=("POL-01",),
    duty="Enforce nothing of what is proposed until an Act and its commencement say so",
    who=Actor.SYSTEM,
    force=Force.PROPOSED,
    cites=(Citation(Instrument.WHITE_PAPER_2026, "statutory Individual Support Plans"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.RESERVED,
)

TELL_A_LOCAL_PLAN_FROM_A_STATUTORY_ONE: Final = Rule(
    id="tell-a-local-plan-from-a-statutory-one",
    rows=("POL-02",),
    duty="Call a local form of that name a local plan, and keep the name of the statutory Individual Support Plan for the law to come",
    who=Actor.SYSTEM,
    force=Force.PROPOSED,
    cites=(Citation(Instrument.WHITE_PAPER_2026, "statutory Individual Support Plans"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.RESERVED,
)

KEEP_THE_LAYERS_OF_SUPPORT_FREE: Final = Rule(
    id="keep-the-layers-of-support-free",
    rows=("POL-03",),
    duty="Keep the names of the proposed layers, targeted, targeted plus and specialist, for the law to come",
    who=Actor.SYSTEM,
    force=Force.PROPOSED,
    cites=(Citation(Instrument.WHITE_PAPER_2026, "layers of support"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.RESERVED,
)
