"""The words of a notice as they go over the wire, fetched or pushed alike."""

from uuid import UUID

from pydantic import Field

from app.api.manners.steps import A_PERSON
from app.api.shown.shapes import Out
from app.documents.notices.notice_wishes import Shortfall
from app.documents.notices.notice_words import Format
from app.domain.people import PersonKind

A_DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"


class FallbackOut(Out):
    """What was wished for, or asked for, and could not be given."""

    wished_format: Format = Field(examples=["easy_read"])
    wished_language: str = Field(examples=["pl"])
    reasons: list[Shortfall] = Field(
        description=(
            "format_not_written: nobody has written this notice in the format; it is text. language_not_translated: the school has "
            "supplied no translation. translation_out_of_date: it has, of words that have changed since. English goes out then."
        ),
        examples=[["language_not_translated"]],
    )


class WordsToldOut(Out):
    """The words of a notice and for whom they are; they may name the child."""

    person: UUID = Field(examples=[A_PERSON])
    person_kind: PersonKind = Field(examples=["contact"])
    channel: str | None = Field(description="How the person wishes to be reached; null where nobody has said.", examples=["email"])
    subject: str = Field(
        description="Names no child, since a subject shows on a locked screen; a translation's is the school's own.",
        examples=["A message from Example Invented School"],
    )
    body: str = Field(examples=["Dear Grace Madeup\n\nAda will get extra help at school."])
    media_type: str = Field(examples=["text/plain; charset=utf-8"])
    format: Format = Field(description="What it is, whatever was wished for.", examples=["text"])
    language: str = Field(description="What it is in, as BCP 47 writes it.", examples=["en"])
    digest: str = Field(
        description="SHA-256 of body in UTF-8; the notice's ledger keeps it as proof of what was said.", examples=[A_DIGEST]
    )
    version: str = Field(
        description="Names our wording, or the one that was translated, so that what was said can be shown years later.", examples=["en-2"]
    )
    fallback: FallbackOut | None = Field(description="Null where it is as wished.", examples=[None])
