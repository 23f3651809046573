"""Everything that can happen to a notice, each of which stands in its ledger for good."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Happening(StrEnum):
    """One kind of event in a notice's ledger; `MEANINGS` says what each tells."""

    COMPOSED = "composed"
    QUEUED = "queued"
    ATTEMPTED = "attempted"
    ANNOUNCED = "announced"
    FETCHED = "fetched"
    PUSHED = "pushed"
    FALLBACK = "fallback"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    READ = "read"
    IN_PERSON = "in_person"
    BY_POST = "by_post"
    WITHHELD = "withheld"
    TAKEN_UP = "taken_up"
    TRANSLATED = "translated"
    TRANSLATION_REMOVED = "translation_removed"


MEANINGS: Final[Mapping[Happening, str]] = MappingProxyType(
    {
        Happening.COMPOSED: "it was found that the person is to be told",
        Happening.QUEUED: "it came to be owed to subscriptions; the remark says to how many",
        Happening.ATTEMPTED: "an attempt to announce it did not arrive; the remark says why",
        Happening.ANNOUNCED: "a subscription took the announcement",
        Happening.FETCHED: "the words were fetched",
        Happening.PUSHED: "the words went out with an announcement",
        Happening.FALLBACK: "the words went out in another format or language than wished; the remark says what was wished and why",
        Happening.SENT: "the school's messaging system reports that it sent it",
        Happening.DELIVERED: "the school's messaging system reports that it arrived",
        Happening.BOUNCED: "the school's messaging system reports that it came back; whoever counted as told does so no more",
        Happening.READ: "the school's messaging system reports that it was read",
        Happening.IN_PERSON: "a member of staff told the person in person",
        Happening.BY_POST: "a member of staff told the person by post",
        Happening.WITHHELD: "it was held back; the remark says why",
        Happening.TAKEN_UP: "what held it back is gone, and it is owed again",
        Happening.TRANSLATED: "a translation was supplied; the remark says by which member of staff",
        Happening.TRANSLATION_REMOVED: "a translation was taken away",
    }
)
