"""Where the school chose that the words are pushed, they follow their person's wishes and leave the same proof as a fetch."""

import json
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from app.api.announcements import PushedWordsOut
from app.db.embedded import DatabaseUrls
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, a_upn, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
FACTS = {"relationship": "mother", "parental_responsibility": True, "has_care": True}


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Telling]:
    async with telling(database) as found:
        yield found


async def pushed(school: Telling, words: str = "full", **wishes: str) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Decide for a pupil whose parent wishes so, deliver, and give what arrived with the notice's ledger."""
    heard: list[tuple[str, dict[str, str], bytes]] = []
    school.pupil = await school.world.pupil(a_upn())
    reached = {"name": "Gita Specimen", "channel": "post", **wishes}
    await school.world.taken(school.pupil, "contacts", reached=reached, **FACTS)
    async with receiving(answering(OK, heard)) as receiver:
        await school.subscribe(receiver.port, words)
        await school.decide()
        await school.deliver()
    (notice,) = await school.notices()
    events: list[dict[str, object]] = (await school.proof(str(notice["id"])))["events"]  # type: ignore[assignment]
    return json.loads(heard[0][2]), events


@pytest.mark.parametrize("form", ["text", "html", "large_print", "easy_read"])
async def test_pushed_words_come_in_the_form_that_their_person_wishes(school: Telling, form: str) -> None:
    body, _ = await pushed(school, format=form)
    words = PushedWordsOut.model_validate(body["words"])
    assert set(body["words"]) == set(PushedWordsOut.model_fields)  # type: ignore[call-overload]
    assert (words.format, words.language, words.channel, words.fallback) == (form, "en", "post", None)
    assert words.media_type.startswith("text/plain" if form == "text" else "text/html")


async def test_pushed_words_leave_the_same_proof_as_a_fetch(school: Telling) -> None:
    body, events = await pushed(school, format="large_print", language="pl")
    words = PushedWordsOut.model_validate(body["words"])
    assert words.fallback is not None
    assert (words.fallback.wished_language, words.fallback.reasons) == ("pl", ["language_not_translated"])
    digest = sha256(words.body.encode()).hexdigest()
    assert words.digest == digest
    assert [(e["kind"], e["format"], e["language"], e["words_digest"]) for e in events] == [
        ("composed", None, None, None),
        ("queued", None, None, None),
        ("fallback", "large_print", "en", digest),
        ("pushed", "large_print", "en", digest),
        ("announced", None, None, None),
    ]
    rows = await run_sql_with(school.database, "select purpose from access where school_id = $1", school.world.school_id)
    assert [row["purpose"] for row in rows] == ["pushed"]


async def test_thin_bodies_carry_no_words_and_leave_no_proof_of_any(school: Telling) -> None:
    body, events = await pushed(school, "thin", format="large_print", language="pl")
    assert "words" not in body
    assert [e["kind"] for e in events] == ["composed", "queued", "announced"]
