"""How much may be handed in at once."""

from typing import Final

MOST_REQUEST_BYTES: Final = 50_000_000
"""Of a request, with all that stands around its files."""
MOST_FILE_BYTES: Final = 25_000_000
MOST_FILES: Final = 20
MOST_UPLOADS: Final = 100
"""So many requests with papers are under way in one process."""
PAPERS_PER_MINUTE: Final = 120
"""So many requests with papers a client may send to a school, and as many at once."""
