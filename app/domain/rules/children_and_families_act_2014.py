"""Duties of the Children and Families Act 2014, Part 3, in the order of the Act."""

from typing import Final

from app.domain.citation import Citation, Instrument, children_and_families_act, code_of_practice, education_act, send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import BEST_ENDEAVOURS, BOUND_TO_INFORM, EVERY_TYPE, MAINSTREAM_AND_NURSERY, MEDICAL, REPORTING

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

TAKE_NOTICE_FOR_NO_REQUEST: Final = Rule(
    id="take-notice-for-no-request",
    rows=("EHC-01",),
    duty="Take word of a child from anybody else as notice, not as a request, with the family knowing and where possible agreeing",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("36(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

CO_OPERATE_WITH_THE_AUTHORITY: Final = Rule(
    id="co-operate-with-the-authority",
    rows=("GOV-10",),
    duty="Answer the local authority when it asks the school to co-operate",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("29"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
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
    checking=Checking.NOT_CHECKABLE,
    shown_by="Whether joining in was practicable and compatible is judged case by case, and no entry can stand for it.",
)

ASK_FOR_AN_EHC_NEEDS_ASSESSMENT: Final = Rule(
    id="ask-for-an-ehc-needs-assessment",
    rows=("EHC-01",),
    duty="Take a request for an EHC needs assessment from the parent, the young person, the school or the post-16 institution",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("36(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
    leaflets_differ=(
        "The Dudley leaflet names the school and the parents, once support has failed; by the Act the young person and the post-16 "
        "institution may ask too, all of them at any time."
    ),
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
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_ehc.py::test_a_request_is_taken_without_any_cycle_and_without_any_money",
)

CONSULT_AND_NOTIFY: Final = Rule(
    id="consult-and-notify",
    rows=("EHC-04",),
    duty="Consult the family, tell them that they may give views and evidence, and notify the commissioning body, social care and the head",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("36(4) and (7)"), send_regulations("4(2)")),
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
    cites=(children_and_families_act("36(6)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

ASSESS_WHERE_IT_MAY_BE_NECESSARY: Final = Rule(
    id="assess-where-it-may-be-necessary",
    rows=("EHC-03",),
    duty="Assess where there may be special educational needs and a plan may be necessary, and give reasons for refusing",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("36(5) and (8)"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

APPEAL_IN_TIME: Final = Rule(
    id="appeal-in-time",
    rows=("EHC-17",),
    duty="Appeal within two months of the decision letter or one month of the mediation certificate, whichever ends later",
    who=Actor.FAMILY,
    force=Force.MUST,
    cites=(children_and_families_act("51"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

ARRANGE_MEDIATION: Final = Rule(
    id="arrange-mediation",
    rows=("EHC-17",),
    duty="Hold mediation within thirty days of its being asked for, and certify within three working days that it was declined",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("53 to 55"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

CONSIDER_MEDIATION_BEFORE_AN_APPEAL: Final = Rule(
    id="consider-mediation-before-an-appeal",
    rows=("EHC-17",),
    duty="Have a mediation certificate before an appeal, unless it is about the placement alone",
    who=Actor.FAMILY,
    force=Force.MUST,
    cites=(children_and_families_act("55"),),
    certainty=Certainty.SECONDARY,
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
    checking=Checking.NOT_CHECKABLE,
    shown_by="Whether endeavours were the best is a judgement on all circumstances; the record shows what was done.",
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
    checking=Checking.OBLIGATION,
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
    leaflets_differ=(
        "Dudley has the parents notified and Knowsley has them told, both as something that must be done, and it must be, by "
        "the Act; the Code adds that they were involved before."
    ),
)

LET_SOMEBODY_ACT_FOR_WHO_CANNOT: Final = Rule(
    id="let-somebody-act-for-who-cannot",
    rows=("ID-16",),
    duty="Let the representative, or else the parents, act for a young person who lacks the capacity to",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("80"), code_of_practice("annex 1")),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

PUBLISH_AN_INFORMATION_REPORT: Final = Rule(
    id="publish-an-information-report",
    rows=("SIR-01",),
    duty="Prepare an SEN information report and have it on the website",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(
        children_and_families_act("69(1) and (2)"),
        send_regulations("51 and 52"),
        code_of_practice("6.79"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTING,
    checking=Checking.OBLIGATION,
    leaflets_differ="Knowsley has the report renewed every year and Dudley has it kept up to date; the law asks for both.",
)

REPORT_ON_DISABLED_PUPILS: Final = Rule(
    id="report-on-disabled-pupils",
    rows=("SIR-04",),
    duty="Tell in the report of admission, equal treatment, facilities and the accessibility plan for disabled pupils",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("69(3)(b)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTING,
    checking=Checking.FINDING,
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
    leaflets_differ=(
        "Knowsley has a young person involved from 16, and Dudley says nothing of young people; the rights pass with the end of "
        "compulsory school age, which is before or up to ten months after the sixteenth birthday."
    ),
)

SUPPORT_PUPILS_WITH_MEDICAL_CONDITIONS: Final = Rule(
    id="support-pupils-with-medical-conditions",
    rows=("GOV-08",),
    duty="Have arrangements to support pupils with medical conditions",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("100"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MEDICAL,
    checking=Checking.OBLIGATION,
)

LINK_THE_HEALTHCARE_PLAN: Final = Rule(
    id="link-the-healthcare-plan",
    rows=("GOV-08",),
    duty="Keep a healthcare plan beside the record of a pupil whose medical condition needs support at school",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("100"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MEDICAL,
    checking=Checking.OBLIGATION,
)
