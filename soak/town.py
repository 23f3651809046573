"""Schools of the storm: each of an organisation of its own, with pupils, contacts, and endpoints that hear of them."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import httpx
from standardwebhooks import Webhook

from app import clock
from app.casework.registration import Opening, Registry
from app.commands.installation import installation
from app.db.organisations import OrganisationKind
from app.db.scopes import may_hold
from app.domain.codes import SchoolType, StaffRole
from soak.listener import Listener
from soak.serving import Serving

SINCE: Final = date(2012, 9, 1)
CONTACTS: Final = 3
ENDPOINTS: Final = 2
LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
TRY_AGAIN: Final = frozenset({401, 409, 429, 500, 502, 503})
_serial = itertools.count(1)


@dataclass(slots=True)
class School:
    """A school as its own software knows it; `acknowledged` counts the notices that its answered steps owe."""

    urn: str
    client: UUID
    secret: str
    senco: UUID
    head: UUID
    http: httpx.AsyncClient
    today: date
    require_alive: Callable[[], None]
    pupils: list[str] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    acknowledged: int = 0

    async def send(self, method: str, path: str, body: object, *, status: int, **headers: str) -> dict[str, Any]:
        """Ask until it is answered, under one idempotency key; what fails for want of a process is asked again as it is."""
        key = str(clock.new_id())
        while True:
            try:
                answer = await self.http.request(method, path, json=body, headers={"Idempotency-Key": key, **headers})
            except httpx.TransportError:
                self.require_alive()
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == status:
                return dict(answer.json())
            if answer.status_code not in TRY_AGAIN:
                raise RuntimeError(f"{method} {path} was answered {answer.status_code}: {answer.text[:500]}")
            if answer.status_code == 401:
                await self.sign_in()
            await asyncio.sleep(0.2)

    async def sign_in(self) -> None:
        """Get a token."""
        asked = {"grant_type": "client_credentials"}
        while True:
            try:
                answer = await self.http.post("/oauth2/token", data=asked, auth=(str(self.client), self.secret))
            except httpx.TransportError:
                self.require_alive()
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == 200:
                self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
                return
            await asyncio.sleep(0.2)

    async def step(self, pupil: str, route: str, **facts: object) -> dict[str, Any]:
        """Take a step as the SENCO."""
        body = {"author": {"id": str(self.senco)}, "occurred_on": self.today.isoformat(), **facts}
        return await self.send("POST", f"/v1/schools/{self.urn}/pupils/{pupil}/{route}", body, status=201)


async def open_school(serving: Serving, urn: str) -> School:
    """Register a school with its staff and a client of its own."""
    async with installation(serving.urls.app, serving.secrets_key, audience=serving.address) as opened:
        registry = Registry(opened.casework)
        async with opened.sessions.shared() as session:
            own = await registry.organisation(session, OrganisationKind.SCHOOL, f"Invented {urn}", is_sandbox=True)
            opening = Opening(
                organisation=own,
                urn=urn,
                name=f"Invented School {urn}",
                authority="999",
                school_type=SchoolType.MAINTAINED_MAINSTREAM,
                since=SINCE,
                record_begins_on=SINCE,
                clock_begins=None,
            )
            school = await registry.school(session, opening)
            head = await registry.appoint(school, "Helen Placeholder", (StaffRole.HEAD, StaffRole.TEACHER), since=SINCE)
            senco = await registry.appoint(school, "Sam Placeholder", (StaffRole.SENCO, StaffRole.TEACHER), since=SINCE)
            scopes = sorted(may_hold(OrganisationKind.SCHOOL, is_sandbox=True))
            client = await registry.client(session, own, "The school's own software", scopes)
    http = httpx.AsyncClient(base_url=serving.address, timeout=20)
    today = clock.now().date()
    made = School(
        urn=urn,
        client=client.id,
        secret=str(client.secret),
        senco=senco,
        head=head,
        http=http,
        today=today,
        require_alive=serving.require_alive,
    )
    await made.sign_in()
    return made


async def subscribe(school: School, listener: Listener) -> None:
    """Let endpoints hear of the school."""
    for place in range(ENDPOINTS):
        path = f"{school.urn}-{place}"
        asked = {"url": listener.expect(path, school.urn), "events": ["notice.ready"]}
        made = await school.send("POST", "/v1/subscriptions", asked, status=201)
        listener.heard[path].verifier = Webhook(made["secret"])
        school.paths[path] = made["id"]
        chosen = {"words": "thin", "chosen_by": {"id": str(school.head)}}
        attached = f"/v1/schools/{school.urn}/subscriptions/{made['id']}"
        await school.send("PUT", attached, chosen, status=200, **{"If-Match": "*"})


async def enrol(school: School) -> None:
    """Put one invented pupil on roll, with parents around."""
    named = {"surname": "Example", "forename": "Ada", "date_of_birth": f"{school.today.year - 10}-05-04"}
    body = {"upn": _upn(), **named, "occurred_on": f"{school.today.year - 2}-09-01", "author": {"id": str(school.head)}}
    pupil = (await school.send("POST", f"/v1/schools/{school.urn}/pupils", body, status=201))["references"]["pupil"]
    for place in range(CONTACTS):
        reached = {"name": f"Gita Specimen {place}", "channel": "email", "email": f"gita{place}@specimen.example"}
        told = {"relationship": "carer", "parental_responsibility": True, "has_care": True}
        await school.step(pupil, "contacts", reached=reached, **told)
    school.pupils.append(pupil)


async def decide_and_plan(school: School, pupil: str) -> None:
    """Take two steps, of each of which every parent is to be told."""
    day, later = school.today.isoformat(), date(school.today.year + 1, 3, 1).isoformat()
    reasons = {"difficulty": "Reads below age", "provision_beyond_ordinary": "Daily teaching", "reason": "No catch-up"}
    views = {"considered": ["Reading ages", "Parents' view", "Pupil's view"], "parents_view": "Worried", "pupils_view": "Wants to read"}
    await school.step(pupil, "sen-decisions", judgement="K", **reasons, **views, provision_starts_on=day, review_on=later)
    school.acknowledged += CONTACTS
    outcome = {"number": 1, "text": "Reads a page", "measure": "Words", "target_on": later, "expected_impact": "Joins in"}
    support = {"number": 1, "support": "Teaching", "sessions_per_week": 5, "minutes_per_session": 10, "outcomes": [1]}
    by = {"delivered_by": str(school.senco), "accountable_teacher": str(school.senco)}
    asked = {"parents_consulted": {"on": day}, "pupil_consulted": {"on": day}, "responsible_teacher": str(school.senco)}
    await school.step(pupil, "plans", cycle=1, outcomes=[outcome], provision=[{**support, **by}], review_on=later, **asked)
    school.acknowledged += CONTACTS


async def side_by_side(works: Iterator[Callable[[], Awaitable[None]]], *, at_once: int) -> None:
    """Do many works, so many at a time."""

    async def hand() -> None:
        for work in works:
            await work()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(hand())


def _upn() -> str:
    """An invented unique pupil number with the right first letter."""
    digits = f"999{next(_serial):09d}"
    return LETTERS[sum((place + 2) * int(digit) for place, digit in enumerate(digits)) % 23] + digits
