"""Papers read back over HTTP through the gate, and blacked out: who looked and why, by range, until the gate closes."""

import base64
import hashlib
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from app import clock
from app.api.papers import NEVER_RUN
from app.casework.releasing import PaperLook, pieces, release_paper
from app.casework.taking import PupilUnknownError
from app.db import papers as paper_rows
from app.db.blobs import LARGEST_RANGE
from app.db.embedded import DatabaseUrls
from app.db.entrance import ClientRevokedError, Entrance, NoGrantError, Scope
from app.db.organisations import OrganisationKind
from app.db.scopes import SCOPES
from app.db.session import SchoolSession
from app.documents.papers.paper_desk import PaperDesk
from app.domain.purposes import Purpose
from tests.api.handing_in import UPN, file, hand_in, kept, looks, redact, stored, take
from tests.api.world import NOW, World, add_client, add_school, running, token_for
from tests.db.stores import blobs_in
from tests.documents.papers import a_docx, a_pdf, an_image
from tests.documents.wordy_papers import is_anywhere, words_by_pdfium, wordy_pdf, written

_urns = itertools.count(999_750)
PNG = an_image("PNG")
SECRET = "Xanthippe"


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        app.state.blobs = blobs_in(tmp_path / "blobs")
        yield await add_school(app, http, str(next(_urns)))


@pytest.fixture
async def pupil(world: World) -> str:
    return await world.pupil(UPN)


def large_text() -> bytes:
    """More than two looks at the gate, in lines that differ."""
    return b"".join(b"%010d words\n" % n for n in range(LARGEST_RANGE * 2 // 17 + 10_000))


async def revoke(world: World, client: UUID) -> None:
    async with world.app.state.sessions.shared() as session:
        await session.connection.execute("update client set revoked_at = $2 where id = $1", client, NOW)


async def a_vendor(world: World) -> tuple[UUID, str]:
    """A vendor's client with a grant to read, and the grant's id."""
    _, client = await add_client(world.app, OrganisationKind.VENDOR)
    scopes, until = ["records:read", "papers:write"], str(clock.now().date() + timedelta(days=30))
    named = {"client_id": str(client), "granted_by": str(world.people["head"])}
    given = await world.post("/grants", {**named, "scopes": scopes, "purpose": "Trying out.", "until": until})
    assert given.status_code == 201, given.text
    return client, given.json()["id"]


async def test_a_paper_comes_back_as_it_was_with_heads_that_let_nothing_run(world: World, pupil: str) -> None:
    paper = await kept(world, pupil, PNG, "Xanthippe.png")
    answer = await take(world, pupil, paper["id"])
    digest = hashlib.sha256(PNG).digest()
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["etag"] == f'"{digest.hex()}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == f'attachment; filename="paper-{paper["id"]}.png"'
    assert (answer.headers["x-content-type-options"], answer.headers["content-security-policy"]) == ("nosniff", NEVER_RUN)
    assert "Xanthippe" not in str(answer.headers)
    same = await take(world, pupil, paper["id"], {"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_a_text_that_is_a_page_is_given_as_a_text(world: World, pupil: str) -> None:
    paper = await kept(world, pupil, b"<html><script>alert(1)</script></html>")
    answer = await take(world, pupil, paper["id"])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('.txt"')


async def test_ranges_put_together_are_the_paper_and_one_look(world: World, pupil: str) -> None:
    content = large_text()
    paper = (await kept(world, pupil, content))["id"]
    found, start = b"", 0
    while start < len(content):
        part = await take(world, pupil, paper, {"Range": f"bytes={start}-"})
        assert (part.status_code, len(part.content)) == (206, min(LARGEST_RANGE, len(content) - start))
        assert part.headers["content-range"] == f"bytes {start}-{start + len(part.content) - 1}/{len(content)}"
        found, start = found + part.content, start + len(part.content)
    assert found == content == (await take(world, pupil, paper)).content
    (look,) = await looks(world, pupil)
    assert (look["purpose"], look["request"], look["organisation"]) == ("sen-support", None, "Invented")


@pytest.mark.parametrize(
    ("asked", "status", "given"),
    [
        ("bytes=0-0", 206, PNG[:1]),
        ("bytes=-4", 206, PNG[-4:]),
        (f"bytes={len(PNG) - 1}-", 206, PNG[-1:]),
        (f"bytes=0-{10**17}", 206, PNG),
        (f"bytes={len(PNG)}-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=0-1,3-4", 416, None),
        ("bytes=2-1", 200, PNG),
        ("lines=1-2", 200, PNG),
    ],
)
async def test_a_range_is_what_was_asked_for_or_is_not_there(
    world: World, pupil: str, asked: str, status: int, given: bytes | None
) -> None:
    paper = (await kept(world, pupil, PNG))["id"]
    answer = await take(world, pupil, paper, {"Range": asked})
    assert answer.status_code == status
    assert given is None or answer.content == given
    assert len(await looks(world, pupil)) == (0 if status == 416 else 1)


async def test_without_a_purpose_that_a_school_has_nothing_is_let_out(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, PNG))["id"]
    bare = await world.get(f"/pupils/{pupil}/papers/{paper}/content")
    assert bare.status_code == 422
    for purpose in ("curiosity", "ehc-needs-assessment", ""):
        assert (await take(world, pupil, paper, purpose=purpose)).status_code == 422
    assert await looks(world, pupil) == []
    for purpose in ("safeguarding", "tribunal"):
        assert (await take(world, pupil, paper, {"Officer-Reference": "desk-3"}, purpose=purpose)).status_code == 200
    assert [(one["purpose"], one["person"]) for one in await looks(world, pupil)] == [("safeguarding", "desk-3"), ("tribunal", "desk-3")]


async def test_the_look_is_written_down_even_when_the_reader_goes_away_at_once(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, large_text()))["id"]
    request = world.http.build_request(
        "GET", world.path(f"/pupils/{pupil}/papers/{paper}/content"), params={"purpose": "sen-support"}, headers=world.headers()
    )
    answer = await world.http.send(request, stream=True)
    await answer.aclose()
    assert len(await looks(world, pupil)) == 1


async def test_the_facts_of_a_paper_are_no_look(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, PNG))["id"]
    assert (await world.get(f"/pupils/{pupil}/papers/{paper}")).status_code == 200
    assert (await world.get(f"/pupils/{pupil}/papers")).status_code == 200
    assert await looks(world, pupil) == []


async def gated(world: World, client: UUID, pupil: str, paper: str) -> AsyncIterator[bytes]:
    """What a client is let have of a paper, piece by piece, after its first look."""
    casework = world.app.state.casework
    entrance = Entrance(urn=world.urn, client_id=client, scope=Scope("records:read"), token_scopes=frozenset(SCOPES))
    look = PaperLook(entrance=entrance, pupil_id=UUID(pupil), purpose=Purpose.SEN_SUPPORT)

    async def find(session: SchoolSession) -> paper_rows.HeldPaper | None:
        return await paper_rows.find(session, UUID(pupil), UUID(paper))

    async def stands(session: SchoolSession) -> bool:
        return await find(session) is not None

    release = partial(release_paper, casework, look, stands)
    async with casework.sessions.for_school(world.school_id) as session:
        held = await find(session)
    assert held is not None
    await release()
    return pieces(world.app.state.blobs, held.file, (0, held.file.size), release)


async def read_until(chunks: AsyncIterator[bytes], what: type[Exception]) -> int:
    count = 0
    with pytest.raises(what):
        async for chunk in chunks:
            count += len(chunk)
    return count


async def test_a_client_revoked_or_without_its_grant_stops_at_the_next_range(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, large_text()))["id"]
    client, grant = await a_vendor(world)
    open_download = await gated(world, client, pupil, paper)
    first = await anext(open_download)
    ended = await world.http.delete(world.path(f"/grants/{grant}"), headers=world.headers())
    assert ended.status_code in (200, 204), ended.text
    assert len(first) + await read_until(open_download, NoGrantError) == LARGEST_RANGE
    own = await gated(world, world.client_id, pupil, paper)
    first = await anext(own)
    await revoke(world, world.client_id)
    assert len(first) + await read_until(own, ClientRevokedError) == LARGEST_RANGE
    assert (await take(world, pupil, paper)).status_code == 401


async def test_a_paper_that_goes_while_it_is_read_stops_at_the_next_range(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, large_text()))["id"]
    open_download = await gated(world, world.client_id, pupil, paper)
    first = await anext(open_download)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute("delete from paper where school_id = $1", world.school_id)
    assert len(first) + await read_until(open_download, PupilUnknownError) == LARGEST_RANGE


async def test_a_vendor_with_a_grant_hands_in_and_reads_and_is_named_as_who_looked(world: World, pupil: str) -> None:
    client, _ = await a_vendor(world)
    token = await token_for(world.app, client, frozenset(SCOPES))
    paper = (await hand_in(world, pupil, file(PNG), token=token)).json()["kept"][0]["id"]
    assert (await take(world, pupil, paper, {"Authorization": f"Bearer {token}"})).content == PNG
    (look,) = await looks(world, pupil)
    assert look["client"] == "client"


async def test_a_lost_file_is_a_503_and_no_look(world: World, pupil: str, tmp_path: Path) -> None:
    paper = (await kept(world, pupil, PNG))["id"]
    world.app.state.blobs = blobs_in(tmp_path / "elsewhere")
    assert (await take(world, pupil, paper)).status_code == 503
    assert await looks(world, pupil) == []


def secret_pdf() -> bytes:
    return written(wordy_pdf([SECRET, "Reading"]))


async def test_a_blacked_out_paper_stands_in_the_place_of_the_first(world: World, pupil: str) -> None:
    first = await kept(world, pupil, secret_pdf())
    answer = await redact(world, pupil, first["id"], title="View without names")
    assert answer.status_code == 201, answer.text
    taken = answer.json()
    second, (entry,) = taken["references"]["paper"], taken["entries"]
    assert entry["facts"]["paper"] == first["id"]
    assert (entry["type"], entry["facts"]["redacted"]["id"], entry["facts"]["pages"]) == ("paper.redacted", second, [1])
    content = (await take(world, pupil, second)).content
    assert hashlib.sha256(content).hexdigest() == entry["facts"]["redacted"]["sha256"]
    assert not is_anywhere(SECRET, content)
    assert words_by_pdfium(content)[1].strip() == "Reading"
    facts = (await world.get(f"/pupils/{pupil}/papers/{first['id']}")).json()
    assert facts["redacted_by"] == {"entry": entry["number"], "paper": second}
    assert (facts["named_by"], facts["goes_at"]) == ([entry["number"]], None)
    made = (await world.get(f"/pupils/{pupil}/papers/{second}")).json()
    assert (made["redacts"], made["title"], made["pages"], made["redacted_by"]) == (first["id"], "View without names", 2, None)
    assert is_anywhere(SECRET, (await take(world, pupil, first["id"])).content)


async def test_a_redaction_sent_again_is_the_same_and_makes_nothing_more(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, secret_pdf()))["id"]
    once = await redact(world, pupil, paper, {"Idempotency-Key": "once"})
    again = await redact(world, pupil, paper, {"Idempotency-Key": "once"})
    assert (again.status_code, again.json()["entries"], again.json()["references"]) == (
        201,
        once.json()["entries"],
        once.json()["references"],
    )
    assert stored(world) == len((await world.get(f"/pupils/{pupil}/papers")).json()["items"]) == 2
    assert (await redact(world, pupil, paper)).status_code == 409
    assert stored(world) == 2


async def test_a_dry_run_says_what_would_be_and_makes_nothing(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, secret_pdf()))["id"]
    answer = await redact(world, pupil, paper, dry_run=True)
    assert (answer.status_code, answer.json()["entries"]) == (200, [])
    (would,) = answer.json()["would_append"]
    assert would["facts"]["redacted"]["size"] > 1_000
    assert stored(world) == len((await world.get(f"/pupils/{pupil}/papers")).json()["items"]) == 1
    real = (await redact(world, pupil, paper)).json()["entries"][0]["facts"]["redacted"]
    assert real["sha256"] == would["facts"]["redacted"]["sha256"]


async def test_what_is_blacked_out_is_corrected_or_goes_on_from_the_newer_paper(world: World, pupil: str) -> None:
    first = (await kept(world, pupil, secret_pdf()))["id"]
    entry = (await redact(world, pupil, first)).json()["entries"][0]
    page = {"page": 2, "boxes": [{"x": 0, "y": 0, "width": 1, "height": 1}]}
    corrected = await redact(world, pupil, first, corrects=entry["number"], pages=[page])
    assert corrected.status_code == 201, corrected.text
    second = corrected.json()["references"]["paper"]
    further = await redact(world, pupil, second)
    assert further.status_code == 201
    last = (await take(world, pupil, further.json()["references"]["paper"])).content
    assert [text.strip() for text in words_by_pdfium(last)] == ["", ""]


@pytest.mark.parametrize("content", [a_docx(), b"words"], ids=["docx", "text"])
async def test_what_cannot_be_boxed_is_refused_with_what_to_do(world: World, pupil: str, content: bytes) -> None:
    paper = (await kept(world, pupil, content))["id"]
    answer = await redact(world, pupil, paper)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/pages", "cannot_be_boxed")
    assert "print" in error["detail"]


BOX = {"x": 0, "y": 0, "width": 1, "height": 0.5}


@pytest.mark.parametrize(
    ("pages", "pointer"),
    [
        ([{"page": 3, "boxes": [BOX]}], "/pages/0/page"),
        ([{"page": 1, "boxes": [BOX]}, {"page": 9, "boxes": [BOX]}], "/pages/1/page"),
        ([{"page": 0, "boxes": [BOX]}], "/pages/0/page"),
        ([{"page": 1, "boxes": []}], "/pages/0/boxes"),
        ([{"page": 1, "boxes": [{**BOX, "width": 0}]}], "/pages/0/boxes/0/width"),
        ([{"page": 1, "boxes": [{**BOX, "x": 1}]}], "/pages/0/boxes/0/x"),
        ([{"page": 1, "boxes": [{**BOX, "y": -0.1}]}], "/pages/0/boxes/0/y"),
        ([{"page": 1, "boxes": [{**BOX, "height": "1"}]}], "/pages/0/boxes/0/height"),
        ([], "/pages"),
        ([{"page": 1, "boxes": [BOX] * 101}], "/pages/0/boxes"),
    ],
)
async def test_places_that_are_not_there_are_pointed_at(world: World, pupil: str, pages: list[object], pointer: str) -> None:
    paper = (await kept(world, pupil, a_pdf(pages=2)))["id"]
    answer = await redact(world, pupil, paper, pages=pages)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert stored(world) == 1


async def test_only_the_senco_and_the_head_black_out_and_nothing_is_drawn_for_others(world: World, pupil: str) -> None:
    paper = (await kept(world, pupil, secret_pdf()))["id"]
    world.app.state.paper_desk.close()
    refused = await redact(world, pupil, paper, author="teacher")
    assert refused.status_code == 409, refused.text
    assert stored(world) == 1


async def test_a_paper_that_goes_while_it_is_drawn_is_not_blacked_out(world: World, pupil: str) -> None:
    class Late(PaperDesk):
        """Draws, and then the paper is gone."""

        async def redact(self, *arguments: object) -> bytes:
            content = await super().redact(*arguments)
            async with world.app.state.sessions.for_school(world.school_id) as session:
                await session.connection.execute("delete from paper where school_id = $1", world.school_id)
            return content

    paper = (await kept(world, pupil, secret_pdf()))["id"]
    world.app.state.paper_desk.close()
    world.app.state.paper_desk = Late()
    assert (await redact(world, pupil, paper)).status_code == 404
    assert (await world.get(f"/pupils/{pupil}/papers")).json()["items"] == []


async def test_a_client_that_lost_its_grant_does_not_black_out_what_it_began(world: World, pupil: str) -> None:
    class Slow(PaperDesk):
        """Draws, and meanwhile the client is revoked."""

        async def redact(self, *arguments: object) -> bytes:
            await revoke(world, world.client_id)
            return await super().redact(*arguments)

    paper = (await kept(world, pupil, secret_pdf()))["id"]
    world.app.state.paper_desk.close()
    world.app.state.paper_desk = Slow()
    assert (await redact(world, pupil, paper)).status_code == 401
    async with world.app.state.sessions.for_school(world.school_id) as session:
        assert await session.connection.fetchval("select count(*) from paper where school_id = $1", world.school_id) == 1
