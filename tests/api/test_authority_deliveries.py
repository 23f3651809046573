"""What an authority sees of the deliveries to its own endpoints, at whichever schools, and has sent again."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from app.db.embedded import DatabaseUrls
from app.webhooks.receiving.subscribing import Subscribing
from app.webhooks.sending.transport import Sender
from tests.api.sending import Authority, asked_by_parent, authority, sending
from tests.webhooks.receivers import LOOPBACK
from tests.webhooks.telling import a_upn, run_sql_with

_urns = itertools.count(999_450)


@pytest.fixture
async def county(database: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Authority]:
    async with sending(database, tmp_path, str(next(_urns))) as world:
        state = world.app.state
        state.subscribing = Subscribing(state.sessions, state.casework.means, state.sealer, Sender(allowed=LOOPBACK))
        yield await authority(world)


async def told_of(county: Authority) -> tuple[str, dict[str, object]]:
    """Subscribe the authority to requests, and let a parent make one; gives the subscription and what it is owed."""
    world = county.world
    body = {"kind": "mailbox", "events": ["request.made"]}
    subscription = (await world.http.post("/v1/subscriptions", json=body, headers=county.headers())).json()["id"]
    await asked_by_parent(world, await world.pupil(a_upn()))
    (owed,) = (await of_authority(county, f"?subscription={subscription}")).json()["items"]
    return subscription, owed


async def of_authority(county: Authority, rest: str = "", by: Authority | None = None, code: str | None = None) -> httpx.Response:
    return await county.world.http.get(f"/v1/local-authorities/{code or county.code}/deliveries{rest}", headers=(by or county).headers())


async def test_an_authority_sees_what_its_own_subscriptions_are_owed(county: Authority) -> None:
    subscription, owed = await told_of(county)
    assert (owed["event"], owed["number"], owed["school"], owed["state"]) == ("request.made", 1, county.world.urn, "waiting")
    one = (await of_authority(county, f"/{owed['id']}")).json()
    assert (one["request"], one["log"]) == (owed["request"], [])
    filtered = [(await of_authority(county, f"?school={urn}")).json()["items"] for urn in (county.world.urn, "999999")]
    assert [len(items) for items in filtered] == [1, 0]
    (of_school,) = (await county.world.get("/deliveries")).json()["items"]
    assert (of_school["id"], of_school["subscription"]) == (owed["id"], subscription)


async def test_another_authority_sees_nothing_of_it_and_changes_nothing(county: Authority) -> None:
    subscription, owed = await told_of(county)
    other = await authority(county.world, "998")
    assert (await of_authority(county, by=other)).status_code == 404
    assert (await of_authority(county, by=other, code="998")).json()["items"] == []
    assert (await of_authority(county, f"/{owed['id']}", by=other, code="998")).status_code == 404
    paths = (f"deliveries/{owed['id']}/resends", f"subscriptions/{subscription}/replays")
    body = {"school": county.world.urn, "from_number": 1}
    for path in paths:
        for code in ("998", county.code):
            answer = await county.world.http.post(f"/v1/local-authorities/{code}/{path}", json=body, headers=other.headers())
            assert answer.status_code == 404


async def test_an_authority_has_its_own_sent_again_one_or_a_stretch_of_a_school(county: Authority, database: DatabaseUrls) -> None:
    subscription, owed = await told_of(county)
    done = "update delivery set state = 'delivered', attempts = 1, done_at = now() where id = $1"
    await run_sql_with(database, done, UUID(str(owed["id"])))
    path = f"/v1/local-authorities/{county.code}"
    again = await county.world.http.post(f"{path}/deliveries/{owed['id']}/resends", headers=county.headers())
    assert (again.status_code, again.json()["state"], again.json()["number"]) == (202, "waiting", 1)
    await run_sql_with(database, done, UUID(str(owed["id"])))
    body = {"school": county.world.urn, "from_number": 1}
    replayed = await county.world.http.post(f"{path}/subscriptions/{subscription}/replays", json=body, headers=county.headers())
    assert (replayed.status_code, replayed.json()["replayed"]) == (202, 1)
    for urn in ("999998", "999000"):
        body = {"school": urn, "from_number": 1}
        answer = await county.world.http.post(f"{path}/subscriptions/{subscription}/replays", json=body, headers=county.headers())
        assert answer.status_code == 404


async def test_an_authoritys_log_goes_on_page_by_page(county: Authority) -> None:
    await told_of(county)
    await told_of(county)
    items, after = [], ""
    while True:
        page = (await of_authority(county, f"?limit=1{after}")).json()
        items += page["items"]
        if page["next"] is None:
            break
        after = f"&cursor={page['next']}"
    assert [one["number"] for one in items] == [1, 2, 1]
    assert len({one["id"] for one in items}) == 3
