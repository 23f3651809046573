"""Stores of files for the tests, sealed with the key that the tests' installations have."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.db.blobs import Blobs, open_blobs
from app.db.file_stores import FileStore
from app.keys.sealing import KEY_BYTES, Sealer

if TYPE_CHECKING:
    from obstore.store import ObjectStore

READ_BY_PROVIDERS = {
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT"),
    *("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "GOOGLE_SERVICE_ACCOUNT"),
}
"""The variables that the library reads by itself; `test_file_stores` shows that it does."""
SEALER = Sealer(bytes(KEY_BYTES), random_bytes=os.urandom)


def blobs_in(folder: Path) -> Blobs:
    """Give a store in a folder."""
    return open_blobs(folder, SEALER, os.urandom)


def blobs_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> Blobs:
    """Give a store at a provider where nobody answers; unsigned, for the library would search the network for a key."""
    for name, value in {"AWS_ENDPOINT": "http://127.0.0.1:9", "AWS_ALLOW_HTTP": "true", "AWS_SKIP_SIGNATURE": "true"}.items():
        monkeypatch.setenv(name, value)
    return open_blobs("s3://bucket", SEALER, os.urandom)


def blobs_over(store: "ObjectStore") -> Blobs:
    """Give a store that is not a folder."""
    return Blobs(FileStore(store), SEALER, os.urandom)


def files_of(blobs: Blobs) -> list[Path]:
    """List the files that lie in the folder of a store, whole or not."""
    assert blobs.files.folder is not None
    return [path for path in blobs.files.folder.rglob("*") if path.is_file()]
