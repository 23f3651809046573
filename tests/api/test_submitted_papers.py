"""Papers that are about to leave are searched for other pupils too: in their words, in their titles, and as the very same file."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.embedded import DatabaseUrls
from app.documents.papers.paper_text import MOST_CHARACTERS
from tests.api.handing_in import OTHER_UPN, UPN, file, hand_in, kept, redact
from tests.api.sending import DAY, asked, sending, submission
from tests.api.world import World
from tests.documents.papers import an_image
from tests.documents.wordy_papers import wordy_pdf, written

_urns = itertools.count(999_500)
NAMES = "Ada worked beside Ben Sample."


@pytest.fixture
async def world(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[World]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        yield world


async def given(world: World, pupil: str, content: bytes, title: str | None = None) -> str:
    """Hand in a paper and contribute it as the teacher's report."""
    answer = await hand_in(world, pupil, file(content), title=None if title is None else [title])
    assert answer.status_code == 201, answer.text
    paper = answer.json()["kept"][0]["id"]
    teacher = {"kind": "staff", "person": str(world.people["teacher"])}
    await world.taken(pupil, "contributions/given", what="teachers_report", contributor=teacher, papers=[paper], occurred_on=DAY)
    return str(paper)


async def two_pupils(world: World) -> tuple[str, str]:
    return await world.pupil(UPN), await world.pupil(OTHER_UPN, surname="Sample", forename="Ben")


async def submit(world: World, pupil: str, **wishes: object) -> tuple[int, dict[str, object]]:
    request = await asked(world, pupil)
    answer = await world.step(pupil, f"ehc-requests/{request}/submissions", **submission(world), **wishes)
    return answer.status_code, answer.json()


def where(problem: dict[str, object]) -> tuple[str, str, str]:
    used = problem["findings"][0]["used"]  # type: ignore[index]
    return used["pupils"], used["entries"], used["papers"]


@pytest.mark.parametrize("content", [written(wordy_pdf(["A first page.", NAMES])), NAMES.encode()], ids=["pdf", "text"])
async def test_a_paper_that_names_another_pupil_is_found(world: World, content: bytes) -> None:
    pupil, other = await two_pupils(world)
    paper = await given(world, pupil, content)
    status, problem = await submit(world, pupil)
    assert (status, *where(problem)) == (409, other, "", paper)
    assert "Sample" not in str(problem)


async def test_a_picture_has_no_words_but_its_title_has(world: World) -> None:
    pupil, other = await two_pupils(world)
    await given(world, pupil, an_image("PNG"))
    assert (await submit(world, pupil))[0] == 201
    paper = await given(world, pupil, an_image("JPEG"), title="With Ben Sample on the bench")
    status, problem = await submit(world, pupil)
    assert (status, where(problem)[0], where(problem)[2]) == (409, other, paper)


async def test_a_file_that_was_handed_in_for_another_pupil_too_is_found(world: World) -> None:
    """The same letter in two children's files is one child's letter in the other's evidence."""
    pupil, other = await two_pupils(world)
    paper = await given(world, pupil, b"She reads well.\n")
    await kept(world, other, b"She reads well.\n")
    status, problem = await submit(world, pupil)
    assert (status, *where(problem)) == (409, other, "", paper)


async def test_a_paper_that_nobody_contributed_is_not_looked_at(world: World) -> None:
    pupil, _ = await two_pupils(world)
    await kept(world, pupil, NAMES.encode())
    assert (await submit(world, pupil))[0] == 201


async def test_once_the_page_is_blacked_out_it_goes(world: World) -> None:
    pupil, _ = await two_pupils(world)
    paper = await given(world, pupil, written(wordy_pdf([NAMES, "A second page."])))
    assert (await submit(world, pupil))[0] == 409
    assert (await redact(world, pupil, paper, occurred_on=DAY)).status_code == 201
    assert (await submit(world, pupil))[0] == 201


async def test_once_the_entry_that_names_it_is_left_out_it_goes(world: World) -> None:
    pupil, _ = await two_pupils(world)
    await given(world, pupil, NAMES.encode())
    found = (await world.get(f"/pupils/{pupil}/record")).json()["entries"]
    number = next(entry["number"] for entry in found if entry["type"] == "contribution.given")
    assert (await submit(world, pupil, left_out=[{"number": number, "reason": "It tells of another child."}]))[0] == 201


async def test_what_goes_out_in_the_place_of_a_giving_that_is_left_out_is_looked_at(world: World) -> None:
    """Without the second giving the first one counts again, and with it the papers that it named."""
    pupil, other = await two_pupils(world)
    named, plain = [(await kept(world, pupil, content))["id"] for content in (NAMES.encode(), b"She reads well.")]
    teacher = {"kind": "staff", "person": str(world.people["teacher"])}
    facts = {"what": "teachers_report", "contributor": teacher, "papers": [named], "occurred_on": DAY}
    contribution = (await world.taken(pupil, "contributions/given", **facts))["references"]["contribution"]  # type: ignore[index]
    again = await world.taken(pupil, f"contributions/{contribution}/given", papers=[plain], occurred_on=DAY)
    number = again["entries"][0]["number"]  # type: ignore[index]
    status, problem = await submit(world, pupil, left_out=[{"number": number, "reason": "It was given in error."}])
    assert (status, *where(problem)) == (409, other, "", named)


async def test_a_paper_too_long_to_be_searched_goes_only_with_a_reason(world: World) -> None:
    """Nobody is named in it as far as anybody knows; that nobody could look is said and recorded."""
    pupil, _ = await two_pupils(world)
    paper = await given(world, pupil, b"A word. " * (MOST_CHARACTERS // 8 + 1))
    status, problem = await submit(world, pupil)
    assert (status, *where(problem)) == (409, "", "", paper)
    assert (await submit(world, pupil, others_named_because="A log of sounds; it was read through."))[0] == 201
