"""Chapter 6 of the Code of Practice on finding out whether a pupil has special educational needs, in its order."""

from typing import Final

from app.domain.citation import code_of_practice
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import SEN_SUPPORT

TAKE_A_BASELINE_ON_ENTRY: Final = Rule(
    id="take-a-baseline-on-entry",
    rows=("ID-02",),
    duty="Assess skills and attainment when a pupil comes, with what the setting before knew, and consider disability",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.16"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

ASSESS_ALL_PUPILS_REGULARLY: Final = Rule(
    id="assess-all-pupils-regularly",
    rows=("ID-01",),
    duty="Assess the progress of every pupil regularly",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.17"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
    leaflets_differ=(
        "The Dudley leaflet has the SENCO support the teachers in this; the Code names the senior leadership team, and the Code holds. "
        "The SENCO joins once progress is less than expected."
    ),
)

LOOK_INTO_SLOW_PROGRESS: Final = Rule(
    id="look-into-slow-progress",
    rows=("ID-03",),
    duty="Look into progress that is slower than that of peers, slower than before, or leaves the gap as wide or wider",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.17"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

COUNT_WIDER_PROGRESS: Final = Rule(
    id="count-wider-progress",
    rows=("ID-04",),
    duty="Count progress in wider development and social needs, not attainment alone",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.18"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_identification.py::test_a_concern_about_more_than_attainment_counts_without_numbers",
)

TEACH_WELL_FIRST: Final = Rule(
    id="teach-well-first",
    rows=("ID-05",),
    duty="Answer slow progress first with high-quality teaching aimed at the weak area",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.19"), code_of_practice("6.37")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

ANSWER_A_PARENTS_CONCERN: Final = Rule(
    id="answer-a-parents-concern",
    rows=("ID-10",),
    duty="Take a parent's concern seriously, compare it with the school's own view and answer it",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.20"), code_of_practice("6.45")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

ANSWER_A_PUPILS_CONCERN: Final = Rule(
    id="answer-a-pupils-concern",
    rows=("ID-11",),
    duty="Listen to a concern that a pupil raises, and deal with it",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.20"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

LOOK_FOR_CAUSES_OF_BEHAVIOUR: Final = Rule(
    id="look-for-causes-of-behaviour",
    rows=("ID-07",),
    duty="Look for the causes of persistent disruptive or withdrawn behaviour before calling it a need",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.21"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

CONSIDER_OTHER_EXPLANATIONS: Final = Rule(
    id="consider-other-explanations",
    rows=("ID-08",),
    duty="Consider events such as bereavement or bullying, and look again on a date set",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.22"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

LET_A_NAMED_PERSON_DECIDE: Final = Rule(
    id="let-a-named-person-decide",
    rows=("ID-06",),
    duty="Let a named person decide; slow progress alone neither makes nor rules out a need",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.23"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

RECORD_AREAS_OF_NEED: Final = Rule(
    id="record-areas-of-need",
    rows=("ID-18",),
    duty="Record one or more of the four broad areas, to plan action and not to label",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.28 to 6.35"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

DECIDE_FROM_OUTCOMES_AND_VIEWS: Final = Rule(
    id="decide-from-outcomes-and-views",
    rows=("ID-13",),
    duty="Decide from the outcomes wanted and the views of parents and pupil",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.38 to 6.40"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

GIVE_PARENTS_A_SHORT_NOTE: Final = Rule(
    id="give-parents-a-short-note",
    rows=("ID-12",),
    duty="Give the parents a short note of the early discussion and name the local advice service",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.39"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

GIVE_REASONS_FOR_NO_SEN: Final = Rule(
    id="give-reasons-for-no-sen",
    rows=("ID-15",),
    duty="Record why a pupil was judged not to have special educational needs, and tell the parents",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.43"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)
