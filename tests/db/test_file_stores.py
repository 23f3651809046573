"""A provider is reached with what its own variables say, and its words, which may hold a signed address, are told to nobody."""

import asyncio
import os
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID, uuid4

import pytest

from app.db.blobs import BlobMissingError, BlobOutOfReachError, is_there, open_blobs, whole
from app.db.file_stores import FileStoreError, open_store
from app.keys.segments import SEGMENT_BYTES
from tests.db.stores import READ_BY_PROVIDERS, SEALER

SCHOOL = UUID("01932b4e-5f00-7000-8000-0000000000d1")


@dataclass
class Provider:
    """A server that speaks as much of S3's or Azure's tongue as single files need, and keeps what it was told."""

    files: dict[str, bytes] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)
    broken: bool = False
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _speaking(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Speaking(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(503 if provider.broken else status)
            for name, value in {"Content-Length": str(len(body)), "ETag": '"e"', **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        def _name(self) -> str:
            provider.signed.append(self.headers.get("Authorization", ""))
            return self.path.partition("?")[0]

        def do_PUT(self) -> None:
            provider.files[self._name()] = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(201 if "x-ms-blob-type" in self.headers else 200)

        def do_GET(self) -> None:
            held = provider.files.get(self._name())
            if held is None:
                return self._answer(404)
            asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range") or self.headers.get("x-ms-range") or "")
            if asked is None:
                return self._answer(200, held)
            part = held[int(asked[1]) : int(asked[2]) + 1]
            return self._answer(206, part, Content_Range=f"bytes {asked[1]}-{int(asked[1]) + len(part) - 1}/{len(held)}")

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            """Remove what a list names: of S3 in XML, of Azure as requests within the request."""
            self._name()
            asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if "<Delete" in asked:
                keys = re.findall("<Key>(.*?)</Key>", asked)
                for key in keys:
                    provider.files.pop(f"{self.path.partition('?')[0].rstrip('/')}/{key}")
                told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
                return self._answer(200, f"<DeleteResult>{told}</DeleteResult>".encode())
            for path in re.findall(r"DELETE (\S+) HTTP", asked):
                provider.files.pop(path)
            part = "--b\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n\r\n--b--\r\n"
            return self._answer(202, part.encode(), Content_Type="multipart/mixed; boundary=b")

        def log_message(self, *_: object) -> None:
            return

    return Speaking


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), _speaking(made)) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield made
        server.shutdown()
        thread.join()


def environment_of(scheme: str, address: str) -> dict[str, str]:
    key = b64encode(b"invented-word").decode()
    return {
        "s3": {
            "AWS_ENDPOINT": address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "invented-name",
            "AWS_SECRET_ACCESS_KEY": "invented-word",
            "AWS_REGION": "eu-west-2",
        },
        "az": {
            "AZURE_STORAGE_ACCOUNT_NAME": "inventedname",
            "AZURE_STORAGE_ACCOUNT_KEY": key,
            "AZURE_STORAGE_ENDPOINT": address,
            "AZURE_ALLOW_HTTP": "true",
        },
    }[scheme]


SIGNED = {"s3": r"AWS4-HMAC-SHA256 Credential=invented-name/\d+/eu-west-2/s3/aws4_request.*", "az": "SharedKey inventedname:.*"}


@pytest.mark.parametrize("scheme", SIGNED)
def test_files_are_put_read_and_removed_at_a_provider_with_its_own_variables(
    provider: Provider, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(scheme, provider.address).items():
        monkeypatch.setenv(name, value)
    blobs = open_blobs(f"{scheme}://bucket/in/it", SEALER, os.urandom)
    content = os.urandom(5 * SEGMENT_BYTES + 7)
    with blobs.putting(SCHOOL, uuid4()) as file:
        file.write(content)
    (path,) = provider.files
    assert path.endswith(f"bucket/in/it/{file.kept.name}")
    assert content[:100] not in provider.files[path]

    async def read() -> bytes:
        assert await is_there(blobs, file.kept)
        return b"".join([chunk async for chunk in whole(blobs, file.kept)])

    assert asyncio.run(read()) == content == b"".join(blobs.chunks(file.kept))
    blobs.remove([file.kept.name])
    assert provider.files == {}
    assert not blobs.has(file.kept)
    with pytest.raises(BlobMissingError):
        list(blobs.chunks(file.kept))
    assert all(re.fullmatch(SIGNED[scheme], signed) for signed in provider.signed)


@pytest.mark.parametrize("scheme", SIGNED)
def test_a_provider_that_fails_is_out_of_reach_and_its_address_is_told_to_nobody(
    provider: Provider, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment_of(scheme, provider.address).items():
        monkeypatch.setenv(name, value)
    blobs = open_blobs(f"{scheme}://bucket", SEALER, os.urandom)
    with blobs.putting(SCHOOL, uuid4()) as file:
        file.write(b"abc")
    provider.broken = True
    for work in (lambda: blobs.has(file.kept), lambda: list(blobs.chunks(file.kept))):
        with pytest.raises(BlobOutOfReachError) as reading:
            work()
        assert str(reading.value) == "GenericError"
        assert reading.value.__suppress_context__
    with pytest.raises(FileStoreError) as writing, blobs.putting(SCHOOL, uuid4()) as another:
        another.write(b"abc")
    assert str(writing.value) == "OSError"
    assert not asyncio.run(is_there(blobs, file.kept))
    assert "invented" not in repr(blobs)


def test_the_variables_that_the_page_for_operators_names_are_those_shown_here(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {name for scheme in SIGNED for name in environment_of(scheme, "")}
    assert READ_BY_PROVIDERS - shown == {"GOOGLE_SERVICE_ACCOUNT"}
    open_store("gs://bucket")
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", "/no/such/file")
    with pytest.raises(FileStoreError):
        open_store("gs://bucket")
