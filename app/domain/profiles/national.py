"""What every authority should look at when it decides whether an assessment may be needed (SEND Code of Practice 2015, 9.14)."""

from datetime import date
from typing import Final

from app.domain.profile import Expectation, Looks, Mender, Papers, Profile, Source

NATIONAL: Final = Profile(
    id="national",
    version=1,
    title="The evidence that the Code of Practice names for every authority",
    since=date(2014, 9, 1),
    source=Source(
        title="SEND Code of Practice 2015, paragraph 9.14, as two services' pages tell it",
        written="January 2015",
        written_on=date(2015, 1, 29),
        read_on=date(2026, 11, 22),
        is_secondary=True,
    ),
    expectations=(
        Expectation(
            id="attainment-and-rate-of-progress",
            asks="Attainment and how fast it moved: at least two measurements of one kind",
            looks=Looks.ATTAINMENT,
            least=2,
            mender=Mender.TEACHER,
            is_local=False,
        ),
        Expectation(
            id="nature-extent-and-context",
            asks="What the special educational needs are, how great, and where they show",
            looks=Looks.NEEDS,
            mender=Mender.SENCO,
            is_local=False,
        ),
        Expectation(
            id="action-already-taken",
            asks="What the school did already to meet the needs: at least one agreed plan",
            looks=Looks.ACTION_TAKEN,
            mender=Mender.SENCO,
            is_local=False,
        ),
        Expectation(
            id="progress-only-with-much-help",
            asks="What that help achieved, as a review of it says",
            looks=Looks.PROGRESS_AFTER_HELP,
            mender=Mender.TEACHER,
            is_local=False,
        ),
        Expectation(
            id="physical-emotional-and-social-development",
            asks="Development beside attainment, from professionals or from the school's own checks",
            looks=Looks.WIDER_DEVELOPMENT,
            mender=Mender.TEACHER,
            is_local=False,
        ),
        Expectation(
            id="health-needs",
            asks="What is known of health needs, where there are any",
            looks=Looks.HEALTH,
            mender=Mender.PARENT,
            is_local=False,
        ),
        Expectation(
            id="more-time-in-education",
            asks="From 18 on: what a review or the preparation of the next phase says of the time in education that is still needed",
            looks=Looks.MORE_TIME,
            mender=Mender.SENCO,
            is_local=False,
        ),
    ),
    papers=Papers(types=("pdf", "docx", "jpg", "png", "txt")),
    is_national=True,
)
