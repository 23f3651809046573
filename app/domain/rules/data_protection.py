"""Rules on records, automated decisions and what may leave the school."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument, children_and_families_act, send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule, Wording
from app.domain.rules.reading import READ_ON, SINCE_MAY_2018, SINCE_SEPTEMBER_2014, UNDATED
from app.domain.rules.scopes import EVERY_TYPE

ASSESS_THE_PROCESSING_FIRST: Final = Rule(
    id="assess-the-processing-first",
    rows=("REC-01",),
    duty="Have an impact assessment and an appropriate policy document before keeping these records, as for special category data",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(
        Citation(Instrument.DATA_PROTECTION, "UK GDPR articles 9 and 35"),
        Citation(Instrument.DATA_PROTECTION, "Data Protection Act 2018, Schedule 1"),
    ),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_MAY_2018,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH: Final = Rule(
    id="answer-subject-access-within-a-month",
    rows=("REC-05",),
    duty="Answer a subject access request within a month, or three if it is complex, leaving out days on which an answer was awaited",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(
        Citation(Instrument.DATA_PROTECTION, "UK GDPR articles 12(3) and 15"),
        Citation(Instrument.DATA_PROTECTION, "Data (Use and Access) Act 2025, on the time for responding"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_MAY_2018,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
    earlier=(
        Wording(
            duty="Answer a subject access request within a month, or up to three if it is complex",
            in_force=InForce(since=SINCE_MAY_2018.since, until=date(2026, 2, 4)),
            cites=(Citation(Instrument.DATA_PROTECTION, "UK GDPR articles 12(3) and 15"),),
        ),
    ),
)

REVIEW_EXEMPTIONS_BEFORE_RELEASE: Final = Rule(
    id="review-exemptions-before-release",
    rows=("REC-06",),
    duty="Look through a record for what must be withheld, such as what could cause serious harm, before it is released",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(Citation(Instrument.DATA_PROTECTION, "Data Protection Act 2018, Schedules 2 to 4"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_MAY_2018,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

ACKNOWLEDGE_A_DATA_COMPLAINT: Final = Rule(
    id="acknowledge-a-data-complaint",
    rows=("REC-05",),
    duty="Acknowledge a complaint about the handling of personal data within 30 days",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(Citation(Instrument.DATA_PROTECTION, "Data (Use and Access) Act 2025, on complaints by data subjects"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_MAY_2018,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
    earlier=(
        Wording(
            duty="Deal with a complaint about the handling of personal data; no number of days was fixed",
            in_force=InForce(since=SINCE_MAY_2018.since, until=date(2026, 6, 18)),
            cites=(Citation(Instrument.DATA_PROTECTION, "UK GDPR article 12"),),
        ),
    ),
)

DECIDE_BY_A_HUMAN_BEING: Final = Rule(
    id="decide-by-a-human-being",
    rows=("REC-02",),
    duty="Take no decision about special educational needs by automated means alone",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(Citation(Instrument.DATA_PROTECTION, "UK GDPR articles 22A and 22B"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_MAY_2018,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_human_decisions.py::test_only_people_on_the_staff_give_a_status_and_a_file_only_what_was_decided_elsewhere",
)

KEEP_NOTICES_NEUTRAL: Final = Rule(
    id="keep-notices-neutral",
    rows=("REC-11",),
    duty="Put no need, diagnosis or UPN into the text of a push",
    who=Actor.SYSTEM,
    force=Force.MUST,
    cites=(Citation(Instrument.DATA_PROTECTION, "UK GDPR article 5(1)(c) and (f)"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=SINCE_MAY_2018,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/webhooks/test_delivery.py::test_nothing_in_a_push_tells_a_need_a_diagnosis_or_a_number",
)

RECORD_WHY_EVIDENCE_IS_SHARED: Final = Rule(
    id="record-why-evidence-is-shared",
    rows=("REC-08",),
    duty="Record the lawful basis on which evidence goes to the authority; it is not consent",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(children_and_families_act("29"), send_regulations("6")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

KEEP_THE_FILE_FOR_ITS_TIME: Final = Rule(
    id="keep-the-file-for-its-time",
    rows=("REC-07",),
    duty="Keep the file of a pupil who had SEN until 31 years after their birth, any other until 25, as the last school they went to",
    who=Actor.SCHOOL,
    force=Force.SHOULD,
    cites=(Citation(Instrument.RECORDS_TOOLKIT, "retention of pupils' files"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_keeping.py::test_on_the_ground_of_its_age_a_record_goes_the_day_after_its_time_and_not_on_its_last_day",
)

LEAVE_A_TRAIL: Final = Rule(
    id="leave-a-trail",
    rows=("REC-10",),
    duty="Record at once who wrote or corrected what",
    who=Actor.SYSTEM,
    force=Force.SHOULD,
    cites=(Citation(Instrument.DATA_PROTECTION, "UK GDPR article 5(2)"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/db/test_schema.py::test_entries_are_for_everybody_to_read_and_append_at_most",
)
