"""A file goes out through a gate that is asked before the first byte and before each further 8 MB, and is broken off when it closes."""

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from app import clock
from app.api.manners.byte_ranges import Wanted
from app.api.manners.letting_out import Download, let_out
from app.api.manners.problems import ApiError
from app.casework.releasing import RequestWithdrawnError
from app.db.blobs import LARGEST_RANGE, Blobs
from app.db.entrance import ClientRevokedError
from app.db.kept_files import Kept
from tests.db.stores import blobs_in, files_of

WHOLE = Wanted(None, None, None)
BEYOND = Wanted("bytes=99-", None, None)
ANOTHER = Wanted(None, None, None, if_match='"another"')
Messages = list[MutableMapping[str, Any]]


class Gate:
    """Lets through so many times, then raises."""

    def __init__(self, times: int, error: Exception) -> None:
        self.asked = 0
        self._times = times
        self._error = error

    async def __call__(self) -> None:
        self.asked += 1
        if self.asked > self._times:
            raise self._error


def put(blobs: Blobs, size: int) -> Kept:
    with blobs.putting(clock.new_id(), clock.new_id()) as file:
        file.write(bytes(size))
    return file.kept


async def answered(response: Response) -> Messages:
    sent: Messages = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await response({"type": "http"}, Request({"type": "http"}).receive, send)
    return sent


async def out(blobs: Blobs, file: Kept, gate: Gate, wanted: Wanted = WHOLE) -> Response:
    return await let_out(blobs, Download(file=file, media_type="application/zip", file_name="a.zip", release=gate), wanted)


@pytest.mark.parametrize("error", [ClientRevokedError(), RequestWithdrawnError()])
async def test_an_open_answer_is_broken_off_at_the_next_8_mb_and_never_ended(tmp_path: Path, error: Exception) -> None:
    blobs = blobs_in(tmp_path)
    file = await asyncio.to_thread(put, blobs, LARGEST_RANGE + 1)
    gate = Gate(1, error)
    start, *bodies = await answered(await out(blobs, file, gate))
    assert dict(start["headers"])[b"content-length"] == str(LARGEST_RANGE + 1).encode()
    assert sum(len(message["body"]) for message in bodies) == LARGEST_RANGE
    assert all(message["more_body"] for message in bodies)
    assert gate.asked == 2


async def test_what_the_gate_does_not_let_out_has_no_first_byte(tmp_path: Path) -> None:
    blobs = blobs_in(tmp_path)
    file = await asyncio.to_thread(put, blobs, 10)
    with pytest.raises(ClientRevokedError):
        await out(blobs, file, Gate(0, ClientRevokedError()))


async def test_the_gate_is_asked_once_for_8_mb_and_again_for_one_byte_more(tmp_path: Path) -> None:
    blobs = blobs_in(tmp_path)
    for size, times in ((LARGEST_RANGE, 1), (LARGEST_RANGE + 1, 2), (2 * LARGEST_RANGE, 2)):
        gate = Gate(9, ClientRevokedError())
        *_, end = await answered(await out(blobs, await asyncio.to_thread(put, blobs, size), gate))
        assert (end["more_body"], gate.asked) == (False, times)


async def test_whoever_has_the_file_is_told_so_without_a_look(tmp_path: Path) -> None:
    blobs = blobs_in(tmp_path)
    file = await asyncio.to_thread(put, blobs, 10)
    gate = Gate(0, ClientRevokedError())
    assert (await out(blobs, file, gate, Wanted(None, None, f'"{file.digest.hex()}"'))).status_code == 304
    assert gate.asked == 0


@pytest.mark.parametrize(("wanted", "slug"), [(BEYOND, "range-not-satisfiable"), (ANOTHER, "precondition-failed")])
async def test_what_is_not_there_is_refused_without_a_look(tmp_path: Path, wanted: Wanted, slug: str) -> None:
    blobs = blobs_in(tmp_path)
    file = await asyncio.to_thread(put, blobs, 10)
    gate = Gate(0, ClientRevokedError())
    with pytest.raises(ApiError) as refused:
        await out(blobs, file, gate, wanted)
    assert (refused.value.slug, gate.asked) == (slug, 0)


async def test_a_file_that_is_lost_is_the_hosts_to_mend_and_the_gate_is_not_asked(tmp_path: Path) -> None:
    blobs = blobs_in(tmp_path)
    file = await asyncio.to_thread(put, blobs, 10)
    for lost in files_of(blobs):
        lost.unlink()
    gate = Gate(0, ClientRevokedError())
    with pytest.raises(ApiError) as refused:
        await out(blobs, file, gate, Wanted("bytes=0-4", None, None, want_content_digest="sha-256=1"))
    assert (refused.value.slug, gate.asked) == ("unavailable", 0)
