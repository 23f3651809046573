from datetime import date

import pytest

from app.domain.codes import SenStatus
from app.domain.identification import decide_sen_support
from app.domain.transitions import decide_transition
from tests.domain.builders import AS_SENCO, a_contact, a_record, a_transition, enrolled, imported, sen_decided

DAY = date(2014, 11, 3)


@pytest.mark.parametrize(
    ("starts", "is_refused"),
    [(None, False), (DAY, False), (date(2015, 11, 3), False), (date(2015, 11, 4), True), (date(2100, 12, 31), True)],
)
def test_provision_starts_within_twelve_months_of_its_decision(starts: date | None, is_refused: bool) -> None:
    """The duty of section 68(2) to tell the parents runs from the start, which a far day would put off for good."""
    fresh = a_record(enrolled(), a_contact())
    held = a_record(enrolled(), a_contact(), imported(SenStatus.SCHOOL_ACTION, date(2014, 9, 1)))
    decisions = [
        decide_sen_support(fresh, sen_decided(DAY, provision_starts_on=starts), AS_SENCO),
        decide_transition(held, a_transition(DAY, provision_starts_on=starts), AS_SENCO),
    ]
    assert [decision.is_refused for decision in decisions] == [is_refused, is_refused]
    assert all(d.findings[0].rule.id == "inform-parents-of-sen-provision" for d in decisions if d.is_refused)
