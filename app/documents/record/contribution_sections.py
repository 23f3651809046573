"""The part of a record about what people contributed: who was asked, what they said in words, which papers they gave, and who would not."""

from collections.abc import Iterator, Sequence

from app.documents.drawing.outline import NOTHING, Facts, Part, Section, Words, facts, table
from app.documents.record.entry_parts import part
from app.documents.record.labels import UNNAMED, Names, counted, day, label
from app.domain.entries import (
    ContributionAsked,
    ContributionDeclined,
    ContributionGiven,
    Contributor,
    ContributorKind,
    PaperNamed,
    PaperRedacted,
    Recorded,
    SpecialistInvolved,
)
from app.domain.papers import redactions_of
from app.domain.papers_going_out import redactions_in_turn
from app.domain.record import Record


def contributions_section(record: Record, names: Names) -> Section:
    """Everything asked of people and given by them, in order of its days; of what was given again, the words that count."""
    parts = tuple(_parts(record, names))
    return Section("contributions", "What people contributed", parts or (Words(NOTHING),))


def contributor_name(contributor: Contributor, record: Record, names: Names) -> str:
    """Who contributes, as it is printed; a specialist is named by profession."""
    if contributor.kind is ContributorKind.PUPIL:
        return names.pupil_name
    if contributor.kind is not ContributorKind.SPECIALIST:
        return names.of(contributor.person)
    standing = None if contributor.involvement is None else record.standing_for(contributor.involvement)
    involved = None if standing is None else standing.entry
    return label(involved.profession) if isinstance(involved, SpecialistInvolved) else UNNAMED


def _parts(record: Record, names: Names) -> Iterator[Part]:
    last = {given.contribution: recorded.number for recorded, given in record.each(ContributionGiven)}
    for recorded in record.entries:
        match recorded.entry:
            case ContributionAsked() as asked:
                yield part(f"Asked for on {day(asked.occurred_on)}", recorded, _asked(asked, record, names))
            case ContributionGiven() as given:
                yield _given(recorded, given, last[given.contribution], record, names)
            case ContributionDeclined() as declined:
                shown = facts(what=_what(declined, record), reason=declined.reason or "None given, and none is needed")
                yield part(f"Declined on {day(declined.occurred_on)}", recorded, shown)


def _asked(asked: ContributionAsked, record: Record, names: Names) -> Facts:
    who = contributor_name(asked.contributor, record, names)
    return facts(what=label(asked.kind), asked_of=who, asked_for=asked.asks, by_the_end_of=day(asked.due))


def _given(recorded: Recorded, given: ContributionGiven, last: int, record: Record, names: Names) -> Part:
    dated = None if given.dated_on is None else day(given.dated_on)
    about = facts(what=label(given.kind), contributed_by=contributor_name(given.contributor, record, names), dated=dated)
    heading = f"Contributed on {day(given.occurred_on)}"
    if recorded.number != last:
        return part(heading, recorded, about, Words(f"It was given again later, in entry {last}, which counts."))
    papers = [_paper(paper, redactions_in_turn(paper, redactions_of(record))) for paper in given.papers]
    said = (Words(given.words),) if given.words else ()
    listed = (table("Papers", ("Title", "Length", "Blacked out", "SHA-256"), papers),) if papers else ()
    return part(heading, recorded, about, *said, *listed)


def _paper(named: PaperNamed, blacked_out: Sequence[tuple[int, PaperRedacted]]) -> tuple[str, ...]:
    """A row about a paper as it goes out: where it was blacked out in part, the paper that this made and not the first."""
    shown = blacked_out[-1][1].redacted if blacked_out else named
    pages = "-" if shown.pages is None else counted(shown.pages, "page", "pages")
    where = [f"page {', '.join(map(str, one.pages))} on {day(one.occurred_on)} (entry {number})" for number, one in blacked_out]
    return (shown.title, pages, "; ".join(where) or "No", shown.sha256)


def _what(declined: ContributionDeclined, record: Record) -> str:
    asked = next((entry for _, entry in record.each(ContributionAsked) if entry.contribution == declined.contribution), None)
    return "A contribution" if asked is None else label(asked.kind)
