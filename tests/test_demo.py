"""The story of the README, told against real processes: it ends well, says what it must, and gives nothing away."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from app.exchange.vectors import published

CHECKOUT = Path(__file__).parents[1]
MOST_SECONDS = 420


@cache
def told() -> "subprocess.CompletedProcess[str]":
    """Tell the story once for all tests of this file."""
    return subprocess.run([sys.executable, "-m", "demo"], cwd=CHECKOUT, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)


def plainly() -> str:
    """What was told, in one line, however it was broken for the terminal."""
    return " ".join(told().stdout.split())


def test_the_story_comes_out_as_it_expects_and_nothing_breaks_on_the_way():
    assert told().returncode == 0, told().stderr
    assert told().stderr == ""


@pytest.mark.parametrize(
    "line",
    [
        "Nothing was stored.",
        f"{len(published())} of {len(published())} vectors hold",
        "6 terms with their half-terms are written down",
        "No SEN information report is on its website",
        "As at 2 March, as known today: kept late. As known on the evening of 2 March: broken.",
        'Down from the count to the duty: "Broken: ',
        "Keisha made little progress in two cycles",
        "The SENCO completes the national award on 10 July 2015, in time.",
        "A review does not exist yet: missing: plan.",
        "30 pupils, nothing stored",
        "nothing was added and nothing changed",
        "15 individual decisions are due by 31 August 2015",
        "A teaching assistant cannot decide it.",
        "Daniela does not move across",
        "Jakub's BESD was assessed anew and became SEMH; Keisha's did not",
        "Chidi's parents live apart and both are told.",
        "has care of her: a parent in education law",
        "bars Elif's father",
        "came back: the duty stood open again until the SENCO told her in person",
        "The review is held on the very day agreed",
        "Isla is told, and not her parents",
        "Hamza and Olu were not decided in time.",
        "it is flagged as late",
        "Authority 998 sees nothing of it",
        '"Accepted: ',
        "Received on 5 October 2015, so the authority answers by 16 November 2015.",
        "What is overdue on 8 October 2015",
        "none moves automatically - Olu [",
        "The ledger of 999999 holds: ",
        "A profile that contradicted itself was refused.",
        "A file that called itself a PDF is refused by name, the rest kept.",
        "signed-form missing before",
        "The submission is refused: a paper names another pupil of the school.",
        "none above its limit.",
        'The bagit package accepts every part; offline, our verifier says: "Accepted: ',
        "Of 60 copies, each with one bit flipped somewhere, it accepts none.",
    ],
)
def test_the_story_says(line: str):
    assert line in plainly()


@pytest.mark.parametrize(
    "provision", ["section 68(2)", "section 69(1)", "section 36(1)", "paragraph 6.53", "paragraph 6.65", "regulation 5(1)", "section 8(3)"]
)
def test_the_story_names_the_provision(provision: str):
    assert provision in plainly()


def test_no_secret_is_told():
    assert told().stdout
    assert not any(word in told().stdout + told().stderr for word in ("whsec_", "client secret", "Bearer "))
