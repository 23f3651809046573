"""Two programs that the service sends to: the school's messaging system, and the endpoint of an authority that wants its evidence pushed.

Each reads its configuration as JSON from standard input and writes one line when it listens. Both check signatures with the package
`standardwebhooks`, which is not ours. What they did is asked with GET /seen.
"""

import base64
import hashlib
import json
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

Json = dict[str, Any]


class Messaging:
    """The school's messaging system: hears that a notice is ready, fetches the words through the gate, sends, and reports."""

    def __init__(self, configuration: Json) -> None:
        self.seen: Json = {"events": [], "letters": [], "numbers": [], "tests": 0, "errors": [], "refused": 0}
        self._verifier = Webhook(configuration["secret"])
        self._school = configuration["school"]
        self._client = (configuration["client_id"], configuration["client_secret"])
        self._http = httpx.Client(base_url=configuration["service"], timeout=30)
        self._bounces: set[str] = set()
        self._waiting: queue.SimpleQueue[Json] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take an event, or learn whose letters will bounce; 401 for a signature that does not hold."""
        if path == "/bounces":
            self._bounces = set(json.loads(body))
            return 204
        try:
            event = self._verifier.verify(body, dict(headers))
        except WebhookVerificationError:
            self.seen["refused"] += 1
            return 401
        self._sort(headers["webhook-id"], cast(Json, event))
        return 204

    def _sort(self, message: str, event: Json) -> None:
        """Act on what is ready; of what was withheld there is only the number, and a test has not even that."""
        if event["type"] == "subscription.test":
            self.seen["tests"] += 1
            return
        self.seen["numbers"].append(event["number"])
        if event["type"] == "notice.ready":
            self.seen["events"].append({"id": message, "body": event})
            self._waiting.put(event)

    def _work(self) -> None:
        while True:
            event = self._waiting.get()
            try:
                self._send(event)
            except (httpx.HTTPError, KeyError, ValueError) as error:
                self.seen["errors"].append(f"{type(error).__name__}: {error}")

    def _send(self, event: Json) -> None:
        words = self._asked("GET", f"{event['path']}/words", event["notice"])
        if words.status_code != 200:
            self.seen["letters"].append({"notice": event["notice"], "outcome": "withheld", "status": words.status_code})
            return
        letter = words.json()
        outcome = "bounced" if letter["person"] in self._bounces else "delivered"
        reported = self._asked("POST", f"{event['path']}/reports", f"{event['notice']}-{outcome}", {"event": outcome})
        kept = {name: letter[name] for name in ("notice", "person", "subject", "body")}
        self.seen["letters"].append({**kept, "outcome": outcome, "status": reported.status_code})

    def _asked(self, method: str, path: str, key: str, body: Json | None = None) -> httpx.Response:
        answer = self._http.request(method, path, json=body, headers={"Idempotency-Key": key})
        if answer.status_code == 401:
            self._sign_in()
            answer = self._http.request(method, path, json=body, headers={"Idempotency-Key": key})
        return answer

    def _sign_in(self) -> None:
        answer = self._http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=self._client)
        self._http.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"


class PushedTo:
    """The authority's endpoint: hashes the bundle as it arrives, compares digest and signature, and keeps it in a folder."""

    def __init__(self, configuration: Json) -> None:
        self.seen: Json = {"bundles": [], "events": [], "refused": 0}
        self._verifier = Webhook(configuration["secret"])
        self._folder = Path(configuration["folder"])
        self._folder.mkdir(parents=True, exist_ok=True)

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a bundle whose digest and signature both hold, or an event in JSON; 401 otherwise."""
        is_bundle = headers.get("content-type", "") != "application/json"
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
        try:
            event = self._verifier.verify(digest.encode() if is_bundle else body, dict(headers), json_parse=not is_bundle)
        except WebhookVerificationError:
            self.seen["refused"] += 1
            return 401
        if not is_bundle:
            self.seen["events"].append({"id": headers["webhook-id"], "body": event})
            return 204
        if not digest == headers.get("content-digest") == headers.get("repr-digest"):
            self.seen["refused"] += 1
            return 401
        file = self._folder / f"{headers['webhook-id']}.zip"
        file.write_bytes(body)
        told = {name: value for name, value in headers.items() if name.startswith(("webhook-", "content-", "repr-", "graduated-", "x-"))}
        self.seen["bundles"].append({"file": str(file), "size": len(body), "digest": digest, "headers": told})
        return 204


def listen(receiver: Messaging | PushedTo, port: int) -> None:
    """Listen on loopback until ended."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # the name that http.server calls
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._answer(receiver.take(self.path, headers, _body_of(self)))

        def do_GET(self) -> None:
            self._answer(200, json.dumps(receiver.seen).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # letters are nobody else's business
            """Say nothing."""

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", port), Door) as server:
        print("listening", flush=True)
        server.serve_forever()


def _body_of(door: BaseHTTPRequestHandler) -> bytes:
    if "chunked" not in door.headers.get("Transfer-Encoding", ""):
        return door.rfile.read(int(door.headers.get("Content-Length", "0")))
    parts = []
    while size := int(door.rfile.readline().split(b";")[0], 16):
        parts.append(door.rfile.read(size))
        door.rfile.readline()
    door.rfile.readline()
    return b"".join(parts)


def main(program: str) -> None:
    """Be one of the two receivers, `messaging` or `authority`; SIGINT ends it even where it was started with that ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    configuration = json.load(sys.stdin)
    kinds: dict[str, type[Messaging] | type[PushedTo]] = {"messaging": Messaging, "authority": PushedTo}
    listen(kinds[program](configuration), int(configuration["port"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
