"""The one door to PDFium, which is not made for two threads at once: whoever draws pages or reads their words waits here."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

import pypdfium2  # type: ignore[import-untyped]  # it ships no types

_ONE_AT_A_TIME: Final = Lock()


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF and keep all others waiting until the block ends; blocks, so run it in a thread. Raises PdfiumError."""
    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(content)
        try:
            yield document
        finally:
            document.close()
