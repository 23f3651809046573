"""Chapter 6 of the Code of Practice on specialists, meetings and records, in its order."""

from typing import Final

from app.domain.citation import Citation, Instrument, code_of_practice
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import SEN_SUPPORT

PLAN_THE_MOVE_TO_THE_NEXT_PHASE: Final = Rule(
    id="plan-the-move-to-the-next-phase",
    rows=("APDR-18",),
    duty="Plan a move to the next phase, and agree with parents and pupil what will be shared",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.57"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

CONSIDER_A_SPECIALIST: Final = Rule(
    id="consider-a-specialist",
    rows=("APDR-19",),
    duty="Consider a specialist where progress stays below expectation despite support that fits",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.58"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

DECIDE_ON_SPECIALISTS_WITH_PARENTS: Final = Rule(
    id="decide-on-specialists-with-parents",
    rows=("APDR-21", "REC-09"),
    duty="Take the decision to involve a specialist with the parents",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(
        code_of_practice("6.59"),
        Citation(Instrument.DUDLEY_LEAFLET, "Review"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
    leaflets_differ=("The Dudley leaflet has parents notified; the Code has them take part in the decision, and the Code holds."),
)

SHARE_WHAT_THE_SPECIALIST_SAID: Final = Rule(
    id="share-what-the-specialist-said",
    rows=("APDR-21", "REC-09"),
    duty="Record what was discussed or agreed with a specialist, and share it with parents and staff",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.59"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

PLAN_WITH_THE_SPECIALIST: Final = Rule(
    id="plan-with-the-specialist",
    rows=("APDR-22",),
    duty="Agree the next outcomes and support with the specialist and the parents once there is advice",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.62"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

KEEP_AN_ACCURATE_RECORD: Final = Rule(
    id="keep-an-accurate-record",
    rows=("APDR-29",),
    duty="Keep the record of provision accurate and up to date, in whatever way the school chooses",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.72"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_record.py::test_a_corrected_entry_leaves_no_trace_and_a_corrected_correction_does_not_bring_it_back",
)

RECORD_FOUR_THINGS: Final = Rule(
    id="record-four-things",
    rows=("APDR-31",),
    duty="Hold in the record the needs, the outcomes, the teaching strategies and the specialists involved",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.74"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

SHARE_IN_A_FORM_THAT_CAN_BE_READ: Final = Rule(
    id="share-in-a-form-that-can-be-read",
    rows=("APDR-32",),
    duty="Share records readily, and in a form that the person can read",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.75"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.PROPERTY,
    shown_by="tests/documents/test_record_documents.py::test_the_pdf_is_tagged_titled_in_english_and_claims_both_standards",
)

MAP_THE_PROVISION: Final = Rule(
    id="map-the-provision",
    rows=("APDR-33",),
    duty="Map the provision that is additional or different, where the school finds a map useful",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.76 and 6.77"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

TAKE_AN_OLD_FORM_OF_PLAN: Final = Rule(
    id="take-an-old-form-of-plan",
    rows=("APDR-35",),
    duty="Take a plan under any name, an individual education plan too, if it says what a plan says",
    who=Actor.SCHOOL,
    force=Force.HISTORY,
    cites=(
        code_of_practice("6.72"),
        Citation(Instrument.DUDLEY_LEAFLET, "Why have things changed"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_reports.py::test_no_rule_asks_for_a_plan_of_a_certain_name_and_none_refuses_one",
    leaflets_differ=(
        "The Dudley leaflet says that there are no more individual education plans; the Code neither asks for them nor forbids them."
    ),
)
