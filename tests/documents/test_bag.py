"""A bundle is the same bytes from the same freeze, and holds what an authority needs."""

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO

import pytest

from app.db.chain import entry_digest
from app.documents.bundle import zip_form
from app.documents.bundle.bag import prepare, write_part
from app.documents.bundle.bag_names import BUNDLE_TYP, SIGNATURE
from app.documents.bundle.frozen import ChainGapError, ForeignEntryError, FrozenEntry
from app.documents.bundle.zip_form import Member, ZipFormError
from app.keys.jws import sign_detached
from tests.documents.builders import FROZEN_AT, REQUEST, UPN, a_bundle, a_freeze, bundle_key, the_bundle
from tests.documents.tampering import FOLDER, unpack
from tests.domain.builders import OTHER_PUPIL, a_concern, a_record


def test_the_same_freeze_gives_the_same_bytes() -> None:
    assert a_bundle(a_freeze())[0] == the_bundle()


def test_another_entry_gives_other_bytes_and_another_record_digest() -> None:
    more = a_freeze(a_concern(date(2026, 3, 1)))
    assert more.digest != a_freeze().digest
    assert a_bundle(more)[0] != the_bundle()


def test_the_documents_of_a_bundle_claim_both_standards() -> None:
    _, bundle = a_bundle()
    assert bundle.parts[0].count == 1
    assert bundle.pdf_claims == ("PDF/UA-1", "PDF/A-2a")


def test_only_the_signature_differs_when_the_tag_manifest_is_signed_again() -> None:
    bundle, sink = prepare(a_freeze()), BytesIO()
    write_part(bundle, bundle.parts[0], lambda content: sign_detached(content, bundle_key(), typ=BUNDLE_TYP, at=FROZEN_AT), sink)
    first, second = unpack(the_bundle()), unpack(sink.getvalue())
    assert [name for name in first if first[name] != second[name]] == [SIGNATURE]


def test_the_record_digest_is_worked_out_as_published() -> None:
    frozen = a_freeze()
    published = sha256(b"graduated/record/1\n" + b"".join(entry_digest(one.header) for one in frozen.entries) + frozen.head.link)
    assert frozen.digest == published.digest()


def test_the_bag_tells_what_it_is_and_when_without_a_clock() -> None:
    about = dict(line.split(": ", 1) for line in unpack(the_bundle())["bag-info.txt"].decode().splitlines())
    assert about["External-Identifier"] == str(REQUEST)
    assert about["Bagging-Date"] == "2026-03-02"
    assert about["Record-Digest"] == a_freeze().digest.hex()
    assert about["Source-Organization"] == "Invented Primary School"
    assert about["Renderer"].startswith("graduated-documents ")


def test_a_school_name_cannot_add_a_line_to_the_bags_description() -> None:
    frozen = a_freeze()
    named = replace(frozen, school=replace(frozen.school, name="Odd\nRecord-Digest: 00"))
    assert b"Source-Organization: Odd Record-Digest: 00\n" in unpack(a_bundle(named)[0])["bag-info.txt"]


def test_the_authority_gets_its_own_field_names_and_the_upn_there_alone() -> None:
    files = unpack(the_bundle())
    told = json.loads(files["data/authority.json"])
    known = {"surname": "Madeupson", "forename": "Milo", "personbirthdate": "2013-11-20", "sex": "F", "upn": UPN}
    assert {name: value for name, value in told["person"].items() if value is not None} == known
    assert told["person"].keys() - known.keys() == {"ethnicity", "postcode", "uniquelearnernumber", "upnunknown"}
    assert [(need["sentype"], need["sentyperank"]) for need in told["sen_need"]] == [("SLCN", 1), ("SPLD", 2)]
    assert told["requests"] == {"receiveddate": None, "requestsource": "parent"}
    assert [name for name, content in files.items() if UPN.encode() in content] == ["data/authority.json"]


def test_another_childs_entry_cannot_be_frozen_in() -> None:
    frozen = a_freeze()
    foreign = FrozenEntry(number=19, header=b'{"pupil":"00000000-0000-0000-0000-000000000102"}', salt=bytes(32), body=b"{}")
    with pytest.raises(ForeignEntryError, match="entry 19"):
        replace(frozen, entries=(*frozen.entries, foreign))


def test_an_entry_after_the_freeze_cannot_be_frozen_in() -> None:
    frozen = a_freeze()
    with pytest.raises(ForeignEntryError, match="entry 18"):
        replace(frozen, record=frozen.record.known_at(17), frozen_at=17)


def test_a_record_folded_past_the_freeze_cannot_be_frozen() -> None:
    frozen = a_freeze()
    with pytest.raises(ForeignEntryError, match="past the freeze"):
        replace(frozen, entries=frozen.entries[:3], frozen_at=3)


def test_a_record_of_another_pupil_cannot_be_frozen() -> None:
    with pytest.raises(ForeignEntryError, match="another pupil"):
        a_freeze(record=a_record(pupil=OTHER_PUPIL))


def test_digests_with_a_gap_cannot_be_frozen() -> None:
    digests = a_freeze().digests
    with pytest.raises(ChainGapError, match="from 1 to 19"):
        a_freeze(digests=(*digests[:4], *digests[5:]))


def test_no_other_childs_words_or_ids_are_in_a_bundle() -> None:
    assert b"00000000-0000-0000-0000-000000000102" not in the_bundle()


def test_twenty_megabytes_are_written_without_being_held() -> None:
    """Each file is read in chunks, so memory stays far below the size of the archive."""
    chunk = bytes(64 * 1024)

    def chunks() -> Iterator[bytes]:
        return iter([chunk] * 32)

    class Counter:
        size = 0

        def write(self, part: bytes, /) -> None:
            self.size += len(part)

    sink = Counter()
    tracemalloc.start()
    size = zip_form.write(sink, (Member(f"{FOLDER}/{n}", 32 * len(chunk), chunks) for n in range(10)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == sink.size > 20_000_000
    assert peak < 2_000_000


def test_a_file_that_is_not_as_long_as_it_was_said_is_refused() -> None:
    with pytest.raises(ZipFormError, match="its size is not the one that was named"):
        zip_form.write(BytesIO(), [Member("a", 3, lambda: (b"four",))])


def test_an_archive_past_four_gigabytes_is_refused() -> None:
    def endless() -> Iterator[bytes]:
        return iter(())

    with pytest.raises(ZipFormError):
        zip_form.write(BytesIO(), [Member("a", 1 << 32, endless)])
