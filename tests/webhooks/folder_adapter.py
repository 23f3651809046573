"""An adapter as somebody might write it: what is sent is put into folders below one, in place of being posted over HTTP."""

import json
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from app.webhooks.sending.attempt import Answer, FailReason, Outgoing, SendFailedError, StreamedBody
from app.webhooks.sending.egress import EgressRefusedError, Refusal
from app.webhooks.sending.transport import DEADLINE_S

SCHEME: Final = "folder"


class FolderDrop:
    """Puts each body under its id, whole or not at all, with its headers beside it; `folder://name` is a folder of that name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def check(self, url: str) -> None:
        """Refuse a folder that the operator has not made."""
        if not self._folder(url).is_dir():
            raise EgressRefusedError(Refusal.HOST)

    async def send(self, request: Outgoing, *, deadline_s: float = DEADLINE_S) -> Answer:
        """Write it beside and rename it; what lies there already under this id is the same, so it is accepted."""
        folder, name = self._folder(request.url), request.headers["webhook-id"]
        try:
            with (folder / f"{name}.begun").open("wb") as file:
                if isinstance(request.body, StreamedBody):
                    async for chunk in request.body.chunks:
                        file.write(chunk)
                else:
                    file.write(request.body)
        except OSError:
            raise SendFailedError(FailReason.CONNECT) from None
        (folder / f"{name}.json").write_text(json.dumps({key.lower(): value for key, value in request.headers.items()}))
        (folder / f"{name}.begun").replace(folder / name)
        return Answer(status=201, retry_after=None, body_cut=b"", duration_ms=0)

    def _folder(self, url: str) -> Path:
        parts = urlsplit(url)
        if not parts.netloc.isalnum() or parts.path or parts.query or parts.fragment:
            raise EgressRefusedError(Refusal.URL)
        return self._root / parts.netloc
