"""The words of a notice: what parents or a young person must be told, in sentences that a child of eleven can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from app.documents.labels import label
from app.documents.notice_forms import Letter, as_html, as_text
from app.documents.notice_passages import Known, Told, closing, passages_on
from app.documents.notice_voice import Addressee, Voice
from app.domain.codes import SenStatus
from app.domain.entries import EhcPlanCeased, Entry, Matter, PlanAgreed, ReviewHeld, SenDecided, SupportEnded, TransitionDecided
from app.domain.programmes import PROGRAMMES

VERSION: Final = "en-1"
LANGUAGES: Final = ("en", "en-GB")
NOTHING_MORE: Final = Known()
Format = Literal["text", "html"]
MEDIA_TYPES: Final[Mapping[Format, str]] = MappingProxyType({"text": "text/plain; charset=utf-8", "html": "text/html; charset=utf-8"})
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
BASES: Final[Mapping[Matter, str]] = MappingProxyType(
    {
        Matter.SEN_PROVISION: "Children and Families Act 2014, section 68; SEND Code of Practice 2015, paragraph 6.48.",
        Matter.NO_SEN: "SEND Code of Practice 2015, paragraph 6.45.",
        Matter.PLAN: "SEND Code of Practice 2015, paragraphs 6.48 and 6.51.",
        Matter.REVIEW: "SEND Code of Practice 2015, paragraphs 6.53 to 6.55.",
        Matter.SUPPORT_ENDED: "SEND Code of Practice 2015, paragraphs 6.54 and 6.55.",
    }
)


ANSWERS: Final[Mapping[Matter, SenStatus]] = MappingProxyType({Matter.SEN_PROVISION: SenStatus.SEN_SUPPORT, Matter.NO_SEN: SenStatus.NONE})


class LanguageNotAuthoredError(LookupError):
    """Nobody has written these notices in the language asked for; the caller decides what to do instead."""

    def __init__(self, language: str) -> None:
        super().__init__(f"no notice is written in the language {language!r}")
        self.language = language


class MatterMismatchError(ValueError):
    """The entry is not of a kind that this matter is about, or decided otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A notice ready to send. `version` names the wording, so that what was said can be shown years later."""

    version: str
    subject: str
    body: str
    media_type: str


def words(
    matter: Matter,
    entry: Entry,
    *,
    to: Addressee,
    child_first_name: str,
    school_name: str,
    format: Format = "text",  # noqa: A002 - the word of the API
    language: str = "en",
    known: Known = NOTHING_MORE,
) -> Words:
    """Write the notice about an entry. Raises LanguageNotAuthoredError or MatterMismatchError. The subject names no child."""
    if language not in LANGUAGES:
        raise LanguageNotAuthoredError(language)
    if not isinstance(entry, KINDS[matter]) or _judgement(entry) is not ANSWERS.get(matter, _judgement(entry)):
        raise MatterMismatchError(f"{label(matter)} is not about an entry of type {entry.type}")
    voice = Voice(_one_line(child_first_name), to.is_young_person)
    school = _one_line(school_name)
    letter = Letter(
        title=_title(matter, entry, voice),
        greeting=f"Dear {_one_line(to.name)}",
        passages=passages_on(matter, entry, Told(voice, school, known)),
        closing=closing(voice, school),
        basis=f"Why we are telling you this: {_basis(matter, entry)}",
    )
    body = as_html(letter) if format == "html" else as_text(letter)
    return Words(version=VERSION, subject=f"A message from {school}", body=body, media_type=MEDIA_TYPES[format])


def _title(matter: Matter, entry: Entry, voice: Voice) -> str:
    getting = _judgement(entry) is SenStatus.SEN_SUPPORT
    titles = {
        Matter.SEN_PROVISION: f"{voice.at_start} will get extra help at school",
        Matter.NO_SEN: f"What we decided about extra help for {voice.they}",
        Matter.TRANSITION: f"{voice.at_start} will get SEN Support"
        if getting
        else f"{voice.their[0].upper()}{voice.their[1:]} support at school",
        Matter.PLAN: f"The plan for {voice.their} support",
        Matter.REVIEW: f"How {voice.their} support has gone",
        Matter.SUPPORT_ENDED: f"{voice.their[0].upper()}{voice.their[1:]} SEN Support has ended",
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
