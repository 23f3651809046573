"""An authority's client that pulls, a program of its own: it lists what was sent, takes it in pieces, checks it offline, and receipts it.

It reads its configuration as JSON from standard input and writes what it found as JSON.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from app.settings import child_environment

FIRST_PIECE: Final = 4096
OFFICER: Final = "officer-17"
Json = dict[str, Any]


class Authority:
    """One authority's client; every call is outbound, as from behind a proxy."""

    def __init__(self, configuration: Json) -> None:
        self.http = httpx.Client(base_url=configuration["service"], timeout=30)
        self.folder = Path(configuration["folder"])
        self.folder.mkdir(parents=True, exist_ok=True)
        self.place = f"/v1/local-authorities/{configuration['code']}/requests"
        signed_in = self.http.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=(configuration["client_id"], configuration["client_secret"])
        )
        self.http.headers["Authorization"] = f"Bearer {signed_in.raise_for_status().json()['access_token']}"

    def meet(self, request: str) -> Json:
        """Read whom a request is about that came without evidence, as it may at any time."""
        told = self.http.get(f"{self.place}/{request}/person", params={"purpose": PURPOSE}, headers={"Officer-Reference": OFFICER})
        found: Json = told.raise_for_status().json()
        return found

    def take(self, request: str) -> Json:
        """Take each part of a bundle in ranges, check the whole, and receipt it by its digest."""
        shown = self.http.get(f"{self.place}/{request}").raise_for_status().json()["bundle"]
        files, digests, etag, path = [], [], "", ""
        for part in shown["parts"]:
            path = f"{self.place}/{request}/bundle/parts/{part['number']}"
            content, etag = self._download(path)
            files.append(self.folder / f"{request}-{part['number']}.zip")
            files[-1].write_bytes(content)
            digests.append(hashlib.sha256(content).digest())
        keys = self.folder / "keys.json"
        keys.write_bytes(self.http.get("/.well-known/bundle-keys.json").raise_for_status().content)
        checked = verify(files, keys)
        digest = (digests[0] if len(digests) == 1 else hashlib.sha256(b"graduated/set/1\n" + b"".join(digests)).digest()).hex()
        again = self.http.get(path, params={"purpose": PURPOSE}, headers={"If-None-Match": etag})
        receipt = self.http.post(
            f"{self.place}/{request}/receipts",
            json={"digest": digest, "officer": OFFICER},
            headers={"Idempotency-Key": f"receipt-{request}"},
        )
        return {
            "request": request,
            "files": [str(file) for file in files],
            "size": sum(file.stat().st_size for file in files),
            "digest": digest,
            "checked": checked.stdout.strip().splitlines(),
            "verified": checked.returncode == 0,
            "asked_again": again.status_code,
            "receipt_status": receipt.status_code,
            "receipt": receipt.json(),
        }

    def _download(self, path: str) -> tuple[bytes, str]:
        """Take the first piece, break off, and go on from there; the ETag says that it is still the same file."""
        reason, officer = {"purpose": PURPOSE}, {"Officer-Reference": OFFICER}
        first = self.http.get(path, params=reason, headers={"Range": f"bytes=0-{FIRST_PIECE - 1}", **officer})
        if first.status_code != 206:
            raise SystemExit(f"the first piece was answered {first.status_code}: {first.text[:500]}")
        etag, taken = first.headers["etag"], first.content
        whole = int(first.headers["content-range"].rpartition("/")[2])
        while len(taken) < whole:
            more = self.http.get(path, params=reason, headers={"Range": f"bytes={len(taken)}-", "If-Range": etag, **officer})
            if more.status_code != 206:
                raise SystemExit(f"the next piece was answered {more.status_code}: {more.text[:500]}")
            taken += more.content
        return taken, etag


PURPOSE: Final = "ehc-needs-assessment"


def verify(files: Sequence[Path], keys: Path) -> "subprocess.CompletedProcess[str]":
    """Run `graduated verify bundle` over all parts of one, with no database and no address of the service to go by."""
    offline = child_environment({"DATABASE_URL": "", "PUBLIC_URL": "", "SECRETS_KEY": ""})
    command = [sys.executable, "-m", "app.cli", "verify", "bundle", *map(str, files), "--jwks", str(keys)]
    return subprocess.run(command, env=offline, capture_output=True, text=True, timeout=60, check=False)


def main() -> None:
    """List what was sent to the authority, see who asks without evidence yet, and take all the evidence that is ready."""
    authority = Authority(json.load(sys.stdin))
    listed = authority.http.get(authority.place).raise_for_status().json()["items"]
    taken = [authority.take(item["id"]) for item in listed if item["bundle"] and item["state"] == "submitted"]
    met = [authority.meet(item["id"]) for item in listed if item["state"] == "requested"]
    print(json.dumps({"listed": listed, "met": met, "taken": taken}))


if __name__ == "__main__":
    main()
