"""docs/profiles.md tells each profile that comes along with its source and age, and marks what is local."""

from pathlib import Path

import pytest

from app.documents.reference.profiles_page import LOOKED_AT, WRITTEN_AS, profiles_page
from app.domain.profile import Looks, Profile
from app.domain.profiles import SHIPPED

PAGE = Path(__file__).parents[2] / "docs" / "profiles.md"


def section(profile: Profile) -> str:
    return profiles_page().partition(f"## `{profile.name}`")[2].partition("\n## ")[0]


def test_the_page_is_the_one_that_the_profiles_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == profiles_page(), "run `make docs`"


def test_the_page_is_written_without_a_look_at_the_clock() -> None:
    assert profiles_page() == profiles_page()
    assert max(profile.source.read_on for profile in SHIPPED.values()).isoformat() in profiles_page()


@pytest.mark.parametrize("profile", SHIPPED.values(), ids=lambda profile: profile.id)
def test_each_profile_tells_its_source_its_age_and_what_is_not_certain(profile: Profile) -> None:
    told = section(profile)
    assert all(said in told for said in (profile.title, profile.source.title, profile.source.written, str(profile.source.read_on)))
    assert all(sentence in told for sentence in profile.source.unconfirmed)
    assert "old by then" in told or "its day unknown" in told


@pytest.mark.parametrize("profile", SHIPPED.values(), ids=lambda profile: profile.id)
def test_each_expectation_has_a_line_that_says_whether_it_is_local(profile: Profile) -> None:
    lines = [line for line in section(profile).splitlines() if line.startswith("| `")]
    assert len(lines) == len(profile.expectations)
    for line, expectation in zip(lines, profile.expectations, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert (cells[0], cells[1], cells[5]) == (f"`{expectation.id}`", expectation.asks, expectation.mender)
        assert cells[6] == ("**local**" if expectation.is_local else "national")


def test_everything_that_can_be_looked_at_is_told() -> None:
    assert set(LOOKED_AT) == set(Looks)
    assert all(f"| {sentence} |" in profiles_page() for sentence in LOOKED_AT.values())


def test_whatever_the_record_can_hold_is_told_with_the_kinds_of_entry_that_write_it_down() -> None:
    assert set(Looks) - set(WRITTEN_AS) == {Looks.NOT_HELD_HERE}
    for looks, entries in WRITTEN_AS.items():
        line = next(line for line in profiles_page().splitlines() if line.startswith(f"| {looks.value.replace('_', ' ')} |"))
        assert f"| {', '.join(f'`{entry.type}`' for entry in entries)} |" in line
