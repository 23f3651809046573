"""Files encrypted in segments of a quarter of a megabyte, so that a range is read without the rest of the file."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEGMENT_BYTES: Final = 256 << 10
TAG_BYTES: Final = 16
_ABOUT: Final = b"graduated/segments/1"
_NUMBER_BYTES: Final = 11


class SegmentError(Exception):
    """A segment is not the one that was written in this place of this file."""


class Segments:
    """AES-256-GCM under a key that no other file has: a segment's number and whether it is the last are its nonce.

    So none can be swapped, left out or repeated, and a file that was cut off has no last one.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, number: int, plain: bytes, *, last: bool) -> bytes:
        """Encrypt the segment with this number, counted from 0; each is sealed once and holds SEGMENT_BYTES, the last up to as many."""
        return self._cipher.encrypt(_nonce(number, last=last), plain, _ABOUT)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Give the plain bytes of a segment; raises SegmentError."""
        try:
            return self._cipher.decrypt(_nonce(number, last=last), sealed, _ABOUT)
        except (InvalidTag, ValueError):
            raise SegmentError from None


def count_of(size: int) -> int:
    """How many segments a file of so many plain bytes has; an empty one has one."""
    return max(1, -(-size // SEGMENT_BYTES))


def sealed_size(size: int) -> int:
    """How many bytes a file of so many plain bytes has when it is encrypted."""
    return size + TAG_BYTES * count_of(size)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big") + bytes([last])
