"""Takes the files of a form into the store as they come, before anybody knows what they are, and takes out again what is not kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.api.manners.faults import Fault
from app.api.manners.multipart import Part, PartHead
from app.api.manners.problems import invalid
from app.api.shown.paper_limits import MOST_FILE_BYTES, MOST_FILES
from app.db.blobs import Blobs, Putting
from app.db.kept_files import Kept
from app.documents.papers.inspection import PaperFault, PaperKind

FILES: Final = "files"
TITLE: Final = "title"
UNTITLED: Final = "Paper"
LONGEST_TITLE: Final = 200
LONGEST_SHOWN_NAME: Final = 200
MOST_TITLE_BYTES: Final = 1_000
ENDINGS: Final = MappingProxyType({**{kind.value: kind for kind in PaperKind}, "jpeg": PaperKind.JPEG})
"""Names that end so say what the file is; other endings say nothing that is believed."""


class _GivenUpError(Exception):
    """The file is not put after all."""


class HandedFile:
    """A file of a form: `kept` once it is in the store whole, or `fault` where it is not even put."""

    def __init__(self, head: PartHead, putting: Callable[[], AbstractContextManager[Putting]]) -> None:
        self.name = shown_name(head.file_name or "")
        self.said = head.media_type
        self.kept: Kept | None = None
        self.fault: PaperFault | None = None
        self._putting = putting
        self._opened: tuple[AbstractContextManager[Putting], Putting] | None = None
        self._size = 0

    @property
    def ending(self) -> PaperKind | None:
        """What the end of its name says that it is, None where it says nothing."""
        return ENDINGS.get(PurePosixPath(self.name).suffix.removeprefix(".").lower())

    def write(self, chunk: bytes, /) -> None:
        """Put the next bytes; from the first one too many on nothing is put."""
        self._size += len(chunk)
        if self._size > MOST_FILE_BYTES:
            self.fault = PaperFault.TOO_LARGE
            self.give_up()
            return
        if self._opened is None:
            context = self._putting()
            self._opened = (context, context.__enter__())
        self._opened[1].write(chunk)

    def end(self) -> None:
        """Have the file whole in the store."""
        if self._opened is not None:
            (context, putting), self._opened = self._opened, None
            context.__exit__(None, None, None)
            self.kept = putting.kept
        elif self.fault is None:
            self.fault = PaperFault.EMPTY

    def give_up(self) -> None:
        """Leave nothing of a file that is half put."""
        if self._opened is not None:
            (context, _), self._opened = self._opened, None
            with suppress(_GivenUpError):
                context.__exit__(_GivenUpError, _GivenUpError(), None)


class _Title:
    """A title, which a person will read."""

    def __init__(self, titles: list[str]) -> None:
        self._titles = titles
        self._said = bytearray()

    def write(self, chunk: bytes, /) -> None:
        """Take the next bytes."""
        self._said += chunk
        if len(self._said) > MOST_TITLE_BYTES:
            raise _unfit_title(len(self._titles))

    def end(self) -> None:
        """Clean it, and see that it is one line."""
        title = self._said.decode("utf-8", errors="replace").strip()
        if not title or len(title) > LONGEST_TITLE or not title.isprintable():
            raise _unfit_title(len(self._titles))
        self._titles.append(title)


class Tray:
    """Takes the parts of one form: files, and titles for them in the same order."""

    def __init__(self, blobs: Blobs, school_id: UUID, new_id: Callable[[], UUID]) -> None:
        self._blobs = blobs
        self._school_id = school_id
        self._new_id = new_id
        self._titles: list[str] = []
        self.files: list[HandedFile] = []

    def begin(self, head: PartHead) -> Part:
        """Take a part; raises ApiError with 422 for one that is neither, and for one too many."""
        if head.field == TITLE and head.file_name is None:
            if len(self._titles) == MOST_FILES:
                raise _too_many(TITLE)
            return _Title(self._titles)
        if head.field != FILES:
            raise invalid([Fault("", "unknown_part", f"The parts of this form are called {FILES} and {TITLE}.")])
        if len(self.files) == MOST_FILES:
            raise _too_many(FILES)
        self.files.append(HandedFile(head, lambda: self._blobs.putting(self._school_id, self._new_id())))
        return self.files[-1]

    def titles(self) -> list[str]:
        """Give each file its title: its own, the one that there is for all, or none worth mentioning. Raises ApiError with 422."""
        count = len(self.files)
        if not count:
            raise invalid([Fault(f"/{FILES}", "missing", "At least one file is required.")])
        if len(self._titles) in (0, 1):
            return (self._titles or [UNTITLED]) * count
        if len(self._titles) != count:
            raise invalid([Fault(f"/{TITLE}", "titles_do_not_fit", "Give one title for all files, or one for each in the same order.")])
        return self._titles

    def take_out(self, standing: frozenset[UUID]) -> None:
        """Remove what was put and is not among the files that stand; blocks, so run it in a thread."""
        for file in self.files:
            file.give_up()
        self._blobs.remove([file.kept.name for file in self.files if file.kept is not None and file.kept.id not in standing])


def shown_name(said: str) -> str:
    """Clean the name that a client gave a file, to be shown to that client and to nobody else."""
    last = said.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:LONGEST_SHOWN_NAME]


def _unfit_title(place: int) -> Exception:
    return invalid([Fault(f"/{TITLE}/{place}", "unfit_title", f"A title is one line of 1 to {LONGEST_TITLE} characters in UTF-8.")])


def _too_many(field: str) -> Exception:
    return invalid([Fault(f"/{field}", "too_long", f"This must have at most {MOST_FILES} items.")])
