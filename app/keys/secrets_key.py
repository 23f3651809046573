"""The key that seals secrets and uploads at rest, kept in a file of its own where the operator gives none; two lines while keys change."""

import base64
import binascii
import os
from pathlib import Path

from app import clock

FILE = "secrets.key"
KEY_BYTES = 32


class SecretsKeyError(Exception):
    """The key file holds no usable key; what was sealed with the lost one cannot be opened again."""


def kept_secrets_key(folder: Path) -> str:
    """Give the keys in `folder`/secrets.key, newest first with commas between, making one at random (mode 0600) when there is none.

    Each is 32 bytes in URL-safe base64 on a line of its own. Raises SecretsKeyError.
    """
    path = folder / FILE
    if not path.exists():
        _write(path, _new())
    keys = path.read_text().strip().split("\n")
    if any(_length(key.strip()) != KEY_BYTES for key in keys):
        raise SecretsKeyError(f"{path} does not hold {KEY_BYTES} bytes in base64; put the right key back, or give it as SECRETS_KEY")
    return ",".join(key.strip() for key in keys)


def put_new_key_first(folder: Path) -> None:
    """Write a key at random before those in `folder`/secrets.key; whoever starts from then on seals with it."""
    _write(folder / FILE, "\n".join((_new(), *kept_secrets_key(folder).split(","))))


def _new() -> str:
    return base64.urlsafe_b64encode(clock.random_bytes(KEY_BYTES)).decode("ascii")


def _write(path: Path, keys: str) -> None:
    """Write beside and rename, so that a crash leaves the file as it was or whole."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(keys.encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _length(key: str) -> int:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0
