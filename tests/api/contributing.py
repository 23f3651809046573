"""What the tests of contributions share: the days, a mother who is asked, papers that were handed in, and reading where all stands."""

from datetime import UTC, date, datetime
from hashlib import sha256

from app import clock
from app.db import kept_files
from app.db.kept_files import Kept
from app.db.scopes import SCOPES
from tests.api.world import World, token_for

UPNS = ("F999999925001", "V999999925002")
ASKED_ON, DUE = date(2026, 3, 2), date(2026, 3, 20)


class Clock:
    """The world's time, which a test moves on."""

    moment = datetime(2026, 2, 26, 9, 0, tzinfo=UTC)

    def go_to(self, day: date) -> None:
        self.moment = datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)


async def on(world: World, now: Clock, day: date) -> None:
    """Go to a day, on which the client asks for a new token."""
    now.go_to(day)
    world.token = await token_for(world.app, world.client_id, frozenset(SCOPES))


async def a_paper(world: World, pupil: str, title: str = "Our view") -> str:
    """A paper that was handed in; of its file only the row matters here."""
    paper, content, at = clock.new_id(), title.encode(), datetime(2026, 3, 2, tzinfo=UTC)
    kept = Kept(school_id=world.school_id, id=clock.new_id(), digest=sha256(content).digest(), size=len(content), sealed_key=b"sealed")
    async with world.app.state.sessions.for_school(world.school_id) as session:
        standing = await kept_files.keep(session, kept, pupil_id=pupil, at=at)
        await session.connection.execute(
            "insert into paper (school_id, id, pupil_id, blob_id, media_type, pages, title, handed_in_at, client_id)"
            " values ($1, $2, $3, $4, 'application/pdf', 2, $5, $6, $7)",
            world.school_id,
            paper,
            pupil,
            standing.id,
            title,
            at,
            world.client_id,
        )
    return str(paper)


def by_mother(mother: str) -> dict[str, object]:
    return {"what": "parents_view", "contributor": {"kind": "contact", "person": mother}}


async def asked(world: World, pupil: str, mother: str, **facts: object) -> str:
    told = {**by_mother(mother), "asks": "How is it at home?", "due": DUE.isoformat(), **facts}
    return (await world.taken(pupil, "contributions", **told))["references"]["contribution"]


async def read(world: World, pupil: str, contribution: str, **params: str) -> dict[str, object]:
    answer = await world.get(f"/pupils/{pupil}/contributions/{contribution}", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(world: World, pupil: str, **params: str) -> list[tuple[str, str]]:
    answer = await world.get(f"/pupils/{pupil}/contributions", **params)
    assert answer.status_code == 200, answer.text
    return [(item["id"], item["state"]) for item in answer.json()["items"]]
