"""Which papers of a record go out with its evidence: those of contributions that stand, blacked out where they were, each once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.entries import ContributionGiven, ContributionKind, Contributor, PaperNamed, PaperRedacted
from app.domain.papers import redactions_of
from app.domain.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperGoingOut:
    """A paper that goes out; `entry` is the number of the entry that names these very bytes, and `kind` what it contributes to."""

    paper: PaperNamed
    entry: int
    kind: ContributionKind
    contributor: Contributor
    given_on: date
    is_redacted: bool


def papers_going_out(record: Record) -> tuple[PaperGoingOut, ...]:
    """List the papers in the order in which they were contributed; of one given again under its id the last giving counts."""
    given = {entry.contribution: (recorded.number, entry) for recorded, entry in record.each(ContributionGiven)}
    redacted = redactions_of(record)
    seen: set[UUID] = set()
    found: list[PaperGoingOut] = []
    for number, entry in sorted(given.values(), key=lambda one: (one[1].occurred_on, one[0])):
        for going in _papers_of(number, entry, redacted):
            if going.paper.id not in seen:
                seen.add(going.paper.id)
                found.append(going)
    return tuple(found)


def _papers_of(number: int, given: ContributionGiven, redacted: Mapping[UUID, tuple[int, PaperRedacted]]) -> Iterator[PaperGoingOut]:
    for named in given.papers:
        blacked_out = redactions_in_turn(named, redacted)
        yield PaperGoingOut(
            paper=blacked_out[-1][1].redacted if blacked_out else named,
            entry=blacked_out[-1][0] if blacked_out else number,
            kind=given.kind,
            contributor=given.contributor,
            given_on=given.occurred_on,
            is_redacted=bool(blacked_out),
        )


def redactions_in_turn(named: PaperNamed, redacted: Mapping[UUID, tuple[int, PaperRedacted]]) -> tuple[tuple[int, PaperRedacted], ...]:
    """Follow a paper through its blackings out, each with its number: the last one made what goes out; none where it goes out as it is."""
    found: list[tuple[int, PaperRedacted]] = []
    paper, followed = named, {named.id}
    while paper.id in redacted and redacted[paper.id][1].redacted.id not in followed:
        found.append(redacted[paper.id])
        paper = found[-1][1].redacted
        followed.add(paper.id)
    return tuple(found)
