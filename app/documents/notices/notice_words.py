"""The words of a notice: what parents or a young person must be told, in sentences that a child of eleven can read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Literal

from app.documents.notices.notice_easy_read import easy_passages
from app.documents.notices.notice_forms import Block, Letter, as_page, as_text, blocks_of, translated
from app.documents.notices.notice_passages import Known, Told, closing, passages_on
from app.documents.notices.notice_voice import Addressee, Voice
from app.documents.record.labels import label
from app.domain.codes import SenStatus
from app.domain.entries import EhcPlanCeased, Entry, Matter, PlanAgreed, ReviewHeld, SenDecided, SupportEnded, TransitionDecided
from app.domain.languages import ENGLISH
from app.domain.programmes import PROGRAMMES

VERSION: Final = "en-2"
NOTHING_MORE: Final = Known()
Format = Literal["text", "html", "large_print", "easy_read"]
TEXT: Final[Format] = "text"
EASY_READ: Final[Format] = "easy_read"
PAGE: Final = "text/html; charset=utf-8"
MEDIA_TYPES: Final[Mapping[Format, str]] = MappingProxyType(
    {TEXT: "text/plain; charset=utf-8", "html": PAGE, "large_print": PAGE, EASY_READ: PAGE}
)
KINDS: Final[Mapping[Matter, tuple[type[Entry], ...]]] = MappingProxyType(
    {
        Matter.SEN_PROVISION: (SenDecided, TransitionDecided, EhcPlanCeased),
        Matter.NO_SEN: (SenDecided, TransitionDecided),
        Matter.TRANSITION: (TransitionDecided,),
        Matter.PLAN: (PlanAgreed,),
        Matter.REVIEW: (ReviewHeld,),
        Matter.SUPPORT_ENDED: (SupportEnded,),
    }
)
ANSWERS: Final[Mapping[Matter, SenStatus]] = MappingProxyType({Matter.SEN_PROVISION: SenStatus.SEN_SUPPORT, Matter.NO_SEN: SenStatus.NONE})
BASES: Final[Mapping[Matter, str]] = MappingProxyType(
    {
        Matter.SEN_PROVISION: "Children and Families Act 2014, section 68; SEND Code of Practice 2015, paragraph 6.48.",
        Matter.NO_SEN: "SEND Code of Practice 2015, paragraph 6.45.",
        Matter.PLAN: "SEND Code of Practice 2015, paragraphs 6.48 and 6.51.",
        Matter.REVIEW: "SEND Code of Practice 2015, paragraphs 6.53 to 6.55.",
        Matter.SUPPORT_ENDED: "SEND Code of Practice 2015, paragraphs 6.54 and 6.55.",
    }
)


class MatterMismatchError(ValueError):
    """The entry is not of a kind that this matter is about, or decided otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A notice ready to send. `version` names the wording, so that what was said can be shown years later."""

    version: str
    subject: str
    body: str
    media_type: str

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body in UTF-8, which is what shows later that exactly this was handed out."""
        return sha256(self.body.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A notice as it is written in English, from which every form and translation of it is made; `easy` where Easy Read is authored."""

    subject: str
    plain: tuple[Block, ...]
    easy: tuple[Block, ...] | None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the English text, to which a translation belongs."""
        return _words(self.subject, self.plain, TEXT, ENGLISH).digest

    def words(self, form: Format) -> Words | None:
        """Give the English words in a form; None where nobody has written them in it."""
        blocks = self.easy if form == EASY_READ else self.plain
        return None if blocks is None else _words(self.subject, blocks, form, "en-GB")

    def translated(self, subject: str, body: str, form: Format, language: str) -> Words | None:
        """Give a translation of the text in a form; None in Easy Read, whose wording is not the text's."""
        return None if form == EASY_READ else _words(subject, translated(body, self.plain), form, language)


def original(
    matter: Matter, entry: Entry, *, to: Addressee, child_first_name: str, school_name: str, known: Known = NOTHING_MORE
) -> Original:
    """Write the notice about an entry. Raises MatterMismatchError. The subject names no child."""
    if not isinstance(entry, KINDS[matter]) or _judgement(entry) is not ANSWERS.get(matter, _judgement(entry)):
        raise MatterMismatchError(f"{label(matter)} is not about an entry of type {entry.type}")
    school = _one_line(school_name)
    told = Told(Voice(_one_line(child_first_name), to.is_young_person), school, known)
    plain = Letter(
        title=_title(matter, entry, told.voice),
        greeting=f"Dear {_one_line(to.name)}",
        passages=passages_on(matter, entry, told),
        closing=closing(told.voice, school),
        basis=f"Why we are telling you this: {_basis(matter, entry)}",
    )
    passages = easy_passages(entry, told)
    easy = None if passages is None else replace(plain, passages=passages, closing=(f"From {school}",))
    return Original(subject=f"A message from {school}", plain=blocks_of(plain), easy=None if easy is None else blocks_of(easy))


def _words(subject: str, blocks: Sequence[Block], form: Format, language: str) -> Words:
    body = as_text(blocks) if form == TEXT else as_page(blocks, language=language, large=form != "html")
    return Words(version=VERSION, subject=subject, body=body, media_type=MEDIA_TYPES[form])


def _title(matter: Matter, entry: Entry, voice: Voice) -> str:
    getting = _judgement(entry) is SenStatus.SEN_SUPPORT
    titles = {
        Matter.SEN_PROVISION: f"{voice.at_start} will get extra help at school",
        Matter.NO_SEN: f"What we decided about extra help for {voice.they}",
        Matter.TRANSITION: f"{voice.at_start} will get SEN Support" if getting else f"{voice.their_at_start} support at school",
        Matter.PLAN: f"The plan for {voice.their} support",
        Matter.REVIEW: f"How {voice.their} support has gone",
        Matter.SUPPORT_ENDED: f"{voice.their_at_start} SEN Support has ended",
    }
    return titles[matter]


def _basis(matter: Matter, entry: Entry) -> str:
    if not isinstance(entry, TransitionDecided):
        return BASES[matter]
    programme = PROGRAMMES.get(entry.programme)
    guidance = dict.fromkeys(f"{cited.instrument}." for cited in programme.rules.tell.cites) if programme else ()
    law = ("Children and Families Act 2014, section 68.",) if entry.judgement is SenStatus.SEN_SUPPORT else ()
    return " ".join((*law, *guidance))


def _judgement(entry: Entry) -> SenStatus | None:
    if isinstance(entry, SenDecided | EhcPlanCeased):
        return entry.judgement.status
    return entry.judgement if isinstance(entry, TransitionDecided) else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
