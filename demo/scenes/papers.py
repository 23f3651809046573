"""The last request: everybody contributes, a page is blacked out, and a bundle of more than twenty documents is checked by strangers."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import bagit
import pikepdf

from app.documents.bundle.verify import Verdict, verify_files
from app.keys.jwks import read_public_jwks
from demo.authority import verify
from demo.client import Json, require, until
from demo.made_papers import drawing, report, scanned
from demo.narrator import expect, expect_that, say, scene
from demo.scenes.evidence import PUSHED_TO, Authorities
from demo.scenes.specialist import SLOW
from demo.school import School, cited

CAP: Final = 900_000
TRIED_FLIPS: Final = 60
OTHER: Final = "Chidi"
LEAST_DOCUMENTS: Final = 20
PROFILE: Final = "invented-portal"


def evidence_of_many_papers(school: School, both: Authorities) -> None:
    """Ask, gather, look how ready it is, submit, and check what arrives."""
    scene(f"A portal with a limit on files, and all that belongs to {SLOW}")
    _profile_is_loaded(both)
    before = _readiness(school)
    asked = _everybody_is_asked(school)
    papers = _papers_are_handed_in(school)
    _everybody_gives(school, asked, papers)
    _what_changed(before, _readiness(school))
    request = _request_is_made(school)
    _another_child_is_named(school, request, papers["report"][0])
    parts = _parts_arrive(school, both, request)
    _strangers_check(both, parts)


def _profile_is_loaded(both: Authorities) -> None:
    profile = {
        "id": PROFILE,
        "title": "What the portal of an invented authority takes",
        "since": "2015-01-01",
        "authority": PUSHED_TO,
        "source": {"title": "The portal's own page", "written": "January 2015", "read_on": "2015-09-01"},
        "expectations": [
            {"id": "pupils-view", "asks": "The pupil's own view", "looks": "pupils_view", "mender": "pupil"},
            {"id": "advice", "asks": "Advice within a year", "looks": "recent_advice", "months": 12, "mender": "specialist"},
            {"id": "signed-form", "asks": "The portal's own form, signed", "looks": "not_held_here", "mender": "office"},
        ],
        "papers": {"types": ["pdf", "png", "txt"], "largest_file": CAP},
    }
    nonsense = {**profile, "until": "2014-01-01", "expectations": [profile["expectations"][0]] * 2}  # type: ignore[index]
    refused = both.pushed.post("/v1/authority-profiles", nonsense, status=422)
    expect_that("a profile that contradicts itself is refused at each place", len(refused["errors"]) > 1)
    both.pushed.post("/v1/authority-profiles", profile)
    say(f"Authority {PUSHED_TO} loads what its portal takes: no file above {CAP:,} bytes. A profile that contradicted itself was refused.")


def _readiness(school: School) -> dict[str, str]:
    found = school.client.get(school.path(f"/pupils/{school.pupils[SLOW].id}/readiness"), profile=PROFILE)
    return {item["expectation"]["id"]: item["readiness"] for item in found["items"]}


def _everybody_is_asked(school: School) -> dict[str, str]:
    due = (school.today + timedelta(days=14)).isoformat()
    mother = next(iter(school.pupils[SLOW].contacts.values()))
    involved = next(entry for entry in school.record(SLOW)["entries"] if entry["type"] == "specialist.involved")
    wanted: dict[str, tuple[str, Json]] = {
        "teacher": ("teachers_report", {"kind": "staff", "person": school.people["teacher 1"]}),
        "parent": ("parents_view", {"kind": "contact", "person": mother}),
        "pupil": ("pupils_view", {"kind": "pupil"}),
        "specialist": ("specialists_report", {"kind": "specialist", "involvement": involved["number"]}),
        "office": ("local_form", {"kind": "staff", "person": school.people["office"]}),
        "senco": ("sencos_summary", {"kind": "staff", "person": school.people["senco"]}),
    }
    asked = {}
    for who, (what, contributor) in wanted.items():
        facts = {"what": what, "contributor": contributor, "asks": "What should the authority know?", "due": due}
        asked[who] = school.step(SLOW, "contributions", **facts)["references"]["contribution"]
    say(f"{len(asked)} people are asked to contribute by {due}: teacher, parent, pupil, specialist, office and SENCO.")
    return asked


def _papers_are_handed_in(school: School) -> dict[str, list[str]]:
    named = report("Speech and language report", f"In the group {SLOW} worked beside {_whole_name(school, OTHER)}.", pages=2)
    files = {
        "report": [("report.pdf", named)],
        "drawing": [("my-day.png", drawing())],
        "note": [("note.txt", b"I like the quiet room. I do not like the bell.\n")],
        "form": [("form.pdf", report("The portal's form", "Signed by head and parent."))],
        "work": [
            (f"work-{n:02d}.pdf", scanned(n) if n % 2 else report(f"Work sample {n}", "Words read, words kept.")) for n in range(1, 17)
        ],
    }
    kept = {name: _handed_in(school, some, refused=0) for name, some in files.items()}
    liar = [("letter.pdf", b"PK\x03\x04 this is an archive and no letter"), ("list.txt", b"A list of words.\n")]
    rest = _handed_in(school, liar, refused=1)
    expect("what was kept beside the file that lied", len(rest), 1)
    say(f"{sum(map(len, kept.values()))} papers are handed in. A file that called itself a PDF is refused by name, the rest kept.")
    return kept


def _whole_name(school: School, forename: str) -> str:
    found = school.client.get(school.path(f"/pupils/{school.pupils[forename].id}"))
    return f"{found['forename']} {found['surname']}"


def _handed_in(school: School, files: Sequence[tuple[str, bytes]], *, refused: int) -> list[str]:
    path = school.path(f"/pupils/{school.pupils[SLOW].id}/papers")
    answer = require(school.client.http.post(path, files=[("files", (name, content)) for name, content in files]), 201).json()
    expect("files refused", len(answer["refused"]), refused)
    return [paper["id"] for paper in answer["kept"]]


def _everybody_gives(school: School, asked: dict[str, str], papers: dict[str, list[str]]) -> None:
    mother = next(iter(school.pupils[SLOW].contacts.values()))
    given: dict[str, dict[str, Any]] = {
        "teacher": {"words": "She reads ten words of the first hundred.", "papers": papers["work"]},
        "parent": {"words": "At home she signs, and laughs.", "author": {"kind": "contact", "id": mother}},
        "pupil": {"papers": [*papers["drawing"], *papers["note"]]},
        "specialist": {"papers": papers["report"]},
        "office": {"papers": papers["form"]},
    }
    for who, facts in given.items():
        school.step(SLOW, f"contributions/{asked[who]}/given", **facts)
    school.step(SLOW, f"contributions/{asked['senco']}/declined", reason="The record says it all.")
    states = {c["id"]: c["state"] for c in school.client.every(school.path(f"/pupils/{school.pupils[SLOW].id}/contributions"))}
    expect("where the contributions stand", [states[asked[who]] for who in asked], ["given"] * 5 + ["declined"])
    say("Five give: words, a drawing and a note of the pupil's own, reports, samples of work. One declines, and needs no more reason.")


def _what_changed(before: dict[str, str], after: dict[str, str]) -> None:
    expect("the form before and after", (before["signed-form"], after["signed-form"]), ("missing", "met"))
    expect("what is still missing", [name for name, how in after.items() if how == "missing"], [])
    say(f"Readiness against the portal: {_told(before)} before; {_told(after)} now. A gap would have barred nothing.")


def _told(readiness: dict[str, str]) -> str:
    return ", ".join(f"{name} {how.replace('_', ' ')}" for name, how in readiness.items())


def _request_is_made(school: School) -> str:
    asked = school.step(
        SLOW, "ehc-requests", requester="school", authority=PUSHED_TO, reason="Three cycles and a specialist were not enough."
    )
    return str(asked["references"]["request"])


def _another_child_is_named(school: School, request: str, paper: str) -> None:
    route, second = f"ehc-requests/{request}/submissions", {"id": school.people["head"]}
    wishes: Json = {"confirmed_by": second, "profile": PROFILE, "lawful_basis": "legal_obligation"}
    refused = school.step(SLOW, route, status=409, **wishes)
    (finding,) = (f for f in refused["findings"] if f["rule"] == "review-exemptions-before-release")
    expect("where another child is named", finding["used"]["papers"], paper)
    expect_that("the answer itself names nobody", _whole_name(school, OTHER) not in json.dumps(refused))
    say(
        "The submission is refused: a paper names another pupil of the school. The answer says in which, and not whom.",
        law=finding["citations"][0],
    )
    boxes = [{"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}]
    redacted = {"pages": [{"page": page, "boxes": boxes} for page in (1, 2)], "reason": "Names another child."}
    school.step(SLOW, f"papers/{paper}/redactions", **redacted)
    taken = school.step(SLOW, route, **wishes)
    say(
        "The pages are blacked out, drawn anew as pictures, and the submission goes through.",
        law=cited(taken, "record-why-evidence-is-shared"),
    )


def _parts_arrive(school: School, both: Authorities, request: str) -> list[bytes]:
    place = f"/v1/local-authorities/{PUSHED_TO}/requests/{request}"

    def made() -> Json | None:
        found = both.pushed.http.get(place)
        bundle: Json | None = found.json()["bundle"] if found.status_code == 200 else None
        return bundle

    bundle = until("the bundle is made", made)
    wanted = {part["digest"] for part in bundle["parts"]}
    expect_that("it came in parts", len(wanted) > 1)

    def arrived() -> list[bytes] | None:
        seen = require(school.client.http.get(f"{both.endpoint}/seen"), 200).json()["bundles"]
        files = [Path(one["file"]).read_bytes() for one in seen if one["headers"]["graduated-request"] == request]
        return files if len(files) == len(wanted) else None

    parts = until("every part arrives", arrived)
    expect_that("no part is above the limit", max(map(len, parts)) <= CAP)
    say(f"Authority {PUSHED_TO} is sent {len(parts)} parts, {sum(map(len, parts)):,} bytes, none above its limit.")
    return parts


def _strangers_check(both: Authorities, parts: Sequence[bytes]) -> None:
    folder = both.stage.folder / "strangers"
    folder.mkdir()
    told = _accepted_by_bagit(folder, parts)
    documents = len(told["papers"]) + _bound_in(folder)
    expect_that(f"{documents} documents are at least {LEAST_DOCUMENTS}", documents >= LEAST_DOCUMENTS)
    files = [folder / f"{number}.zip" for number, _ in enumerate(parts)]
    for file, part in zip(files, parts, strict=True):
        file.write_bytes(part)
    keys = folder / "keys.json"
    keys.write_bytes(require(both.pushed.http.get("/.well-known/bundle-keys.json"), 200).content)
    checked = verify(files, keys)
    expect(f"the verifier: {checked.stdout[-300:]}", checked.returncode, 0)
    _one_byte_breaks(parts, keys)
    say(f"{documents} documents: {len(told['papers'])} papers with cover pages, and the record's own, bound in one PDF with contents.")
    say(f'The bagit package accepts every part; offline, our verifier says: "{checked.stdout.strip().splitlines()[-1]}"')
    say(f"Of {TRIED_FLIPS} copies, each with one bit flipped somewhere, it accepts none.")


def _accepted_by_bagit(folder: Path, parts: Sequence[bytes]) -> Json:
    told: Json = {}
    for part in parts:
        with zipfile.ZipFile(io.BytesIO(part)) as archive:
            archive.extractall(folder)
            top = folder / archive.namelist()[0].partition("/")[0]
        expect_that("the bagit package accepts a part", bagit.Bag(str(top)).validate(processes=1))
        told = json.loads((top / "data" / "set.json").read_text())
    return told


def _bound_in(folder: Path) -> int:
    """How many documents of our own the core PDF binds, by its bookmarks of the first level."""
    (core,) = folder.glob("*/data/record.pdf")
    with pikepdf.open(core) as document, document.open_outline() as outline:
        return len(outline.root)


def _one_byte_breaks(parts: Sequence[bytes], keys: Path) -> None:
    known, random = read_public_jwks(keys.read_bytes()), Random(999)
    for _ in range(TRIED_FLIPS):
        place = random.randrange(len(parts))
        spoilt = bytearray(parts[place])
        spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
        verdict: Verdict = verify_files([io.BytesIO(bytes(spoilt) if n == place else part) for n, part in enumerate(parts)], known)
        expect("whether a spoilt copy is accepted", verdict.ok, False)
