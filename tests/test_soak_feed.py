"""The trial of the feed in small: every reader ends with what was acknowledged; and its counting finds a reader out that does not."""

from random import Random

import httpx
import pytest

from app.db.embedded import DatabaseUrls
from soak import feed
from soak.feed import Scale, Written
from soak.feed_reading import Reader, differences, faults_of

SMALL = Scale(changes=2_000, schools=4, processes=2, writers_each=12, readers=4)
SHOULD = {"a": [b"1", b"2", b"3"], "b": [b"4"]}


async def test_each_reader_ends_with_exactly_what_was_acknowledged_and_one_by_time_does_not(database: DatabaseUrls) -> None:
    said: list[str] = []
    assert await feed.run(database, SMALL, said.append) == []
    counted = next(line for line in said if "changes in" in line)
    assert int(counted.split(": ")[1].split(" ")[0]) >= SMALL.changes
    assert any("is caught" in line for line in said)


def test_the_same_entries_in_the_same_order_are_no_fault() -> None:
    assert faults_of(SHOULD, SHOULD) == []


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        ([b"1", b"3"], "1 missing, 0 doubled, 0 strange"),
        ([b"1", b"2", b"2", b"3"], "0 missing, 1 doubled, 0 strange"),
        ([b"1", b"2", b"3", b"9"], "0 missing, 0 doubled, 1 strange"),
        ([b"2", b"1", b"3"], "the order is another"),
        ([], "3 missing"),
    ],
)
def test_a_reader_who_skips_doubles_invents_or_mixes_up_is_found_out(held: list[bytes], fault: str) -> None:
    [found] = faults_of({**SHOULD, "a": held}, SHOULD)
    assert found.startswith("a: ")
    assert fault in found


def test_a_school_that_should_not_be_seen_is_found_out() -> None:
    assert faults_of({**SHOULD, "c": [b"5"]}, SHOULD) == ["c: of 0 are 0 missing, 0 doubled, 1 strange"]


def item(number: int, digest: str = "00") -> dict[str, object]:
    return {"urn": "999101", "header": {"school": "a", "number": number}, "digest": digest, "link": "00"}


def test_a_page_asked_again_may_go_further_and_may_not_differ() -> None:
    assert differences([item(1), item(2)], [item(1), item(2), item(3)]) == []
    assert differences([item(1), item(2)], [item(1)]) == []
    assert differences([item(1), item(2)], [item(2)]) == ["asked again, 1 came as 2"]
    assert differences([item(1)], [item(1, "ff")]) == ["asked again, 1 came as 1"]


@pytest.mark.parametrize("numbers", [(1, 3), (2,), (1, 1)])
def test_a_number_out_of_its_turn_is_a_fault(numbers: tuple[int, ...]) -> None:
    reader = Reader("r", httpx.AsyncClient(), Random(1))
    reader._take({"items": [item(number) for number in numbers]})
    assert reader.faults


def test_a_header_that_does_not_give_its_digest_is_a_fault() -> None:
    reader = Reader("r", httpx.AsyncClient(), Random(1), recomputes=True)
    reader._take({"items": [item(1)]})
    assert reader.faults == ["r: 1 does not follow from its header"]


def test_a_number_acknowledged_twice_is_a_fault() -> None:
    written = Written()
    for _ in range(2):
        written.hear("a 7 00ff")
    assert written.faults == ["number 7 of a was acknowledged twice"]
