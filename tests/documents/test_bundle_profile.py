"""The published profile says of every part of a bundle what is true of it: its labels, its manifests and its one file more."""

import json
from importlib.resources import files

from app.documents.bundle.bag_names import BAG_PROFILE, FORMAT, SIGNATURE
from tests.documents.builders import parts_of, the_bundle
from tests.documents.contributed import frozen_with_papers
from tests.documents.test_bag_parts import about, files_of

PROFILE = json.loads(files("app.documents").joinpath("bundle-profile.json").read_text())


def parts() -> list[bytes]:
    return [the_bundle(), *parts_of(frozen_with_papers(bytes(200_000), b"x" * 200_000), 400_000)[0]]


def test_every_label_is_named_and_every_named_label_is_there() -> None:
    for part in parts():
        told = about(files_of(part)[1])
        assert list(told) == list(PROFILE["Bag-Info"])
        for label, demand in PROFILE["Bag-Info"].items():
            assert told[label] in demand.get("values", [told[label]])


def test_the_profile_is_the_one_that_the_bag_names() -> None:
    info = PROFILE["BagIt-Profile-Info"]
    assert (info["BagIt-Profile-Identifier"], info["Version"]) == (BAG_PROFILE, FORMAT)


def test_there_are_no_tag_files_but_those_it_allows() -> None:
    algorithms = {*PROFILE["Manifests-Required"], *PROFILE["Tag-Manifests-Required"]}
    always = {"bagit.txt", "bag-info.txt", *(f"{kind}manifest-{one}.txt" for one in algorithms for kind in ("", "tag"))}
    for part in parts():
        tags = {name for name in files_of(part)[1] if not name.startswith("data/")}
        assert tags == always | set(PROFILE["Tag-Files-Required"]) == always | {SIGNATURE}
