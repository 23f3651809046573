"""Weighs a PDF before anything reads its streams for good: what would unpack to far more than it holds is told by unpacking a little."""

import zlib
from collections.abc import Iterator
from typing import Final

import pikepdf
from pikepdf.settings import set_qpdf_limits

from app.documents.papers.pdf_drawing_weight import draws_too_much

MOST_AT_ONCE: Final = 100 << 20
"""No stream that is not a picture unpacks to more than so many bytes."""
MOST_IN_ALL: Final = 1 << 30
MOST_OBJECTS: Final = 200_000
MOST_PIXELS: Final = 80_000_000
MOST_BYTES_OF_A_PIXEL: Final = 8
_STEP: Final = 1 << 20
_FLATE: Final = ("/FlateDecode", "/Fl")
_SWELLING: Final = (*_FLATE, "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL")

# qpdf unpacks some streams while it opens a file, before anybody could look at them; it holds no limit of its own.
set_qpdf_limits(
    flate_max_memory=MOST_AT_ONCE, png_max_memory=MOST_AT_ONCE, tiff_max_memory=MOST_AT_ONCE, run_length_max_memory=MOST_AT_ONCE
)


def is_too_heavy(document: pikepdf.Pdf) -> bool:
    """Whether it holds more things, they would unpack to more, or draw more, than any document does. Raises the errors of the library."""
    if len(document.objects) > MOST_OBJECTS:
        return True
    left = MOST_IN_ALL
    for stream in _streams(document):
        most = _most_of(stream)
        if most is None or len(_swelling_filters(stream)) > 1:
            return True
        unpacked = _unpacked(stream, most)
        left -= unpacked
        if unpacked > most or left < 0:
            return True
    return draws_too_much(document)


def _streams(document: pikepdf.Pdf) -> Iterator[pikepdf.Stream]:
    return (thing for thing in document.objects if isinstance(thing, pikepdf.Stream))


def _most_of(stream: pikepdf.Stream) -> int | None:
    """So many bytes it may unpack to; None for a picture larger than any scan."""
    if stream.get("/Subtype") != "/Image":
        return MOST_AT_ONCE
    pixels = int(stream.get("/Width", 0)) * int(stream.get("/Height", 0))
    return None if pixels > MOST_PIXELS else pixels * MOST_BYTES_OF_A_PIXEL + _STEP


def _swelling_filters(stream: pikepdf.Stream) -> list[str]:
    return [name for name in _filters(stream) if name in _SWELLING]


def _filters(stream: pikepdf.Stream) -> list[str]:
    said = stream.get("/Filter", pikepdf.Array())
    return [str(name) for name in said] if isinstance(said, pikepdf.Array) else [str(said)]


def _unpacked(stream: pikepdf.Stream, most: int) -> int:
    """Count what the first filter unpacks to, up to a little more than `most`; other filters than Flate swell little or are rare."""
    if next(iter(_filters(stream)), None) not in _FLATE:
        return 0
    unpacking, packed, count = zlib.decompressobj(), stream.read_raw_bytes(), 0
    try:
        while packed and count <= most:
            piece = unpacking.decompress(packed, _STEP)
            if not piece:
                break
            count += len(piece)
            packed = unpacking.unconsumed_tail
    except zlib.error:
        return count
    return count
