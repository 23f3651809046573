"""One client of the service: its token, and calls that must be answered as expected."""

import itertools
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from demo.narrator import StoryDiffersError

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
_keys = itertools.count(1)

Json = dict[str, Any]


class Client:
    """Calls the service with a token of its own; an answer with another status than expected stops the story."""

    def __init__(self, address: str, client_id: str, secret: str) -> None:
        self.id = client_id
        self.http = httpx.Client(base_url=address, timeout=30)
        asked = {"grant_type": "client_credentials"}
        answer = self.http.post("/oauth2/token", data=asked, auth=(client_id, secret))
        token = require(answer, 200).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, *, status: int = 200, **params: Any) -> Json:
        """Read something as JSON."""
        found: Json = require(self.http.get(path, params=params), status).json()
        return found

    def post(self, path: str, body: object, *, status: int = 201, **params: Any) -> Json:
        """Send JSON under a fresh idempotency key."""
        headers = {"Idempotency-Key": f"story-{next(_keys)}"}
        answer = require(self.http.post(path, json=body, headers=headers, params=params), status)
        found: Json = answer.json() if answer.content else {}
        return found

    def put(self, path: str, body: object, *, status: int = 200) -> Json:
        """Replace something whatever its version."""
        found: Json = require(self.http.put(path, json=body, headers={"If-Match": "*"}), status).json()
        return found

    def send_file(self, path: str, content: bytes, media_type: str, **params: Any) -> Json:
        """Hand in a file; 202 is what it must get."""
        headers = {"Content-Type": media_type, "Idempotency-Key": f"story-{next(_keys)}"}
        found: Json = require(self.http.post(path, content=content, headers=headers, params=params), 202).json()
        return found

    def every(self, path: str, **params: Any) -> list[Json]:
        """Read all pages of a list."""
        page = self.get(path, **params)
        items: list[Json] = list(page["items"])
        while page.get("next"):
            page = self.get(path, cursor=page["next"], **params)
            items += page["items"]
        return items


def require(answer: httpx.Response, status: int) -> httpx.Response:
    """Give the answer back if it has the status, and stop the story otherwise."""
    if answer.status_code != status:
        raise StoryDiffersError(
            f"{answer.request.method} {answer.request.url.path}: expected {status}, was answered {answer.status_code}: {answer.text[:1500]}"
        )
    return answer


def until(what: str, look: Callable[[], T | None], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Look again and again until there is something to see; stops the story after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise StoryDiffersError(f"{what}: did not come within {seconds:.0f} seconds")
