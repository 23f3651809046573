"""Each known misreading of the law has a test that falls if somebody makes it, and each reckoning of days has both of its sides."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from app.domain.rules import RULES
from tests.vectors.reading import rows

ROOT = Path(__file__).parents[2]
CASE = "case: "

TRAPS = {
    "T01 School Action renamed to SEN Support": (
        "tests/domain/test_roll.py::test_school_action_is_loaded_as_an_open_question_and_never_as_sen_support",
        "case: The ordinary offer is enough, so the result is no SEN",
    ),
    "T02 the rights at sixteen": ("case: Born on the first of September", "case: Born in July, after the leaving date of that year"),
    "T03 the status as the trigger of telling": ("case: The trigger for telling is the provision and not the status",),
    "T04 a flag that decides": (
        "case: Progress that is slow by every test gives no status",
        "tests/domain/test_human_decisions.py::test_only_people_on_the_staff_give_a_status_and_a_file_only_what_was_decided_elsewhere",
    ),
    "T05 guidance as a breach of statute, statute as advice": (
        "case: A late answer to a consultation with a recorded reason, and late advice with one",
        "tests/domain/test_obligations.py::test_guidance_is_departed_from_with_a_recorded_reason_and_statute_is_not",
    ),
    "T06 kinds of days mixed": (
        "tests/domain/test_days.py::test_fifteen_days_that_begin_with_the_day_of_service_end_fourteen_days_after_it",
        "tests/domain/test_days.py::test_fifteen_school_days_are_fifteen_days_with_a_session_at_that_school",
        "tests/domain/test_days.py::test_working_days_leave_out_weekends_and_bank_holidays_and_nothing_else",
        "case: Five days counted as calendar days run through half-term",
    ),
    "T07 twenty weeks from submission, or with holidays left out": (
        "case: A request that waits for its evidence starts no weeks",
        "tests/domain/test_ehc.py::test_the_authoritys_weeks_run_from_receipt_and_a_receipt_of_its_own_counts",
        "case: A school that is closed in August excuses the authority only where that is claimed",
    ),
    "T08 a request barred for want of cycles or money": (
        "case: A request without any cycle and without a costed map",
        "tests/domain/test_ehc.py::test_a_request_is_taken_without_any_cycle_and_without_any_money",
    ),
    "T09 the UPN where people see it": (
        "tests/documents/test_record_documents.py::test_the_upn_is_printed_nowhere_even_where_somebody_typed_it",
        "tests/webhooks/test_delivery.py::test_nothing_in_a_push_tells_a_need_a_diagnosis_or_a_number",
        "tests/test_logs.py::test_a_member_that_is_not_on_the_list_is_dropped_and_only_its_name_noted",
        "tests/domain/test_traps.py::test_no_path_of_the_api_holds_a_upn",
    ),
    "T10 types that do not fit": (
        "case: Who has no special educational needs has no type",
        "case: NSA goes with SEN Support and not with a plan",
        "case: Of three types the first two are returned",
        "case: A single type must be the primary one",
    ),
    "T11 what has ended deleted": (
        "tests/domain/test_record.py::test_setting_needs_anew_ends_the_earlier_ones_the_day_before_and_keeps_them_as_history",
        "tests/domain/test_reports.py::test_what_was_given_stays_in_the_record_when_another_plan_follows",
    ),
    "T12 an end of support by synchronising": (
        "case: A file that says N does not end SEN Support",
        "tests/exchange/test_roll_import.py::test_a_status_that_differs_is_proposed_and_never_set",
    ),
    "T13 one review date for everything": (
        "case: Plan review, meetings, yearly report and annual review are four clocks",
        "case: A review is no meeting",
    ),
    "T14 the parents of somebody aged seventeen, and a parent by birth left out": (
        "case: Both parents of somebody aged seventeen",
        "case: A father by birth without parental responsibility",
    ),
    "T15 consent as the basis of sharing": (
        "case: Evidence shared as a public task, by consent, and on no basis that anybody named",
        "tests/domain/test_traps.py::test_special_category_is_how_the_record_is_treated_and_not_what_a_status_is_called",
    ),
    "T16 the years of a SENCO from joining the school": ("case: A SENCO who comes from another school brings the years along",),
    "T17 the National Award too late": (
        "case: The National Award begun too late, by the wording from September 2024",
        "case: The National Award begun on the last day of August 2024, completed on the last day for it and on the day after",
    ),
    "T18 fifteen school days at academies": ("case: The educational record at an academy, and without a calendar",),
    "T19 a move to secondary school by 31 March": (
        "case: Moving to secondary school with a plan",
        "case: Moving on at sixteen with a plan",
    ),
    "T20 a map or an education plan made compulsory": (
        "tests/domain/test_reports.py::test_a_provision_map_is_asked_of_nobody",
        "tests/domain/test_reports.py::test_no_rule_asks_for_a_plan_of_a_certain_name_and_none_refuses_one",
    ),
    "T21 BESD turned into SEMH": (
        "tests/domain/test_census.py::test_besd_is_never_returned_as_semh",
        "case: BESD was taken up to January 2015 and is never returned as SEMH",
    ),
    "T22 one current field": (
        "case: History of all codes keeps its own days",
        "tests/domain/test_record.py::test_statuses_lie_end_to_end_with_the_first_day_inside_and_the_next_ones_outside",
    ),
    "T23 an assistant who answers for support": (
        "case: A plan names a teacher, and one names an assistant",
        "tests/domain/test_cycles.py::test_a_teaching_assistant_is_neither_responsible_nor_accountable",
    ),
    "T24 three meetings in one evening": ("case: One parents' evening of the usual length is one meeting, and not long enough",),
    "T25 a local form under the statutory name": (
        "tests/domain/test_proposals.py::test_a_local_form_of_that_name_is_a_plan_and_the_statutory_one_is_not_yet",
    ),
}

BOUNDARIES = {
    "the last day of compulsory school age": (
        "tests/domain/test_calendar.py::test_compulsory_school_age_ends_on_the_last_friday_of_june_of_the_year_of_the_sixteenth_birthday",
        "case: Born on 23 September",
        "case: Born on the last day of August",
        "case: Born on the first of September",
        "case: Born in July, after the leaving date of that year",
        "case: Born on 29 February",
        "case: Born on a leaving date",
    ),
    "the first day as a young person, and the last": (
        "tests/domain/test_people.py::test_rights_pass_the_day_after_the_school_leaving_date_and_last_until_25",
        "case: The last day under 25",
    ),
    "the first day of compulsory school age": (
        "tests/domain/test_calendar.py::test_compulsory_school_age_begins_on_the_prescribed_day_on_or_after_the_fifth_birthday",
    ),
    "six weeks": ("case: Whether to assess is said on the forty-second day, and a day later",),
    "sixteen weeks": ("case: No plan, said on the hundred and twelfth day", "case: No plan, said a day after the sixteen weeks"),
    "twenty weeks": (
        "case: A final plan on the hundred and fortieth day",
        "case: A final plan on the hundred and forty-first day",
    ),
    "fifteen days that begin with the day of service": (
        "case: Fifteen days for a draft, and a plan on the last of them",
        "case: A plan on the day after the fifteen days for its draft",
    ),
    "four weeks after an annual review": ("case: The authority's decision four weeks after the meeting, and a day later",),
    "twelve weeks after an annual review": (
        "case: An amended plan twelve weeks after the meeting",
        "case: An amended plan a day after the twelve weeks, its changes not sent with the notice",
    ),
    "fifteen school days": (
        "case: A record sent on the fifteenth school day is in time",
        "case: A record sent on the day after the fifteenth school day is late",
        "case: Fifteen school days across Easter",
        "case: Without the school's terms the last day to send is not known",
    ),
    "a month for subject access, and its pauses": (
        "case: A subject access request answered on the corresponding date, and a day later",
        "case: A request on the last day of January",
        "case: A clock that stands still for ten days",
        "tests/domain/test_access_requests.py::test_days_before_5_february_2026_are_counted_all_the_same",
    ),
}
"""Every line of the table of date arithmetic; of each the cases show the last day in time and the first that is late."""


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def is_there(shown_by: str) -> bool:
    if shown_by.startswith(CASE):
        return shown_by.removeprefix(CASE) in {row["title"] for row, _ in rows()}
    file, _, name = shown_by.partition("::")
    return (ROOT / file).is_file() and name in functions_of(file)


@pytest.mark.parametrize("shown_by", TRAPS.values(), ids=list(TRAPS))
def test_a_trap_is_shown_by_tests_that_there_are(shown_by: tuple[str, ...]) -> None:
    assert shown_by
    assert [name for name in shown_by if not is_there(name)] == []


@pytest.mark.parametrize("shown_by", BOUNDARIES.values(), ids=list(BOUNDARIES))
def test_a_boundary_is_shown_by_tests_that_there_are(shown_by: tuple[str, ...]) -> None:
    assert shown_by
    assert [name for name in shown_by if not is_there(name)] == []


def test_all_twenty_five_traps_are_listed_and_a_name_that_is_nowhere_is_found_out() -> None:
    assert [re.match(r"T\d\d", trap)[0] for trap in TRAPS] == [f"T{number:02}" for number in range(1, 26)]
    assert not is_there("case: A case that nobody wrote")
    assert not is_there("tests/domain/test_traps.py::test_that_nobody_wrote")


def test_no_path_of_the_api_holds_a_upn() -> None:
    """DfE guide to unique pupil numbers: the number is no general reference."""
    paths = (ROOT / "openapi" / "openapi.json").read_text()
    parameters = set(re.findall(r"\{([a-z_]+)\}", " ".join(re.findall(r'"(/v1[^"]*)"', paths))))
    assert "pupil_id" in parameters
    assert not {name for name in parameters if "upn" in name}


def test_special_category_is_how_the_record_is_treated_and_not_what_a_status_is_called() -> None:
    """SEN status is not on the list of article 9; the whole record is handled as if it were, as good practice."""
    told = RULES["assess-the-processing-first"].duty
    assert "as for special category data" in told
