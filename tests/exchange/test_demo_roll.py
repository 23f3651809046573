from collections import Counter
from datetime import date
from io import BytesIO
from pathlib import Path

from app.domain.codes import NeedType, SenStatus
from app.exchange.csv_roll import read_csv
from app.exchange.ctf import read_ctf
from app.exchange.roll import Roll
from demo.make_roll import AS_OF, CSV_NAME, CTF_NAME, roll_as_csv, roll_as_ctf

DEMO = Path(__file__).parents[2] / "demo"


def the_roll() -> Roll:
    return read_ctf(BytesIO((DEMO / CTF_NAME).read_bytes()), on=AS_OF)


def test_the_generator_writes_the_committed_files_byte_for_byte():
    assert (DEMO / CTF_NAME).read_bytes() == roll_as_ctf().encode()
    assert (DEMO / CSV_NAME).read_bytes() == roll_as_csv().encode()


def test_the_demo_school_has_thirty_pupils_most_of_them_to_be_decided():
    roll = the_roll()
    assert roll.problems == ()
    assert Counter(pupil.open_status.status.value for pupil in roll.pupils) == {"A": 9, "P": 6, "K": 3, "S": 2, "N": 10}
    assert sum(SenStatus.SEN_SUPPORT in [row.status for row in pupil.statuses[:-1]] for pupil in roll.pupils) == 1
    assert sum(need.need_type is NeedType.BESD for pupil in roll.pupils for need in pupil.needs) == 2


def test_nobody_in_the_demo_is_real():
    roll = the_roll()
    assert roll.source_school.urn.is_sandbox
    assert all(pupil.upn.is_invented for pupil in roll.pupils)
    assert all(contact.email.endswith("@example.invalid") for pupil in roll.pupils for contact in pupil.contacts)


def test_one_pupil_passes_compulsory_school_age_in_june_2015():
    """Born in the school year 1998 to 1999, so the sixteenth birthday falls in 2014 to 2015."""
    assert [pupil.forename for pupil in the_roll().pupils if pupil.date_of_birth < date(1999, 9, 1)] == ["Isla"]


def test_parents_who_live_apart_and_a_carer_without_responsibility_are_in_the_demo():
    pupils = {pupil.forename: pupil for pupil in the_roll().pupils}
    apart = pupils["Chidi"].contacts
    assert [contact.parental_responsibility for contact in apart] == [True, True] and apart[0].address != apart[1].address
    assert [contact.parental_responsibility for contact in pupils["Grace"].contacts] == [False, True]


def test_the_csv_says_the_same_of_its_eight_pupils():
    roll = read_csv(BytesIO((DEMO / CSV_NAME).read_bytes()), on=AS_OF)
    full = {pupil.upn: pupil for pupil in the_roll().pupils}
    assert roll.problems == () and len(roll.pupils) == 8
    for pupil in roll.pupils:
        twin = full[pupil.upn]
        assert [(row.status, row.starts_on) for row in pupil.statuses] == [(row.status, row.starts_on) for row in twin.statuses]
        assert [(need.need_type, need.starts_on, need.ends_on) for need in pupil.needs] == [
            (need.need_type, need.starts_on, need.ends_on) for need in twin.needs
        ]
