"""Why a child's papers are read: the codes that whoever reads must choose from, in words that a parent understands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Reader(StrEnum):
    """On whose side somebody reads."""

    AUTHORITY = "authority"
    SCHOOL = "school"


class Purpose(StrEnum):
    """Why papers are read; a code once listed stays, because reads are kept under it."""

    EHC_NEEDS_ASSESSMENT = "ehc-needs-assessment"
    PLAN_REVIEW = "plan-review"
    MEDIATION = "mediation"
    TRIBUNAL = "tribunal"
    COMPLAINT = "complaint"
    SAFEGUARDING = "safeguarding"
    SEN_SUPPORT = "sen-support"
    EVIDENCE_PREPARATION = "evidence-preparation"
    ACCESS_REQUEST = "access-request"
    COPY_FOR_PARENT = "copy-for-parent"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a purpose means, as a sentence to a parent, and who may read for it."""

    words: str
    readers: frozenset[Reader]


_AUTHORITY: Final = frozenset({Reader.AUTHORITY})
_SCHOOL: Final = frozenset({Reader.SCHOOL})

MEANINGS: Final[Mapping[Purpose, Meaning]] = MappingProxyType(
    {
        Purpose.EHC_NEEDS_ASSESSMENT: Meaning("To decide about, or carry out, an assessment of your child's needs.", _AUTHORITY),
        Purpose.PLAN_REVIEW: Meaning("To review or change your child's education, health and care plan.", _AUTHORITY),
        Purpose.MEDIATION: Meaning("To prepare for mediation about a decision.", _AUTHORITY | _SCHOOL),
        Purpose.TRIBUNAL: Meaning("To prepare for an appeal to the tribunal.", _AUTHORITY | _SCHOOL),
        Purpose.COMPLAINT: Meaning("To look into a complaint.", _AUTHORITY | _SCHOOL),
        Purpose.SAFEGUARDING: Meaning("To keep a child safe.", _AUTHORITY | _SCHOOL),
        Purpose.SEN_SUPPORT: Meaning("To plan, give or review the support your child has at school.", _SCHOOL),
        Purpose.EVIDENCE_PREPARATION: Meaning("To put together what the school sends to the local authority.", _SCHOOL),
        Purpose.ACCESS_REQUEST: Meaning("To answer somebody who asked to see what is held about your child.", _SCHOOL),
        Purpose.COPY_FOR_PARENT: Meaning("To give you, or your child, a copy.", _SCHOOL),
        Purpose.TRANSFER: Meaning("To pass the papers on to the school your child moves to.", _SCHOOL),
    }
)

AT_THE_PERSON: Final = "/person"
"""Ends the purpose under which no more was read than whom a request is about."""
NOTICE: Final = "notice"
PUSHED: Final = "pushed"
CENSUS: Final = "school-census"
TRANSFER_FILE: Final = "common-transfer-file"
_OTHERWISE: Final[Mapping[str, str]] = MappingProxyType(
    {
        NOTICE: "To send you, or somebody else who must be told, a letter about your child.",
        PUSHED: "It was sent out to an organisation that may have it and had asked for it to be sent.",
        CENSUS: "To fill in the school census, which the law requires.",
        TRANSFER_FILE: "To pass on the file that follows a child to the next school.",
    }
)


def purposes_of(reader: Reader) -> tuple[Purpose, ...]:
    """List what somebody on this side may read for."""
    return tuple(purpose for purpose, meaning in MEANINGS.items() if reader in meaning.readers)


def chosen(code: str) -> str:
    """The purpose that whoever read had chosen, by the code that was kept, however much was read for it."""
    return code.removesuffix(AT_THE_PERSON)


def words_of(code: str) -> str:
    """Say why papers were read, in words for a parent, by the code that was kept; a code that nobody lists is its own words."""
    known = chosen(code)
    words = MEANINGS[Purpose(known)].words if known in list(Purpose) else _OTHERWISE.get(known, code)
    return f"{words} Only whom the request is about was read." if known != code else words
