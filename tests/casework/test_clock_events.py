"""What falls due soon, and what has fallen due, is told once: however often, late or side by side the work is done."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import pytest

from app.casework.clock_events import CATCHES_UP, TOLD_OF, tell_clocks
from app.casework.rederivation import rederive
from app.casework.waiting import asking
from app.casework.working import OF_SCHOOLS
from app.db import clock_events, owed_once
from app.db.embedded import DatabaseUrls
from app.db.organisations import OrganisationKind
from app.db.work import WorkKind
from tests.api.world import NOW, TODAY, add_client, token_for
from tests.webhooks.receivers import answering, receiving
from tests.webhooks.telling import Telling, is_bare, run_sql_with, telling

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
SOON, OVERDUE = "obligation.due_soon", "obligation.overdue"
TO_PARENTS = "inform-parents-of-sen-provision"
PARENTS_BY = date(2026, 3, 9)
NOBODY = 9999
Heard = list[tuple[str, dict[str, str], bytes]]


@dataclass
class Clocked:
    """A school with a pupil whose parents are to be told by 9 March, and an endpoint that hears of what is due."""

    telling: Telling
    heard: Heard = field(default_factory=list)
    subscription: str = ""

    @property
    def school_id(self) -> UUID:
        return self.telling.world.school_id

    async def tell(self) -> int:
        return await tell_clocks(self.telling.world.app.state.casework, self.school_id)

    def on(self, day: date) -> None:
        """Let the world's clock go on to a day."""
        self.telling.clock.ahead = timedelta(days=(day - TODAY).days)

    async def subscribe(self, port: int, *events: str, token: str | None = None) -> str:
        body = {"url": f"http://127.0.0.1:{port}/hook", "events": list(events)}
        headers = self.telling.world.headers() | ({"Authorization": f"Bearer {token}"} if token else {})
        made = await self.telling.world.http.post("/v1/subscriptions", json=body, headers=headers)
        assert made.status_code == 201, made.text
        subscription: str = made.json()["id"]
        assert await self.telling.attach(subscription, "thin") == 200
        return subscription

    async def owed(self, subscription: str = "") -> list[tuple[int, str, str, date]]:
        """What a subscription is owed, in the order of its numbers: number, kind, rule and last day."""
        rows = await run_sql_with(
            self.telling.database,
            "select d.number, d.event, o.rule, d.due from delivery d"
            " join obligation o on o.school_id = d.school_id and o.id = d.obligation_id where d.subscription_id = $1 order by d.number",
            UUID(subscription or self.subscription),
        )
        return [tuple(row) for row in rows]

    async def about_parents(self) -> list[tuple[str, date]]:
        return [(event, due) for _, event, rule, due in await self.owed() if rule == TO_PARENTS]

    async def deliver(self) -> list[dict[str, object]]:
        """Attempt all that waits, and give the bodies that arrived since."""
        before = len(self.heard)
        while taken := await self.telling.claim(limit=100):
            for claimed in taken:
                await self.telling.deliverer.deliver(claimed)
        return [json.loads(body) for _, _, body in self.heard[before:]]

    async def found(self) -> bool:
        casework = self.telling.world.app.state.casework
        return (self.school_id, self.school_id) in await self.telling.sweep.work(WorkKind.CLOCKS, asking(casework))

    async def tell_parents(self) -> None:
        """Tell the parents, which meets what is owed to them."""
        (notice,) = await self.telling.notices()
        today = (TODAY + self.telling.clock.ahead).isoformat()
        body = {"author": {"id": str(self.telling.world.people["senco"])}, "occurred_on": today, "how": "in_person"}
        answer = await self.telling.world.post(f"/notices/{notice['id']}/tellings", body)
        assert answer.status_code == 201, answer.text

    async def set(self, setting: str, value: int) -> None:
        today = (TODAY + self.telling.clock.ahead).isoformat()
        body = {"setting": setting, "value": value, "occurred_on": today, "author": {"id": str(self.telling.world.people["head"])}}
        assert (await self.telling.world.post("/settings", body)).status_code == 201
        await rederive(self.telling.world.app.state.casework, self.school_id)


@pytest.fixture
async def school(database: DatabaseUrls) -> AsyncIterator[Clocked]:
    heard: Heard = []
    async with telling(database) as found, receiving(answering(OK, heard)) as receiver:
        await found.with_pupil()
        await found.decide()
        clocked = Clocked(found, heard)
        clocked.subscription = await clocked.subscribe(receiver.port, SOON, OVERDUE)
        await rederive(found.world.app.state.casework, found.world.school_id)
        yield clocked


async def test_what_is_due_within_three_days_and_what_was_due_is_told_and_nothing_else(school: Clocked) -> None:
    """On 2 March the census of 12 February is overdue, and nothing falls due before the 9th."""
    assert await school.tell() == 1
    assert await school.owed() == [(1, OVERDUE, "authorise-the-census", date(2026, 2, 12))]
    for day, told in ((5, []), (6, [(SOON, PARENTS_BY)]), (9, [(SOON, PARENTS_BY)]), (10, [(SOON, PARENTS_BY), (OVERDUE, PARENTS_BY)])):
        school.on(date(2026, 3, day))
        await school.tell()
        assert await school.about_parents() == told
    assert [number for number, *_ in await school.owed()] == [1, 2, 3]


async def test_what_was_told_is_not_told_again_on_that_day_or_another(school: Clocked) -> None:
    school.on(PARENTS_BY)
    assert await school.tell() == 2
    assert await school.tell() == 0
    school.on(PARENTS_BY + timedelta(days=1))
    assert await school.tell() == 1
    for _ in range(2):
        assert await school.tell() == 0
    assert Counter(event for _, event, *_ in await school.owed()) == {SOON: 1, OVERDUE: 2}


async def test_two_workers_at_once_tell_once_and_leave_no_number_out(school: Clocked) -> None:
    school.on(PARENTS_BY)
    await asyncio.gather(*(school.tell() for _ in range(4)))
    assert [number for number, *_ in await school.owed()] == [1, 2]


async def test_two_workers_of_which_one_lost_its_lease_tell_once_and_leave_no_number_out(school: Clocked) -> None:
    """Each believes that the work is its own; the counter decides."""
    school.on(PARENTS_BY)
    casework = school.telling.world.app.state.casework
    async with casework.sessions.for_school(school.school_id) as session:
        today = (await casework.open(session)).today
        crossed = await clock_events.crossed(session, today, TOLD_OF, since=today - CATCHES_UP, soon=today + timedelta(days=3))
    events = [each.told for each in crossed]

    async def owe() -> int:
        async with casework.sessions.for_school(school.school_id) as session:
            subscription = UUID(school.subscription)
            return await owed_once.owe_once(session, subscription, events, new_id=casework.means.new_id, now=casework.means.now())

    assert sorted(await asyncio.gather(owe(), owe(), owe())) == [0, 0, 2]
    assert [number for number, *_ in await school.owed()] == [1, 2]
    counter = "select number from school_subscription where school_id = $1"
    ((number,),) = await run_sql_with(school.telling.database, counter, school.school_id)
    assert number == 2


async def test_after_ten_days_without_a_worker_all_that_crossed_is_told_once(school: Clocked) -> None:
    """What fell due meanwhile is told as overdue, for it is due soon no more; what is soon now is told as that."""
    await school.tell()
    school.on(date(2026, 3, 29))
    assert await school.tell() == 2
    budget = ("agree-the-use-of-the-notional-budget", date(2026, 3, 31))
    told = [(event, rule, due) for _, event, rule, due in await school.owed()][1:]
    assert told == [(OVERDUE, TO_PARENTS, PARENTS_BY), (SOON, *budget)]


async def test_a_new_subscriber_hears_of_a_month_and_not_of_years(school: Clocked) -> None:
    """Two dozen duties fell overdue in the years before; one did within a month of today."""
    second = await school.subscribe(NOBODY, OVERDUE)
    await school.tell()
    assert await school.owed(second) == [(1, OVERDUE, "authorise-the-census", date(2026, 2, 12))]
    school.on(date(2026, 2, 12) + CATCHES_UP + timedelta(days=1))
    third = await school.subscribe(NOBODY, OVERDUE)
    await school.tell()
    assert [rule for _, _, rule, _ in await school.owed(third)] == [TO_PARENTS]


async def test_what_is_met_before_it_is_sent_is_withheld_and_leaves_its_bare_number(school: Clocked) -> None:
    school.on(PARENTS_BY)
    await school.tell()
    await school.tell_parents()
    first, second = await school.deliver()
    assert (first["type"], first["number"], second["number"]) == (OVERDUE, 1, 2)
    assert is_bare(json.dumps(second).encode())
    school.on(PARENTS_BY + timedelta(days=1))
    assert await school.tell() == 0


async def test_what_fell_due_before_it_was_sent_is_due_soon_no_more(school: Clocked) -> None:
    school.on(PARENTS_BY)
    await school.tell()
    school.on(PARENTS_BY + timedelta(days=1))
    await school.tell()
    assert [told["type"] for told in await school.deliver()] == [OVERDUE, "delivery.withheld", OVERDUE]


async def test_a_day_that_moved_is_told_anew_and_the_old_one_withheld(school: Clocked) -> None:
    school.on(PARENTS_BY)
    await school.tell()
    decided = await run_sql_with(
        school.telling.database, "select number from entry where school_id = $1 and type = 'sen.decided'", school.school_id
    )
    await school.telling.decide(corrects=decided[0][0], occurred_on="2026-03-04", provision_starts_on="2026-03-04")
    await school.tell()
    assert await school.about_parents() == [(SOON, PARENTS_BY), (SOON, date(2026, 3, 11))]
    told = await school.deliver()
    assert [(one["type"], one.get("due")) for one in told][1:] == [("delivery.withheld", None), (SOON, "2026-03-11")]


async def test_a_sandbox_clock_moved_forward_makes_it_due_at_once(school: Clocked) -> None:
    await school.tell()
    assert not await school.found()
    moved = await school.telling.world.post("/clock", {"now": "2026-03-10T09:00:00Z"})
    assert moved.status_code == 200
    assert await school.found()
    assert await school.tell() == 1
    assert await school.about_parents() == [(OVERDUE, PARENTS_BY)]
    assert not await school.found()


async def test_it_comes_up_once_on_each_day_and_not_while_what_is_owed_is_derived_under_other_rules(school: Clocked) -> None:
    assert await school.found()
    await school.tell()
    assert not await school.found()
    school.on(TODAY + timedelta(days=1))
    assert await school.found()
    await run_sql_with(school.telling.database, "update school set rules_version = 'old' where school_id = $1", school.school_id)
    assert not await school.found()


@pytest.mark.parametrize(("days", "told"), [(0, []), (1, []), (2, [(SOON, PARENTS_BY)]), (366, [(SOON, PARENTS_BY)])])
async def test_the_school_says_how_many_days_ahead_is_soon_and_none_at_all(school: Clocked, days: int, told: list[object]) -> None:
    school.on(date(2026, 3, 7))
    await school.set("due_soon_before_days", days)
    await school.tell()
    assert await school.about_parents() == told


async def test_only_what_somebody_at_the_school_can_do_is_told(school: Clocked) -> None:
    """The same duty owed by the authority or the family is not."""
    school.on(PARENTS_BY)
    for who in ("local_authority", "family", "system"):
        await run_sql_with(
            school.telling.database, "update obligation set who = $2 where school_id = $1 and due is not null", school.school_id, who
        )
        assert await school.tell() == 0


async def test_what_is_told_leads_to_the_obligation_and_says_neither_whose_it_is_nor_what_it_is_about(school: Clocked) -> None:
    school.on(PARENTS_BY)
    await school.tell()
    told = (await school.deliver())[1]
    assert told.keys() == {"id", "type", "number", "school", "subscription", "obligation", "due", "path"}
    assert (told["type"], told["due"]) == (SOON, PARENTS_BY.isoformat())
    assert told["path"] == f"/v1/schools/{school.telling.world.urn}/obligations/{told['obligation']}"
    said = json.dumps(told)
    assert not [word for word in (school.telling.pupil, school.telling.parent, TO_PARENTS, "parents") if word in said]
    read = await school.telling.world.get(f"/obligations/{told['obligation']}")
    assert (read.status_code, read.json()["rule"], read.json()["state"]) == (200, TO_PARENTS, "due")
    assert (read.json()["due"], read.json()["pupil"]) == (told["due"], school.telling.pupil)


async def test_an_obligation_is_read_as_it_stands_by_the_id_under_which_it_was_told(school: Clocked) -> None:
    """Met since then, it has another row; owed no more, or never, it is not found."""
    school.on(PARENTS_BY)
    await school.tell()
    path = str((await school.deliver())[1]["path"]).removeprefix(school.telling.world.path())
    first = await school.telling.world.get(path)
    again = await school.telling.world.http.get(
        school.telling.world.path(path), headers=school.telling.world.headers(**{"If-None-Match": first.headers["etag"]})
    )
    assert again.status_code == 304
    await school.tell_parents()
    assert (await school.telling.world.get(path)).json()["state"] == "kept"
    await run_sql_with(
        school.telling.database, "update obligation set known_until = 99 where rule = $1 and school_id = $2", TO_PARENTS, school.school_id
    )
    assert (await school.telling.world.get(path)).status_code == 404
    assert (await school.telling.world.get(f"/obligations/{UUID(int=7)}")).status_code == 404


async def test_who_may_not_read_obligations_is_told_the_bare_number_and_who_may_read_nothing_nothing(school: Clocked) -> None:
    """A vendor was granted notices and not obligations; then its grant ends."""
    world = school.telling.world
    _, client = await add_client(world.app, OrganisationKind.VENDOR)
    body = {"client_id": str(client), "scopes": ["notices:deliver"], "purpose": "Letters", "until": "2030-01-01"}
    given = await world.post("/grants", {**body, "granted_by": str(world.people["head"])})
    assert given.status_code == 201, given.text
    heard: Heard = []
    async with receiving(answering(OK, heard)) as receiver:
        token = await token_for(world.app, client, frozenset({"subscriptions:write"}))
        await school.subscribe(receiver.port, OVERDUE, token=token)
        school.on(PARENTS_BY + timedelta(days=1))
        await school.tell()
        await school.deliver()
        assert len(heard) == 2
        assert all(is_bare(body) for _, _, body in heard)
        await world.http.delete(world.path(f"/grants/{given.json()['id']}"), headers=world.headers())
        school.on(date(2026, 4, 1))
        await school.tell()
        await school.deliver()
        assert len(heard) == 2


async def test_an_erased_pupil_is_told_of_no_more(school: Clocked) -> None:
    """Erased between the reading of what crossed and the writing of what is owed."""
    school.on(PARENTS_BY)
    casework = school.telling.world.app.state.casework
    async with casework.sessions.for_school(school.school_id) as session:
        events = [each.told for each in await clock_events.crossed(session, PARENTS_BY, TOLD_OF, since=PARENTS_BY, soon=PARENTS_BY)]
    await run_sql_with(school.telling.database, "update pupil set erased_by = 1 where id = $1", UUID(school.telling.pupil))
    async with casework.sessions.for_school(school.school_id) as session:
        subscription = UUID(school.subscription)
        owed = await owed_once.owe_once(session, subscription, events, new_id=casework.means.new_id, now=NOW)
    assert (len(events), owed) == (1, 0)


async def test_of_all_its_attempts_that_break_off_the_last_leaves_it_for_a_person(school: Clocked, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaking_off(*_: object, **__: object) -> int:
        raise ConnectionResetError

    monkeypatch.setattr(owed_once, "owe_once", breaking_off)
    for wait in (*OF_SCHOOLS.waits, timedelta()):
        assert await school.found()
        with pytest.raises(ConnectionResetError):
            await school.tell()
        assert not await school.found()
        school.telling.clock.ahead += wait
    assert not await school.found()
    assert await school.tell() == 0
