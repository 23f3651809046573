"""Shaped by one borough's form of September 2018, which asks much about who is involved and about care; a shape, not its present form."""

from datetime import date
from typing import Final

from app.domain.profile import Expectation, Looks, Mender, Papers, Profile, Source

BOROUGH_FORM_2018: Final = Profile(
    id="borough-form-2018",
    version=1,
    title="A form that asks for reports within eighteen months, care and numbers",
    since=date(2018, 9, 1),
    source=Source(
        title="A borough's request form, from a public copy",
        written="September 2018",
        written_on=date(2018, 9, 1),
        read_on=date(2026, 11, 22),
        unconfirmed=(
            "That it asks for the views of parents and child is taken from other forms; what is told of this copy does not name them.",
            "Of types and sizes of papers this copy says nothing; 10 MB is what portals are said to take.",
        ),
    ),
    expectations=(
        Expectation(
            id="reports-within-eighteen-months",
            asks="Reports of professionals, with name and last involvement, not older than eighteen months",
            looks=Looks.RECENT_ADVICE,
            months=18,
            mender=Mender.SPECIALIST,
        ),
        Expectation(
            id="care-and-its-legal-basis",
            asks="Whether the child is looked after, and on what legal basis",
            looks=Looks.CARE,
            mender=Mender.OFFICE,
        ),
        Expectation(
            id="nhs-number-and-other-names",
            asks="NHS number, previous schools, first language and whether an interpreter is needed, on the form itself",
            looks=Looks.NOT_HELD_HERE,
            mender=Mender.OFFICE,
        ),
        Expectation(id="parents-view", asks="The parents' view", looks=Looks.PARENTS_VIEW, mender=Mender.PARENT),
        Expectation(id="pupils-view", asks="The child's view", looks=Looks.PUPILS_VIEW, mender=Mender.PUPIL),
    ),
    papers=Papers(types=("pdf", "docx", "doc"), largest_file=10_000_000),
)
