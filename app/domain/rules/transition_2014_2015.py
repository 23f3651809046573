"""Rules on leaving School Action, School Action Plus and statements; they govern any still open, whenever that is decided."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument, census, code_of_practice
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON, SINCE_APRIL_2018, SINCE_SEPTEMBER_2014, UNDATED
from app.domain.rules.scopes import CENSUS, EVERY_TYPE, SEN_SUPPORT

READ_SCHOOL_ACTION_AS_THE_CODE_OF_2001: Final = Rule(
    id="read-school-action-as-the-code-of-2001",
    rows=("TRN-01",),
    duty="Take School Action and School Action Plus for what the Code of 2001 made of them: guidance, never a legal status of their own",
    who=Actor.SYSTEM,
    force=Force.HISTORY,
    cites=(
        Citation(Instrument.CODE_OF_PRACTICE_2001, "chapters 4 to 6"),
        Citation(Instrument.PUPIL_INFORMATION_REGULATIONS_2005, "Schedule 2, paragraph 2 as made"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=InForce(since=date(2002, 1, 1), until=date(2014, 8, 31)),
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_roll.py::test_school_action_is_loaded_as_an_open_question_and_never_as_sen_support",
)

USE_SEN_SUPPORT: Final = Rule(
    id="use-sen-support",
    rows=("TRN-02",),
    duty="Use the one category SEN Support in place of School Action and School Action Plus",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.44"), Citation(Instrument.DUDLEY_LEAFLET, "Why have things changed")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
    leaflets_differ=(
        "Knowsley gives SEN Support to every child who needs more than others, Dudley to those without an EHC plan; as a "
        "status, K leaves out a pupil with a plan, who is E."
    ),
)

FINISH_THE_MOVE_BY_SEPTEMBER_2015: Final = Rule(
    id="finish-the-move-by-september-2015",
    rows=("TRN-03",),
    duty="Leave School Action and School Action Plus by the start of the school year 2015 to 2016",
    who=Actor.SCHOOL,
    force=Force.HISTORY,
    cites=(
        Citation(Instrument.TRANSITION_GUIDANCE, "move complete by September 2015"),
        Citation(Instrument.DUDLEY_LEAFLET, "Why have things changed"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
    leaflets_differ=(
        "Dudley says that they should transfer by September 2015, Knowsley that the terms were not used from then on; no "
        "statute fixes the day, so a later decision takes effect and is late"
    ),
)

DECIDE_EACH_SCHOOL_ACTION_PUPIL: Final = Rule(
    id="decide-each-school-action-pupil",
    rows=("TRN-04",),
    duty="Decide for each pupil on School Action or School Action Plus; none moves automatically",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(
        Citation(Instrument.KNOWSLEY_LEAFLET, "What is SEN Support?"),
        Citation(Instrument.TRANSITION_GUIDANCE, "move complete by September 2015"),
    ),
    certainty=Certainty.LEAFLET,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
    leaflets_differ="Dudley speaks of a transfer, Knowsley says that it is not automatic; each pupil is decided, for K or for N",
)

RECORD_THE_TRANSITION_DECISION: Final = Rule(
    id="record-the-transition-decision",
    rows=("TRN-05",),
    duty="Record reviewers, needs, what is ordinarily available, reasons and views with each transition decision",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(Citation(Instrument.TRANSITION_GUIDANCE, "review of each pupil with teachers, parents and pupil"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

TELL_OF_THE_TRANSITION_DECISION: Final = Rule(
    id="tell-of-the-transition-decision",
    rows=("TRN-05",),
    duty="Tell the parents or the young person what was decided about the move",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(Citation(Instrument.TRANSITION_GUIDANCE, "review of each pupil with teachers, parents and pupil"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

MOVE_STATUS_ONLY_AS_ALLOWED: Final = Rule(
    id="move-status-only-as-allowed",
    rows=("TRN-06",),
    duty="Move between SEN statuses only by the steps that lead from one to the other",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(census("SENprovision"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

COMPLETE_THE_TRANSFER_REVIEW: Final = Rule(
    id="complete-the-transfer-review",
    rows=("TRN-08",),
    duty="Complete the transfer review before a statement becomes an EHC plan; never hold both",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("guide 2015 to 2016, SENprovision E and S"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

TRANSFER_STATEMENTS_BY_APRIL_2018: Final = Rule(
    id="transfer-statements-by-april-2018",
    rows=("TRN-09",),
    duty="Transfer every statement by 31 March 2018",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.HISTORY,
    cites=(Citation(Instrument.TRANSITION_GUIDANCE, "statements, 1 September 2014 to 31 March 2018"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

RECODE_AN_OPEN_STATEMENT: Final = Rule(
    id="recode-an-open-statement",
    rows=("TRN-10",),
    duty="Re-code a statement that is still open after the transfer period, and review",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(census("error 2115"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_APRIL_2018,
    binds=CENSUS,
    checking=Checking.OBLIGATION,
)

SET_A_TYPE_AFTER_SCHOOL_ACTION: Final = Rule(
    id="set-a-type-after-school-action",
    rows=("TRN-11",),
    duty="Set a type of need, or NSA, before the spring census that follows the move from School Action",
    who=Actor.SENCO,
    force=Force.DATA_STANDARD,
    cites=(census("SENtype NSA; error 2170"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=CENSUS,
    checking=Checking.OBLIGATION,
)

ASSESS_BESD_ANEW: Final = Rule(
    id="assess-besd-anew",
    rows=("TRN-12",),
    duty="Assess a pupil held under BESD anew; SEMH is not its new name",
    who=Actor.SENCO,
    force=Force.DATA_STANDARD,
    cites=(census("SENtype SEMH, written answers of 5 January 2015 and 29 March 2018"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=CENSUS,
    checking=Checking.OBLIGATION,
)

KEEP_OLD_CODES_AS_HISTORY: Final = Rule(
    id="keep-old-codes-as-history",
    rows=("TRN-18",),
    duty="Load old codes with their own dates and change none of them on the way in",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(census("SENprovision A, P and S"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)
