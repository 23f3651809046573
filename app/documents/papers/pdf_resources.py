"""Leaves a page of a PDF with what its own content draws, where pages share what they draw with."""

from collections.abc import Iterator
from typing import Final

import pikepdf

CALLED_BY_NAME: Final = ("/Font", "/XObject", "/Properties", "/Pattern", "/Shading", "/ExtGState", "/ColorSpace")
"""The kinds of things that content calls by a name of its own choice."""
ADRIFT: Final = ("/Metadata", "/PieceInfo", "/StructParent", "/StructParents", "/LastModified", "/OPI")
"""What a thing that is drawn carries along and does not draw."""
LAYERS: Final = ("/OCG", "/OCMD")
Holder = pikepdf.Dictionary | pikepdf.Stream


def draw_only_what_is_used(page: pikepdf.Object) -> None:
    """Take away from a page, and from all that it draws, what is there and never drawn. Raises the errors of the library."""
    seen: set[tuple[int, int]] = set()
    waiting: list[object] = [page]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, pikepdf.Array):
            waiting.extend(thing)
        elif isinstance(thing, Holder) and not (thing.is_indirect and thing.objgen in seen):
            seen.add(thing.objgen)
            for name in ADRIFT:
                if name in thing:
                    del thing[name]
            if "/Resources" in thing:
                held = thing["/Resources"]
                thing["/Resources"] = _used_by(thing, held) if isinstance(held, pikepdf.Dictionary) else pikepdf.Dictionary()
            waiting.extend(value for name, value in thing.items() if name != "/Parent")


def draws_layers(page: pikepdf.Object) -> bool:
    """Whether something on a page, or in what it draws, is in a layer that may be hidden. Raises the errors of the library."""
    seen: set[tuple[int, int]] = set()
    waiting: list[object] = [page]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, pikepdf.Array):
            waiting.extend(thing)
        elif isinstance(thing, Holder) and not (thing.is_indirect and thing.objgen in seen):
            seen.add(thing.objgen)
            if "/OC" in thing or thing.get("/Type") in LAYERS:
                return True
            waiting.extend(value for name, value in thing.items() if name != "/Parent")
    return False


def _used_by(drawing: pikepdf.Object, resources: pikepdf.Object) -> pikepdf.Dictionary:
    """Give of the resources those that the content of a page, a form, a pattern or a drawn font names."""
    names = _all_names(drawing, resources)
    kept = pikepdf.Dictionary()
    for kind in CALLED_BY_NAME:
        found = resources.get(kind)
        if isinstance(found, pikepdf.Dictionary):
            kept[kind] = pikepdf.Dictionary({name: thing for name, thing in found.items() if name in names})
    return kept


def _all_names(drawing: pikepdf.Object, resources: pikepdf.Object) -> frozenset[str]:
    """The names in a content, and in forms within it that have no resources of their own and so draw with the same."""
    forms = resources.get("/XObject", pikepdf.Dictionary())
    names: set[str] = set()
    waiting = [*_contents(drawing)]
    while waiting:
        fresh = set(_names_in(waiting.pop())) - names
        names |= fresh
        called = (forms[name] for name in fresh if name in forms)
        waiting.extend(form for form in called if form.get("/Subtype") == "/Form" and "/Resources" not in form)
    return frozenset(names)


def _contents(drawing: pikepdf.Object) -> Iterator[pikepdf.Object | pikepdf.Page]:
    if isinstance(drawing, pikepdf.Stream):
        yield drawing
    elif "/CharProcs" in drawing:
        yield from (letter for _, letter in drawing["/CharProcs"].items())
    else:
        yield pikepdf.Page(drawing)


def _names_in(content: pikepdf.Object | pikepdf.Page) -> Iterator[str]:
    """Give every name among the operands, whatever it stands for."""
    for instruction in pikepdf.parse_content_stream(content):
        yield from (str(operand) for operand in instruction.operands if isinstance(operand, pikepdf.Name))
