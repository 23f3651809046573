"""Weighs what the pages of a PDF draw: a few bytes that draw each other over and over are more than any reader has room for."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pikepdf

MOST_OF_A_PAGE: Final = 12 << 20
"""So many bytes of content a page draws at most, what it draws several times counted so often; readers take some fifty times as much."""
_DRAWN: Final = re.compile(rb"/([^\s/<>\[\](){}%]*)\s+Do(?![^\s/<>\[\](){}%])")
_DRAWS: Final = re.compile(rb"Do(?![^\s/<>\[\](){}%])")
_PLAIN: Final = re.compile(rb"[!-~]+")
_UNDER_WAY: Final = 0
"""What draws itself is stopped by readers, and weighs nothing the second time."""
_Key = tuple[object, ...]


def draws_too_much(document: pikepdf.Pdf) -> bool:
    """Whether a page draws more than a reader could hold. Raises the errors of the library."""
    weighing = _Weighing()
    return any(weighing.page(page) > MOST_OF_A_PAGE for page in document.pages)


class _Weighing:
    """Weighs each stream once, however often it is drawn."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], tuple[int, Counter[str], int]] = {}
        self._weights: dict[_Key, int] = {}

    def page(self, page: pikepdf.Page) -> int:
        """Give the weight of a page with the notes that lie on it."""
        key = ("page", page.obj.objgen)
        streams = list(_streams_in(page.obj.get("/Contents")))
        weight = sum(self._content(stream, page.resources, key) for stream in streams) + self._beside(page.resources, key)
        return weight + sum(self._form(look, page.resources, key) for note in page.obj.get("/Annots", ()) for look in _looks_of(note))

    def _form(self, form: pikepdf.Object, inherited: pikepdf.Object, whose: _Key) -> int:
        """A form without resources of its own draws with those of whoever draws it, which are `whose`."""
        own = form.get("/Resources")
        key: _Key = (form.objgen,) if isinstance(own, pikepdf.Dictionary) else (form.objgen, whose)
        if key not in self._weights:
            self._weights[key] = _UNDER_WAY
            if isinstance(own, pikepdf.Dictionary):
                self._weights[key] = self._content(form, own, key) + self._beside(own, key)
            else:
                self._weights[key] = self._content(form, inherited, whose)
        return self._weights[key]

    def _content(self, stream: pikepdf.Object, resources: pikepdf.Object, whose: _Key) -> int:
        size, drawn, unnamed = self._scanned(stream)
        held = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        forms = {name[1:]: self._form(form, resources, whose) for name, form in _forms_in(held)}
        return size + sum(times * forms.get(name, 0) for name, times in drawn.items()) + unnamed * max(forms.values(), default=0)

    def _scanned(self, stream: pikepdf.Object) -> tuple[int, Counter[str], int]:
        """Give the size of a content, how often it draws what by name, and how often it draws what we cannot make out."""
        if stream.objgen not in self._seen:
            content = stream.read_bytes()
            drawn = Counter(name.decode() for name in _DRAWN.findall(content) if _PLAIN.fullmatch(name) and b"#" not in name)
            self._seen[stream.objgen] = len(content), drawn, len(_DRAWS.findall(content)) - drawn.total()
        return self._seen[stream.objgen]

    def _beside(self, resources: pikepdf.Object, whose: _Key) -> int:
        """What is drawn by other ways than by name as a form: patterns, masks and letters that are drawings, each once."""
        if not isinstance(resources, pikepdf.Dictionary):
            return 0
        return sum(self._form(stream, resources, whose) for stream in _streams_beside(resources))


def _streams_in(contents: object) -> Iterator[pikepdf.Object]:
    for one in contents if isinstance(contents, pikepdf.Array) else (contents,):
        if isinstance(one, pikepdf.Stream):
            yield one


def _forms_in(held: object) -> Iterator[tuple[str, pikepdf.Object]]:
    for name, thing in held.items() if isinstance(held, pikepdf.Dictionary) else ():
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") != "/Image":
            yield name, thing


def _looks_of(note: object) -> Iterator[pikepdf.Object]:
    """What a note may look like, in each of its states."""
    looks = note.get("/AP") if isinstance(note, pikepdf.Dictionary) else None
    for look in _values_of(looks):
        states = (look,) if isinstance(look, pikepdf.Stream) else _values_of(look)
        yield from (state for state in states if isinstance(state, pikepdf.Stream))


def _streams_beside(resources: pikepdf.Object) -> Iterator[pikepdf.Object]:
    for pattern in _values_of(resources.get("/Pattern")):
        if isinstance(pattern, pikepdf.Stream):
            yield pattern
    for state in _values_of(resources.get("/ExtGState")):
        mask = state.get("/SMask") if isinstance(state, pikepdf.Dictionary) else None
        group = mask.get("/G") if isinstance(mask, pikepdf.Dictionary) else None
        if isinstance(group, pikepdf.Stream):
            yield group
    for font in _values_of(resources.get("/Font")):
        letters = font.get("/CharProcs") if isinstance(font, pikepdf.Dictionary) else None
        yield from (letter for letter in _values_of(letters) if isinstance(letter, pikepdf.Stream))


def _values_of(held: object) -> Iterator[object]:
    if isinstance(held, pikepdf.Dictionary):
        yield from (thing for _, thing in held.items())
