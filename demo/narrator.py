"""Tells the story on standard output, and stops it with one clear line where it differs from what was expected."""

import itertools
import textwrap

WIDTH = 110
_scenes = itertools.count(1)


class StoryDiffersError(Exception):
    """Something did not come out as the story expects; the message is the clear line."""


def scene(title: str) -> None:
    """Begin the next scene."""
    print(f"\n{next(_scenes)}. {title}", flush=True)


def say(text: str, *, law: str = "") -> None:
    """Tell one thing that happened, with the provision behind it where there is one."""
    whole = f"{text} [{law}]" if law else text
    print(textwrap.fill(whole, WIDTH, initial_indent="   ", subsequent_indent="     "), flush=True)


def expect(what: str, found: object, wanted: object) -> None:
    """Stop the story unless the two are equal."""
    if found != wanted:
        raise StoryDiffersError(f"{what}: expected {wanted!r}, found {found!r}")


def expect_that(what: str, holds: object) -> None:
    """Stop the story unless something holds."""
    if not holds:
        raise StoryDiffersError(f"{what}: this does not hold")
