"""Invented schools that owe notices of decisions to one vendor's endpoint, each with a record behind it that the gate has to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from fastapi import FastAPI

from app import clock
from app.casework.taking import Work
from app.db import deliveries, pupils, subscriptions
from app.db.deliveries import NOTICE_READY, Event
from app.db.pupils import NewPupil
from app.db.records import load_record
from app.db.session import SchoolSession
from app.db.subscriptions import Subscription
from app.domain.codes import StaffRole
from app.domain.entries import ConcernRaised, ContactDescribed, Domain, Entry, PupilEnrolled, Raiser
from app.domain.entries.identification import Judgement, SenDecided
from app.webhooks.sending.signing import new_signing_secret
from app.webhooks.sending.signing_secrets import SigningSecret, seal_secrets
from bench.school import BORN, SINCE, drafts_of_staff, invent

AT_A_TIME: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a delivery tells of."""

    school_id: UUID
    pupil_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An endpoint with its secret, and the notices that it is owed."""

    subscription_id: UUID
    secret: str
    notices: Sequence[Notice]


async def invent_owed(app: FastAPI, *, schools: int, pupils_each: int, url: str) -> Owed:
    """Fill a running app's empty database; each pupil has one parent, who is to be told of one decision."""
    now = clock.now()
    await invent(app, schools=schools, pupils_each=0, now=now, issuer="http://127.0.0.1")
    subscription_id, secret = clock.new_id(), new_signing_secret(clock.random_bytes(32))
    async with app.state.sessions.shared() as session:
        found = await session.connection.fetch("select school_id from directory order by urn")
        vendor = await session.connection.fetchval("select id from organisation where kind = 'vendor'")
        new = Subscription(id=subscription_id, organisation_id=vendor, url=url, events=(NOTICE_READY,), state="active", created_at=now)
        await subscriptions.insert(session, new, seal_secrets(app.state.sealer, subscription_id, [SigningSecret(secret)]))
    notices: list[Notice] = []
    for row in found:
        async with app.state.sessions.for_school(row["school_id"]) as session:
            await subscriptions.attach(session, new, words="thin", chosen_by=None)
        for first in range(0, pupils_each, AT_A_TIME):
            async with app.state.sessions.for_school(row["school_id"]) as session:
                await _decide(app, session, first, min(AT_A_TIME, pupils_each - first))
        async with app.state.sessions.for_school(row["school_id"]) as session:
            rows = await session.connection.fetch("select school_id, pupil_id, id from notice where school_id = $1", row["school_id"])
            notices += [Notice(**dict(each.items())) for each in rows]
    return Owed(subscription_id=subscription_id, secret=secret, notices=notices)


async def _decide(app: FastAPI, session: SchoolSession, first: int, count: int) -> None:
    casework = app.state.casework
    opened = await casework.open(session)
    (head, *_) = opened.school.staff_with(StaffRole.HEAD, opened.today)
    ids = [clock.new_id() for _ in range(count)]
    for i, id_ in enumerate(ids, start=first):
        new = NewPupil(id=id_, upn=f"X999{i:09}", surname="Example", forename=f"Ada {i}", date_of_birth=BORN, sex="F", year_group="6")
        await pupils.insert(session, new)
    day = opened.today - timedelta(days=1)
    for entries in (_begun(), [_decision(day)]):
        works = [
            Work(drafts=drafts_of_staff(entries, head, id_), before=await load_record(session, opened.school, id_), tells=len(entries) == 1)
            for id_ in ids
        ]
        await casework.store(await casework.open(session), works)


def _begun() -> list[Entry]:
    return [
        PupilEnrolled(occurred_on=SINCE, date_of_birth=BORN, year_group="1"),
        ContactDescribed(occurred_on=SINCE, contact=clock.new_id(), relationship="parent", parental_responsibility=True, has_care=True),
        ConcernRaised(occurred_on=SINCE, raised_by=Raiser.PARENT, domain=Domain.ATTAINMENT, words="Finds reading hard."),
    ]


def _decision(day: date) -> Entry:
    return SenDecided(
        occurred_on=day,
        judgement=Judgement.SEN_SUPPORT,
        difficulty="Reads far below age.",
        provision_beyond_ordinary="Precision teaching every day.",
        reason="A term of teaching aimed at reading did not let her catch up.",
        considered=("Reading ages", "The parents' view"),
        parents_view="Worried.",
        pupils_view="Wants to read alone.",
        provision_starts_on=day,
        review_on=day + timedelta(days=80),
    )


async def owe_again(app: FastAPI, notices: Sequence[Notice]) -> list[str]:
    """Owe the announcement of some notices of one school once more, and wake the worker after the commit; gives the deliveries' ids."""
    async with app.state.sessions.for_school(notices[0].school_id) as session:
        ids = []
        for notice in notices:
            id_ = clock.new_id()
            event = Event(event=NOTICE_READY, pupil_id=notice.pupil_id, notice_id=notice.id)
            await deliveries.owe(session, [event], new_id=lambda id_=id_: id_, now=clock.now())
            ids.append(str(id_))
    app.state.casework.means.wake()
    return ids
