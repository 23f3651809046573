"""The key that seals secrets and uploads at rest, kept in a file of its own where the operator gives none."""

import base64
import binascii
import os
from pathlib import Path

from app import clock

KEY_BYTES = 32


class SecretsKeyError(Exception):
    """The key file holds no usable key; what was sealed with the lost one cannot be opened again."""


def kept_secrets_key(folder: Path) -> str:
    """Give the key in `folder`/secrets.key, 32 bytes in URL-safe base64, making it at random (mode 0600) when there is none."""
    path = folder / "secrets.key"
    if not path.exists():
        _make(path)
    key = path.read_text().strip()
    if _length(key) != KEY_BYTES:
        raise SecretsKeyError(f"{path} does not hold {KEY_BYTES} bytes in base64; put the right key back, or give it as SECRETS_KEY")
    return key


def _make(path: Path) -> None:
    """Write beside and rename, so that a crash leaves either no key or a whole one."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.urlsafe_b64encode(clock.random_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _length(key: str) -> int:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0
