"""Who writes an entry, and how sure we are of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class AuthorKind(StrEnum):
    """The kinds of person or thing that may write an entry."""

    STAFF = "staff"
    CONTACT = "contact"
    PUPIL = "pupil"
    AUTHORITY_OFFICER = "authority_officer"
    IMPORT = "import"
    CLIENT = "client"


class Assurance(StrEnum):
    """Whether the client merely said who the author is, or the school's identity provider signed it."""

    ASSERTED = "asserted"
    PROVED = "proved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """The person behind an entry, by id only. For an import, `id` is the member of staff who ran it; for a client, the client."""

    kind: AuthorKind
    id: UUID
    assurance: Assurance = Assurance.ASSERTED
