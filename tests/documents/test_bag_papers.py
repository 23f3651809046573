"""Papers go out as they were handed in, each behind its cover page; what was blacked out or left out goes out in no form."""

import json
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO

import pytest
from lxml import html
from pypdf import PdfReader

from app.documents.bundle.bag import prepare, write_part
from app.documents.bundle.bag_files import PaperAlteredError
from app.documents.bundle.bag_names import RECORD_HTML, RECORD_PDF, SET
from app.documents.bundle.frozen import FrozenRecord, NotLeftOutError
from app.documents.bundle.zip_form import ZipFormError
from app.domain.entries import ContributionKind, Entry, LeftOut, MeetingHeld
from app.domain.profiles.national import NATIONAL
from app.domain.profiles.tribunal import TRIBUNAL
from tests.documents.builders import a_bundle, a_freeze, parts_of, signed
from tests.documents.contributed import DAY, blacked_out, frozen_with, frozen_with_papers, given, named
from tests.documents.papers import a_pdf
from tests.documents.test_bag_parts import files_of
from tests.domain.builders import MOTHER, SAID, TEACHER, a_concern, a_plan

FIRST, SECOND = a_pdf(pages=3), a_pdf(pages=16)
REASON = "It tells of another child."


def unpacked(frozen: FrozenRecord, cap: int | None = None) -> dict[str, bytes]:
    parts, _ = parts_of(frozen, cap)
    return {name: content for part in parts for name, content in files_of(part)[1].items()}


def told(files: dict[str, bytes]) -> dict[str, object]:
    return json.loads(files[SET])


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def everything_said(files: dict[str, bytes]) -> str:
    """All bytes of a bundle as text, and the text that can be extracted from its PDFs."""
    raw = " ".join(content.decode("latin-1") for content in files.values())
    return raw + " ".join(text_of(content) for name, content in files.items() if name.endswith(".pdf"))


def test_papers_are_inside_as_they_were_handed_in_and_the_set_tells_of_each() -> None:
    note = b"Milo likes maps."
    first = given(named(1, FIRST, "What we think", pages=3), words="He loves maps.")
    second = given(named(2, note, media_type="text/plain; charset=utf-8", pages=None), kind=ContributionKind.PUPILS_VIEW)
    files = unpacked(frozen_with([FIRST, note], first, second))
    assert files["data/papers/001-parents-view.pdf"] == FIRST
    assert files["data/papers/002-pupils-view.txt"] == note
    one, other = told(files)["papers"]  # type: ignore[misc]
    assert one == {
        "file": "data/papers/001-parents-view.pdf",
        "cover": "data/papers/001-cover.pdf",
        "entry": 20,
        "kind": "parents_view",
        "title": "What we think",
        "given_on": "2026-02-20",
        "contributor": "Mona Madeupson",
        "media_type": "application/pdf",
        "sha256": sha256(FIRST).hexdigest(),
        "size": len(FIRST),
        "pages": 3,
        "redacted": False,
    }
    assert (other["pages"], other["entry"]) == (None, 21)
    for paper in (one, other):
        body = json.loads(files[f"data/entries/{paper['entry']:06d}.json"])["body"]
        assert [each["sha256"] for each in body["papers"]] == [paper["sha256"]]
    assert "He loves maps." in text_of(files[RECORD_PDF])


def test_a_cover_page_says_what_follows_and_is_tagged_named_and_in_english() -> None:
    frozen = frozen_with([FIRST], given(named(1, FIRST, "What we think", pages=3)))
    cover = unpacked(frozen)["data/papers/001-cover.pdf"]
    reader, text = PdfReader(BytesIO(cover)), text_of(cover)
    assert len(reader.pages) == 1
    assert reader.root_object["/MarkInfo"]["/Marked"].value is True
    assert str(reader.root_object["/Lang"]).lower() == "en-gb"
    assert reader.metadata is not None
    assert reader.metadata.title == "Paper 1 of 1: The parents' view"
    for said in ("What we think", "Mona Madeupson", "20 February 2026", "Pages: 3", sha256(FIRST).hexdigest(), "P-0042"):
        assert said in text
    assert f"Pupil reference P-0042, record digest {frozen.digest.hex()}" in text


def test_the_record_ends_with_the_list_of_papers_and_the_part_and_file_of_each() -> None:
    frozen = frozen_with_papers(*(bytes([n]) * 150_000 for n in range(1, 5)))
    files = unpacked(frozen, 550_000)
    lies_in = {one["name"]: part["number"] for part in told(files)["parts"] for one in part["files"]}  # type: ignore[attr-defined]
    names = [f"{n:03d}-parents-view.pdf" for n in range(1, 5)]
    lies = [str(lies_in[f"data/papers/{name}"]) for name in names]
    assert len(set(lies)) == 2
    table = list(html.document_fromstring(files[RECORD_HTML]).iter("table"))[-1]
    rows = [[cell.text_content() for cell in row] for row in table.iter("tr")][1:]
    assert [(row[-2], row[-1]) for row in rows] == list(zip(lies, names, strict=True))
    listed = text_of(files[RECORD_PDF]).rpartition("Papers in the order they were given")[2].replace("\u200b", "").replace(" ", "")
    assert all(f"{part}{name}" in listed for part, name in zip(lies, names, strict=True))


def test_the_core_is_one_pdf_of_documents_with_bookmarks_contents_and_numbered_pages() -> None:
    files = unpacked(frozen_with([FIRST], given(named(1, FIRST), words="He loves maps.")))
    reader = PdfReader(BytesIO(files[RECORD_PDF]))
    assert reader.root_object["/MarkInfo"]["/Marked"].value is True
    assert str(reader.root_object["/Lang"]).lower() == "en-gb"
    assert reader.metadata is not None
    assert reader.metadata.title == "Evidence for Milo Madeupson"
    tops = [one.title for one in reader.outline if not isinstance(one, list)]
    assert tops[0] == "SEN Support record of Milo Madeupson"
    assert [title.partition(" ")[0] for title in tops[1:]] == ["Plan", "Review", "Meeting", "Our", "Provision", "Contributions", "Papers"]
    for number, page in enumerate(reader.pages, start=1):
        text = " ".join(page.extract_text().split())
        assert f"Page {number} of {len(reader.pages)}" in text
        assert f"Pupil reference P-0042, record digest {frozen_digest(files)}" in text
    assert [one for one in reader.pages[0]["/Annots"] if one.get_object()["/Subtype"] == "/Link"]


def frozen_digest(files: dict[str, bytes]) -> str:
    return str(told(files)["record_digest"])


def test_a_paper_that_was_blacked_out_goes_in_the_place_of_the_first_of_which_nothing_is_inside() -> None:
    original, redacted = b"%PDF-1.7 Names Oscar Othername, who hit him.", a_pdf(pages=2)
    before, after = named(1, original), named(2, redacted, pages=2)
    files = unpacked(frozen_with([original, redacted], given(before), blacked_out(before, after)))
    assert files["data/papers/001-parents-view.pdf"] == redacted
    assert [(one["redacted"], one["entry"]) for one in told(files)["papers"]] == [(True, 21)]  # type: ignore[attr-defined]
    assert not [content for content in files.values() if original in content or b"Othername" in content]
    assert "Othername" not in everything_said(files)
    assert "blacked out by the school" in text_of(files["data/papers/001-cover.pdf"])


def test_a_paper_is_held_back_when_what_it_was_blacked_out_by_is_left_out() -> None:
    original, redacted = b"%PDF-1.7 Names Oscar Othername.", a_pdf()
    before, after = named(1, original), named(2, redacted)
    files = unpacked(
        frozen_with([original, redacted], given(before), blacked_out(before, after), left_out=[LeftOut(number=21, reason=REASON)])
    )
    assert told(files)["papers"] == []
    assert "Othername" not in everything_said(files)


@pytest.mark.parametrize(
    "entry",
    [
        replace(a_concern(date(2026, 1, 5)), words="Quarrels with Oscar Othername."),
        replace(a_plan(date(2026, 1, 20), date(2026, 3, 27)), cycle=2, adjustments="Away from Oscar Othername."),
        given(named(1, FIRST), words="Oscar Othername bullies him."),
        MeetingHeld(
            occurred_on=DAY, attended_by=(MOTHER,), led_by=TEACHER, senco_present=True, minutes=40, pupils_view=SAID, agreed="Othername."
        ),
    ],
)
def test_what_is_left_out_stands_nowhere_and_the_record_says_why(entry: Entry) -> None:
    shown = frozen_with([FIRST], entry)
    frozen = frozen_with([FIRST], entry, left_out=[LeftOut(number=20, reason=REASON)])
    assert frozen.digest == shown.digest
    assert "Othername" in everything_said(unpacked(shown))
    files = unpacked(frozen)
    assert "Othername" not in everything_said(files)
    left = json.loads(files["data/entries/000020.json"])
    assert (left["salt"], left["body"]) == (None, None)
    assert left["header"] == json.loads(unpacked(shown)["data/entries/000020.json"])["header"]
    assert told(files)["left_out"] == [{"number": 20, "reason": REASON}]
    assert f"was left out of this evidence: {REASON}" in text_of(files[RECORD_PDF])


def test_a_page_stands_in_the_place_of_a_document_that_is_left_out() -> None:
    files = unpacked(frozen_with([], left_out=[LeftOut(number=11, reason=REASON)]))
    tops = [one.title for one in PdfReader(BytesIO(files[RECORD_PDF])).outline if not isinstance(one, list)]
    assert tops[1] == "Plan of 20 January 2015"
    assert f"Left out of this evidence {REASON}" in text_of(files[RECORD_PDF]).replace("Pupil reference", "\n").partition("Plan of 20")[2]


def test_a_freeze_that_still_holds_what_is_to_be_left_out_is_none() -> None:
    with pytest.raises(NotLeftOutError, match="entry 4"):
        a_freeze(left_out=(LeftOut(number=4, reason=REASON),))


def test_pages_beyond_the_profiles_limits_are_told_and_nothing_is_refused() -> None:
    long, short = named(1, FIRST, pages=3), named(2, SECOND, pages=16)
    entries = (given(long), given(short, kind=ContributionKind.SPECIALISTS_REPORT))
    files = unpacked(frozen_with([FIRST, SECOND], *entries, profile=TRIBUNAL))
    pages = len(PdfReader(BytesIO(files[RECORD_PDF])).pages)
    assert told(files)["limits"] == [
        {"limit": "record", "file": None, "pages": pages, "most": 100},
        {"limit": "papers", "file": None, "pages": 19, "most": 75},
        {"limit": "specialists_report", "file": "data/papers/002-specialists-report.pdf", "pages": 16, "most": 15},
    ]
    text = text_of(files[RECORD_PDF])
    assert f"This record: {pages} pages of at most 100, within the limit." in text
    assert "data/papers/002-specialists-report.pdf: 16 pages of at most 15, more than the limit." in text
    assert json.loads(files["data/profile.json"])["papers"]["most_record_pages"] == 100
    assert told(unpacked(frozen_with([], profile=NATIONAL)))["limits"] == []


def test_a_paper_whose_bytes_are_not_those_of_its_entry_makes_no_bundle() -> None:
    frozen = frozen_with_papers(FIRST)
    altered = replace(frozen.papers[0], chunks=lambda: (FIRST[:-1] + b"!",))
    with pytest.raises(PaperAlteredError):
        prepare(replace(frozen, papers=(altered,)))
    longer = replace(frozen.papers[0], size=len(FIRST) + 1)
    with pytest.raises(PaperAlteredError):
        prepare(replace(frozen, papers=(longer,)))


def test_a_paper_that_changes_while_it_is_written_makes_no_bundle() -> None:
    contents: Iterator[bytes] = iter([FIRST, FIRST[:-1] + b"!"])

    def chunks() -> Iterable[bytes]:
        return (next(contents),)

    frozen = frozen_with_papers(FIRST)
    bundle = prepare(replace(frozen, papers=(replace(frozen.papers[0], chunks=chunks),)))
    with pytest.raises(ZipFormError, match="not the one that was named"):
        write_part(bundle, bundle.parts[0], signed, BytesIO())


def test_memory_does_not_grow_with_what_papers_hold() -> None:
    """The same ten papers with ten times the bytes: all are read in pieces, so what is held stays the same."""
    assert abs(_peak_of(pieces=400) - _peak_of(pieces=40)) < 500_000


def _peak_of(pieces: int) -> int:
    piece = bytes(64 << 10)
    digest = sha256()
    for _ in range(pieces):
        digest.update(piece)
    frozen = frozen_with_papers(*(bytes([number]) for number in range(10)))
    large = tuple(
        replace(paper, sha256=digest.digest(), size=pieces * len(piece), chunks=lambda: (piece for _ in range(pieces)))
        for paper in frozen.papers
    )
    wide = replace(frozen, papers=large)

    class Nowhere:
        size = 0

        def write(self, chunk: bytes, /) -> None:
            self.size += len(chunk)

    prepare(frozen)
    tracemalloc.start()
    sink = Nowhere()
    bundle = prepare(wide)
    write_part(bundle, bundle.parts[0], signed, sink)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sink.size > 10 * pieces * len(piece)
    return peak


def test_a_bundle_without_papers_says_so() -> None:
    archive, _ = a_bundle()
    files = files_of(archive)[1]
    assert told(files)["papers"] == []
    assert "Papers Papers with this record Nothing recorded." in text_of(files[RECORD_PDF])
