"""Reads whatever the tests push to a receiver, lease from a mailbox or see in the feed, and finds what is personal in it.

Two nets, one behind the other: what goes out has the members it should have and each is of its shape; and no word stands in it that
is personal by the database of the test. Full words, which a named person chose, and files for an authority pass, and nothing else.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import asyncpg
import httpx
import orjson

from app.domain.author import Assurance, AuthorKind
from app.domain.entries import KINDS

Json = dict[str, object]

UUID_SHAPE: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TYPES: Final = (
    *("request.withdrawn", "request.opened"),
    *("notice.ready", "request.made", "evidence.ready", "obligation.due_soon", "obligation.overdue"),
    *("subscription.disabled", "subscription.test", "delivery.withheld"),
)
STAGES: Final = ("decision", "plan", "review")
MEMBERS: Final = MappingProxyType(
    {
        **dict.fromkeys(("id", "subscription", "notice", "request", "obligation", "disabled"), UUID_SHAPE),
        "type": "|".join(map(re.escape, TYPES)),
        "number": "[1-9][0-9]*",
        "school": "[0-9]{6}",
        "stage": "|".join(STAGES),
        "due": "None|20[0-9]{2}-[01][0-9]-[0-3][0-9]",
        "path": f"/v1/(schools|local-authorities|subscriptions)/[0-9a-f-]+"
        f"(/opened-requests|/(notices|requests|obligations)/{UUID_SHAPE}(/bundle)?)?",
        "digest": "[0-9a-f]{64}",
        "size": "[1-9][0-9]*",
        "at": "20[0-9-]+T[0-9:.]+Z",
    }
)
"""Every member of a thin body, and the shape of what it says."""
TOKEN: Final = re.compile(r"\w+")
PUBLIC: Final = frozenset(
    token
    for word in (*TYPES, *STAGES, *MEMBERS, *KINDS, *AuthorKind, *Assurance, "notices requests obligations bundle schools subscriptions")
    for token in TOKEN.findall(word)
)
"""What a code of an entry may coincide with, for it says nothing of anybody."""
FULL: Final = "words"
LONGEST: Final = 500

_PUSHED: list[bytearray] = []
_LEASED: list[Json] = []
_SEEN: list[bytes] = []


class LeakedError(AssertionError):
    """Something personal went out; the message says what and in which body."""


@dataclass(frozen=True)
class Mark:
    """How much had gone out at a moment."""

    pushed: int
    leased: int
    seen: int

    @classmethod
    def now(cls) -> "Mark":
        return cls(len(_PUSHED), len(_LEASED), len(_SEEN))


@dataclass(frozen=True)
class Personal:
    """The words of one database: those that identify somebody or are free text, the codes of entries, pupils, and who may be sent words."""

    phrases: frozenset[str]
    codes: frozenset[str]
    pupils: frozenset[str]
    full: frozenset[str]


def tap(reader: asyncio.StreamReader) -> None:
    """Keep all that is sent to a receiver from here on, whatever the receiver makes of it."""
    kept, feed = bytearray(), reader.feed_data

    def feeding(data: bytes) -> None:
        kept.extend(data)
        feed(data)

    reader.feed_data = feeding  # type: ignore[method-assign]
    _PUSHED.append(kept)


async def look(response: httpx.Response) -> None:
    """Keep what a mailbox hands out and what the feed shows without the entries themselves."""
    url = response.request.url
    if response.status_code != 200 or url.path not in ("/v1/mailbox/lease", "/v1/changes"):
        return
    content = await response.aread()
    if url.path == "/v1/mailbox/lease":
        _LEASED.extend(item["body"] for item in orjson.loads(content)["items"])
    elif url.params.get("include") != "entries":
        _SEEN.append(content)


def went_out(since: Mark) -> bool:
    """Whether anything did since then."""
    return Mark.now() != since


def forget(since: Mark) -> None:
    """Drop what went out since then, which was meant to leak."""
    del _PUSHED[since.pushed :], _LEASED[since.leased :], _SEEN[since.seen :]


def require_nothing_personal(url: str, since: Mark) -> None:
    """Scan all that went out since then, by a superuser's URL of the database it came from. Raises LeakedError."""
    scan(since, asyncio.run(personal_words(url)))


def scan(since: Mark, personal: Personal) -> None:
    """Scan all that went out since then for what is personal. Raises LeakedError."""
    for kept in _PUSHED[since.pushed :]:
        for content_type, body in requests_in(bytes(kept)):
            if content_type != "application/zip":
                scan_push(body, personal)
    for leased in _LEASED[since.leased :]:
        scan_body(leased, personal)
    for page in _SEEN[since.seen :]:
        _require(page, _found(page, personal, pupils=frozenset()))


def requests_in(transcript: bytes) -> Iterator[tuple[str, bytes]]:
    """Part what came over a connection into requests: the type of each body, and as much of it as came."""
    while b"\r\n\r\n" in transcript:
        head, _, rest = transcript.partition(b"\r\n\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
        length = int(headers.get(b"content-length", b"0"))
        yield headers.get(b"content-type", b"").decode(), rest[:length]
        transcript = rest[length:]


def scan_push(body: bytes, personal: Personal) -> None:
    """Look through what was pushed; what is none of our bodies, as where a test sends bytes of its own, has no words of the database."""
    told = _object(body)
    if told is not None and {"id", "type", "subscription"} <= told.keys():
        scan_body(told, personal)
    else:
        _require(body, _found(body, personal))


def scan_body(told: Json, personal: Personal) -> None:
    """Look through one body of ours."""
    if FULL in told:
        if f"{told['school']} {told['subscription']}" not in personal.full:
            raise LeakedError(f"full words that nobody chose for {told['subscription']}")
        told = {name: value for name, value in told.items() if name != FULL}
    text = orjson.dumps(told)
    for name, value in told.items():
        if name not in MEMBERS or not re.fullmatch(MEMBERS[name], str(value)):
            raise LeakedError(f"a member {name!r} that no thin body has in {text!r}")
    _require(text, _found(text, personal, pupils=personal.pupils))


def _object(body: bytes) -> Json | None:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None


def _require(text: bytes, found: set[str]) -> None:
    if found:
        raise LeakedError(f"{sorted(found)} in {text[:LONGEST]!r}")


def _found(body: bytes, personal: Personal, *, pupils: frozenset[str] = frozenset()) -> set[str]:
    text = body.decode("utf-8", "replace")
    folded, tokens = text.casefold(), set(TOKEN.findall(text))
    said = {phrase for phrase in personal.phrases if phrase in folded and re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", folded)}
    return said | (tokens & personal.codes) | {pupil for pupil in pupils if pupil in folded}


_NAMES: Final = """
select unnest(array[surname, forename, upn, date_of_birth::text]) from pupil where erased_by is null
union select unnest(array[name, email, phone, address]) from contact
union select name from staff
"""
_CHOSEN: Final = """
select distinct d.urn || ' ' || (e.body::jsonb ->> 'subscription') from entry e join directory d on d.school_id = e.school_id
 where e.type = 'subscription.words_chosen' and e.body::jsonb ->> 'words' = 'full' and e.author_kind = 'staff'
"""


async def personal_words(url: str) -> Personal:
    """Read every personal word that stands in a database."""
    connection = await asyncpg.connect(url)
    try:
        names = [row[0] for row in await connection.fetch(_NAMES)]
        bodies = [row[0] for row in await connection.fetch("select distinct body::text from entry where body is not null")]
        pupils = [str(row[0]) for row in await connection.fetch("select id from pupil")]
        full = [row[0] for row in await connection.fetch(_CHOSEN)]
    finally:
        await connection.close()
    said = {text for body in bodies for text in _strings(orjson.loads(body)) if not _is_neutral(text)}
    phrases = {*(name for name in names if name), *(text for text in said if " " in text or "@" in text)}
    parts = {part for name in names if name for part in name.split() if len(part) > 2}
    return Personal(
        phrases=frozenset(phrase.casefold() for phrase in phrases | parts),
        codes=frozenset(text for text in said if TOKEN.fullmatch(text) and text not in PUBLIC and not text.isdecimal()),
        pupils=frozenset(pupils),
        full=frozenset(full),
    )


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        inner: Iterable[object] = value.values() if isinstance(value, dict) else value
        for each in inner:
            yield from _strings(each)


def _is_neutral(text: str) -> bool:
    """Ids, days and digests are no words; a date of birth is looked for as such."""
    return bool(re.fullmatch(rf"{UUID_SHAPE}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T.*)?|[0-9a-f]{{64}}", text))
