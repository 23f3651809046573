"""How long papers may be before the First-tier Tribunal (SEND): its Practice Direction No. 1 of 2025, as those tell it who act there.

The Direction itself was not at hand. What stands here is told alike by at least two of the firms and advisers named in the source; where
the number of pages hangs on what is appealed against, it is the one for a refusal to assess, which is the lowest.
"""

from datetime import date
from typing import Final

from app.domain.entries.contributions import ContributionKind
from app.domain.profile import Expectation, Looks, Mender, PageLimit, Papers, Profile, Quality, Source

TRIBUNAL: Final = Profile(
    id="tribunal",
    version=1,
    title="What the First-tier Tribunal (SEND) lets a bundle hold, for hearings listed after 15 July 2025",
    since=date(2025, 7, 16),
    source=Source(
        title="Practice Direction No. 1 of 2025 on bundles in SEND appeals, as Birkett Long, Enable Law, Education Law Advice, "
        "Russell-Cooke and Independent SEND EHCP tell it",
        written="April 2025; told of in April and May 2025",
        written_on=date(2025, 4, 22),
        read_on=date(2026, 11, 22),
        is_secondary=True,
        unconfirmed=(
            "That the bundle is a PDF whose text can be searched is told by one adviser alone, and there with the words 'where possible'; "
            "a firm tells that the Direction covers bundles on paper too.",
            "An index with bookmarks is told by the same adviser alone; numbered pages by no source at hand in so many words.",
            "The 75 pages are for each party of an appeal against a refusal to assess; other appeals allow 75 or 100, claims of disability "
            "discrimination 200.",
            "The limit for a witness statement is applied here to what the school's own staff write, which is our reading.",
            "The EHC plan with its appendices (150 pages) and the working document (25) are the authority's to make and not counted.",
            "A report's summary has at most 2 pages, its type 12 points, its paragraphs numbers: told by several, not checked here.",
            "An adviser names it as what holds in 2026; whether its words were changed since they were told of is not known here.",
        ),
    ),
    expectations=(
        Expectation(
            id="experts-reports-within-three-years",
            asks="A report of an expert that is not older than three years, but for exceptional circumstances",
            looks=Looks.RECENT_ADVICE,
            months=36,
            mender=Mender.SPECIALIST,
            is_local=False,
        ),
    ),
    papers=Papers(
        types=("pdf",),
        most_pages=75,
        most_record_pages=100,
        limits=(
            PageLimit(kind=ContributionKind.SPECIALISTS_REPORT, each=15),
            PageLimit(kind=ContributionKind.TEACHERS_REPORT, each=10),
            PageLimit(kind=ContributionKind.SENCOS_SUMMARY, each=10),
        ),
        qualities=(Quality.SEARCHABLE, Quality.PAGINATED, Quality.INDEXED),
    ),
    is_national=True,
)
