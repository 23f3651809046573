"""Contributions to the evidence, over HTTP: asked for, given by those whose they are, late or declined, and read as they stood."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from uuid import UUID

import pytest

from app import clock
from app.casework.authors import AuthorClaim
from app.casework.contributions import PapersUnknownError, naming
from app.casework.taking import Asked
from app.db import papers
from app.db.embedded import DatabaseUrls
from app.db.entrance import Entrance
from app.db.scopes import SCOPES, scope_of
from app.domain.author import AuthorKind
from app.domain.contributing import give_contribution
from app.domain.entries import ContributionGiven, ContributionKind, Contributor, ContributorKind
from tests.api.contributing import ASKED_ON, DUE, UPNS, Clock, a_paper, asked, by_mother, listed, on, read
from tests.api.world import World, add_school, running

_urns = count(999_100)


@pytest.fixture
def now() -> Clock:
    return Clock()


@pytest.fixture
async def world(database: DatabaseUrls, now: Clock) -> AsyncIterator[World]:
    async with running(database, now=lambda: now.moment) as (app, http):
        world = await add_school(app, http, str(next(_urns)), at=now.moment)
        await on(world, now, ASKED_ON)
        yield world


async def test_a_parent_who_is_asked_gives_words_and_papers_of_their_own(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution, paper = await asked(world, pupil, mother), await a_paper(world, pupil)
    assert (await read(world, pupil, contribution))["state"] == "pending"
    words = {"words": "She reads to her brother.", "papers": [paper]}
    given = await world.taken(pupil, f"contributions/{contribution}/given", author={"kind": "contact", "id": mother}, **words)
    assert given["entries"][0]["author"]["kind"] == "contact"
    found = await read(world, pupil, contribution)
    assert (found["state"], found["is_late"], found["due"], found["words"]) == ("given", False, DUE.isoformat(), words["words"])
    assert (found["asks"], found["given"]) == ("How is it at home?", given["ledger_number"])
    [named] = found["papers"]
    assert named == {
        "id": paper,
        "title": "Our view",
        "media_type": "application/pdf",
        "sha256": sha256(b"Our view").hexdigest(),
        "size": 8,
        "pages": 2,
    }
    assert given["entries"][0]["facts"]["papers"] == [named]


async def test_the_pupil_gives_pictures_and_nobody_of_the_family_writes_for_another(world):
    pupil = await world.pupil(UPNS[0])
    mother, drawing = await world.contact(pupil), await a_paper(world, pupil, "My day")
    of_pupil = {"what": "pupils_view", "contributor": {"kind": "pupil"}}
    given = await world.taken(pupil, "contributions/given", author={"kind": "pupil", "id": pupil}, **of_pupil, papers=[drawing])
    assert (await read(world, pupil, given["references"]["contribution"]))["asked"] is None
    by_another = await world.step(pupil, "contributions/given", author={"kind": "contact", "id": mother}, **of_pupil, words="-")
    assert (by_another.status_code, by_another.json()["type"]) == (409, "/problems/step-refused")


async def test_what_is_pending_turns_late_with_the_day_and_what_is_given_late_says_so(world, now):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution = await asked(world, pupil, mother)
    await on(world, now, DUE)
    assert await listed(world, pupil) == [(contribution, "pending")]
    before = await world.get(f"/pupils/{pupil}/contributions")
    await on(world, now, DUE + timedelta(days=1))
    assert await listed(world, pupil, state="late") == [(contribution, "late")]
    assert await listed(world, pupil, state="pending") == []
    held = await world.http.get(
        world.path(f"/pupils/{pupil}/contributions"), headers=world.headers(**{"If-None-Match": before.headers["etag"]})
    )
    assert held.status_code == 200
    again = await world.http.get(
        world.path(f"/pupils/{pupil}/contributions"), headers=world.headers(**{"If-None-Match": held.headers["etag"]})
    )
    assert again.status_code == 304
    day = (DUE + timedelta(days=1)).isoformat()
    await world.taken(pupil, f"contributions/{contribution}/given", occurred_on=day, words="Here it is.")
    found = await read(world, pupil, contribution)
    assert (found["state"], found["is_late"]) == ("given", True)


async def test_a_contribution_is_told_as_it_stood_on_a_day_and_as_it_was_known(world, now):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution = await asked(world, pupil, mother)
    await on(world, now, date(2026, 3, 25))
    await world.taken(pupil, f"contributions/{contribution}/given", occurred_on="2026-03-18", words="Handed in on the 18th.")
    states = [(await read(world, pupil, contribution, as_at=day))["state"] for day in ("2026-03-02", "2026-03-17", "2026-03-18")]
    assert states == ["pending", "pending", "given"]
    then = {"known_at": "2026-03-24T12:00:00Z"}
    assert (await read(world, pupil, contribution, as_at="2026-03-20", **then))["state"] == "pending"
    assert (await read(world, pupil, contribution, as_at="2026-03-21", **then))["state"] == "late"
    assert (await world.get(f"/pupils/{pupil}/contributions/{contribution}", as_at="2026-03-01")).status_code == 404
    assert (await world.get(f"/pupils/{pupil}/contributions", known_at="2026-03-26T00:00:00Z")).status_code == 422


async def test_somebody_who_declined_is_asked_again(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution = await asked(world, pupil, mother)
    await world.taken(pupil, f"contributions/{contribution}/declined", author={"kind": "contact", "id": mother}, reason="Not now.")
    found = await read(world, pupil, contribution)
    assert (found["state"], found["reason"]) == ("declined", "Not now.")
    assert (await world.step(pupil, f"contributions/{contribution}/declined")).status_code == 409
    await world.taken(pupil, f"contributions/{contribution}/asked", asks="Would a talk be easier?", due="2026-03-27")
    found = await read(world, pupil, contribution)
    assert (found["state"], found["due"], found["declined"], found["what"]) == ("pending", "2026-03-27", None, "parents_view")


async def test_a_correction_keeps_the_contribution_and_a_withdrawn_giving_leaves_it_pending(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    first = await world.taken(pupil, "contributions", **by_mother(mother), asks="How is it?", due="2026-03-09")
    contribution = first["references"]["contribution"]
    again = {"asks": "How is it at home?", "due": DUE.isoformat(), "corrects": first["ledger_number"]}
    corrected = await world.taken(pupil, "contributions", **by_mother(mother), **again)
    assert corrected["references"] == {"contribution": contribution}
    assert (await read(world, pupil, contribution))["due"] == DUE.isoformat()
    given = await world.taken(pupil, f"contributions/{contribution}/given", words="Well.")
    amended = await world.taken(pupil, f"contributions/{contribution}/given", words="Very well.", corrects=given["ledger_number"])
    assert (await read(world, pupil, contribution))["words"] == "Very well."
    of_another_kind = await world.step(pupil, f"contributions/{contribution}/given", words="-", corrects=corrected["ledger_number"])
    assert of_another_kind.status_code == 409
    await world.taken(pupil, "withdrawals", corrects=amended["ledger_number"], reason="Said by somebody else.")
    found = await read(world, pupil, contribution)
    assert (found["state"], found["given"], found["words"]) == ("pending", None, None)


async def test_an_unasked_giving_is_corrected_under_the_same_id(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    given = await world.taken(pupil, "contributions/given", **by_mother(mother), words="Well.")
    changed = {"words": "Very well.", "corrects": given["ledger_number"]}
    corrected = await world.taken(pupil, "contributions/given", **by_mother(mother), **changed)
    assert corrected["references"] == given["references"]
    assert len(await listed(world, pupil)) == 1
    nothing = await world.step(pupil, "contributions/given", **by_mother(mother), words="-", corrects=1)
    assert nothing.status_code == 409


async def test_a_paper_of_another_pupil_or_of_nobody_is_named_by_its_place(world):
    pupil, other = await world.pupil(UPNS[0]), await world.pupil(UPNS[1])
    mother = await world.contact(pupil)
    own, foreign = await a_paper(world, pupil), await a_paper(world, other)
    papers = [own, foreign, str(clock.new_id())]
    answer = await world.step(pupil, "contributions/given", **by_mother(mother), papers=papers)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("/papers/1", "paper_unknown"),
        ("/papers/2", "paper_unknown"),
    ]
    assert foreign not in answer.text
    assert await listed(world, pupil) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"contributor": {"kind": "contact"}}, "/contributor"),
        ({"contributor": {"kind": "pupil", "involvement": 3}}, "/contributor"),
        ({"contributor": {"kind": "specialist"}}, "/contributor"),
        ({"words": None}, ""),
        ({"papers": [str(clock.new_id())] * 2}, ""),
        ({"what": "diary"}, "/what"),
    ],
)
async def test_a_giving_that_says_nothing_clear_is_refused_at_the_member(world, changes, pointer):
    pupil = await world.pupil(UPNS[0])
    answer = await world.step(
        pupil, "contributions/given", **{"what": "pupils_view", "contributor": {"kind": "pupil"}, "words": "I like it.", **changes}
    )
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_nobody_is_asked_who_may_not_be_informed(world):
    """Decision 24."""
    pupil = await world.pupil(UPNS[0])
    barred = await world.contact(pupil, information_restricted=True, restriction_basis="Order of an invented court")
    answer = await world.step(pupil, "contributions", **by_mother(barred), asks="How is it?", due=DUE.isoformat())
    assert answer.status_code == 409
    assert answer.json()["findings"][0]["used"]["withheld"] == "information_restricted"
    assert "court" not in answer.text


async def test_somebody_who_was_barred_since_is_not_to_be_reminded(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution = await asked(world, pupil, mother)
    facts = {"relationship": "mother", "parental_responsibility": True, "has_care": True, "information_restricted": True}
    await world.taken(pupil, f"contacts/{mother}/facts", **facts, restriction_basis="Order of an invented court")
    [awaited] = (await world.get(f"/pupils/{pupil}/next-steps")).json()["awaited"]
    assert (awaited["id"], awaited["barred"]) == (contribution, "information_restricted")
    again = await world.step(pupil, f"contributions/{contribution}/asked", asks="And?", due=DUE.isoformat())
    assert again.status_code == 409
    await world.taken(pupil, f"contributions/{contribution}/given", words="She came by and told us.")


async def test_the_same_key_asks_once_and_gives_the_same_id(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    body = {
        "author": {"id": str(world.people["senco"])},
        "occurred_on": ASKED_ON.isoformat(),
        **by_mother(mother),
        "asks": "How is it?",
        "due": DUE.isoformat(),
    }
    twice = [await world.post(f"/pupils/{pupil}/contributions", body, {"Idempotency-Key": "asking-1"}) for _ in range(2)]
    assert [answer.status_code for answer in twice] == [201, 201]
    assert twice[0].json() == twice[1].json()
    contribution = twice[0].json()["references"]["contribution"]
    giving = {"author": body["author"], "occurred_on": ASKED_ON.isoformat(), "words": "Well."}
    path = f"/pupils/{pupil}/contributions/{contribution}/given"
    twice = [await world.post(path, giving, {"Idempotency-Key": "giving-1"}) for _ in range(2)]
    assert twice[0].json() == twice[1].json()
    assert await listed(world, pupil) == [(contribution, "given")]
    other = await world.post(path, giving | {"words": "Badly."}, {"Idempotency-Key": "giving-1"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_a_dry_run_says_what_it_would_add_and_adds_nothing(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    told = {**by_mother(mother), "asks": "How is it?", "due": DUE.isoformat()}
    body = {"author": {"id": str(world.people["senco"])}, "occurred_on": ASKED_ON.isoformat(), **told}
    answer = await world.post(f"/pupils/{pupil}/contributions", body, dry_run="true")
    assert answer.status_code == 200
    assert [entry["type"] for entry in answer.json()["would_append"]] == ["contribution.asked"]
    assert (answer.json()["entries"], answer.json()["references"]) == ([], {})
    assert await listed(world, pupil) == []


async def test_a_list_is_given_in_pages(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    ids = [await asked(world, pupil, mother) for _ in range(3)]
    first = (await world.get(f"/pupils/{pupil}/contributions", limit="2")).json()
    second = (await world.get(f"/pupils/{pupil}/contributions", limit="2", cursor=first["next"])).json()
    assert [item["id"] for item in first["items"] + second["items"]] == sorted(ids)
    assert second["next"] is None


async def test_another_school_finds_neither_the_pupil_nor_the_contribution_nor_the_paper(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution, paper = await asked(world, pupil, mother), await a_paper(world, pupil)
    stranger = await add_school(world.app, world.http, str(next(_urns)), at=datetime(2026, 2, 26, 9, tzinfo=UTC))
    for route in ("contributions", f"contributions/{contribution}"):
        assert (await stranger.get(f"/pupils/{pupil}/{route}")).status_code == 404
    for route in (f"contributions/{contribution}/given", f"contributions/{contribution}/declined"):
        facts = {"words": "-"} if route.endswith("given") else {}
        assert (await stranger.step(pupil, route, **facts)).status_code == 404
    own = await stranger.pupil(UPNS[0])
    taken = await stranger.step(own, "contributions/given", what="pupils_view", contributor={"kind": "pupil"}, papers=[paper])
    assert taken.status_code == 422
    assert (await stranger.step(own, f"contributions/{contribution}/given", words="-")).status_code == 404


async def test_a_contribution_goes_on_in_the_record_that_was_joined_with_its_papers(world, now):
    people = {"author": {"id": str(world.people["head"])}, "confirmed_by": {"id": str(world.people["senco"])}}
    chosen = {"occurred_on": ASKED_ON.isoformat(), "setting": "asserted_second_person_accepted", "value": 1}
    assert (await world.post("/settings", people | chosen)).status_code == 201
    kept, other = await world.pupil(UPNS[0]), await world.pupil(UPNS[1])
    mother = await world.contact(other)
    contribution, paper = await asked(world, other, mother), await a_paper(world, other)
    joined = {"confirmed_by": {"id": str(world.people["head"])}, "other": other, "reason": "One child."}
    await world.taken(kept, "merges", **joined)
    assert await listed(world, kept) == [(contribution, "pending")]
    assert (await world.get(f"/pupils/{other}/contributions")).status_code == 409
    await world.taken(kept, f"contributions/{contribution}/given", papers=[paper])
    assert await listed(world, kept) == [(contribution, "given")]
    assert (await world.step(other, f"contributions/{contribution}/given", words="-")).status_code == 409


async def test_a_paper_that_goes_in_the_meantime_is_not_named_and_nothing_is_stored(world):
    pupil = await world.pupil(UPNS[0])
    paper = await a_paper(world, pupil)
    casework = world.app.state.casework
    async with world.app.state.sessions.for_school(world.school_id, read_only=True) as session:
        found = await papers.named(session, UUID(pupil), [UUID(paper)])
    async with world.app.state.sessions.for_school(world.school_id) as session:
        await session.connection.execute("delete from paper where school_id = $1 and id = $2", world.school_id, UUID(paper))
    given = ContributionGiven(
        occurred_on=ASKED_ON,
        contribution=clock.new_id(),
        kind=ContributionKind.PUPILS_VIEW,
        contributor=Contributor(kind=ContributorKind.PUPIL),
        papers=tuple(found.values()),
    )
    by = AuthorClaim(kind=AuthorKind.PUPIL, id=UUID(pupil), proof=None)
    who = Entrance(client_id=world.client_id, urn=world.urn, scope=scope_of("records:write"), token_scopes=frozenset(SCOPES))
    step = Asked(entrance=who, pupil_id=UUID(pupil), author=by)
    with pytest.raises(PapersUnknownError):
        await casework.take(step, give_contribution, given, alongside=naming(casework))
    assert await listed(world, pupil) == []


async def test_a_paper_that_is_about_to_be_named_is_not_let_go(world, now):
    pupil = await world.pupil(UPNS[0])
    paper, later = UUID(await a_paper(world, pupil)), datetime(2026, 8, 1, tzinfo=UTC)
    sessions = world.app.state.sessions

    async def let_go() -> None:
        async with sessions.for_school(world.school_id) as session:
            await papers.forget_unnamed(session, later)

    async with sessions.for_school(world.school_id) as session:
        assert await papers.hold(session, [paper], at=later)
        going = asyncio.create_task(let_go())
        await asyncio.sleep(0.2)
        assert not going.done()
    await going
    async with sessions.for_school(world.school_id, read_only=True) as session:
        assert set(await papers.named(session, UUID(pupil), [paper])) == {paper}
    async with sessions.for_school(world.school_id) as session:
        await papers.forget_unnamed(session, later + 2 * papers.UNNAMED_FOR)
        assert not await papers.hold(session, [paper], at=later)


async def test_what_is_awaited_stands_among_the_next_steps_with_who_can_bring_it_and_where(world, now):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution = await asked(world, pupil, mother)
    await on(world, now, DUE + timedelta(days=1))
    answer = (await world.get(f"/pupils/{pupil}/next-steps")).json()
    [awaited] = answer["awaited"]
    assert (awaited["id"], awaited["state"], awaited["mender"]) == (contribution, "late", "parent")
    assert (awaited["contributor"]["person"], awaited["barred"]) == (mother, None)
    body = {"author": {"kind": "contact", "id": mother}, "occurred_on": awaited["due"], "words": "Here it is."}
    given = await world.http.post(awaited["href"], json=body, headers=world.headers())
    assert given.status_code == 201, given.text
    answer = (await world.get(f"/pupils/{pupil}/next-steps")).json()
    assert answer["awaited"] == []
    places = {step["adds"]: step["href"] for step in answer["items"]}
    assert places["contribution.asked"] == world.path(f"/pupils/{pupil}/contributions")
    assert places["contribution.given"] == world.path(f"/pupils/{pupil}/contributions/given")


async def test_a_step_is_told_in_the_feed_by_its_kind_and_without_words(world):
    pupil = await world.pupil(UPNS[0])
    mother = await world.contact(pupil)
    contribution = await asked(world, pupil, mother)
    given = await world.taken(pupil, f"contributions/{contribution}/given", words="She reads to her brother.")
    answer = await world.http.get("/v1/changes", headers=world.headers())
    assert answer.status_code == 200, answer.text
    told = [item["header"]["type"] for item in answer.json()["items"] if item["header"]["number"] == given["ledger_number"]]
    assert told == ["contribution.given"]
    assert "brother" not in answer.text
