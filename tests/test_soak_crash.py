"""The storm in small: every delivery arrives though service, worker and database are killed; and its counting finds what is wrong."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from soak import crash
from soak.listener import Heard, Listener
from soak.town import School

CHECKOUT = Path(__file__).parents[1]
MOST_SECONDS = 400
URN, PATH, SUBSCRIPTION = "999101", "999101-0", "one"
OWED = 3


@pytest.mark.skipif(not crash.can_kill(), reason="processes are found through /proc")
def test_what_was_acknowledged_arrives_though_everything_is_killed() -> None:
    """A process of its own, for what a killed database leaves half open is no matter of the tests that come after."""
    command = [sys.executable, "-m", "soak", "crash", "--pupils", "6", "--kills", "3"]
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "no fault"), told.stdout + told.stderr
    assert "deliveries: {'delivered': 144}" in told.stdout


def told_of(*numbers: int) -> Listener:
    listener = Listener(1)
    heard = listener.heard[PATH] = Heard(URN)
    heard.schools.add(URN)
    heard.subscriptions.add(SUBSCRIPTION)
    for number in numbers:
        heard.ids_of[number].add(UUID(int=number))
    return listener


def faults_of(listener: Listener, **changed: int) -> list[str]:
    school = School(
        urn=URN,
        client=uuid4(),
        secret="",
        senco=uuid4(),
        head=uuid4(),
        http=httpx.AsyncClient(),
        today=date(2026, 3, 2),
        require_alive=lambda: None,
    )
    school.acknowledged = OWED
    row = {"number": OWED, "owed": OWED, "numbers": OWED, "last": OWED, **changed}
    return list(crash.faults_of_one(school, row, listener, PATH, SUBSCRIPTION))


def test_all_numbers_once_is_no_fault() -> None:
    assert faults_of(told_of(1, 2, 3)) == []


@pytest.mark.parametrize(("numbers", "fault"), [((1, 3), "1 numbers never arrived"), ((1, 2, 3, 4), "1 were never owed")])
def test_a_number_that_is_lost_or_was_never_owed_is_a_fault(numbers: tuple[int, ...], fault: str) -> None:
    assert [found for found in faults_of(told_of(*numbers)) if fault in found]


@pytest.mark.parametrize("column", ["number", "owed", "numbers", "last"])
def test_numbers_with_a_gap_are_a_fault(column: str) -> None:
    assert faults_of(told_of(1, 2, 3), **{column: OWED + 1})


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda heard: heard.ids_of[2].add(uuid4()), "two ids"),
        (lambda heard: heard.schools.add("999102"), "another school"),
        (lambda heard: heard.subscriptions.add("another"), "another school or endpoint"),
        (lambda heard: setattr(heard, "forged", 1), "not signed"),
    ],
)
def test_what_came_under_two_ids_or_was_not_for_this_endpoint_is_a_fault(spoil: Callable[[Heard], object], fault: str) -> None:
    listener = told_of(1, 2, 3)
    spoil(listener.heard[PATH])
    assert [found for found in faults_of(listener) if fault in found]
