"""The numbers by which pupils and schools are known outside: UPN, URN and LAESTAB, each checked before it exists."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.authorities import INVENTED_AUTHORITY, is_known_authority

UPN_ALPHABET: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The 23 letters of a unique pupil number: no I, O or S (unique pupil numbers guide, DfE, 2019)."""

_FIRST_WEIGHT: Final = 2
_UPN_SHAPE: Final = re.compile(rf"[{UPN_ALPHABET}][0-9]{{11}}[0-9{UPN_ALPHABET}]")
_URN_SHAPE: Final = re.compile(r"[1-9][0-9]{5}")
_LAESTAB_SHAPE: Final = re.compile(r"([0-9]{3})[/-]?([0-9]{4}|LLLL)")
_SPACES: Final = re.compile(r"[ \t\u00a0]+")


class IdentifierFault(StrEnum):
    """Why a text is no identifier, as a code that callers may rely on."""

    UPN_LENGTH = "upn-length"
    UPN_CHARACTERS = "upn-characters"
    UPN_LETTER = "upn-letter"
    URN_SHAPE = "urn-shape"
    LAESTAB_SHAPE = "laestab-shape"


class IdentifierError(ValueError):
    """A text that is no identifier; carries the fault and never the text, which may be a child's."""

    def __init__(self, reason: IdentifierFault) -> None:
        super().__init__(reason.value)
        self.reason = reason


def check_letter(body: str) -> str:
    """Give the letter that belongs before characters 2 to 13 of a UPN; IdentifierError unless they are 11 digits and a digit or letter."""
    if len(body) != 12:
        raise IdentifierError(IdentifierFault.UPN_LENGTH)
    if not _UPN_SHAPE.fullmatch(UPN_ALPHABET[0] + body):
        raise IdentifierError(IdentifierFault.UPN_CHARACTERS)
    weighted = (_value_of(character) * weight for weight, character in enumerate(body, start=_FIRST_WEIGHT))
    return UPN_ALPHABET[sum(weighted) % len(UPN_ALPHABET)]


def _value_of(character: str) -> int:
    return int(character) if character.isdigit() else UPN_ALPHABET.index(character)


@dataclass(frozen=True, slots=True, repr=False)
class Upn:
    """A unique pupil number whose letter is right; printing it by accident shows nothing of it, since it is a blind number."""

    value: str

    def __post_init__(self) -> None:
        if len(self.value) != 13:
            raise IdentifierError(IdentifierFault.UPN_LENGTH)
        if not _UPN_SHAPE.fullmatch(self.value):
            raise IdentifierError(IdentifierFault.UPN_CHARACTERS)
        if check_letter(self.value[1:]) != self.value[0]:
            raise IdentifierError(IdentifierFault.UPN_LETTER)

    @classmethod
    def parse(cls, text: str) -> "Upn":
        """Read a UPN whatever its case and spacing; raises IdentifierError with the first fault found."""
        return cls(_plain(text))

    @property
    def is_temporary(self) -> bool:
        """Whether it ends in a letter, and so only stands in until the true number is known."""
        return not self.value[12].isdigit()

    @property
    def authority(self) -> str:
        """Three digits of the authority that gave it, which may no longer exist."""
        return self.value[1:4]

    @property
    def has_known_authority(self) -> bool:
        """Whether the authority is on today's list or invented; a number outlives its authority, so this only ever warns."""
        return is_known_authority(self.authority)

    @property
    def is_invented(self) -> bool:
        """Whether it belongs to the authority that no real pupil has."""
        return self.authority == INVENTED_AUTHORITY

    def __repr__(self) -> str:
        return "Upn(hidden)"


@dataclass(frozen=True, slots=True)
class Urn:
    """A school's unique reference number in the national register: six digits, the first not 0."""

    value: str

    def __post_init__(self) -> None:
        if not _URN_SHAPE.fullmatch(self.value):
            raise IdentifierError(IdentifierFault.URN_SHAPE)

    @classmethod
    def parse(cls, text: str) -> "Urn":
        """Read a URN with any spacing; raises IdentifierError."""
        return cls(_plain(text))

    @property
    def is_sandbox(self) -> bool:
        """Whether it is one of the thousand from 999000 that stand for invented schools."""
        return self.value.startswith(INVENTED_AUTHORITY)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Laestab:
    """An authority's number and the establishment's within it; an authority that sends a file itself writes LLLL for the second."""

    authority: str
    establishment: str

    def __post_init__(self) -> None:
        if not _LAESTAB_SHAPE.fullmatch(f"{self.authority}/{self.establishment}"):
            raise IdentifierError(IdentifierFault.LAESTAB_SHAPE)

    @classmethod
    def parse(cls, text: str) -> "Laestab":
        """Read `9999999`, `999/9999` or `999-9999`; raises IdentifierError."""
        match = _LAESTAB_SHAPE.fullmatch(_plain(text))
        if match is None:
            raise IdentifierError(IdentifierFault.LAESTAB_SHAPE)
        return cls(match[1], match[2])

    @property
    def is_an_authority(self) -> bool:
        """Whether the sender is the authority itself and no school."""
        return self.establishment == "LLLL"

    def __str__(self) -> str:
        return f"{self.authority}/{self.establishment}"


def _plain(text: str) -> str:
    """Drop spaces and raise ASCII letters only, so that no foreign letter turns into an English one."""
    squeezed = _SPACES.sub("", text.strip())
    return squeezed.upper() if squeezed.isascii() else squeezed
