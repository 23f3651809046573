"""Standards of the UPN, other identifiers and the Common Transfer File."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument, census
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON, UNDATED
from app.domain.rules.scopes import EVERY_TYPE

CHECK_THE_UPN_LETTER: Final = Rule(
    id="check-the-upn-letter",
    rows=("DAT-01",),
    duty="Take a UPN only with its right check letter",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(Citation(Instrument.UPN_GUIDE, "check letter"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_identifiers.py::test_a_upn_with_a_wrong_letter_is_refused",
)

KEEP_THE_UPN_OUT_OF_SIGHT: Final = Rule(
    id="keep-the-upn-out-of-sight",
    rows=("DAT-02",),
    duty="Keep the UPN off reports and out of what parents and others see",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(Citation(Instrument.UPN_GUIDE, "uses of the UPN"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/documents/test_record_documents.py::test_the_upn_is_printed_nowhere_even_where_somebody_typed_it",
)

KNOW_SCHOOLS_BY_THEIR_NUMBERS: Final = Rule(
    id="know-schools-by-their-numbers",
    rows=("DAT-03",),
    duty="Take a URN of six digits and a LAESTAB of three and four; an authority that is gone makes no number wrong",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(Citation(Instrument.UPN_GUIDE, "numbers of authorities and establishments"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_identifiers.py::test_a_laestab_of_another_shape_is_refused",
)

SEND_A_COMMON_TRANSFER_FILE: Final = Rule(
    id="send-a-common-transfer-file",
    rows=("DAT-04",),
    duty="Send a common transfer file with the record, which is good practice where it is not a duty",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(Citation(Instrument.UPN_GUIDE, "section 4.1"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=InForce(since=date(2005, 7, 8)),
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

COUNT_DAYS_AS_ENGLAND_DOES: Final = Rule(
    id="count-days-as-england-does",
    rows=("DAT-08",),
    duty="Keep days as civil dates of London in ISO 8601, and let a status hold from its first day until the day of the next",
    who=Actor.SYSTEM,
    force=Force.DATA_STANDARD,
    cites=(census("dates of SENprovision"),),
    certainty=Certainty.UNCHECKED,
    checked=READ_ON,
    in_force=UNDATED,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_record.py::test_statuses_lie_end_to_end_with_the_first_day_inside_and_the_next_ones_outside",
)
