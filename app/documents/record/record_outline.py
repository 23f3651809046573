"""A frozen record set out for reading: who, the request, what the authority looks at, then everything in the order it happened."""

from app.documents.bundle.frozen import FrozenRecord
from app.documents.drawing.outline import Outline, Section, Words, facts
from app.documents.record.authority_sections import annual_reviews_section, authority_section
from app.documents.record.circumstances_sections import circumstances_section
from app.documents.record.contribution_sections import contributions_section
from app.documents.record.cycle_sections import cycle_sections, meetings_section, told_section
from app.documents.record.evidence_sections import evidence_section
from app.documents.record.identification_sections import (
    concerns_section,
    decisions_section,
    needs_section,
    status_section,
    transition_section,
)
from app.documents.record.labels import Names, day, label
from app.documents.record.paper_sections import redactions_section
from app.documents.record.support_sections import (
    adjustments_section,
    attendance_section,
    moves_section,
    provision_map_section,
    specialists_section,
)
from app.domain.entries import EhcAssessmentRequested


def outline_of(frozen: FrozenRecord) -> Outline:
    """Set out the record; the UPN is held back from every text (it is a blind number and is not printed on reports)."""
    record, pupil = frozen.record, frozen.pupil
    names = names_of(frozen)
    return Outline(
        title=f"SEN Support record of {pupil.name}",
        school=frozen.school.name,
        reference=pupil.reference,
        digest=frozen.digest.hex(),
        unprinted=(pupil.upn,) if pupil.upn else (),
        sections=(
            _who(frozen),
            _request(frozen, names),
            circumstances_section(record, names),
            evidence_section(record, pupil.date_of_birth, frozen.frozen_moment.date()),
            status_section(record, {one.number: one.reason for one in frozen.left_out}),
            needs_section(record),
            concerns_section(record, names),
            decisions_section(record, names),
            transition_section(record, names),
            *cycle_sections(record, names),
            specialists_section(record),
            contributions_section(record, names),
            attendance_section(record),
            adjustments_section(record, names),
            provision_map_section(record),
            moves_section(record),
            meetings_section(record, names),
            told_section(record, names),
            redactions_section(record),
            authority_section(record, names),
            annual_reviews_section(record, names),
            _proof(frozen),
        ),
    )


def names_of(frozen: FrozenRecord) -> Names:
    """Who the ids in a frozen record are."""
    return Names({**frozen.people, frozen.school.id: frozen.school.name}, frozen.pupil.id, frozen.pupil.name)


def _who(frozen: FrozenRecord) -> Section:
    pupil, school = frozen.pupil, frozen.school
    enrolled = frozen.record.enrolled_on
    shown = facts(
        name=pupil.name,
        date_of_birth=day(pupil.date_of_birth),
        reference_at_the_school=pupil.reference,
        status=label(frozen.record.status),
        school=f"{school.name} (URN {school.urn})",
        local_authority=school.authority,
        on_roll_since=day(enrolled) if enrolled else None,
        off_roll_since=day(frozen.record.left_on) if frozen.record.left_on else None,
    )
    return Section("pupil", "Who this record is about", (shown,))


def _request(frozen: FrozenRecord, names: Names) -> Section:
    made = next((one for _, one in frozen.record.each(EhcAssessmentRequested) if one.request == frozen.request_id), None)
    shown = facts(
        asked_by=label(frozen.requester),
        name=names.of(made.contact) if made and made.contact else None,
        asked_on=day(frozen.requested_on),
        evidence_submitted_on=day(frozen.submitted_on),
        reason=made.reason if made else None,
        number_of_the_request=str(frozen.request_id),
    )
    return Section("request", "The request for an EHC needs assessment", (shown,))


def _proof(frozen: FrozenRecord) -> Section:
    sentence = (
        f"This document was made from {len(frozen.entries)} entries of the school's record, frozen at entry {frozen.frozen_at} on "
        f"{day(frozen.frozen_moment.date())}. The record digest below stands on every page. Anyone who holds the whole bundle can work it "
        "out again from the entries and so see that nothing was changed."
    )
    return Section("proof", "How this record can be checked", (Words(sentence), facts(record_digest=frozen.digest.hex())))
