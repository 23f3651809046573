"""The words of a notice in another language, where the school had them translated."""

from functools import partial
from typing import Annotated
from unicodedata import category

from fastapi import APIRouter, Path
from pydantic import AfterValidator, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from app.api.manners.body import StrictRoute
from app.api.manners.faults import Fault
from app.api.manners.openapi import may_answer
from app.api.manners.problems import ApiError, invalid
from app.api.manners.steps import A_PERSON, AuthorIn
from app.api.manners.versions import MustMatch, require_match, require_named, version_of
from app.api.notices import MayDeliver, NoticePath, words_withheld
from app.api.shown.notice_shapes import TranslationKeptOut
from app.api.shown.notice_words import A_DIGEST
from app.api.shown.shapes import In, Line, refusal
from app.db.translations import Translation
from app.domain.languages import ENGLISH, LONGEST, SHAPE, language_tag
from app.webhooks.telling import translating
from app.webhooks.telling.fetching import WithheldError
from app.webhooks.telling.translating import (
    MOST_LANGUAGES,
    OtherWordsError,
    SubjectNamesChildError,
    Supplied,
    TooManyTranslationsError,
    TranslationUnknownError,
)

router = APIRouter(prefix="/v1/schools/{urn}/notices/{notice_id}/translations", tags=["Notices"], route_class=StrictRoute)
LanguagePath = Annotated[
    str, Path(max_length=LONGEST, pattern=SHAPE, description="A language tag of BCP 47, in any case; not English.", examples=["pl"])
]
WITH_VERSION = may_answer("precondition-failed", "precondition-required")
THROUGH_THE_GATE = may_answer("step-refused", "gone")
LONGEST_BODY = 100_000
BETWEEN_LINES = "\t\n\r"
OTHER_WORDS = "The English words are not those that were translated. Fetch them again as text in English and send their digest."


def _readable(body: str) -> str:
    """Refuse what nobody could read: control characters, or marks without a letter among them."""
    if any(category(letter) == "Cc" and letter not in BETWEEN_LINES for letter in body) or not any(map(str.isalnum, body)):
        raise refusal("readable_text", "This must be text with letters, and without control characters but for the ends of lines.")
    return body


Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_BODY), AfterValidator(_readable)]


class TranslationIn(In):
    """A translation of the English text of a notice, paragraph by paragraph, and who supplies it."""

    of_digest: str = Field(
        pattern="^[0-9a-f]{64}$", description="The digest that came with the English text it was made from.", examples=[A_DIGEST]
    )
    subject: Line = Field(description="Must not name the child.", examples=["Wiadomość ze szkoły Example Invented School"])
    body: Body = Field(
        description=(
            "Plain text with an empty line between paragraphs. With as many of them as the English has, headings and lists are where the "
            "English has them; otherwise the first is the title, and lines that all begin with a hyphen and a space are a list."
        ),
        examples=["Ada otrzyma dodatkową pomoc w szkole\n\nSzanowna Pani Grace Madeup"],
    )
    supplied_by: AuthorIn = Field(examples=[{"kind": "staff", "id": A_PERSON}])


class TranslationOut(TranslationKeptOut):
    """A translation with its words; without them where the English has changed since, for then it is not handed out."""

    is_current: bool = Field(examples=[True])
    subject: str | None = Field(examples=["Wiadomość ze szkoły Example Invented School"])
    body: str | None = Field(examples=["Ada otrzyma dodatkową pomoc w szkole\n\nSzanowna Pani Grace Madeup\n"])


@router.put("/{language}", openapi_extra=may_answer("step-refused", "conflict", "gone", "precondition-failed", "precondition-required"))
async def supply_translation(
    request: Request,
    response: Response,
    entrance: MayDeliver,
    notice_id: NoticePath,
    language: LanguagePath,
    body: TranslationIn,
    if_match: MustMatch = None,
) -> TranslationKeptOut:
    """Supply a translation, in the name of a member of staff; it goes out for as long as the English words stay what they are now.

    If-Match is `*` where there is none into this language yet. Nothing is taken for a notice whose person may not be told at this moment.
    """
    require_named(if_match)
    supplied = Supplied(
        notice_id=notice_id,
        language=_not_english(language),
        of_digest=bytes.fromhex(body.of_digest),
        subject=body.subject,
        body=body.body,
        supplied_by=body.supplied_by.claim(),
    )
    try:
        kept = await translating.supply(request.app.state.casework, entrance, supplied, partial(_require_seen, if_match))
    except OtherWordsError:
        raise invalid([Fault("/of_digest", "other_words", OTHER_WORDS)]) from None
    except TooManyTranslationsError:
        raise ApiError("conflict", f"A notice has at most {MOST_LANGUAGES} translations; take one away.") from None
    except SubjectNamesChildError:
        raise invalid([Fault("/subject", "names_the_child", "The subject shows on locked screens and must not name the child.")]) from None
    except WithheldError as withheld:
        raise words_withheld(withheld) from None
    response.headers["ETag"] = version_of(kept)
    return TranslationKeptOut.of(kept)


@router.get("/{language}", openapi_extra=THROUGH_THE_GATE)
async def read_translation(
    request: Request, response: Response, entrance: MayDeliver, notice_id: NoticePath, language: LanguagePath
) -> TranslationOut:
    """Read a translation: through the gate and with a trace, as every fetch of words."""
    try:
        found, current = await translating.read(request.app.state.casework, entrance, notice_id, language_tag(language))
    except TranslationUnknownError:
        raise ApiError("not-found") from None
    except WithheldError as withheld:
        raise words_withheld(withheld) from None
    response.headers["ETag"] = version_of(found)
    words = None if current is None else current.words
    said = {"subject": words.subject if words else None, "body": words.body if words else None}
    return TranslationOut.of(found, is_current=words is not None, **said)


@router.delete("/{language}", status_code=204, openapi_extra=WITH_VERSION)
async def remove_translation(
    request: Request, entrance: MayDeliver, notice_id: NoticePath, language: LanguagePath, if_match: MustMatch = None
) -> None:
    """Take a translation away; from here on English goes out in its place."""
    require_named(if_match)
    try:
        check = partial(require_match, if_match)
        await translating.remove(request.app.state.casework, entrance, notice_id, language_tag(language), check)
    except TranslationUnknownError:
        raise ApiError("not-found") from None


def _not_english(language: str) -> str:
    tag = language_tag(language)
    if tag.split("-")[0] == ENGLISH:
        raise invalid([Fault("language", "language_is_ours", "The English words are ours; a translation is into another language.")])
    return tag


def _require_seen(if_match: str | None, standing: Translation | None) -> None:
    """A first translation replaces nothing, so `*` names that too."""
    if standing is not None or if_match != "*":
        require_match(if_match, standing)
