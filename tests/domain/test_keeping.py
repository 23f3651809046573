"""Where a record goes when the pupil leaves, how long it is kept, what holds it, and two records of one child."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.domain.codes import SchoolType, SenStatus, StaffRole
from app.domain.entries import (
    BankHolidaysLoaded,
    EntryWithdrawn,
    Erased,
    ErasureGround,
    HoldLifted,
    HoldPlaced,
    PupilErased,
    PupilLeft,
    RecordMerged,
    RecordReceipted,
    RecordSent,
    SettingChanged,
    SettingName,
    TermDated,
    TermName,
    TransferPart,
)
from app.domain.keeping import (
    MAY_ERASE,
    holds,
    lift_hold,
    merge_record,
    place_hold,
    receipt_record,
    retention_until,
    send_record,
    weigh_erasure,
)
from app.domain.obligation import State
from app.domain.obligations import obligations
from app.domain.record import Record
from app.domain.rules.data_protection import KEEP_THE_FILE_FOR_ITS_TIME
from app.domain.rules.pupil_information_regulations_2005 import SEND_THE_RECORD_ON
from app.domain.rules.pupil_numbers_and_transfer_files import SEND_A_COMMON_TRANSFER_FILE
from tests.domain.builders import (
    A_SCHOOL,
    AS_HEAD,
    AS_SENCO,
    AS_TEACHER,
    HEAD,
    OTHER_PUPIL,
    PUPIL,
    a_record,
    a_school,
    a_transition,
    enrolled,
    imported,
    recorded,
    sen_decided,
)

LEFT = date(2025, 10, 31)
TERM = TermDated(occurred_on=date(2025, 9, 1), term=TermName.AUTUMN, first_on=date(2025, 9, 3), last_on=date(2025, 12, 19))
HOLIDAYS = BankHolidaysLoaded(occurred_on=date(2025, 9, 1), year=2025, days=(date(2025, 12, 25), date(2025, 12, 26)), source="invented")
BORN = date(2013, 11, 20)
BOTH = (TransferPart.COMMON_TRANSFER_FILE, TransferPart.EDUCATIONAL_RECORD)
LATER = date(2040, 8, 31)


def school_with_terms(kind=SchoolType.MAINTAINED_MAINSTREAM):
    return a_school(TERM, HOLIDAYS, kind=kind)


def left(on=LEFT, to="999/9998"):
    return PupilLeft(occurred_on=on, reason="Moved.", to_laestab=to)


def sent(on, parts=BOTH):
    return RecordSent(occurred_on=on, to_laestab="999/9998", parts=parts)


def owed_by(*entries, school=None):
    record = a_record(enrolled(), *entries, school=school or school_with_terms())
    return [owed for owed in obligations(record, until=LATER) if owed.rule is SEND_THE_RECORD_ON]


def test_the_fifteenth_school_day_after_leaving_is_the_last_day_to_send():
    """Weekends do not count: fifteen school days after Friday 31 October are three weeks."""
    [owed] = owed_by(left())
    assert owed.due == date(2025, 11, 21)
    assert owed.arises_on == LEFT


@pytest.mark.parametrize(("on", "state"), [(date(2025, 11, 21), State.KEPT), (date(2025, 11, 22), State.KEPT_LATE)])
def test_a_record_sent_by_that_day_is_in_time_and_the_day_after_late(on, state):
    [owed] = owed_by(left(), sent(on))
    assert owed.state_on(on) is state
    assert owed.met_by == 3


@pytest.mark.parametrize(("day", "state"), [(date(2025, 11, 21), State.DUE), (date(2025, 11, 22), State.BROKEN)])
def test_a_record_that_was_not_sent_is_due_on_the_last_day_and_broken_after_it(day, state):
    [owed] = owed_by(left())
    assert owed.state_on(day) is state


def test_file_and_record_both_have_to_go():
    half = sent(date(2025, 11, 3), (TransferPart.EDUCATIONAL_RECORD,))
    rest = sent(date(2025, 11, 5), (TransferPart.COMMON_TRANSFER_FILE,))
    assert owed_by(left(), half)[0].met_on is None
    assert owed_by(left(), half, rest)[0].met_on == date(2025, 11, 5)


def test_what_went_ahead_of_the_leaving_counts_from_its_day():
    [owed] = owed_by(sent(date(2025, 10, 29)), left())
    assert (owed.met_on, owed.state_on(LEFT)) == (LEFT, State.KEPT)


def test_without_the_terms_and_bank_holidays_the_last_day_is_not_known_and_they_are_named():
    [owed] = owed_by(left(), school=A_SCHOOL)
    assert owed.state_on(date(2026, 6, 1)) is State.NOT_KNOWN
    assert "bank holidays 2025" in owed.missing
    assert "autumn term 2025/2026" in owed.missing
    [sent_at_once] = owed_by(left(), sent(LEFT), school=A_SCHOOL)
    assert sent_at_once.state_on(LEFT) is State.KEPT


def test_leaving_for_no_other_school_owes_nobody_a_record():
    assert owed_by(left(to=None)) == []
    assert len(owed_by(replace(left(to=None), to_school="A school abroad"))) == 1


@pytest.mark.parametrize(
    ("kind", "is_bound"),
    [
        (SchoolType.MAINTAINED_MAINSTREAM, True),
        (SchoolType.MAINTAINED_SPECIAL, True),
        (SchoolType.ACADEMY_MAINSTREAM, False),
        (SchoolType.FURTHER_EDUCATION, False),
    ],
)
def test_the_regulations_bind_maintained_schools_and_the_standard_speaks_to_all(kind, is_bound):
    school = school_with_terms(kind)
    assert bool(owed_by(left(), school=school)) is is_bound
    decision = send_record(a_record(enrolled(), left(), school=school), sent(LEFT), AS_SENCO)
    assert [finding.rule for finding in decision.findings] == [SEND_A_COMMON_TRANSFER_FILE]


def test_a_pupil_who_comes_back_before_the_last_day_needs_nothing_sent():
    [owed] = owed_by(left(), enrolled(on=date(2025, 11, 10)))
    assert owed.state_on(date(2025, 11, 9)) is State.DUE
    assert owed.state_on(date(2025, 11, 10)) is None


@pytest.mark.parametrize(("parts", "kept"), [(BOTH, True), ((TransferPart.EDUCATIONAL_RECORD,), False)])
def test_a_transfer_file_goes_with_the_record(parts, kept):
    decision = send_record(a_record(enrolled(), left()), sent(LEFT, parts), AS_SENCO)
    [finding] = decision.findings
    assert (finding.rule, finding.kept) == (SEND_A_COMMON_TRANSFER_FILE, kept)


def test_nothing_is_sent_of_nobody_and_something_must_be_sent():
    assert send_record(a_record(), sent(LEFT), AS_SENCO).is_refused
    assert send_record(a_record(enrolled(), left()), sent(LEFT, ()), AS_SENCO).is_refused
    assert send_record(a_record(enrolled(), left()), sent(LEFT), AS_TEACHER).is_refused


def test_a_receipt_answers_one_sending_once_and_not_before_it():
    record = a_record(enrolled(), left(), sent(LEFT))
    receipt = RecordReceipted(occurred_on=LEFT, sent=3, reference="R-1")
    assert not receipt_record(record, receipt, AS_SENCO).is_refused
    assert receipt_record(record, replace(receipt, sent=2), AS_SENCO).is_refused
    assert receipt_record(record, replace(receipt, occurred_on=LEFT - timedelta(days=1)), AS_SENCO).is_refused
    assert receipt_record(a_record(enrolled(), left(), sent(LEFT), receipt), receipt, AS_SENCO).is_refused


@pytest.mark.parametrize(
    ("status", "until"),
    [
        (SenStatus.NONE, date(2038, 11, 20)),
        (SenStatus.SEN_SUPPORT, date(2044, 11, 20)),
        (SenStatus.SCHOOL_ACTION, date(2044, 11, 20)),
        (SenStatus.STATEMENT, date(2044, 11, 20)),
    ],
)
def test_a_file_is_kept_31_years_from_birth_where_there_ever_was_sen_and_25_where_there_was_not(status, until):
    assert retention_until(a_record(enrolled(BORN), imported(status, date(2014, 9, 1)))) == until


def test_sen_that_ended_long_ago_still_counts():
    record = a_record(enrolled(BORN), imported(SenStatus.SCHOOL_ACTION, date(2013, 9, 1)), a_transition(date(2015, 3, 2), SenStatus.NONE))
    assert retention_until(record) == date(2044, 11, 20)


def test_an_erased_decision_may_have_given_a_status_so_the_longer_time_holds():
    erased = Erased(occurred_on=date(2020, 1, 6), erased_type="sen.decided")
    assert retention_until(a_record(enrolled(BORN), erased)) == date(2044, 11, 20)
    assert retention_until(a_record(enrolled(BORN), replace(erased, erased_type="concern.raised"))) == date(2038, 11, 20)


def test_the_years_are_the_schools_choice_and_a_29_february_ends_on_the_28th():
    chosen = SettingChanged(occurred_on=date(2020, 1, 1), setting=SettingName.RETENTION_YEARS_WITHOUT_SEN, value=26)
    assert retention_until(a_record(enrolled(BORN), school=a_school(chosen))) == date(2039, 11, 20)
    assert retention_until(a_record(enrolled(date(2012, 2, 29)))) == date(2037, 2, 28)
    assert retention_until(a_record()) is None


def erasure(on, ground=ErasureGround.RETENTION_ENDED, reason="Its time is over."):
    return PupilErased(occurred_on=on, erased=PUPIL, ground=ground, reason=reason, confirmed_by=HEAD)


@pytest.mark.parametrize(("on", "is_refused"), [(date(2038, 11, 20), True), (date(2038, 11, 21), False)])
def test_on_the_ground_of_its_age_a_record_goes_the_day_after_its_time_and_not_on_its_last_day(on, is_refused):
    decision = weigh_erasure(a_record(enrolled(BORN), left()), erasure(on), AS_SENCO)
    assert decision.is_refused is is_refused
    assert decision.findings[0].rule is KEEP_THE_FILE_FOR_ITS_TIME


@pytest.mark.parametrize("ground", [ground for ground in ErasureGround if ground is not ErasureGround.RETENTION_ENDED])
def test_on_another_ground_it_may_go_before_its_time_with_a_reason_and_that_is_remarked(ground):
    record = a_record(enrolled(BORN), left())
    decision = weigh_erasure(record, erasure(LEFT, ground), AS_SENCO)
    assert (decision.is_refused, decision.findings[0].kept) == (False, False)
    assert weigh_erasure(record, erasure(LEFT, ground, " "), AS_SENCO).is_refused
    assert weigh_erasure(record, erasure(LEFT, ground), AS_TEACHER).is_refused


HOLD = HoldPlaced(occurred_on=date(2025, 11, 3), reason="A claim was made.")
LIFTED = HoldLifted(occurred_on=date(2025, 12, 1), hold=3, reason="The claim was settled.", confirmed_by=HEAD)


@pytest.mark.parametrize("ground", ErasureGround)
def test_nothing_is_erased_under_a_hold_whatever_the_ground(ground):
    on = date(2050, 1, 3)
    assert weigh_erasure(a_record(enrolled(BORN), left(), HOLD), erasure(on, ground), AS_SENCO).is_refused
    assert not weigh_erasure(a_record(enrolled(BORN), left(), HOLD, LIFTED), erasure(on, ground), AS_SENCO).is_refused


def test_a_lifting_whose_words_were_erased_lifts_nothing():
    record = a_record(enrolled(BORN), left(), HOLD, Erased(occurred_on=date(2025, 12, 1), erased_type="hold.lifted"))
    assert [hold.number for hold in holds(record)] == [3]


def test_a_hold_is_placed_with_a_reason_and_lifted_by_two():
    record = a_record(enrolled(BORN), left(), HOLD)
    assert not place_hold(record, HOLD, AS_SENCO).is_refused
    assert place_hold(record, replace(HOLD, reason=" "), AS_SENCO).is_refused
    assert not lift_hold(record, LIFTED, AS_SENCO).is_refused
    assert lift_hold(record, LIFTED, AS_HEAD).is_refused
    assert lift_hold(record, replace(LIFTED, hold=2), AS_SENCO).is_refused
    assert lift_hold(record, replace(LIFTED, occurred_on=date(2025, 11, 2)), AS_SENCO).is_refused
    assert lift_hold(a_record(enrolled(BORN), left(), HOLD, LIFTED), LIFTED, AS_SENCO).is_refused


def test_the_head_the_senco_and_the_office_may_erase():
    assert frozenset({StaffRole.HEAD, StaffRole.SENCO, StaffRole.ADMINISTRATOR}) == MAY_ERASE


MERGED_ON = date(2025, 11, 3)


def merged(pupil, other, number, *, is_kept):
    entry = RecordMerged(occurred_on=MERGED_ON, other=other, is_kept=is_kept, reason="One child.", confirmed_by=HEAD)
    return recorded(entry, number, pupil=pupil)


OURS = (recorded(enrolled(BORN), 1), recorded(sen_decided(date(2025, 3, 3)), 2))
THEIRS = (
    recorded(enrolled(BORN, date(2025, 9, 1)), 3, pupil=OTHER_PUPIL),
    recorded(imported(SenStatus.SCHOOL_ACTION, date(2013, 9, 2)), 4, pupil=OTHER_PUPIL),
)
JOINED = (*OURS, *THEIRS, merged(OTHER_PUPIL, PUPIL, 5, is_kept=False), merged(PUPIL, OTHER_PUPIL, 6, is_kept=True))


def test_the_kept_record_reads_the_others_entries_under_their_own_numbers():
    record = Record.fold(A_SCHOOL, JOINED, PUPIL)
    assert sorted(r.number for r in record.known) == [1, 2, 3, 4, 5, 6]
    assert record.status_on(date(2013, 9, 2)) is SenStatus.SCHOOL_ACTION
    assert record.merged_into is None


def test_the_other_record_points_to_the_kept_one_and_owes_nothing_more():
    record = Record.fold(A_SCHOOL, JOINED, OTHER_PUPIL)
    assert (record.merged_into, record.merged_on) == (PUPIL, MERGED_ON)
    assert sorted(r.number for r in record.known) == [3, 4, 5]
    assert list(obligations(Record.fold(A_SCHOOL, THEIRS, OTHER_PUPIL), until=LATER))
    assert list(obligations(record, until=LATER)) == []


def test_before_the_joining_was_written_the_two_were_not_known_to_be_one():
    assert sorted(r.number for r in Record.fold(A_SCHOOL, JOINED, PUPIL).known_at(5).known) == [1, 2]


def test_withdrawing_the_joining_parts_the_two_again():
    withdrawn = EntryWithdrawn(occurred_on=MERGED_ON, reason="Two children.")
    parted = (*JOINED, recorded(withdrawn, 7, pupil=OTHER_PUPIL, supersedes=5), recorded(withdrawn, 8, supersedes=6))
    assert sorted(r.number for r in Record.fold(A_SCHOOL, parted, PUPIL).known) == [1, 2, 6, 8]
    assert Record.fold(A_SCHOOL, parted, OTHER_PUPIL).merged_into is None


def test_in_whatever_order_they_come_the_fold_is_the_same():
    assert Record.fold(A_SCHOOL, reversed(JOINED), PUPIL) == Record.fold(A_SCHOOL, JOINED, PUPIL)


def joining(**changes):
    entry = RecordMerged(occurred_on=MERGED_ON, other=OTHER_PUPIL, is_kept=True, reason="One child.", confirmed_by=HEAD)
    return replace(entry, **changes)


def test_records_are_joined_by_two_people_and_no_record_with_itself_or_twice():
    record = Record.fold(A_SCHOOL, OURS, PUPIL)
    assert not merge_record(record, joining(), AS_SENCO).is_refused
    assert merge_record(record, joining(), AS_HEAD).is_refused
    assert merge_record(record, joining(other=PUPIL), AS_SENCO).is_refused
    assert merge_record(record, joining(), AS_TEACHER).is_refused
    closed = Record.fold(A_SCHOOL, JOINED, OTHER_PUPIL)
    assert merge_record(closed, joining(other=PUPIL), AS_SENCO).is_refused


def test_a_record_on_hold_is_not_the_one_that_is_closed():
    record = a_record(enrolled(BORN), left(), HOLD)
    assert merge_record(record, joining(is_kept=False), AS_SENCO).is_refused
    assert not merge_record(record, joining(is_kept=True), AS_SENCO).is_refused
