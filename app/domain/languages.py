"""Tags of languages as RFC 5646 (BCP 47) writes them, and the one that fits a wish best (RFC 4647, 3.4)."""

from collections.abc import Iterable
from typing import Final

ENGLISH: Final = "en"
SHAPE: Final = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""The shape of a tag: a language of two or three letters, then what narrows it. Private and grandfathered tags are none of ours."""
LONGEST: Final = 35


def language_tag(text: str) -> str:
    """Write a tag in the usual case, `zh-Hant-TW`: case carries no meaning, so that two spellings of it are one."""
    language, *rest = text.split("-")
    return "-".join((language.lower(), *map(_usual_case, rest)))


def lookup(wished: str, there_are: Iterable[str]) -> str | None:
    """The tag that fits a wish best: its own, or the nearest that it narrows; None where there is neither."""
    by_case = {tag.lower(): tag for tag in there_are}
    parts = wished.lower().split("-")
    kept = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((by_case[tag] for tag in kept if tag in by_case), None)


def _usual_case(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()
