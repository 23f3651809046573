"""What of a record goes to a person who asked for it, and when nothing may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.access_clocks import asked_by
from app.domain.access_requests import release_refusal, rule_of
from app.domain.entries import AccessAnswered, AccessAsked, ContactDescribed, Exemption, ExemptionsReviewed, Recorded
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules.data_protection import ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH, REVIEW_EXEMPTIONS_BEFORE_RELEASE
from app.domain.school import corrected_by


@dataclass(frozen=True, slots=True)
class ReleasedEntry:
    """An entry that goes out, or the exemption under which it is held back."""

    recorded: Recorded
    exemption: Exemption | None


def export_refusal(record: Record, number: int, on: date) -> tuple[AccessAsked | None, Finding | None]:
    """Refuse a release that nobody asked for, that was refused, that nobody looked through, or to a person who may not be told."""
    asked = asked_by(record, number)
    if asked is None:
        return None, ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.broken(asked=number, missing=("request to see the record by that day",))
    if any(done.asked == number and done.refused_because is not None for _, done in record.each(AccessAnswered)):
        return asked, rule_of(asked).broken(asked=number, cure="the request was refused; correct the answer first")
    if _review(record, number) is None:
        return asked, REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(asked=number, missing=("review of exemptions",))
    return asked, release_refusal(record, number, asked, on)


def released(record: Record, number: int) -> tuple[ReleasedEntry, ...]:
    """Every entry known up to the review, corrected ones too; what the newest review flagged is held back in every wording.

    So is what restricts another person, flagged or not. What was written after the review was looked at by nobody and does not go out.
    """
    review, asked = _review(record, number), asked_by(record, number)
    if review is None or asked is None or not isinstance(review.entry, ExemptionsReviewed):
        return ()
    known = sorted((r for r in record.known if r.number < review.number), key=lambda recorded: recorded.number)
    held = _held_back(known, review.entry)
    return tuple(ReleasedEntry(r, held.get(r.number) or _of_another(r, asked.person)) for r in known)


def _of_another(recorded: Recorded, person: UUID) -> Exemption | None:
    """A restriction on somebody other than the person who asked is that somebody's."""
    entry = recorded.entry
    if not isinstance(entry, ContactDescribed) or entry.contact == person:
        return None
    is_restricted = entry.contact_restricted or entry.information_restricted or entry.restriction_basis
    return Exemption.ANOTHER_PERSON if is_restricted else None


def _held_back(known: Sequence[Recorded], review: ExemptionsReviewed) -> Mapping[int, Exemption]:
    """What a review flagged, with whatever each such entry corrects or is corrected by: they say the same, or what it was before."""
    first: dict[int, int] = {}
    for recorded in known:
        earlier = corrected_by(recorded)
        first[recorded.number] = recorded.number if earlier is None else first.get(earlier, earlier)
    flagged = {first.get(one.number, one.number): one.exemption for one in review.flagged}
    return {number: flagged[root] for number, root in first.items() if root in flagged}


def _review(record: Record, number: int) -> Recorded | None:
    found = [recorded for recorded, review in record.each(ExemptionsReviewed) if review.asked == number]
    return max(found, key=lambda recorded: recorded.number, default=None)
