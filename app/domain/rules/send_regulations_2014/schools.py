"""Duties of the Regulations on SENCOs and the SEN information report, in their order."""

from datetime import date
from typing import Final

from app.domain.citation import code_of_practice, send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule, Wording
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import MAINSTREAM_AND_NURSERY, REPORTING

NAME_THE_GROUND_A_SENCO_SERVES_ON: Final = Rule(
    id="name-the-ground-a-senco-serves-on",
    rows=("GOV-03",),
    duty="Have as SENCO a qualified teacher of the school, or its head",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("49(2) and (3)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM_AND_NURSERY,
    checking=Checking.OBLIGATION,
)

QUALIFY_AS_SENCO_WITHIN_THREE_YEARS: Final = Rule(
    id="qualify-as-senco-within-three-years",
    rows=("GOV-04",),
    duty="Hold the professional qualification, or the National Award begun before September 2024, three years after becoming a SENCO",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("49(4), as amended by SI 2024/535"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM_AND_NURSERY,
    checking=Checking.OBLIGATION,
    earlier=(
        Wording(
            duty="Hold the National Award for SEN Co-ordination three years after becoming a SENCO",
            in_force=InForce(since=date(2014, 9, 1), until=date(2024, 8, 31)),
            cites=(send_regulations("49(4)"),),
        ),
    ),
)

DETERMINE_THE_ROLE_OF_THE_SENCO: Final = Rule(
    id="determine-the-role-of-the-senco",
    rows=("GOV-05",),
    duty="Determine what the SENCO leads and does, and see that it is done well",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(
        send_regulations("50(1) and (2)"),
        code_of_practice("6.84 to 6.94"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM_AND_NURSERY,
    checking=Checking.OBLIGATION,
)

TELL_PARENTS_EARLY_OF_POSSIBLE_SEN: Final = Rule(
    id="tell-parents-early-of-possible-sen",
    rows=("ID-19",),
    duty="Tell a parent as soon as is practicable that the pupil may have special educational needs, where that is the SENCO's task",
    who=Actor.SENCO,
    force=Force.MUST,
    cites=(send_regulations("50(3)"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM_AND_NURSERY,
    checking=Checking.FINDING,
)

RENEW_THE_INFORMATION_REPORT_EVERY_YEAR: Final = Rule(
    id="renew-the-information-report-every-year",
    rows=("SIR-02",),
    duty="Review the SEN information report at least once a year",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(
        send_regulations("51 and 52"),
        code_of_practice("6.79"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTING,
    checking=Checking.OBLIGATION,
)

UPDATE_THE_REPORT_AFTER_A_CHANGE: Final = Rule(
    id="update-the-report-after-a-change",
    rows=("SIR-02",),
    duty="Bring the report up to date as soon as possible when something it tells of changes during the year",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(
        send_regulations("51 and 52"),
        code_of_practice("6.79"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTING,
    checking=Checking.OBLIGATION,
)

COVER_EVERY_ITEM_OF_THE_REPORT: Final = Rule(
    id="cover-every-item-of-the-report",
    rows=("SIR-03",),
    duty="Cover in the report every item of Schedule 1 that the type of school owes",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("51 and Schedule 1"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTING,
    checking=Checking.FINDING,
)

ANSWER_COMPLAINTS_ABOUT_PROVISION: Final = Rule(
    id="answer-complaints-about-provision",
    rows=("SIR-07",),
    duty="Answer a parent's complaint about special educational provision by the day of the school's own procedure",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("Schedule 1, paragraph 9"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTING,
    checking=Checking.OBLIGATION,
)
