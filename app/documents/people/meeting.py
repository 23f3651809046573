"""The record of a meeting with the parents, and what a review tells of one held on the same day."""

from collections.abc import Iterator, Sequence
from datetime import date

from app.documents.drawing.outline import Facts, Part, Section, Words, facts
from app.documents.people.document import Document, DocumentKind, Letterhead, about_section
from app.documents.people.wording import sentences
from app.documents.record.labels import Names, counted, day, said, yes_no
from app.domain.entries import MeetingHeld, Recorded
from app.domain.record import Record

Met = Sequence[tuple[Recorded, MeetingHeld]]


def meetings(record: Record, head: Letterhead) -> Iterator[Document]:
    """Each meeting, held or offered and declined, in order of its day."""
    for recorded, met in record.each(MeetingHeld):
        one = ((recorded, met),)
        outline = head.outline(
            f"Meeting about {head.names.pupil_name}, {day(met.occurred_on)}",
            present_section(one, head),
            sentences("pupils-view", f"What {head.first_name} thinks", said(met.pupils_view)),
            agreed_section(one),
            Section("sharing", "Who has this record", (_sharing(met),)),
            about_section(recorded),
        )
        yield Document.about(DocumentKind.MEETING, recorded, outline)


def meetings_on(record: Record, on: date) -> Met:
    """The meetings of one day."""
    return tuple((recorded, met) for recorded, met in record.each(MeetingHeld) if met.occurred_on == on)


def present_section(met: Met, head: Letterhead) -> Section:
    """Who came, who could not or did not wish to, and who led; it says so where no meeting is written down."""
    if not met:
        return sentences("present", "Who was there", "No meeting with the parents is written down for this day.")
    found = tuple(_present(one, head.names) for _, one in met)
    blocks = found if len(met) == 1 else tuple(Part(f"Meeting {place}", (one,)) for place, one in enumerate(found, start=1))
    return Section("present", "Who was there", blocks)


def agreed_section(met: Met) -> Section:
    """What was agreed, meeting by meeting; nothing where there was none."""
    return Section("agreed", "What was agreed", tuple(Words(one.agreed or "Nothing is written down.") for _, one in met))


def _present(met: MeetingHeld, names: Names) -> Facts:
    return facts(
        came=names.all_of(met.attended_by) if met.attended_by else "Nobody; the meeting was offered.",
        were_asked_and_did_not_come=names.all_of(met.declined_by) if met.declined_by else None,
        led_by=names.of(met.led_by),
        senco_there=yes_no(met.senco_present),
        length=counted(met.minutes, "minute", "minutes") if met.attended_by else None,
    )


def _sharing(met: MeetingHeld) -> Facts:
    return facts(
        shared_with_staff=_on(met.shared_with_staff_on),
        given_to_the_parents=_on(met.given_to_parents_on),
    )


def _on(given: date | None) -> str:
    return "Not yet" if given is None else f"On {day(given)}"
