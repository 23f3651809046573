"""The words follow what their person wishes for, say where they could not, and leave behind what proves what was said."""

from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest
from lxml import html

from app.db.embedded import DatabaseUrls
from tests.api.test_transitions import decide, on_old_code
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


async def with_a_parent_who_wishes(school: Telling, **wishes: str) -> str:
    """Put a pupil on roll whose parent wishes so, decide for support, and give the notice's id."""
    school.pupil = await school.world.pupil(a_upn())
    reached = {"name": "Gita Specimen", "channel": "email", "email": "gita@specimen.example", **wishes}
    facts = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
    school.parent = (await school.world.taken(school.pupil, "contacts", reached=reached, **facts))["references"]["contact"]
    await school.decide()
    return str((await the_notice(school))["id"])


async def the_notice(school: Telling) -> dict[str, object]:
    (notice,) = await school.notices()
    return notice


async def fetch(school: Telling, notice: str, **asked: str) -> httpx.Response:
    return await school.world.get(f"/notices/{notice}/words", **asked)


async def words(school: Telling, notice: str, **asked: str) -> dict[str, object]:
    answer = await fetch(school, notice, **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def ledger(school: Telling, notice: str) -> list[tuple[object, ...]]:
    events = (await school.proof(notice))["events"]
    return [(e["kind"], e["format"], e["language"], e["words_digest"]) for e in events]  # type: ignore[attr-defined]


async def test_a_notice_shows_what_its_person_wishes_now(school: Telling) -> None:
    notice = await with_a_parent_who_wishes(school, format="large_print", language="PL", channel="post")
    assert (await the_notice(school))["wishes"] == {"channel": "post", "format": "large_print", "language": "pl"}
    assert (await school.proof(notice))["wishes"]["format"] == "large_print"
    path = school.world.path(f"/pupils/{school.pupil}/contacts/{school.parent}")
    changed = {"name": "Gita Specimen", "channel": "phone", "phone": "01632 960001", "format": "easy_read"}
    answer = await school.world.http.put(path, json=changed, headers=school.world.headers(**{"If-Match": "*"}))
    assert answer.status_code == 200, answer.text
    assert (await the_notice(school))["wishes"] == {"channel": "phone", "format": "easy_read", "language": "en"}


async def test_a_young_person_has_no_recorded_wishes_and_gets_text_in_english(school: Telling) -> None:
    school.pupil = await school.world.pupil(a_upn(), born="2008-05-04")
    await school.decide()
    notice = await the_notice(school)
    assert (notice["person_kind"], notice["wishes"]) == ("pupil", None)
    found = await words(school, str(notice["id"]))
    assert (found["format"], found["language"], found["channel"], found["fallback"]) == ("text", "en", None, None)


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("text", "text/plain"), ("html", "text/html"), ("large_print", "text/html"), ("easy_read", "text/html")],
)
async def test_words_come_as_their_person_wishes_and_another_form_can_be_asked_for(school: Telling, form: str, media_type: str) -> None:
    notice = await with_a_parent_who_wishes(school, format=form)
    found = await words(school, notice)
    assert (found["format"], found["channel"], found["fallback"]) == (form, "email", None)
    assert str(found["media_type"]).startswith(media_type)
    other = "html" if form == "text" else "text"
    asked = await words(school, notice, format=other)
    assert (asked["format"], asked["fallback"]) == (other, None)
    assert asked["body"] != found["body"]


async def test_easy_read_is_a_wording_of_its_own_in_large_print(school: Telling) -> None:
    notice = await with_a_parent_who_wishes(school, format="easy_read")
    page = html.document_fromstring(str((await words(school, notice))["body"]))
    assert "Ada needs extra help at school." in [node.text for node in page.iter("p")]
    assert "18pt" in page.findtext(".//style", "")


async def test_the_ledger_proves_to_the_byte_what_was_handed_out(school: Telling) -> None:
    notice = await with_a_parent_who_wishes(school, format="large_print")
    as_wished, as_text = await words(school, notice), await words(school, notice, format="text")
    digests = [sha256(str(found["body"]).encode()).hexdigest() for found in (as_wished, as_text)]
    assert [found["digest"] for found in (as_wished, as_text)] == digests
    assert await ledger(school, notice) == [
        ("composed", None, None, None),
        ("fetched", "large_print", "en", digests[0]),
        ("fetched", "text", "en", digests[1]),
    ]


async def test_a_language_without_a_translation_gives_way_to_english_and_both_the_answer_and_the_ledger_say_so(school: Telling) -> None:
    notice = await with_a_parent_who_wishes(school, language="pl", format="html")
    found = await words(school, notice)
    assert (found["format"], found["language"]) == ("html", "en")
    assert found["fallback"] == {"wished_format": "html", "wished_language": "pl", "reasons": ["language_not_translated"]}
    assert await ledger(school, notice) == [
        ("composed", None, None, None),
        ("fallback", "html", "en", found["digest"]),
        ("fetched", "html", "en", found["digest"]),
    ]
    remarks = [event["remark"] for event in (await school.proof(notice))["events"]]  # type: ignore[index]
    assert remarks == [None, "html in pl: language_not_translated", "en-2"]


async def test_easy_read_that_nobody_has_written_gives_way_to_text(school: Telling) -> None:
    pupil = await on_old_code(school.world, "A")
    await school.world.contact(pupil)
    await decide(school.world, pupil, "A", "K", "2026-03-02")
    notice = await the_notice(school)
    assert notice["matter"] == "transition"
    found = await words(school, str(notice["id"]), format="easy_read")
    assert (found["format"], found["media_type"]) == ("text", "text/plain; charset=utf-8")
    assert found["fallback"] == {"wished_format": "easy_read", "wished_language": "en", "reasons": ["format_not_written"]}
    assert [kind for kind, *_ in await ledger(school, str(notice["id"]))] == ["composed", "fallback", "fetched"]


@pytest.mark.parametrize("language", ["pl", "bn-Beng"])
async def test_a_language_that_is_asked_for_and_nobody_has_is_refused_with_the_parameter_and_leaves_no_trace(
    school: Telling, language: str
) -> None:
    notice = await with_a_parent_who_wishes(school, language="pl")
    answer = await fetch(school, notice, language=language)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "language")
    assert await ledger(school, notice) == [("composed", None, None, None)]
    assert await run_sql_with(school.database, "select from access where school_id = $1", school.world.school_id) == []


@pytest.mark.parametrize(("name", "value"), [("format", "braille"), ("language", "p"), ("language", "pl_PL"), ("language", "x" * 36)])
async def test_what_is_no_format_or_language_is_refused(school: Telling, name: str, value: str) -> None:
    notice = await with_a_parent_who_wishes(school)
    answer = await fetch(school, notice, **{name: value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, name)
    assert len(value) == 1 or value not in answer.text


async def test_nothing_is_handed_out_in_any_form_while_the_person_may_not_be_told(school: Telling) -> None:
    notice = await with_a_parent_who_wishes(school, format="large_print", language="pl")
    facts = {"relationship": "mother", "parental_responsibility": True, "has_care": True, "information_restricted": True}
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **facts, restriction_basis="Order of the court")
    answers = [await fetch(school, notice), await fetch(school, notice, format="easy_read"), await fetch(school, notice, language="en")]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert {kind for kind, *_ in await ledger(school, notice)} == {"composed", "withheld"}
    assert {digest for *_, digest in await ledger(school, notice)} == {None}
