"""Segments of an encrypted file: none opens in another place, and what was sealed by an earlier release is opened by this one."""

import pytest

from app.keys.segments import SEGMENT_BYTES, TAG_BYTES, SegmentError, Segments, count_of, sealed_size

KEY = bytes(range(32))
SEALED = {
    (0, True): "54f6cd99349b426a20e9708bf52843e4bc35fd0e9aed70b6a7",
    (0, False): "4f9cc7bbc543f1c926b150ba2bcf86f05e1319837657d29c10",
    (7, True): "98d2ffe6133dfe4c5a65daae1ce6cd1fc0609d38834a2fb580",
}


@pytest.mark.parametrize(("place", "sealed"), SEALED.items())
def test_what_was_sealed_before_is_opened(place: tuple[int, bool], sealed: str) -> None:
    """Files outlive releases: these bytes were sealed when the format was made."""
    number, last = place
    assert Segments(KEY).open(number, bytes.fromhex(sealed), last=last) == b"A report."
    assert Segments(KEY).seal(number, b"A report.", last=last).hex() == sealed


@pytest.mark.parametrize(("number", "last"), [(1, False), (0, True), (256, False)])
def test_a_segment_opens_in_its_own_place_alone(number: int, last: bool) -> None:
    sealed = Segments(KEY).seal(0, b"A report.", last=False)
    with pytest.raises(SegmentError):
        Segments(KEY).open(number, sealed, last=last)


@pytest.mark.parametrize("cut", [0, 1, TAG_BYTES - 1, TAG_BYTES])
def test_what_is_too_short_to_be_a_segment_is_none(cut: int) -> None:
    sealed = Segments(KEY).seal(0, b"A report.", last=True)
    with pytest.raises(SegmentError):
        Segments(KEY).open(0, sealed[:cut], last=True)


def test_another_key_opens_nothing() -> None:
    sealed = Segments(KEY).seal(0, b"A report.", last=True)
    with pytest.raises(SegmentError):
        Segments(bytes(32)).open(0, sealed, last=True)


@pytest.mark.parametrize(("size", "count"), [(0, 1), (1, 1), (SEGMENT_BYTES, 1), (SEGMENT_BYTES + 1, 2), (8 << 20, 32)])
def test_a_file_has_as_many_segments_as_it_needs_and_one_tag_for_each(size: int, count: int) -> None:
    assert (count_of(size), sealed_size(size)) == (count, size + count * TAG_BYTES)
