"""What of a record goes to a person who asked for it, and when nothing may."""

from dataclasses import dataclass
from datetime import date

from app.domain.access_clocks import asked_by
from app.domain.access_requests import rule_of
from app.domain.entries import AccessAnswered, AccessAsked, Exemption, ExemptionsReviewed, Recorded
from app.domain.people import people_to_tell
from app.domain.record import Record
from app.domain.rule import Finding
from app.domain.rules.data_protection import ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH, REVIEW_EXEMPTIONS_BEFORE_RELEASE


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
    withheld = {w.person.id: w.reason for w in people_to_tell(record, on).withheld}
    if asked.person in withheld and asked.person != record.pupil:
        cure = "settle first whether this person may see the record"
        return asked, REVIEW_EXEMPTIONS_BEFORE_RELEASE.broken(asked=number, withheld=withheld[asked.person], cure=cure)
    return asked, None


def released(record: Record, number: int) -> tuple[ReleasedEntry, ...]:
    """Every entry known up to the review, corrected ones too; what the newest review flagged is held back.

    What was written after the review was looked at by nobody and does not go out.
    """
    review = _review(record, number)
    if review is None or not isinstance(review.entry, ExemptionsReviewed):
        return ()
    flagged = {one.number: one.exemption for one in review.entry.flagged}
    known = sorted((r for r in record.known if r.number < review.number), key=lambda recorded: recorded.number)
    return tuple(ReleasedEntry(recorded, flagged.get(recorded.number)) for recorded in known)


def _review(record: Record, number: int) -> Recorded | None:
    found = [recorded for recorded, review in record.each(ExemptionsReviewed) if review.asked == number]
    return max(found, key=lambda recorded: recorded.number, default=None)
