"""Shaped by the guidance of several authorities that ask for reviewed cycles and a costed map; a shape, and nobody's present terms."""

from datetime import date
from typing import Final

from app.domain.profile import Expectation, Looks, Mender, Papers, Profile, Source

CYCLES_AND_COSTS: Final = Profile(
    id="cycles-and-costs",
    version=1,
    title="Two reviewed cycles, a costed provision map, attendance and recent advice",
    since=date(2014, 9, 1),
    source=Source(
        title="Public guidance of several authorities on requests and on funding",
        written="2014 to 2018, mostly undated copies",
        written_on=None,
        read_on=date(2026, 11, 22),
        unconfirmed=("Of types and sizes of papers this guidance says nothing; 10 MB is what portals are said to take.",),
    ),
    expectations=(
        Expectation(
            id="two-reviewed-cycles",
            asks="At least two cycles of assess, plan, do and review, each reviewed",
            looks=Looks.REVIEWED_CYCLES,
            least=2,
            mender=Mender.TEACHER,
        ),
        Expectation(
            id="provision-map",
            asks="The pupil's place on the provision map of this school year",
            looks=Looks.PROVISION_MAP,
            mender=Mender.SENCO,
        ),
        Expectation(
            id="first-6000-pounds",
            asks="What the provision costs in a year, beside the first 6,000 pounds",
            looks=Looks.COST,
            least=600_000,
            mender=Mender.SENCO,
        ),
        Expectation(
            id="attendance-of-a-year",
            asks="Attendance over the last twelve months: sessions possible and attended",
            looks=Looks.ATTENDANCE,
            months=12,
            mender=Mender.OFFICE,
        ),
        Expectation(
            id="attainment-over-time",
            asks="Attainment over time: at least three measurements of one kind within two years",
            looks=Looks.ATTAINMENT,
            least=3,
            months=24,
            mender=Mender.TEACHER,
        ),
        Expectation(
            id="advice-within-a-year",
            asks="Advice of a specialist from outside, not older than twelve months",
            looks=Looks.RECENT_ADVICE,
            months=12,
            mender=Mender.SPECIALIST,
        ),
        Expectation(id="parents-view", asks="The parents' view in their own words", looks=Looks.PARENTS_VIEW, mender=Mender.PARENT),
        Expectation(id="pupils-view", asks="The pupil's own view", looks=Looks.PUPILS_VIEW, mender=Mender.PUPIL),
        Expectation(
            id="signatures",
            asks="Signatures of the parents and of the head or SENCO on the authority's own form",
            looks=Looks.NOT_HELD_HERE,
            mender=Mender.OFFICE,
        ),
    ),
    papers=Papers(types=("pdf", "docx"), largest_file=10_000_000),
)
