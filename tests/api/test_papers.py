"""Papers handed in over HTTP: looked into, kept once, refused by name, and gone when no entry names them."""

import asyncio
import io
import itertools
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from starlette.requests import Request

from app import clock, logs
from app.api.manners.budgets import PAPERS, Budget
from app.api.manners.multipart import read_form
from app.api.manners.problems import ApiError
from app.api.manners.uploads import Uploads
from app.api.paper_tray import Tray
from app.api.shown.paper_limits import MOST_FILE_BYTES, MOST_FILES, MOST_REQUEST_BYTES, PAPERS_PER_MINUTE
from app.db.blobs import remove_unnamed
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.papers import UNNAMED_FOR
from app.db.scopes import GRANTABLE, SCOPES
from app.documents.papers.inspection import SENTENCES, PaperFault
from app.documents.papers.paper_desk import AT_ONCE, PaperDesk
from tests.api.handing_in import OTHER_UPN, UPN, file, hand_in, kept, redact, stored
from tests.api.world import NOW, World, add_client, add_school, running, token_for
from tests.db.stores import blobs_in
from tests.documents.papers import a_docx, a_pdf, an_image
from tests.documents.test_inspection import on_opening
from tests.documents.test_inspection_attacked import object_stream_that_swells

_urns = itertools.count(999_700)
PNG, TEXT = an_image("PNG"), "Ada likes wörds.\n".encode()


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with running(database) as (app, http):
        app.state.blobs = blobs_in(tmp_path / "blobs")
        yield await add_school(app, http, str(next(_urns)))


@pytest.fixture
async def pupil(world: World) -> str:
    return await world.pupil(UPN)


async def test_papers_are_kept_as_what_they_are(world: World, pupil: str) -> None:
    papers = [a_pdf(pages=3), a_docx(), PNG, an_image("JPEG"), TEXT]
    answer = await hand_in(world, pupil, *(file(content, f"{n}") for n, content in enumerate(papers)))
    assert answer.status_code == 201
    found = answer.json()
    assert found["refused"] == []
    assert [(one["file"], one["name"], one["size"], one["pages"]) for one in found["kept"]] == [
        (0, "0", len(papers[0]), 3),
        (1, "1", len(papers[1]), None),
        (2, "2", len(PNG), 1),
        (3, "3", len(papers[3]), 1),
        (4, "4", len(TEXT), None),
    ]
    assert [one["media_type"].partition(";")[0].rpartition("/")[2][:4] for one in found["kept"]] == ["pdf", "vnd.", "png", "jpeg", "plai"]
    listed = (await world.get(f"/pupils/{pupil}/papers")).json()["items"]
    assert [(one["id"], one["sha256"]) for one in listed] == [(one["id"], one["sha256"]) for one in found["kept"]]
    assert stored(world) == 5


REFUSED = [
    (file(b"", "a.pdf"), PaperFault.EMPTY),
    (file(bytes(MOST_FILE_BYTES + 1), "b"), PaperFault.TOO_LARGE),
    (file(b"MZ\x90\x00program", "c.exe"), PaperFault.UNKNOWN_TYPE),
    (file(PNG, "d", "application/pdf"), PaperFault.LIES),
    (file(PNG, "e.PDF"), PaperFault.LIES),
    (file(a_pdf(password="word"), "f.pdf"), PaperFault.ENCRYPTED),
    (file(a_pdf(on_opening), "g.pdf"), PaperFault.ACTIVE),
    (file(object_stream_that_swells(110), "h.pdf"), PaperFault.BOMB),
    (file(PNG[: len(PNG) // 2], "i.png"), PaperFault.DAMAGED),
    (file(b"<html>\n%PDF-1.4\n" + a_pdf(), "j.pdf", "application/pdf"), PaperFault.UNKNOWN_TYPE),
]


@pytest.mark.parametrize(("refused", "fault"), REFUSED, ids=[f"{fault}-{n}" for n, (_, fault) in enumerate(REFUSED)])
async def test_what_is_refused_is_named_and_the_rest_is_kept(world: World, pupil: str, refused: object, fault: PaperFault) -> None:
    answer = await hand_in(world, pupil, file(PNG, "fine.png", "image/png"), refused, file(TEXT, "fine.txt", "text/plain"))
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert [one["file"] for one in found["kept"]] == [0, 2]
    assert found["refused"] == [{"file": 1, "name": refused[1][0], "code": fault, "detail": SENTENCES[fault]}]
    assert len((await world.get(f"/pupils/{pupil}/papers")).json()["items"]) == 2
    assert stored(world) == 2


async def test_where_nothing_is_kept_each_refusal_is_pointed_at_without_a_name(world: World, pupil: str) -> None:
    answer = await hand_in(world, pupil, file(b"", "secret-name.pdf"), file(PNG, "other-name.pdf"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/files/0", "empty"),
        ("/files/1", "not_what_it_says"),
    ]
    assert "name" not in json.dumps(answer.json()["errors"])
    assert stored(world) == 0


@pytest.mark.parametrize("said", ["image/png", "IMAGE/PNG; x=y", "application/octet-stream", ""])
async def test_a_file_may_say_what_it_is_or_nothing(world: World, pupil: str, said: str) -> None:
    assert (await hand_in(world, pupil, file(PNG, "a.png", said))).status_code == 201


async def test_the_same_bytes_are_one_paper_and_one_file_however_often_they_come(world: World, pupil: str) -> None:
    first, again = await kept(world, pupil, PNG, "one"), await kept(world, pupil, PNG, "two")
    assert (again["id"], again["name"]) == (first["id"], "two")
    both = (await hand_in(world, pupil, file(PNG), file(PNG))).json()["kept"]
    assert [one["id"] for one in both] == [first["id"]] * 2
    other = await kept(world, await world.pupil(OTHER_UPN), PNG)
    assert other["id"] != first["id"]
    assert stored(world) == 2


async def test_the_same_bytes_at_once_are_one_paper(world: World, pupil: str) -> None:
    answers = await asyncio.gather(*(hand_in(world, pupil, file(PNG)) for _ in range(8)))
    assert len({answer.json()["kept"][0]["id"] for answer in answers}) == 1
    assert stored(world) == 1


@pytest.mark.parametrize(
    ("titles", "given"),
    [(None, ["Paper"] * 2), (["Both"], ["Both"] * 2), ([" One ", "Zwei ö"], ["One", "Zwei ö"])],
)
async def test_titles_are_for_all_files_or_for_each(world: World, pupil: str, titles: list[str] | None, given: list[str]) -> None:
    answer = await hand_in(world, pupil, file(PNG, "a"), file(TEXT, "b"), title=titles)
    assert [one["title"] for one in answer.json()["kept"]] == given


@pytest.mark.parametrize("titles", [["a", "b", "c"], [""], ["a\nb", "c"], ["x" * 201, "c"], ["x" * 2_000], ["a"] * (MOST_FILES + 1)])
async def test_titles_that_do_not_fit_are_refused_and_nothing_is_kept(world: World, pupil: str, titles: list[str]) -> None:
    answer = await hand_in(world, pupil, file(PNG, "a"), file(TEXT, "b"), title=titles)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/title")
    assert stored(world) == 0


async def test_no_more_files_than_the_bound_and_none_but_files(world: World, pupil: str) -> None:
    many = [file(TEXT + str(n).encode()) for n in range(MOST_FILES + 1)]
    assert len((await hand_in(world, pupil, *many[:MOST_FILES])).json()["kept"]) == MOST_FILES
    answer = await hand_in(world, pupil, *many)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/files")
    assert stored(world) == MOST_FILES
    assert (await hand_in(world, pupil, ("documents", ("a", PNG, "image/png")))).status_code == 422
    nothing = await hand_in(world, pupil, title=["a"])
    assert nothing.status_code in (415, 422)


async def test_a_form_larger_than_the_bound_is_413_and_leaves_nothing(world: World, pupil: str) -> None:
    half = bytes(MOST_FILE_BYTES)
    answer = await hand_in(world, pupil, file(half), file(half), file(PNG))
    assert answer.status_code == 413
    assert str(MOST_REQUEST_BYTES) in answer.json()["detail"]
    assert stored(world) == 0


async def test_the_bound_counts_what_comes_and_not_what_is_announced(world: World, pupil: str) -> None:
    async def flood() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(MOST_REQUEST_BYTES // 1_000_000 + 1):
            yield bytes(1_000_000)

    headers = {"Authorization": f"Bearer {world.token}", "Content-Type": "multipart/form-data; boundary=b"}
    answer = await world.http.post(world.path(f"/pupils/{pupil}/papers"), content=flood(), headers=headers)
    assert answer.status_code == 413
    assert stored(world) == 0


HEAD = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'


@pytest.mark.parametrize(
    ("said", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", HEAD, 415),
        ("multipart/mixed; boundary=b", HEAD + b"x\r\n--b--", 415),
        (f"multipart/form-data; boundary={'b' * 5_000}", HEAD, 400),
        ("multipart/form-data; boundary=b", b"", 400),
        ("multipart/form-data; boundary=b", b"nonsense", 400),
        ("multipart/form-data; boundary=b", HEAD + b"breaks off", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nX: " + b"x" * 100_000 + b"\r\n\r\nx\r\n--b--\r\n", 400),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: x\r\n" * 5_000 + b"\r\nx\r\n--b--\r\n", 400),
        ("multipart/form-data; boundary=b", HEAD + b"words\r\n--b--\r\n", 201),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(world: World, pupil: str, said: str, body: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {world.token}", "Content-Type": said}
    answer = await world.http.post(world.path(f"/pupils/{pupil}/papers"), content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert stored(world) == (status == 201)


async def test_a_hundred_at_once_are_looked_into_few_at_a_time(world: World, pupil: str) -> None:
    class Watched(PaperDesk):
        """Counts how many are looked into at once."""

        now = most = 0

        async def _run(self, work):  # type: ignore[no-untyped-def]
            def counted() -> object:
                Watched.now += 1
                Watched.most = max(Watched.most, Watched.now)
                try:
                    return work()
                finally:
                    Watched.now -= 1

            return await super()._run(counted)

    world.app.state.paper_desk.close()
    world.app.state.paper_desk = Watched()
    answers = await asyncio.gather(*(hand_in(world, pupil, file(TEXT + str(n).encode())) for n in range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert 1 <= Watched.most <= AT_ONCE
    assert stored(world) == 100


async def test_more_requests_at_once_than_the_bound_are_told_to_come_again(world: World, pupil: str) -> None:
    world.app.state.uploads = Uploads(most=3)
    answers = await asyncio.gather(*(hand_in(world, pupil, file(TEXT + str(n).encode())) for n in range(12)))
    assert {answer.status_code for answer in answers} == {201, 429}
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)
    assert (await hand_in(world, pupil, file(TEXT))).status_code == 201


async def test_papers_have_a_budget_of_their_own(world: World, pupil: str) -> None:
    answer = await hand_in(world, pupil, file(TEXT))
    assert answer.headers["ratelimit-policy"] == f'"{PAPERS}";q={PAPERS_PER_MINUTE};w=60'
    assert Budget(rate=PAPERS_PER_MINUTE / 60, burst=PAPERS_PER_MINUTE) == world.app.state.budgets._budgets[PAPERS]


async def test_nothing_of_a_name_or_a_title_is_logged(world: World, pupil: str, capfd: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as lines:
        await hand_in(world, pupil, file(PNG, "Xanthippe.png"), file(b"", "Xanthippe.pdf"), title=["About Xanthippe"])
        await hand_in(world, pupil, file(b"", "Xanthippe.pdf"))
    out = capfd.readouterr()
    assert len(lines) >= 2
    assert "Xanthippe" not in json.dumps(lines, default=str) + out.out + out.err


async def test_a_name_is_cleaned_before_it_is_shown_again(world: World, pupil: str) -> None:
    answer = await hand_in(world, pupil, file(PNG, "C:\\Users\\..\\/\u202ereport\x07.png"))
    assert answer.json()["kept"][0]["name"] in ("report%07.png", "report.png")
    rows = await _rows(world, "select title from paper where school_id = $1", world.school_id)
    assert [row["title"] for row in rows] == ["Paper"]


async def _rows(world: World, statement: str, *arguments: object) -> list[dict[str, object]]:
    async with world.app.state.sessions.for_school(world.school_id) as session:
        return [dict(row) for row in await session.connection.fetch(statement, *arguments)]


async def test_another_schools_pupil_and_papers_are_not_there(world: World, pupil: str) -> None:
    paper = await kept(world, pupil, PNG)
    other = await add_school(world.app, world.http, str(next(_urns)))
    theirs = await other.pupil(UPN)
    assert (await hand_in(other, pupil, file(PNG))).status_code == 404
    for path in (f"/pupils/{pupil}/papers", f"/pupils/{theirs}/papers/{paper['id']}", f"/pupils/{pupil}/papers/{paper['id']}"):
        assert (await other.get(path)).status_code == 404
    assert (await redact(other, theirs, paper["id"])).status_code == 404
    classmate = await world.pupil(OTHER_UPN)
    assert (await world.get(f"/pupils/{classmate}/papers/{paper['id']}")).status_code == 404
    assert (await world.get(f"/pupils/{classmate}/papers")).json()["items"] == []


async def test_handing_in_needs_its_own_scope_which_a_school_may_grant(world: World, pupil: str) -> None:
    assert "papers:write" in GRANTABLE
    lacking = await token_for(world.app, world.client_id, frozenset(SCOPES) - {"papers:write"})
    assert (await hand_in(world, pupil, file(PNG), token=lacking)).status_code == 403
    _, stranger = await add_client(world.app, OrganisationKind.VENDOR)
    ungranted = await token_for(world.app, stranger, frozenset(SCOPES))
    assert (await hand_in(world, pupil, file(PNG), token=ungranted)).status_code == 403
    assert stored(world) == 0


async def test_a_client_revoked_while_it_hands_in_leaves_nothing(world: World, pupil: str) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield HEAD + b"words"
        async with world.app.state.sessions.shared() as session:
            await session.connection.execute("update client set revoked_at = $2 where id = $1", world.client_id, NOW)
        yield b"\r\n--b--\r\n"

    headers = {"Authorization": f"Bearer {world.token}", "Content-Type": "multipart/form-data; boundary=b"}
    answer = await world.http.post(world.path(f"/pupils/{pupil}/papers"), content=slow(), headers=headers)
    assert answer.status_code == 401
    assert await _rows(world, "select 1 as one from paper where school_id = $1", world.school_id) == []


async def test_a_list_of_papers_comes_in_pages(world: World, pupil: str) -> None:
    given = [(await kept(world, pupil, TEXT + str(n).encode()))["id"] for n in range(5)]
    first = (await world.get(f"/pupils/{pupil}/papers", limit="3")).json()
    rest = (await world.get(f"/pupils/{pupil}/papers", limit="3", cursor=first["next"])).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == given
    assert rest["next"] is None


@pytest.mark.parametrize(("age", "stays"), [(UNNAMED_FOR, True), (UNNAMED_FOR + timedelta(seconds=1), False)])
async def test_a_paper_that_no_entry_names_goes_after_30_days(world: World, pupil: str, age: timedelta, stays: bool) -> None:
    named, unnamed = await kept(world, pupil, a_pdf()), await kept(world, pupil, TEXT)
    assert (await redact(world, pupil, named["id"])).status_code == 201
    facts = (await world.get(f"/pupils/{pupil}/papers/{unnamed['id']}")).json()
    assert (facts["named_by"], facts["goes_at"]) == ([], (NOW + UNNAMED_FOR).isoformat().replace("+00:00", "Z"))
    assert (await world.get(f"/pupils/{pupil}/papers/{named['id']}")).json()["goes_at"] is None
    now = clock.now() + timedelta(days=2)
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute("update paper set handed_in_at = $2 where school_id = $1", world.school_id, now - age)
    await remove_unnamed(world.app.state.blobs, world.app.state.sessions, now=now)
    assert (await world.get(f"/pupils/{pupil}/papers/{unnamed['id']}")).status_code == (200 if stays else 404)
    assert len((await world.get(f"/pupils/{pupil}/papers")).json()["items"]) == stored(world) == (3 if stays else 2)


async def test_a_paper_handed_in_again_waits_for_an_entry_anew(world: World, pupil: str) -> None:
    paper = await kept(world, pupil, TEXT)
    later = NOW + timedelta(days=29)
    object.__setattr__(world.app.state.casework.means, "now", lambda: later)
    assert (await kept(world, pupil, TEXT))["id"] == paper["id"]
    rows = await _rows(world, "select handed_in_at from paper where school_id = $1", world.school_id)
    assert rows == [{"handed_in_at": later}]


@pytest.mark.parametrize("reader", ["pikepdf._core", "pypdfium2", "PIL.Image", "python_multipart.multipart"])
def test_what_readers_of_papers_say_is_not_logged_since_it_may_quote_them(reader: str) -> None:
    logs.set_up(lambda: NOW, io.StringIO())
    assert not logging.getLogger(reader).isEnabledFor(logging.CRITICAL)


async def test_a_form_that_does_not_come_to_an_end_in_time_is_given_up(world: World) -> None:
    waits = asyncio.Event()

    async def receive() -> dict[str, object]:
        if waits.is_set():
            await asyncio.sleep(60)
        waits.set()
        return {"type": "http.request", "body": HEAD + b"words", "more_body": True}

    request = Request({"type": "http", "headers": [(b"content-type", b"multipart/form-data; boundary=b")]}, receive)
    tray = Tray(world.app.state.blobs, world.school_id, clock.new_id)
    with pytest.raises(ApiError) as refused:
        await read_form(request, tray.begin, within_s=0.05)
    assert refused.value.slug == "unreadable-request"
    tray.take_out(frozenset())
    assert stored(world) == 0
