"""Notices: who is to be told what, the words for whoever may have them at this moment, and the proof of telling."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.callers import needs
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.pages import Page, PagingDep
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import A_PERSON, A_PUPIL, STEP, AuthorIn, DryRun, KeyHeader, StepOut, key_of, shown
from app.api.shown.delivery_shapes import DeliveryOut
from app.api.shown.notice_shapes import A_NOTICE, NoticeEventOut, NoticeOut, NoticeState, TranslationKeptOut, notice_members
from app.api.shown.notice_words import WordsToldOut
from app.api.shown.shapes import CivilDate, FindingOut, In, Instant, Line
from app.casework.announcing import MAY_END
from app.casework.taking import Casework
from app.casework.tellings import About, Report, Reported, find_notice, report, tell
from app.db import notices, redelivery, translations
from app.db.entrance import Entrance
from app.db.notices import NoticesAsked
from app.documents.notices.notice_words import Format
from app.domain.entries import Telling
from app.domain.languages import LONGEST, SHAPE
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.webhooks.telling.fetching import Fetched, WithheldError, fetch_words
from app.webhooks.telling.words import AskedFor, LanguageUnknownError, members_of

router = APIRouter(prefix="/v1/schools/{urn}/notices", tags=["Notices"], route_class=StrictRoute)
NoticePath = Annotated[UUID, Path(description="The notice, by its id.", examples=[A_NOTICE])]
MayReadNotices = Annotated[Entrance, Depends(needs("notices:read"))]
MayDeliver = Annotated[Entrance, Depends(needs("notices:deliver"))]
MayWriteRecords = Annotated[Entrance, Depends(needs("records:write"))]


class NoticeProofOut(NoticeOut):
    """A notice with everything that happened to it."""

    events: list[NoticeEventOut] = Field(description="In their order; of more than a thousand, the first and the newest 999.")
    deliveries: list[DeliveryOut]
    translations: list[TranslationKeptOut] = Field(description="Those supplied, out of date or not; their words are fetched one by one.")


class WordsOut(WordsToldOut):
    """The words of a notice and for whom they are."""

    notice: UUID = Field(examples=[A_NOTICE])

    @classmethod
    def of(cls, fetched: Fetched) -> Self:
        """Write the words for the wire."""
        notice, found = fetched
        return cls.model_validate({"notice": notice.id, **members_of(notice, found)})


class ReportIn(In):
    """What the school's messaging system says became of a notice. An e-mail address or a name does not belong in the remark."""

    event: Report = Field(examples=["delivered"])
    at: Instant | None = Field(default=None, description="When it happened, on the school's clock; now, if left out.", examples=[None])
    remark: Line | None = Field(default=None, examples=[None])
    channel_reports_delivery: bool = Field(
        default=True, description="False where `sent` is the last that this channel ever says; then `sent` counts as told.", examples=[True]
    )

    def reported(self) -> Reported:
        """Give the report as casework takes it."""
        return Reported(event=self.event, at=self.at, remark=self.remark, channel_reports_delivery=self.channel_reports_delivery)


class TellingIn(In):
    """A member of staff told the person."""

    author: AuthorIn = Field(examples=[{"kind": "staff", "id": A_PERSON}])
    occurred_on: CivilDate
    how: Literal["in_person", "by_post"] = Field(examples=["in_person"])

    def told(self) -> tuple[date, Telling]:
        """Give the day and the way."""
        return self.occurred_on, Telling(self.how)


class ReportOut(StepOut):
    """What came of a report: entries only where somebody thereby came to know or turned out not to, and the notice's state now."""

    state: NoticeState | None = Field(default=None, examples=["delivered"])


@router.get("")
async def list_notices(
    request: Request,
    entrance: MayReadNotices,
    paging: PagingDep,
    state: Annotated[NoticeState | None, Query(description="Notices in this state.", examples=["composed"])] = None,
    pupil: Annotated[UUID | None, Query(description="Notices about this pupil.", examples=[A_PUPIL])] = None,
) -> Page[NoticeOut]:
    """List notices in the order in which they were composed."""
    asked = NoticesAsked(state=state, pupil_id=pupil, after=paging.after_id("notices"), limit=paging.fetch)
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        found = await notices.list_notices(session, asked)
        owed = await notices.owed_among(session, [notice.id for notice in found])
    return paging.page("notices", found, lambda notice: NoticeOut.of(notice, owed))


@router.get("/{notice_id}")
async def read_notice(request: Request, entrance: MayReadNotices, notice_id: NoticePath) -> NoticeProofOut:
    """Read a notice with its proof: what happened to it, and each attempt to announce it."""
    async with request.app.state.sessions.enter(entrance, read_only=True) as session:
        notice = await find_notice(session, notice_id)
        discharging = await notices.owed_among(session, [notice_id])
        events = await notices.events_of(session, notice_id)
        owed = await redelivery.of_notice(session, notice_id)
        attempts = await redelivery.attempts_at(session, owed)
        supplied = await translations.of_notice(session, notice_id)
    return NoticeProofOut.model_validate(
        {
            **notice_members(notice, discharging),
            "events": [NoticeEventOut.of(event) for event in events],
            "deliveries": [DeliveryOut.of(delivery, attempts) for delivery in owed],
            "translations": [TranslationKeptOut.of(translation) for translation in supplied],
        }
    )


@router.get("/{notice_id}/words", openapi_extra=may_answer("step-refused", "gone"))
async def fetch_notice_words(
    request: Request,
    entrance: MayDeliver,
    notice_id: NoticePath,
    form: Annotated[
        Format | None,
        Query(alias="format", description="Plain text, a page, a page in large print or one in Easy Read.", examples=["text"]),
    ] = None,
    language: Annotated[
        str | None, Query(max_length=LONGEST, pattern=SHAPE, description="A language tag of BCP 47.", examples=["en"])
    ] = None,
) -> WordsOut:
    """Fetch the words for delivery, as their person wishes where nothing else is asked for.

    Whether the person may be told is asked at this moment, and the fetch is written down. What cannot be had gives way, and the answer
    says so in `fallback`: Easy Read that nobody has written to text, a language without a translation of the present words to English.
    A language that is asked for here and that there is nothing in is refused.
    """
    casework: Casework = request.app.state.casework
    try:
        return WordsOut.of(await fetch_words(casework, entrance, notice_id, AskedFor(format=form, language=language)))
    except LanguageUnknownError:
        sentence = "This notice is written in English, and the school has supplied no translation of it into this language."
        raise invalid([Fault("language", "language_not_written", sentence)]) from None
    except WithheldError as withheld:
        raise words_withheld(withheld) from None


@router.post("/{notice_id}/reports", status_code=201, openapi_extra=STEP)
async def report_on_notice(
    request: Request, response: Response, entrance: MayDeliver, notice_id: NoticePath, body: ReportIn, key: KeyHeader = None
) -> ReportOut:
    """Report what became of a notice: `delivered` (or a last `sent`) meets the duty to tell, and a bounce undoes it."""
    casework: Casework = request.app.state.casework
    about = About(entrance=entrance, notice_id=notice_id, key=await key_of(request, entrance.client_id, key))
    taken = shown(response, await report(casework, about, body.reported()), dry_run=False)
    return ReportOut.model_validate({**dict(taken), "state": await _state(casework, entrance, notice_id)})


@router.post("/{notice_id}/tellings", status_code=201, openapi_extra=STEP)
async def tell_in_person(
    request: Request,
    response: Response,
    entrance: MayWriteRecords,
    notice_id: NoticePath,
    body: TellingIn,
    key: KeyHeader = None,
    dry_run: DryRun = False,
) -> StepOut:
    """Record that a member of staff told the person, in person or by post."""
    about = About(entrance=entrance, notice_id=notice_id, key=await key_of(request, entrance.client_id, key, dry_run=dry_run))
    taken = await tell(request.app.state.casework, about, body.author.claim(), body.told(), dry_run=dry_run)
    return shown(response, taken, dry_run=dry_run)


async def _state(casework: Casework, entrance: Entrance, notice_id: UUID) -> str:
    async with casework.sessions.enter(entrance, read_only=True) as session:
        return (await find_notice(session, notice_id)).state


def words_withheld(withheld: WithheldError) -> ApiError:
    """Say that nothing is handed out and not why: the reason may itself be what must not be told."""
    if withheld.reason.value in MAY_END:
        finding = TREAT_CARERS_AS_PARENTS.broken(missing=("right to be told at this moment",), cure="Look at the contact's facts.")
        return ApiError("step-refused", "The right to be told is not there at this moment.", findings=[FindingOut.of(finding)])
    return ApiError("gone", "What this notice tells of was corrected, withdrawn or erased.")
