"""How any file of a child is let out: whole or by range, with its digests, through a gate that is asked anew every 8 MB."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.manners.byte_ranges import Wanted
from app.api.manners.problems import ApiError, retry_later
from app.casework.evidence import RequestUnknownError
from app.casework.releasing import Release, pieces
from app.casework.taking import PupilUnknownError
from app.db.blobs import BlobError, Blobs, is_there
from app.db.entrance import EntranceError
from app.db.kept_files import Kept
from app.webhooks.sending.signing import digest_field

CLOSED: Final = (EntranceError, RequestUnknownError, PupilUnknownError, BlobError)
"""What may come up between two pieces of an answer whose head is sent; it is then broken off."""
ANOTHER_FILE: Final = (
    "If-Match names another file than the one that is here now; read again what there is, and take this one from its beginning."
)


class GatedResponse(Response):
    """A file that is broken off, without an end, when the gate closes or the file fails between two of its pieces."""

    def __init__(self, chunks: AsyncIterator[bytes], status_code: int, headers: Mapping[str, str]) -> None:
        super().__init__(status_code=status_code)
        self._chunks = chunks
        self.raw_headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces as they come."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except CLOSED:
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file with its type and the name it is saved under, which says nothing of a child, and what its gate is."""

    file: Kept
    media_type: str
    file_name: str
    release: Release


async def let_out(blobs: Blobs, download: Download, wanted: Wanted) -> Response:
    """Answer with a file, or 8 MB of it at most where a range is asked for; the look is committed before the first byte leaves.

    A client that has the file gets 304 and makes no look, one that wants another file (`If-Match`) 412; a range belongs to the file that
    `If-Range` names, else the whole is sent. Raises ApiError: 412, 416, or 503 where the file is lost; and what `release` raises.
    """
    file, tag = download.file, f'"{download.file.digest.hex()}"'
    if not wanted.matches(tag):
        raise ApiError("precondition-failed", ANOTHER_FILE, headers={"ETag": tag})
    if wanted.is_held(tag):
        return Response(status_code=304, headers={"ETag": tag})
    span = wanted.span(tag, file.size)
    if not await is_there(blobs, file):
        raise retry_later("unavailable", 60)
    first, length = span or (0, file.size)
    headers = _headers(download, tag, length)
    if span is not None:
        headers["Content-Range"] = f"bytes {first}-{first + length - 1}/{file.size}"
    if span is None or wanted.wants_content_digest:
        headers["Content-Digest"] = digest_field(await _digest(blobs, file, span))
    await download.release()
    return GatedResponse(pieces(blobs, file, (first, length), download.release), 206 if span else 200, headers)


async def _digest(blobs: Blobs, file: Kept, span: tuple[int, int] | None) -> bytes:
    """Digest a range, which means reading it twice; the whole is known already."""
    if span is None:
        return file.digest
    digest = sha256()
    try:
        async for chunk in blobs.read(file, *span):
            digest.update(chunk)
    except BlobError:
        raise retry_later("unavailable", 60) from None
    return digest.digest()


def _headers(download: Download, tag: str, length: int) -> dict[str, str]:
    return {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Repr-Digest": digest_field(download.file.digest),
        "Content-Type": download.media_type,
        "Content-Disposition": f'attachment; filename="{download.file_name}"',
        "Content-Length": str(length),
    }
