"""docs/profiles.md: the profiles that come along, with each expectation, the source and its age, and how others are loaded."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from app.domain.contributed import MEETS
from app.domain.entries import (
    AssessmentMade,
    AttendanceSummarised,
    CareDescribed,
    Entry,
    HealthcarePlanLinked,
    NeedsSet,
    PhaseMovePlanned,
    PlanAgreed,
    ProgressChecked,
    ProvisionMapped,
    ReviewHeld,
    SessionDelivered,
    SpecialistAdvised,
)
from app.domain.profile import AGED, COUNTED, LONGEST_ID, MOST_MONTHS, PAPER_TYPES, SMALLEST_CAP, Expectation, Looks, Papers, Profile
from app.domain.profiles import SHIPPED

LOOKED_AT: Final[Mapping[Looks, str]] = MappingProxyType(
    {
        Looks.ATTAINMENT: "the measure with the most measurements of attainment; two of different kinds show no rate",
        Looks.WIDER_DEVELOPMENT: "checks of anything but attainment, and advice of specialists",
        Looks.NEEDS: "a type of need, and an assessment that analyses it",
        Looks.ACTION_TAKEN: "a plan that was agreed",
        Looks.REVIEWED_CYCLES: "cycles that were planned and reviewed",
        Looks.PROGRESS_AFTER_HELP: "a review that rates its outcomes, and sessions that took place before it",
        Looks.PARENTS_VIEW: "what the parents said in an assessment or a review",
        Looks.PUPILS_VIEW: "what the pupil said in an assessment or a review",
        Looks.RECENT_ADVICE: "advice of a specialist; older advice is a part",
        Looks.PROVISION_MAP: "the pupil's place on the map of this school year; an older one is a part",
        Looks.COST: "what the provision costs in a year; met on either side of the sum, which is a threshold and no entitlement",
        Looks.HEALTH: "a healthcare plan; does not apply where the school knows of no medical condition",
        Looks.CARE: "whether the child is looked after, whatever the answer",
        Looks.ATTENDANCE: "summaries that reach back so far, or to the day the pupil came; a shorter stretch is a part",
        Looks.MORE_TIME: "from the eighteenth birthday on, a review that rates its outcomes, or how the next phase is prepared",
        Looks.NOT_HELD_HERE: "nothing: signatures, wordings and numbers that stand on a form of the authority's own",
    }
)
WRITTEN_AS: Final[Mapping[Looks, tuple[type[Entry], ...]]] = MappingProxyType(
    {
        Looks.ATTAINMENT: (ProgressChecked,),
        Looks.WIDER_DEVELOPMENT: (ProgressChecked, SpecialistAdvised),
        Looks.NEEDS: (NeedsSet, AssessmentMade),
        Looks.ACTION_TAKEN: (PlanAgreed,),
        Looks.REVIEWED_CYCLES: (PlanAgreed, ReviewHeld),
        Looks.PROGRESS_AFTER_HELP: (ReviewHeld, SessionDelivered),
        Looks.PARENTS_VIEW: (AssessmentMade, ReviewHeld),
        Looks.PUPILS_VIEW: (AssessmentMade, ReviewHeld),
        Looks.RECENT_ADVICE: (SpecialistAdvised,),
        Looks.PROVISION_MAP: (ProvisionMapped,),
        Looks.COST: (ProvisionMapped,),
        Looks.HEALTH: (HealthcarePlanLinked,),
        Looks.CARE: (CareDescribed,),
        Looks.ATTENDANCE: (AttendanceSummarised,),
        Looks.MORE_TIME: (ReviewHeld, PhaseMovePlanned),
    }
)
INTRODUCTION: Final = """# Authority profiles

Generated from `app/domain/profiles` by `make docs`; do not edit it by hand.

A profile says what an authority, or a tribunal, expects beside a request for an EHC needs assessment. It is data: dated, in versions
that never change, with its source and the source's age. An expectation is **local**, an authority's own wish and no law, unless its
profile holds for the whole country. None is a condition: a request is taken whatever is missing (`docs/ehc-requests.md`), and readiness
says who can bring what is missing, and by when. A limit of pages or bytes bars nothing either; a bundle is split under the largest file.

`GET /v1/schools/{urn}/pupils/{id}/readiness?profile=` takes an id, which means its newest version in force, or `id/version`. Without a
name it is the newest that the authority itself loaded, and the national one where it loaded none.
"""
LOADING: Final = f"""
## Loading another

`POST /v1/authority-profiles`, with the scope `profiles:write`, which an organisation's client holds for itself and no school grants. An id
belongs to whoever loads it first; each loading is the next version, and the same content again is the version that is there. Only an
authority's own client can say that a profile is this authority's. Sandbox and live organisations never meet. What comes along cannot be
replaced. Anybody may read: `GET /v1/authority-profiles`, `/{{id}}` and `/{{id}}/versions/{{n}}`, with `sandbox=true` for that side.

A profile that contradicts itself is refused, with a JSON pointer and a sentence for each place, all at once. Among what cannot be meant:

- ids that repeat, or are not of small letters, digits and hyphens, at most {LONGEST_ID};
- an end before the beginning; a source read before it was written, or on a day that is still to come;
- a number where nothing is counted, or none where something is; an age of more than {MOST_MONTHS} months, or where nothing ages;
- an expectation that is not marked local;
- types of paper other than {", ".join(f"`{end}`" for end in PAPER_TYPES)}; a largest file below {SMALLEST_CAP:,} bytes; text that can be
  searched asked of pictures; one paper with more pages than all may have together.
"""
WHAT_COUNTS: Final = """What people contribute meets an expectation as what the record holds does. A contribution that was asked for and
not given yet is a part of it, and late once its day has passed. A report is as old as the day that it bears, where
that was told, else as its giving. A paper counts as what it was handed in as: nobody here reads it.
Each kind of entry leads to its operation at `/docs/start`, and `GET .../next-steps` says which of them can be written now.
"""
HEAD: Final = "| Expectation | Asks for | Looks at | At least | Not older than | Who can bring it | Kind |"


def profiles_page() -> str:
    """Write the page; the same for the same profiles."""
    return "\n".join([INTRODUCTION, *(line for profile in SHIPPED.values() for line in _section(profile)), *_looks(), LOADING])


def _section(profile: Profile) -> Iterator[str]:
    source = profile.source
    yield f"## `{profile.name}`: {profile.title}\n"
    yield f"- In force from {profile.since}{f' to {profile.until}' if profile.until else ''}; {_reach(profile)}."
    yield f"- Source: {source.title}{', told by others and not read itself' if source.is_secondary else ''}."
    yield f"- Age of the source: written {source.written}; read here on {source.read_on}{_age(profile)}."
    yield from (f"- Not certain: {sentence}" for sentence in source.unconfirmed)
    yield from (f"- {line}." for line in _papers(profile.papers))
    yield f"\n{HEAD}\n|" + "---|" * (HEAD.count("|") - 1)
    yield from (_line(expectation) for expectation in profile.expectations)
    yield ""


def _reach(profile: Profile) -> str:
    return "for the whole country" if profile.is_national else "a shape of local practice, and nobody's present terms"


def _age(profile: Profile) -> str:
    """Whole years, for a page must not change with the day on which it is written."""
    written, read = profile.source.written_on, profile.source.read_on
    if written is None:
        return ", its day unknown"
    years = read.year - written.year - ((read.month, read.day) < (written.month, written.day))
    return f", {years} {'year' if years == 1 else 'years'} old by then"


def _papers(papers: Papers) -> Iterator[str]:
    yield f"Papers: {', '.join(f'`{end}`' for end in papers.types)}"
    if papers.largest_file is not None:
        yield f"Largest file: {papers.largest_file:,} bytes"
    if papers.most_record_pages is not None:
        yield f"Pages of the document made from the record: at most {papers.most_record_pages}"
    if papers.most_pages is not None:
        yield f"Pages of all papers together: at most {papers.most_pages}"
    yield from (f"Pages of each {limit.kind.value.replace('_', ' ')}: at most {limit.each}" for limit in papers.limits)
    if papers.qualities:
        yield f"The document made from the record is {', '.join(papers.qualities)}"


def _line(expectation: Expectation) -> str:
    e = expectation
    least = "" if e.least is None else f"{e.least // 100:,} pounds" if e.looks is Looks.COST else str(e.least)
    months = "" if e.months is None else f"{e.months} months"
    kind = "**local**" if e.is_local else "national"
    return f"| `{e.id}` | {e.asks} | {e.looks.value.replace('_', ' ')} | {least} | {months} | {e.mender} | {kind} |"


def _looks() -> Iterator[str]:
    yield "## What is looked at\n"
    yield WHAT_COUNTS
    yield "| Looks at | In the record | Written down as | Or a contribution | Takes |\n|---|---|---|---|---|"
    for looks, sentence in LOOKED_AT.items():
        entries = ", ".join(f"`{entry.type}`" for entry in WRITTEN_AS.get(looks, ()))
        kinds = " or ".join(kind.value.replace("_", " ") for kind in MEETS.get(looks, ()))
        takes = [*(("a number",) if looks in COUNTED else ()), *(("an age",) if looks in AGED else ())]
        yield f"| {looks.value.replace('_', ' ')} | {sentence} | {entries} | {kinds} | {' and '.join(takes)} |"
