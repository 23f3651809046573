"""The digest of a bundle, whether it is one file or a set of parts: what a receipt names, and what a stranger can work out."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

_SET: Final = b"graduated/set/1\n"


def digest_of_parts(digests: Sequence[bytes]) -> bytes:
    """Give the digest of the one part, or SHA-256 over `graduated/set/1`, a line feed and the parts' 32-byte digests in their order.

    Raises ValueError where there is no part.
    """
    if not digests:
        raise ValueError("a bundle has at least one part")
    return digests[0] if len(digests) == 1 else sha256(_SET + b"".join(digests)).digest()
