"""How hard notices are to read, measured on every matter in both voices, without what the school itself wrote into the record."""

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from app.documents.notices.notice_voice import Addressee
from app.documents.notices.notice_words import Format, Original
from app.domain.entries import Entry, Matter, NextStep
from tests.documents.notice_builders import EVERY_MATTER, KNOWN, MILO_READS, MOTHER_READS, REVIEW, written
from tests.documents.reading import grade, sentences, syllables
from tests.domain.builders import a_review

KNOWN_WORDS = {
    **{"help": 1, "school": 1, "asked": 1, "needs": 1, "made": 1, "free": 1, "called": 1, "age": 1, "work": 1, "talk": 1, "changed": 1},
    **{"pupil": 2, "extra": 2, "support": 2, "teacher": 2, "little": 2, "decide": 2, "review": 2, "being": 2, "special": 2, "website": 2},
    **{"decided": 3, "different": 3, "provision": 3, "idea": 3, "specialist": 3, "assessment": 3, "december": 3, "september": 3},
    **{"education": 4, "information": 4, "society": 4, "responsible": 4, "usually": 4},
    **{"educational": 5},
}


def test_syllables_are_counted_as_they_are_spoken_give_or_take_one_in_twenty() -> None:
    counted = sum(syllables(word) for word in KNOWN_WORDS)
    assert abs(counted - sum(KNOWN_WORDS.values())) <= sum(KNOWN_WORDS.values()) / 20
    assert [word for word, known in KNOWN_WORDS.items() if abs(syllables(word) - known) > 1] == []


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        ("The cat sat on the mat. The dog ran. It was hot.", -5, 1),
        ("We will look at the plan with you in May. Then we will see if the help works.", -1, 3),
        (
            "Notwithstanding the aforementioned provisions, the responsible authority shall determine eligibility in accordance with "
            "statutory guidance and notify interested parties.",
            15,
            35,
        ),
    ],
)
def test_the_measure_tells_easy_from_hard(text: str, lowest: float, highest: float) -> None:
    assert lowest < grade(text) < highest


def without_what_the_school_wrote(entry: Entry) -> Entry:
    """Put a mark in the place of every free text, however deep it lies, so that only our own sentences are measured."""
    return _marked(entry)


def _marked(value: Any) -> Any:
    if type(value) is str:
        return "#"
    if isinstance(value, tuple):
        return tuple(_marked(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        free = {f.name: _marked(getattr(value, f.name)) for f in fields(value) if f.name not in ("authority", "programme")}
        return replace(value, **free)
    return value


def our_prose(original: Original, form: Format) -> str:
    """Sentences alone: no title, greeting, heading, signature or footnote, whose few words would make it look easier than it is."""
    blocks = (original.easy if form == "easy_read" else original.plain) or ()
    texts = [text for block in blocks if block.part in ("paragraph", "items") for text in block.texts]
    spoken = [text for text in texts if not text.startswith(("Dear ", "From "))]
    return "\n".join(re.sub(r"#\.?", "", text) for text in spoken)


EVERY_NEXT_STEP: tuple[tuple[Matter, Entry], ...] = tuple((Matter.REVIEW, a_review(REVIEW, next_step=step)) for step in NextStep)
CASES = [
    pytest.param(matter, entry, to, id=f"{matter}-{place}-{'young-person' if to.is_young_person else 'parent'}")
    for place, (matter, entry) in enumerate((*EVERY_MATTER, *EVERY_NEXT_STEP))
    for to in (MOTHER_READS, MILO_READS)
]
# Grade 6 of the measure is what is read at the age of eleven; nothing official says what Easy Read must measure, so grade 3 is our own.
AGE_OF_ELEVEN, EASY = 6.0, 3.0


@pytest.mark.parametrize(("matter", "entry", "to"), CASES)
def test_every_notice_can_be_read_at_the_age_of_eleven(matter: Matter, entry: Entry, to: Addressee) -> None:
    prose = our_prose(written(matter, without_what_the_school_wrote(entry), to, KNOWN), "text")
    lengths = [len(sentence) for sentence in sentences(prose)]
    assert grade(prose) <= AGE_OF_ELEVEN
    assert sum(lengths) / len(lengths) < 14
    assert max(lengths) <= 20


@pytest.mark.parametrize(("matter", "entry", "to"), CASES)
def test_easy_read_is_easier_still_with_one_idea_a_sentence(matter: Matter, entry: Entry, to: Addressee) -> None:
    original = written(matter, without_what_the_school_wrote(entry), to, KNOWN)
    if original.easy is None:
        assert matter is Matter.TRANSITION
        return
    easy = our_prose(original, "easy_read")
    assert grade(easy) <= EASY
    assert grade(easy) < grade(our_prose(original, "text"))
    assert max(len(sentence) for sentence in sentences(easy)) <= 14
    assert not re.search(r"[;()\u2014]|\b(which|whereas|therefore|however)\b", easy)
