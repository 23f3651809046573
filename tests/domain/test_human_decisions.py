"""No status of a pupil comes from anything but a person: not from a program, an authority's client, a parent's form or a threshold."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.domain.author import Author, AuthorKind
from app.domain.codes import StaffRole
from app.domain.entries import KINDS, Entry, StatusImported
from app.domain.periods import status_given_by
from app.domain.roles import role_refusal
from app.domain.writers import WRITERS
from tests.domain.builders import CLERK, SENCO, a_record, enrolled
from tests.planting import planted

A_DAY = date(2025, 11, 3)
OTHERS = sorted(set(AuthorKind) - {AuthorKind.STAFF, AuthorKind.IMPORT})


def giving_a_status() -> list[type[Entry]]:
    """Every kind of entry that says what a pupil's status is."""
    return [kind for kind in KINDS.values() if kind in WRITERS and status_given_by(planted(kind, UUID(int=1))) is not None]


def test_there_are_kinds_that_give_a_status():
    assert {kind.type for kind in giving_a_status()} >= {"sen.decided", "transition.decided", "status.imported", "support.ended"}


@pytest.mark.parametrize("kind", giving_a_status(), ids=lambda kind: kind.type)
def test_only_people_on_the_staff_give_a_status_and_a_file_only_what_was_decided_elsewhere(kind):
    """UK GDPR articles 22A and 22B: the decision is a human being's, whatever a program proposes."""
    writers, entry = WRITERS[kind], replace(planted(kind, SENCO), occurred_on=A_DAY)
    assert writers.others <= ({AuthorKind.IMPORT} if kind is StatusImported else frozenset())
    for author in OTHERS:
        assert role_refusal(a_record(enrolled()), entry, Author(kind=author, id=CLERK)) is not None
    is_let_in = role_refusal(a_record(enrolled()), entry, Author(kind=AuthorKind.STAFF, id=SENCO)) is None
    assert is_let_in is (StaffRole.SENCO in writers.roles)
