"""Secrets at rest: what is sealed with the installation's key, and client secrets kept only as scrypt."""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Callable
from hashlib import scrypt, sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.keys.strict import read_base64url, write_base64url

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"
PREFIX_BYTES = 5  # the version and four bytes that name the key
SECRET_PREFIX = "gs_"  # noqa: S105 - the prefix by which scanners know a secret, not a secret
MAX_SECRET_CHARS = 128
SCRYPT = "n=16384,r=8,p=1"
SCRYPT_MEMORY = 64 * 1024 * 1024
SALT_BYTES = 16

RandomBytes = Callable[[int], bytes]


class UnsealError(Exception):
    """The bytes were not sealed by a known key for this purpose, or were altered."""


class SealingKeyError(ValueError):
    """The text is not base64 of exactly 32 bytes; the message never repeats it."""


class Sealer:
    """AES-256-GCM under the newest key; older keys still unseal, so that a change of keys needs no pause."""

    def __init__(self, key: bytes, *older: bytes, random_bytes: RandomBytes) -> None:
        self._newest = _prefix(key)
        self._keys = {_prefix(known): AESGCM(known) for known in (*older, key)}
        self._random_bytes = random_bytes

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Encrypt and bind to `about` (what it is and whose, such as `webhook-secret:<id>`), which is not stored."""
        nonce = self._random_bytes(NONCE_BYTES)
        return self._newest + nonce + self._keys[self._newest].encrypt(nonce, plain, self._newest + about.encode("utf-8"))

    def unseal(self, sealed: bytes, *, about: str) -> bytes:
        """The plain bytes, when sealed for the same `about`; raises UnsealError."""
        prefix, nonce, rest = sealed[:PREFIX_BYTES], sealed[PREFIX_BYTES : PREFIX_BYTES + NONCE_BYTES], sealed[PREFIX_BYTES + NONCE_BYTES :]
        cipher = self._keys.get(prefix)
        if cipher is None or len(nonce) != NONCE_BYTES:
            raise UnsealError("sealed by a key that is not known here")
        try:
            return cipher.decrypt(nonce, rest, prefix + about.encode("utf-8"))
        except InvalidTag:
            raise UnsealError("altered, or sealed for something else") from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed this, of which the first five bytes are enough; False is what is still to be sealed anew."""
        return sealed[:PREFIX_BYTES] == self._newest


def keys_from_text(text: str) -> tuple[bytes, ...]:
    """The keys in a text, newest first, with commas between them; one as a rule, two while keys change. Raises SealingKeyError."""
    return tuple(key_from_text(part) for part in text.split(","))


def key_from_text(text: str) -> bytes:
    """The 32 bytes of a key in base64 of either alphabet, spaces and line ends around it ignored; raises SealingKeyError."""
    try:
        key = b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise SealingKeyError("the key is not base64") from None
    if len(key) != KEY_BYTES:
        raise SealingKeyError("the key does not have 32 bytes")
    return key


def new_client_secret(random_bytes: RandomBytes) -> str:
    """256 random bits after the prefix `gs_`; shown once, stored only by `hash_secret`."""
    return SECRET_PREFIX + write_base64url(random_bytes(32))


def hash_secret(secret: str, salt: bytes) -> str:
    """Scrypt with its parameters and salt in the text; takes tens of milliseconds, so never on the event loop."""
    return f"scrypt${SCRYPT}${write_base64url(salt)}${write_base64url(_scrypt(secret, salt, SCRYPT))}"


def secret_matches(secret: str, stored: str) -> bool:
    """Constant time for every secret of a possible shape; ValueError when `stored` is not from `hash_secret`."""
    name, parameters, salt, digest = stored.split("$")
    if name != "scrypt":
        raise ValueError("not a stored client secret")
    expected = read_base64url(digest)
    if not secret.isascii() or len(secret) > MAX_SECRET_CHARS:
        return False
    return hmac.compare_digest(_scrypt(secret, read_base64url(salt), parameters), expected)


def _scrypt(secret: str, salt: bytes, parameters: str) -> bytes:
    n, r, p = (int(part.partition("=")[2]) for part in parameters.split(","))
    return scrypt(secret.encode("ascii"), salt=salt, n=n, r=r, p=p, maxmem=SCRYPT_MEMORY, dklen=32)


def _prefix(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise SealingKeyError("the key does not have 32 bytes")
    return VERSION + sha256(b"name of a sealing key:" + key).digest()[: PREFIX_BYTES - 1]
