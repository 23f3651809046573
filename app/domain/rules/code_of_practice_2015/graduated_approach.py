"""Chapter 6 of the Code of Practice on the cycle of assess, plan, do and review, in its order."""

from typing import Final

from app.domain.citation import Citation, Instrument, code_of_practice
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import SEN_SUPPORT

END_SUPPORT_AT_A_REVIEW: Final = Rule(
    id="end-support-at-a-review",
    rows=("APDR-34",),
    duty="End SEN Support only after a review, with reasons, once the ordinary offer meets the need, and tell the parents or young person",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.15"), code_of_practice("6.54")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

HAVE_A_PLAN_ON_SEN_SUPPORT: Final = Rule(
    id="have-a-plan-on-sen-support",
    rows=("APDR-01",),
    duty="Have a plan in force for as long as the pupil is on SEN Support, one cycle following the other",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.44"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

ANALYSE_NEEDS_FROM_ALL_SOURCES: Final = Rule(
    id="analyse-needs-from-all-sources",
    rows=("APDR-02",),
    duty="Analyse needs with the SENCO from teachers, progress, parents and pupil before planning",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.45"), Citation(Instrument.DUDLEY_LEAFLET, "Assess")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

KEEP_THE_ASSESSMENT_FRESH: Final = Rule(
    id="keep-the-assessment-fresh",
    rows=("APDR-03",),
    duty="Review the assessment regularly, so that the plan rests on what is so now",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.46"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

CONTACT_PROFESSIONALS_WITH_AGREEMENT: Final = Rule(
    id="contact-professionals-with-agreement",
    rows=("APDR-04",),
    duty="Contact outside professionals once the parents have agreed",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.47"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

AGREE_PLAN_WITH_PARENTS_AND_PUPIL: Final = Rule(
    id="agree-plan-with-parents-and-pupil",
    rows=("APDR-06",),
    duty="Agree outcomes, support, expected impact and a review date with parents and pupil",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.48"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
    leaflets_differ="Knowsley has the school set the outcomes; the Code has them agreed with parents and pupil, and the Code holds.",
)

TELL_ALL_STAFF: Final = Rule(
    id="tell-all-staff",
    rows=("APDR-08",),
    duty="Tell all who work with the pupil the needs, outcomes, support and strategies",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.49"), Citation(Instrument.DUDLEY_LEAFLET, "Plan")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

CHOOSE_PROVISION_ON_EVIDENCE: Final = Rule(
    id="choose-provision-on-evidence",
    rows=("APDR-09",),
    duty="Choose support that evidence shows to work, given by staff with the skill for it",
    who=Actor.SENCO,
    force=Force.SHOULD,
    cites=(code_of_practice("6.50"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

MAKE_PARENTS_AWARE_OF_THE_PLAN: Final = Rule(
    id="make-parents-aware-of-the-plan",
    rows=("APDR-10",),
    duty="Make parents fully aware of the planned support and of what they can do at home",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.51"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

NAME_ONE_RESPONSIBLE_TEACHER: Final = Rule(
    id="name-one-responsible-teacher",
    rows=("APDR-11",),
    duty="Have one teacher responsible for the support, and tell the parents who it is",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(Citation(Instrument.KNOWSLEY_LEAFLET, "Do"), code_of_practice("6.52")),
    certainty=Certainty.LEAFLET,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

KEEP_THE_TEACHER_RESPONSIBLE: Final = Rule(
    id="keep-the-teacher-responsible",
    rows=("APDR-12",),
    duty="Keep a class or subject teacher responsible for each item of support, whoever gives it",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.52"), Citation(Instrument.DUDLEY_LEAFLET, "Do")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

LOG_DELIVERY: Final = Rule(
    id="log-delivery",
    rows=("APDR-13",),
    duty="Log the sessions given, so that their effect can be judged",
    who=Actor.TEACHER,
    force=Force.LOCAL,
    cites=(Citation(Instrument.LOCAL_PRACTICE, "Solihull and Warwickshire, records of delivery"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

REVIEW_BY_THE_AGREED_DATE: Final = Rule(
    id="review-by-the-agreed-date",
    rows=("APDR-14",),
    duty="Review the support on or before the date agreed in the plan",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.53"), Citation(Instrument.KNOWSLEY_LEAFLET, "Review")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

REVIEW_EACH_OUTCOME_WITH_VIEWS: Final = Rule(
    id="review-each-outcome-with-views",
    rows=("APDR-15",),
    duty="Rate the effect on each outcome with the views of parents and pupil, and decide what follows",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.54"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

EXPLAIN_THE_IMPACT_TO_PARENTS: Final = Rule(
    id="explain-the-impact-to-parents",
    rows=("APDR-16",),
    duty="Explain to parents what difference the support has made",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.55"), Citation(Instrument.KNOWSLEY_LEAFLET, "Review")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
)

INVOLVE_A_SPECIALIST: Final = Rule(
    id="involve-a-specialist",
    rows=("APDR-20",),
    duty="Involve a specialist where little or no progress continues despite well-founded support",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.59"), Citation(Instrument.DUDLEY_LEAFLET, "Review")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
    leaflets_differ=(
        "The Dudley leaflet asks for a specialist where little or no progress continues, Knowsley says that one sometimes helps; the Code "
        "also names working substantially below others of the same age, which no entry here measures."
    ),
)

CONSIDER_AN_EHC_REQUEST: Final = Rule(
    id="consider-an-ehc-request",
    rows=("APDR-23",),
    duty="Consider asking for an EHC needs assessment where purposeful action has not led to expected progress",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.63"), Citation(Instrument.DUDLEY_LEAFLET, "Requesting an assessment")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

MEET_PARENTS_THREE_TIMES_A_YEAR: Final = Rule(
    id="meet-parents-three-times-a-year",
    rows=("APDR-25",),
    duty="Meet the parents at least three times each year",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.65"), Citation(Instrument.KNOWSLEY_LEAFLET, "Review"), Citation(Instrument.DUDLEY_LEAFLET, "Review")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
    leaflets_differ=(
        "The Dudley leaflet takes the three meetings for the reviews; Knowsley, like the Code, asks for a review by the agreed date and "
        "for three meetings a year beside it, which are two clocks here."
    ),
)

LET_A_TEACHER_LEAD_THE_MEETING: Final = Rule(
    id="let-a-teacher-lead-the-meeting",
    rows=("APDR-26",),
    duty="Let a teacher who knows the pupil lead the meeting, supported by the SENCO, with enough time",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("6.67"), code_of_practice("6.69")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

HEAR_THE_PUPIL: Final = Rule(
    id="hear-the-pupil",
    rows=("APDR-27",),
    duty="Include the pupil's views in the discussion",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.70"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)

RECORD_AND_SHARE_THE_MEETING: Final = Rule(
    id="record-and-share-the-meeting",
    rows=("APDR-28",),
    duty="Record what was agreed, share it with the staff concerned and give it to the parents",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.71"), Citation(Instrument.DUDLEY_LEAFLET, "Review")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.OBLIGATION,
    leaflets_differ=(
        "Dudley has the parents given the record after the discussion, Knowsley has the difference that the help made explained "
        "to them; the Code asks for both, and both are owed here."
    ),
)

RECORD_WHAT_IS_ADDITIONAL: Final = Rule(
    id="record-what-is-additional",
    rows=("APDR-30",),
    duty="Record what is additional or different, with its effect, over the pupil's whole time at the school",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(code_of_practice("6.73"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_reports.py::test_what_was_given_stays_in_the_record_when_another_plan_follows",
)

WRITE_OUTCOMES_NOT_HOURS: Final = Rule(
    id="write-outcomes-not-hours",
    rows=("APDR-07",),
    duty="Write outcomes as a difference to the person, with a measure and a date, never as hours of help",
    who=Actor.TEACHER,
    force=Force.SHOULD,
    cites=(code_of_practice("9.66"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=SEN_SUPPORT,
    checking=Checking.FINDING,
)
