"""Translations that the school supplies: each for the exact English words it was made from, and behind the same gate."""

import re
from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest
from lxml import html

from app import clock
from app.db.embedded import DatabaseUrls
from tests.api.world import token_for
from tests.webhooks.telling import Telling, run_sql_with, telling

SUBJECT, POLISH = "Wiadomość ze szkoły", "Dodatkowa pomoc\n\nDzień dobry\n\n- czytanie\n- pisanie\n"
FACTS = {"relationship": "mother", "parental_responsibility": True, "has_care": True}
RESTRICTED = {"information_restricted": True, "restriction_basis": "Order of the court"}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        await found.with_pupil()
        await found.decide()
        yield found


async def the_notice(school: Telling) -> dict[str, object]:
    return (await school.notices())[0]


async def where(school: Telling, language: str = "pl") -> str:
    return school.world.path(f"/notices/{(await the_notice(school))['id']}/translations/{language}")


async def words(school: Telling, **asked: str) -> dict[str, object]:
    answer = await school.world.get(f"/notices/{(await the_notice(school))['id']}/words", **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def supply(school: Telling, language: str = "pl", *, if_match: str | None = "*", **changes: object) -> httpx.Response:
    by = {"id": str(school.world.people["office"])}
    digest = changes.pop("of_digest", None) or (await words(school, format="text", language="en"))["digest"]
    body = {"of_digest": digest, "subject": SUBJECT, "body": POLISH, "supplied_by": by, **changes}
    headers = school.world.headers() if if_match is None else school.world.headers(**{"If-Match": if_match})
    return await school.world.http.put(await where(school, language), json=body, headers=headers)


async def supplied(school: Telling, language: str = "pl", **changes: object) -> dict[str, object]:
    answer = await supply(school, language, **changes)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def read(school: Telling, language: str = "pl") -> httpx.Response:
    return await school.world.http.get(await where(school, language), headers=school.world.headers())


async def kinds(school: Telling) -> list[str]:
    return [event["kind"] for event in (await school.proof(str((await the_notice(school))["id"])))["events"]]  # type: ignore[attr-defined]


async def restrict(school: Telling) -> None:
    await school.world.taken(school.pupil, f"contacts/{school.parent}/facts", **FACTS, **RESTRICTED)


async def test_a_translation_is_handed_out_in_every_form_of_the_text(school: Telling) -> None:
    kept = await supplied(school)
    assert (kept["language"], kept["supplied_by"]) == ("pl", str(school.world.people["office"]))
    text = await words(school, language="pl")
    assert (text["subject"], text["body"], text["format"], text["fallback"]) == (SUBJECT, POLISH, "text", None)
    assert kept["digest"] == text["digest"] == sha256(POLISH.encode()).hexdigest()
    for form in ("html", "large_print"):
        page = html.document_fromstring(str((await words(school, language="pl-PL", format=form))["body"]))
        assert page.get("lang") == "pl"
        assert [node.text for node in page.iter("h1", "li")] == ["Dodatkowa pomoc", "czytanie", "pisanie"]


async def test_the_ledger_says_who_supplied_what_and_which_words_went_out(school: Telling) -> None:
    english = (await words(school))["digest"]
    kept = await supplied(school)
    await words(school, language="pl")
    events = (await school.proof(str((await the_notice(school))["id"])))["events"]
    assert [(e["kind"], e["language"], e["words_digest"]) for e in events] == [  # type: ignore[attr-defined]
        ("composed", None, None),
        ("fetched", "en", english),
        ("fetched", "en", english),
        ("translated", "pl", kept["digest"]),
        ("fetched", "pl", kept["digest"]),
    ]
    assert events[3]["remark"] == f"by {school.world.people['office']}"  # type: ignore[index]
    proof = await school.proof(str((await the_notice(school))["id"]))
    assert proof["translations"] == [kept]
    assert POLISH not in str(proof)


async def test_once_the_english_words_change_a_translation_of_the_old_ones_goes_out_no_more(school: Telling) -> None:
    await supplied(school)
    change = "update contact set name = 'Gita Renamed', language = 'pl' where school_id = $1"
    await run_sql_with(school.database, change, school.world.school_id)
    found = await words(school)
    assert (found["language"], "Dear Gita Renamed" in str(found["body"])) == ("en", True)
    assert found["fallback"] == {"wished_format": "text", "wished_language": "pl", "reasons": ["translation_out_of_date"]}
    explicit = await words(school, language="pl")
    assert (explicit["language"], explicit["fallback"]) == ("en", found["fallback"])
    shown = (await read(school)).json()
    assert (shown["is_current"], shown["subject"], shown["body"]) == (False, None, None)
    assert (await kinds(school))[-4:] == ["fallback", "fetched", "fallback", "fetched"]


async def test_a_new_translation_of_the_changed_words_goes_out_again(school: Telling) -> None:
    old = (await words(school))["digest"]
    await supplied(school)
    await run_sql_with(school.database, "update contact set name = 'Gita Renamed' where school_id = $1", school.world.school_id)
    assert (await words(school, language="pl"))["language"] == "en"
    stale = await supply(school, of_digest=old)
    assert (stale.status_code, stale.json()["errors"][0]["pointer"]) == (422, "/of_digest")
    await supplied(school, body="Nowe\n\nDzień dobry")
    assert (await words(school, language="pl"))["body"] == "Nowe\n\nDzień dobry\n"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"of_digest": "0" * 64}, "/of_digest"),
        ({"of_digest": "0" * 63}, "/of_digest"),
        ({"subject": "Pomoc dla ADA w szkole"}, "/subject"),
        *[({"subject": subject}, "/subject") for subject in ("Ada's plan", "(ada)", "ADA.", "Plan: Ada, 3", "\uff21da", "关于Ada的信")],
        ({"subject": "two\nlines"}, "/subject"),
        *[({"body": body}, "/body") for body in (" \n ", "\x1c", "\x1f\x1f", "Pomoc\x1b[2J", "\u200b", "- \n- ")],
        ({"body": "x" * 100_001}, "/body"),
    ],
)
async def test_what_cannot_be_a_translation_of_this_notice_is_refused_where_it_fails(
    school: Telling, changes: dict[str, object], pointer: str
) -> None:
    answer = await supply(school, **changes)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await read(school)).status_code == 404
    assert "translated" not in await kinds(school)


async def test_a_subject_with_the_child_in_two_words_is_refused_and_one_that_only_looks_alike_is_not(school: Telling) -> None:
    rename = "update pupil set forename = 'Mary-Jane' where school_id = $1"
    await run_sql_with(school.database, rename, school.world.school_id)
    assert [(await supply(school, subject=told)).status_code for told in ("List: mary  JANE", "Janes Mary, maryjane")] == [422, 200]


async def test_a_notice_has_forty_translations_and_not_one_more(school: Telling) -> None:
    await supplied(school, "zz")
    copied = (
        "insert into notice_translation select (jsonb_populate_record(t, jsonb_build_object('language', 'q' || chr(97 + i / 20) || '-'"
        " || chr(65 + i % 20) || 'A'))).* from notice_translation t, generate_series(1, 39) i where school_id = $1"
    )
    await run_sql_with(school.database, copied, school.world.school_id)
    answer = await supply(school, "pl")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert (await supply(school, "zz", body="Inne")).status_code == 200


@pytest.mark.parametrize("language", ["en", "en-GB", "EN-us", "p", "pl_PL", "x-own"])
async def test_a_translation_is_into_another_language_by_its_tag(school: Telling, language: str) -> None:
    answer = await supply(school, language)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "language")


async def test_two_spellings_of_a_tag_are_one_language(school: Telling) -> None:
    assert (await supplied(school, "PT-br"))["language"] == "pt-BR"
    assert (await read(school, "pt-BR")).json()["language"] == "pt-BR"
    assert (await words(school, language="pt-br"))["language"] == "pt-BR"


async def test_it_is_supplied_by_somebody_on_the_staff_today(school: Telling) -> None:
    strangers = ({"id": str(clock.new_id())}, {"kind": "contact", "id": school.parent}, {"kind": "pupil", "id": school.pupil})
    for stranger in strangers:
        answer = await supply(school, supplied_by=stranger)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/step-refused")
    assert (await read(school)).status_code == 404


async def test_only_the_version_that_was_seen_is_replaced_or_taken_away(school: Telling) -> None:
    assert (await supply(school, if_match=None)).status_code == 428
    assert (await supply(school, if_match='"another"')).status_code == 412
    first = await supply(school)
    version = first.json()["version"]
    assert (first.status_code, first.headers["etag"]) == (200, version)
    assert (await supply(school, if_match='"another"', body="Inne")).status_code == 412
    second = await supply(school, if_match=version, body="Inne")
    assert (second.status_code, second.json()["version"] != version) == (200, True)
    path = await where(school)
    for if_match, status in ((None, 428), (version, 412), (second.json()["version"], 204), ("*", 404)):
        headers = school.world.headers() if if_match is None else school.world.headers(**{"If-Match": if_match})
        assert (await school.world.http.delete(path, headers=headers)).status_code == status
    assert (await read(school)).status_code == 404
    assert (await kinds(school))[-1] == "translation_removed"


async def test_the_same_again_is_written_once(school: Telling) -> None:
    first, again = await supplied(school), await supplied(school)
    assert first == again
    assert (await kinds(school)).count("translated") == 1


async def test_without_its_translation_a_notice_is_english_again_and_the_language_is_refused_when_asked_for(school: Telling) -> None:
    await supplied(school)
    headers = school.world.headers(**{"If-Match": "*"})
    assert (await school.world.http.delete(await where(school), headers=headers)).status_code == 204
    answer = await school.world.get(f"/notices/{(await the_notice(school))['id']}/words", language="pl")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "language")


async def test_a_translation_passes_the_gate_and_leaves_a_trace_like_every_fetch(school: Telling) -> None:
    await supplied(school)
    count = "select count(*) from access where school_id = $1 and purpose = 'notice'"
    (before,) = (await run_sql_with(school.database, count, school.world.school_id))[0]
    shown = await read(school)
    assert (shown.status_code, shown.json()["body"], shown.headers["etag"]) == (200, POLISH, shown.json()["version"])
    assert [tuple(row) for row in await run_sql_with(school.database, count, school.world.school_id)] == [(before + 1,)]
    assert (await kinds(school))[-1] == "fetched"
    await restrict(school)
    refused = [await read(school), await supply(school, of_digest=shown.json()["of_digest"], if_match="*", body="Inne")]
    assert [(answer.status_code, answer.json()["type"]) for answer in refused] == [(409, "/problems/step-refused")] * 2
    assert not [answer for answer in refused if re.search(r"pomoc|Gita|Order of|information_restricted", answer.text)]
    assert [tuple(row) for row in await run_sql_with(school.database, count, school.world.school_id)] == [(before + 1,)]


async def test_what_was_corrected_takes_no_translation_and_gives_none(school: Telling) -> None:
    old = await the_notice(school)
    kept = await supplied(school)
    await school.decide(corrects=old["about"], reason="The reading age was that of another test")
    answers = [await read(school), await supply(school, of_digest=kept["of_digest"])]
    assert [(answer.status_code, answer.json()["type"]) for answer in answers] == [(410, "/problems/gone")] * 2


async def test_it_needs_the_scope_of_whoever_fetches_words_and_the_notices_own_school(school: Telling, database: DatabaseUrls) -> None:
    kept = await supplied(school)
    reader = await token_for(school.world.app, school.world.client_id, frozenset({"notices:read"}))
    answer = await school.world.http.get(await where(school), headers={"Authorization": f"Bearer {reader}"})
    assert (answer.status_code, "notices:deliver" in answer.headers["www-authenticate"]) == (403, True)
    notice = (await the_notice(school))["id"]
    async with telling(database) as other:
        path, headers = other.world.path(f"/notices/{notice}/translations/pl"), other.world.headers(**{"If-Match": "*"})
        body = {"of_digest": kept["of_digest"], "subject": "x", "body": "x", "supplied_by": {"id": str(other.world.people["head"])}}
        assert (await other.world.http.get(path, headers=headers)).status_code == 404
        assert (await other.world.http.put(path, json=body, headers=headers)).status_code == 404
        assert (await other.world.http.delete(path, headers=headers)).status_code == 404
    assert (await read(school)).json()["body"] == POLISH
