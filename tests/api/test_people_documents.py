"""Documents for people over HTTP: listed, drawn in every form, versioned, and held to who may read the record."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import httpx
import pikepdf
import pytest
from lxml import html

from app import clock
from app.api.manners.drawing import AT_ONCE, MOST_WAITING, Drawing
from app.api.manners.problems import ApiError
from app.db import accesses
from app.db.accesses import Access
from app.db.embedded import DatabaseUrls
from app.db.scopes import SCOPES
from tests.api.world import NOW, token_for
from tests.webhooks.telling import Telling, telling

FORMS = {
    "html": ("text/html; charset=utf-8", b"<!DOCTYPE html>"),
    "large-print": ("text/html; charset=utf-8", b"<!DOCTYPE html>"),
    "pdf": ("application/pdf", b"%PDF-"),
    "large-print-pdf": ("application/pdf", b"%PDF-"),
    "text": ("text/plain; charset=utf-8", b"Plan for Ada Example"),
}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        await found.with_pupil()
        await found.decide()
        await found.plan()
        yield found


async def listed(school: Telling, **params: str) -> dict[str, dict[str, object]]:
    answer = await school.world.get(f"/pupils/{school.pupil}/documents", **params)
    assert answer.status_code == 200, answer.text
    return {one["kind"]: one for one in answer.json()["items"]}


async def drawn(school: Telling, what: str, headers: dict[str, str] | None = None, **params: str) -> httpx.Response:
    path = school.world.path(f"/pupils/{school.pupil}/documents/{what}")
    return await school.world.http.get(path, params=params, headers=school.world.headers(**(headers or {})))


async def the_plan(school: Telling) -> str:
    return f"plan/{(await listed(school))['plan']['number']}"


async def test_the_list_names_each_document_by_kind_entry_and_day(school: Telling) -> None:
    found = await listed(school)
    record = (await school.world.get(f"/pupils/{school.pupil}/record")).json()
    by_type = {entry["type"]: entry["number"] for entry in record["entries"]}
    assert list(found) == ["decision", "plan", "provision-map", "who-looked"]
    assert found["decision"]["number"] == by_type["sen.decided"]
    assert found["plan"]["number"] == by_type["plan.agreed"]
    assert (found["plan"]["title"], found["plan"]["occurred_on"]) == ("Plan for Ada Example, 2 March 2026", "2026-03-02")
    assert (found["who-looked"]["number"], found["who-looked"]["occurred_on"]) == (None, None)


@pytest.mark.parametrize("form", FORMS)
async def test_a_document_is_drawn_in_the_form_asked_for_and_says_the_same_in_each(school: Telling, form: str) -> None:
    answer = await drawn(school, await the_plan(school), format=form)
    assert answer.status_code == 200, answer.text
    media_type, begins = FORMS[form]
    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(begins)
    size = "-large-print" if form.startswith("large-print") else ""
    assert re.fullmatch(rf'inline; filename="plan-\d+{size}\.(html|pdf|txt)"', answer.headers["content-disposition"])
    assert ("content-security-policy" in answer.headers) == (media_type == "text/html; charset=utf-8")
    if begins == b"%PDF-":
        with pikepdf.open(BytesIO(answer.content)) as document, document.open_metadata() as metadata:
            assert metadata["dc:title"] == "Plan for Ada Example, 2 March 2026"
            assert metadata["pdfuaid:part"] == "1"
    else:
        assert all(said in answer.text for said in ("Reads a page alone", "Precision teaching", "Teacher Placeholder"))


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "text/html; charset=utf-8"),
        ("application/pdf", "application/pdf"),
        ("text/plain, text/html;q=0.1", "text/plain; charset=utf-8"),
        ("text/*;q=0.5, application/pdf", "application/pdf"),
    ],
)
async def test_without_a_format_the_accept_header_chooses(school: Telling, accept: str, media_type: str) -> None:
    answer = await drawn(school, await the_plan(school), {"Accept": accept})
    assert answer.headers["content-type"] == media_type
    assert answer.headers["vary"] == "Accept"


async def test_a_form_that_there_is_none_of_is_refused_by_name(school: Telling) -> None:
    plan = await the_plan(school)
    for answer in (await drawn(school, plan, {"Accept": "application/json"}), await drawn(school, plan, format="csv")):
        assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")
        assert answer.json()["detail"].startswith(
            "This answer comes as text/html, application/pdf, text/plain; here format takes html, pdf, text, "
        )
    assert (await drawn(school, plan, format="docx")).status_code == 422


async def test_a_page_runs_nothing_fetches_nothing_and_is_not_sniffed(school: Telling) -> None:
    answer = await drawn(school, await the_plan(school), format="html")
    policy = answer.headers["content-security-policy"]
    assert all(rule in policy for rule in ("default-src 'none'", "frame-ancestors 'none'", "sandbox"))
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert not list(html.document_fromstring(answer.content).iter("script", "img", "link"))


async def test_nothing_drawn_holds_the_upn(school: Telling) -> None:
    upn = (await school.world.get(f"/pupils/{school.pupil}")).json()["upn"]
    await school.world.taken(school.pupil, "meetings", **meeting(school, f"We spoke of {upn}."))
    for kind, one in (await listed(school)).items():
        what = kind if one["number"] is None else f"{kind}/{one['number']}"
        for form in ("html", "text", "large-print"):
            assert upn not in (await drawn(school, what, format=form)).text
    assert "[not printed]" in (await drawn(school, f"meeting/{(await listed(school))['meeting']['number']}", format="text")).text


def meeting(school: Telling, agreed: str) -> dict[str, object]:
    led_by, came = str(school.world.people["teacher"]), [school.parent]
    views = {"pupils_view": {"says": "I like stories."}}
    return {"attended_by": came, "led_by": led_by, "senco_present": True, "minutes": 40, "agreed": agreed, **views}


async def test_the_review_record_tells_parents_what_became_of_each_outcome_and_what_is_next(school: Telling) -> None:
    """Code of Practice 6.71: outcomes, action and support agreed are recorded, and the record is given to the parents."""
    await school.world.taken(school.pupil, "meetings", **meeting(school, "Stories at bedtime."))
    rating = {"outcome": 1, "impact": "good_progress", "evidence": "Reads most pages."}
    views = {"parents_view": {"says": "She is proud."}, "pupils_view": {"says": "I can do it."}}
    held = {"cycle": 1, "ratings": [rating], "quality_of_support": "As planned.", "next_step": "continue", "next_step_reason": "It works."}
    await school.world.taken(school.pupil, "reviews", **held, **views)
    said = (await drawn(school, f"review/{(await listed(school))['review']['number']}", format="text")).text
    for words in (
        "Reads a page alone",
        "Good progress",
        "She is proud.",
        "I can do it.",
        "Gita Specimen",
        "Stories at bedtime.",
        "It works.",
    ):
        assert words in said
    assert "No day is set yet for the next review." in said


async def test_a_version_that_was_seen_is_not_drawn_again_until_something_it_shows_changes(school: Telling) -> None:
    plan = await the_plan(school)
    first = await drawn(school, plan, format="html")
    tag = first.headers["etag"]
    again = await drawn(school, plan, {"If-None-Match": tag}, format="html")
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await drawn(school, plan, {"If-None-Match": tag}, format="text")).status_code == 200
    async with school.world.app.state.sessions.for_school(school.world.school_id) as session:
        await session.connection.execute(
            "update staff set name = 'Tara Renamed' where school_id = $1 and id = $2",
            school.world.school_id,
            school.world.people["teacher"],
        )
    renamed = await drawn(school, plan, {"If-None-Match": tag}, format="html")
    assert renamed.status_code == 200
    assert "Tara Renamed" in renamed.text
    await school.world.taken(school.pupil, "concerns", raised_by="parent", domain="social", words="Alone at break.")
    assert (await drawn(school, plan, {"If-None-Match": renamed.headers["etag"]}, format="html")).status_code == 200


async def test_the_list_comes_in_pages_of_which_each_has_its_version(school: Telling) -> None:
    whole = (await school.world.get(f"/pupils/{school.pupil}/documents")).json()
    assert (len(whole["items"]), whole["next"]) == (4, None)
    found, cursor, tags = [], None, set()
    while cursor or not found:
        answer = await school.world.get(f"/pupils/{school.pupil}/documents", limit=3, **({"cursor": cursor} if cursor else {}))
        tags.add(answer.headers["etag"])
        found += answer.json()["items"]
        cursor = answer.json()["next"]
    assert (found, len(tags)) == (whole["items"], 2)


async def test_the_list_has_a_version_of_its_own(school: Telling) -> None:
    path = school.world.path(f"/pupils/{school.pupil}/documents")
    first = await school.world.http.get(path, headers=school.world.headers())
    again = await school.world.http.get(path, headers=school.world.headers(**{"If-None-Match": first.headers["etag"]}))
    assert (again.status_code, again.content) == (304, b"")


async def test_a_document_is_as_it_was_on_a_day_and_as_it_was_known(school: Telling) -> None:
    plan = await the_plan(school)
    assert list(await listed(school, as_at="2026-03-01")) == ["who-looked"]
    assert (await drawn(school, plan, as_at="2026-03-01")).status_code == 404
    assert (await drawn(school, plan, as_at="2026-03-02")).status_code == 200
    assert (await drawn(school, plan, known_at="2026-03-01T00:00:00Z")).status_code == 404
    assert (await drawn(school, plan, known_at="2030-01-01T00:00:00Z")).status_code == 422


async def test_the_same_record_is_drawn_as_the_same_bytes(school: Telling) -> None:
    plan = await the_plan(school)
    for form in FORMS:
        assert (await drawn(school, plan, format=form)).content == (await drawn(school, plan, format=form)).content


async def test_what_is_not_there_is_not_found(school: Telling) -> None:
    number = (await listed(school))["plan"]["number"]
    assert (await drawn(school, f"review/{number}")).status_code == 404
    assert (await drawn(school, "plan/999999")).status_code == 404
    assert (await drawn(school, f"who-looked/{number}")).status_code == 422
    assert (await drawn(school, "plan/0")).status_code == 422
    stranger = school.world.path(f"/pupils/{clock.new_id()}/documents")
    for path in ("", f"/plan/{number}", "/who-looked"):
        assert (await school.world.http.get(stranger + path, headers=school.world.headers())).status_code == 404


@pytest.mark.parametrize("path", ["", "/plan/1", "/who-looked"])
async def test_only_who_may_read_records_draws_them(school: Telling, path: str) -> None:
    token = await token_for(school.world.app, school.world.client_id, frozenset(SCOPES) - {"records:read"})
    answer = await school.world.http.get(
        school.world.path(f"/pupils/{school.pupil}/documents{path}"), headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 403


async def test_who_looked_is_told_with_when_and_why_and_reads_kept_back_stay_back(school: Telling) -> None:
    before = await drawn(school, "who-looked", format="text")
    assert "Nothing recorded." in before.text
    async with school.world.app.state.sessions.for_school(school.world.school_id) as session:
        kept_back = (("safeguarding", "officer-18"), ("safeguarding/person", "officer-18"), ("access-request", "officer-19"))
        for hours, (purpose, person) in enumerate((("mediation", "officer-17"), *kept_back)):
            at = NOW + timedelta(hours=hours)
            look = Access(id=clock.new_id(), pupil_id=school.pupil, client_id=school.world.client_id, purpose=purpose, at=at, person=person)
            await accesses.note(session, look)
    after = await drawn(school, "who-looked", {"If-None-Match": before.headers["etag"]}, format="text")
    assert after.status_code == 200
    for said in ("2 March 2026, 09:00", "Invented, by officer-17", "To prepare for mediation about a decision."):
        assert said in " ".join(after.text.split())
    assert "officer-18" not in after.text
    assert "officer-19" not in after.text
    assert "to keep a child safe" in " ".join(after.text.split())
    with pikepdf.open(BytesIO((await drawn(school, "who-looked", format="pdf")).content)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith(f"D:{NOW:%Y%m%d%H%M}"), "the list is dated by a read that it tells"


async def test_no_more_than_two_documents_are_drawn_at_once_and_a_queue_has_an_end() -> None:
    drawing, held, running = Drawing(), threading.Event(), []

    def work() -> None:
        running.append(threading.current_thread().name)
        held.wait(10)

    tasks = [asyncio.create_task(drawing.run(work)) for _ in range(MOST_WAITING)]
    try:
        while len(running) < AT_ONCE:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert len(running) == AT_ONCE
        with pytest.raises(ApiError) as refused:
            await drawing.run(work)
        assert refused.value.slug == "too-many-requests"
    finally:
        held.set()
        await asyncio.gather(*tasks)
        drawing.close()
    assert len(running) == MOST_WAITING
