"""The school itself: what it is, what it chose, its clock where it is a sandbox, and who vouches for its staff."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Depends
from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response

from app.api.ehc_requests import SecondPersonIn
from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import A_PERSON, AuthorIn, DryRun, KeyHeader, StepOut, key_of, shown
from app.api.shown.shapes import CivilDate, Day, In, Instant, Line, Moment, Out
from app.casework.authors import AuthorClaim
from app.casework.school_steps import Asking, choose_for_school
from app.casework.taking import Opened
from app.casework.versions import version_of
from app.db import schools
from app.db.entrance import Entrance
from app.db.session import SchoolSession
from app.domain.choices import LARGEST_SETTING, MEASURES, Measure, choice_refusal, provider_refusal
from app.domain.codes import SchoolType
from app.domain.entries import DayUnit, IdentityProviderSet, Recorded, SettingChanged, SettingName
from app.domain.school import SETTING_DEFAULTS, School
from app.keys.jwks import KeysRefusedError, only_public, parse_public_jwks

router = APIRouter(prefix="/v1/schools/{urn}", tags=["School"], route_class=StrictRoute)
OwnStaff = Annotated[Entrance, Depends(needs("staff:write", own_only=True))]
MayReadSchool = Annotated[Entrance, Depends(needs("schools:read"))]
MayMoveClock = Annotated[Entrance, Depends(needs("clock:write"))]
FURTHEST_AHEAD: Final = timedelta(days=3653)
"""Since a clock never goes back, one that came to the last year we take would be of no use for ever."""


class SettingOut(Out):
    """A setting as it holds today; it is ours and not the law's, so its default is no duty either."""

    value: int = Field(description="Yes and no are 1 and 0.", examples=[5])
    unit: Measure | DayUnit = Field(description="What the value is a number of.", examples=["calendar_days"])
    default: int = Field(description="What holds until the school chooses; days are calendar days then.", examples=[7])
    is_law: Literal[False] = Field(default=False, description="Always false: a duty's own times are with the rule.", examples=[False])

    @classmethod
    def of(cls, school: School, name: SettingName, today: date) -> Self:
        """Write a setting for the wire."""
        measure = MEASURES[name]
        unit = DayUnit(school.time_for(name, today).of) if measure is Measure.DAYS else measure
        return cls(value=school.setting(name, today), unit=unit, default=SETTING_DEFAULTS[name])


class SchoolOut(Out):
    """A school as it stands."""

    urn: str = Field(examples=["999999"])
    name: str = Field(examples=["Example Invented School"])
    authority: str = Field(examples=["999"])
    type: SchoolType | None = Field(examples=["maintained_mainstream"])
    record_begins_on: Day | None
    is_sandbox: bool = Field(examples=[True])
    now: Moment = Field(description="What the school's clock shows; a live school's shows the world's time.")
    today: Day
    ledger_number: int = Field(examples=[212])
    obligations_to: Day | None = Field(description="The last day to which obligations are derived.")
    settings: dict[str, SettingOut] = Field(
        description="What is ours and not the law's, by name: numbers that no statute gives.",
        examples=[{"tell_within_days": {"value": 5, "unit": "school_days", "default": 7, "is_law": False}}],
    )

    @classmethod
    def of(cls, opened: Opened) -> Self:
        """Write a school for the wire."""
        now, school = opened.now, opened.school
        return cls(
            urn=now.urn,
            name=now.name,
            authority=now.authority,
            type=school.school_type,
            record_begins_on=school.record_begins_on,
            is_sandbox=now.is_sandbox,
            now=opened.moment,
            today=opened.today,
            ledger_number=now.number,
            obligations_to=now.horizon,
            settings={name.value: SettingOut.of(school, name, opened.today) for name in SettingName},
        )


class ChoiceIn(In):
    """What the school chooses from today on, in whose name, and who confirms it where one person alone may not choose."""

    author: AuthorIn = Field(description="The head or whoever else may choose.", examples=[{"kind": "staff", "id": A_PERSON}])
    confirmed_by: SecondPersonIn | None = Field(
        default=None, description="Another member of staff, known here for 24 hours; proved where the school has an identity provider."
    )
    occurred_on: CivilDate = Field(description="Today at the school.")


class SettingIn(ChoiceIn):
    """A setting; yes and no are 1 and 0. Two accept second persons who are not proved, or keep files for fewer years."""

    setting: SettingName = Field(examples=["tell_within_days"])
    value: int = Field(ge=0, le=LARGEST_SETTING, examples=[5])
    unit: DayUnit = Field(
        default=DayUnit.CALENDAR_DAYS,
        description="What a number of days is counted in; school days need the terms and bank holidays of the present school year.",
        examples=["calendar_days"],
    )

    def entry(self) -> SettingChanged:
        """Build the entry that records the choice."""
        return SettingChanged(occurred_on=self.occurred_on, setting=self.setting, value=self.value, unit=self.unit)


class ClockIn(In):
    """What a sandbox school's clock shall show; it only goes forward, and at most ten years ahead of the world's."""

    now: Instant = Field(examples=["2015-01-12T08:00:00Z"])


class IdentityProviderIn(ChoiceIn):
    """The issuer whose signed claims prove who a member of staff is, with its public keys; to replace it needs a second person."""

    issuer: Line = Field(examples=["https://login.example-school.example"])
    jwks: dict[str, JsonValue] = Field(
        examples=[
            {
                "keys": [
                    {
                        "kty": "EC",
                        "crv": "P-256",
                        "kid": "2014-11",
                        "alg": "ES256",
                        "use": "sig",
                        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
                    }
                ]
            }
        ]
    )


class IdentityProviderOut(Out):
    """Who vouches for the school's staff."""

    issuer: str = Field(examples=["https://login.example-school.example"])
    key_ids: list[str] = Field(examples=[["2014-11"]])


@router.get("")
async def read_school(request: Request, response: Response, entrance: MayReadSchool) -> SchoolOut:
    """Read what kind of school this is, what it chose, and what its clock shows."""
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        opened = await request.app.state.casework.open(session)
    response.headers["ETag"] = version_of(opened.school)
    return SchoolOut.of(opened)


@router.post("/settings", status_code=201, openapi_extra=may_answer("step-refused", "conflict"))
async def change_setting(
    request: Request, response: Response, entrance: OwnStaff, body: SettingIn, key: KeyHeader = None, dry_run: DryRun = False
) -> StepOut:
    """Choose a setting from today on, as the head or the SENCO; what is owed is derived anew."""
    asked_key, entry = await key_of(request, entrance.client_id, key, dry_run=dry_run), body.entry()
    asking = Asking(entrance=entrance, author=body.author.claim(), second=_second(body), key=asked_key, dry_run=dry_run)
    taken = await choose_for_school(request.app.state.casework, asking, choice_refusal, entry)
    return shown(response, taken, dry_run=dry_run)


@router.post("/clock", openapi_extra=may_answer("conflict"))
async def move_clock(request: Request, entrance: MayMoveClock, body: ClockIn) -> SchoolOut:
    """Move a sandbox school's clock forward; a live school has none to move."""
    casework = request.app.state.casework
    async with casework.sessions.enter(entrance) as session:
        ahead = body.now - casework.means.now()
        if ahead > FURTHEST_AHEAD:
            raise invalid([Fault("/now", "clock_too_far", "A school's clock may be at most ten years ahead of the world's.")])
        if not await schools.move_clock(session, ahead // timedelta(microseconds=1)):
            raise ApiError("conflict", "Only a sandbox school has a clock of its own, and it only goes forward.")
        opened = await casework.open(session)
    casework.means.wake()
    return SchoolOut.of(opened)


@router.put("/identity-provider", openapi_extra=may_answer("step-refused", "conflict"))
async def set_identity_provider(request: Request, entrance: OwnStaff, body: IdentityProviderIn) -> IdentityProviderOut:
    """Say, as the head or the office, whose signed claims prove who a member of staff is; they count from 24 hours later."""
    try:
        keys, kept = parse_public_jwks(body.jwks), only_public(body.jwks)
    except KeysRefusedError as error:
        raise invalid([Fault(f"/jwks{error.pointer}", "keys_refused", error.reason)]) from None
    entry = IdentityProviderSet(occurred_on=body.occurred_on, issuer=body.issuer, key_ids=tuple(sorted(keys)))

    async def alongside(session: SchoolSession, _: tuple[Recorded, ...]) -> Mapping[str, object]:
        await schools.set_identity_provider(session, {"issuer": body.issuer, "jwks": kept})
        return {}

    asking = Asking(entrance=entrance, author=body.author.claim(), second=_second(body))
    await choose_for_school(request.app.state.casework, asking, provider_refusal, entry, alongside=alongside)
    return IdentityProviderOut(issuer=body.issuer, key_ids=sorted(keys))


def _second(body: ChoiceIn) -> AuthorClaim | None:
    return None if body.confirmed_by is None else body.confirmed_by.claim()
