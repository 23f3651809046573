"""A notice as it goes over the wire: whose it is, what telling it discharges, how its person wishes to be told, and what happened to it."""

from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from app.api.manners.steps import A_PERSON, A_PUPIL
from app.api.manners.versions import version_of
from app.api.shown.notice_words import A_DIGEST
from app.api.shown.shapes import Day, Moment, Out
from app.casework.tellings import TOLD
from app.db.notices import Notice, NoticeEvent
from app.db.translations import Translation
from app.documents.notices.notice_words import Format
from app.domain.entries import Matter
from app.domain.notice_ledger import MEANINGS, Happening
from app.domain.people import PersonKind
from app.domain.rules import RULES
from app.webhooks.telling.words import wishes_of

A_NOTICE = "01932b4e-5f00-7000-8000-0000000000d4"
KINDS_OF_EVENT = " ".join(f"{kind}: {meaning}." for kind, meaning in MEANINGS.items())
NoticeState = Literal["composed", "sent", "delivered", "read", "bounced", "withheld", "told"]


class WishesOut(Out):
    """How the person wishes to be told now; the words follow it unless something else is asked for."""

    channel: str = Field(description="email, post, app, phone or none.", examples=["email"])
    format: Format = Field(examples=["text"])
    language: str = Field(examples=["en"])

    @classmethod
    def of(cls, notice: Notice) -> Self | None:
        """Write the wishes of a notice's person; None for a young person, of whom no details are kept."""
        wishes = wishes_of(notice)
        return None if wishes.channel is None else cls(channel=wishes.channel, format=wishes.format, language=wishes.language)


class DischargedOut(Out):
    """The obligation that the telling meets, as `rule`, `person` and `occasion` name it in the list of obligations."""

    rule: str = Field(examples=["inform-parents-of-sen-provision"])
    person: UUID = Field(examples=[A_PERSON])
    occasion: str = Field(description="The ledger number of the entry that is told of.", examples=["212"])


class NoticeOut(Out):
    """One matter for one person. Composing it meets no duty; that the person is told does."""

    id: UUID = Field(examples=[A_NOTICE])
    pupil: UUID = Field(examples=[A_PUPIL])
    person: UUID = Field(description="The contact, or the pupil where the young person holds the rights.", examples=[A_PERSON])
    person_kind: PersonKind = Field(examples=["contact"])
    matter: Matter = Field(examples=["sen_provision"])
    about: int = Field(description="The ledger number of the entry that it tells of.", examples=[212])
    rule: str = Field(examples=["inform-parents-of-sen-provision"])
    citations: list[str] = Field(examples=[["Children and Families Act 2014, section 68(2)"]])
    stage: str = Field(examples=["decision"])
    due: Day | None = Field(description="The last day; null where it is counted by a calendar that the school has not loaded.")
    obligation: DischargedOut | None = Field(description="Null for a copy that is owed to nobody, such as one a young person agreed to.")
    state: NoticeState = Field(examples=["composed"])
    told: bool = Field(description="Whether the person counts as told: in the states delivered, read and told.", examples=[False])
    wishes: WishesOut | None = Field(description="Null for a young person, of whom no details are kept.")
    composed_at: Moment

    @classmethod
    def of(cls, notice: Notice, owed: frozenset[UUID]) -> Self:
        """Write a notice for the wire; `owed` are those that an obligation asks for."""
        return cls.model_validate(notice_members(notice, owed))


class NoticeEventOut(Out):
    """One thing that happened to a notice, on the school's clock. `fetched` and `pushed` carry what it takes to prove what was said."""

    sequence: int = Field(examples=[1])
    kind: Happening = Field(description=KINDS_OF_EVENT, examples=["composed"])
    at: Moment
    client: UUID | None = Field(description="The client that reported or fetched; none where we acted ourselves.", examples=[None])
    remark: str | None = Field(examples=[None])
    format: Format | None = Field(description="Of the words that went out.", examples=[None])
    language: str | None = Field(description="Of the words that went out.", examples=[None])
    words_digest: str | None = Field(description="SHA-256 of the body of the words that went out, in UTF-8.", examples=[None])

    @classmethod
    def of(cls, event: NoticeEvent) -> Self:
        """Write an event for the wire."""
        digest = None if event.words_digest is None else event.words_digest.hex()
        told = {"kind": event.kind, "remark": event.remark, "format": event.format, "language": event.language}
        return cls.model_validate({"sequence": event.sequence, "at": event.at, "client": event.client_id, "words_digest": digest, **told})


class TranslationKeptOut(Out):
    """That a notice has a translation, and whose."""

    notice: UUID = Field(examples=[A_NOTICE])
    language: str = Field(examples=["pl"])
    of_digest: str = Field(description="SHA-256 of the English text it was made from.", examples=[A_DIGEST])
    digest: str = Field(description="SHA-256 of its body as text.", examples=[A_DIGEST])
    supplied_by: UUID = Field(description="The member of staff.", examples=[A_PERSON])
    supplied_at: Moment
    version: str = Field(description="What If-Match names to replace it or take it away.", examples=['"5d41402abc4b2a76b9719d911017c592"'])

    @classmethod
    def of(cls, found: Translation, **more: object) -> Self:
        """Write a translation for the wire."""
        digests = {"of_digest": found.of_digest.hex(), "digest": found.digest.hex()}
        who = {"supplied_by": found.supplied_by, "supplied_at": found.supplied_at}
        told = {"notice": found.notice_id, "language": found.language, "version": version_of(found)}
        return cls.model_validate({**told, **digests, **who, **more})


def notice_members(notice: Notice, owed: frozenset[UUID]) -> dict[str, object]:
    """Give the members of a notice on the wire; `owed` are those that an obligation asks for."""
    rule = RULES.get(notice.rule)
    return {
        "id": notice.id,
        "pupil": notice.pupil_id,
        "person": notice.person_id,
        "person_kind": notice.person_kind,
        "matter": notice.matter,
        "about": notice.about,
        "rule": notice.rule,
        "citations": list(rule.sources) if rule else [],
        "stage": notice.stage,
        "due": notice.due,
        "obligation": {"rule": notice.rule, "person": notice.person_id, "occasion": str(notice.about)} if notice.id in owed else None,
        "state": notice.state,
        "told": notice.state in TOLD,
        "wishes": WishesOut.of(notice),
        "composed_at": notice.composed_at,
    }
