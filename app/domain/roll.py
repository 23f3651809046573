"""The pupil's place on the roll, the people around, and what other schools recorded, loaded as theirs."""

from collections.abc import Iterable, Iterator

from app.domain.author import Author
from app.domain.binding import binding
from app.domain.codes import NEED_CODES, SCHOOL_ACTION_CODES, NeedType, SenStatus
from app.domain.decision import Decision
from app.domain.entries import ContactDescribed, NeedImported, NeedsSet, PupilEnrolled, PupilLeft, StatusImported
from app.domain.nobody_to_tell import nobody_left
from app.domain.periods import status_given_by
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Finding
from app.domain.rules.children_and_families_act_2014 import HONOUR_WHO_HOLDS_THE_RIGHTS
from app.domain.rules.data_protection import LEAVE_A_TRAIL
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.domain.rules.reading import LAST_CENSUS_WITH_BESD, STATEMENTS_OPEN_UNTIL, WINDOW_CLOSES, WINDOW_OPENS
from app.domain.rules.school_census import (
    KEEP_TYPES_AND_STATUS_CONSISTENT,
    RANK_NEEDS_FROM_ONE,
    USE_STATUSES_OF_THE_DAY,
    USE_TYPES_OF_THE_DAY,
)
from app.domain.rules.transition_2014_2015 import (
    ASSESS_BESD_ANEW,
    KEEP_OLD_CODES_AS_HISTORY,
    MOVE_STATUS_ONLY_AS_ALLOWED,
    RECODE_AN_OPEN_STATEMENT,
)


def enrol_pupil(record: Record, entry: PupilEnrolled, by: Author) -> Decision:
    """Put a pupil on the roll, once until they leave; a changed date of birth or language is a correction."""
    refusal = role_refusal(record, entry, by)
    if entry.date_of_birth > entry.occurred_on:
        refusal = refusal or HONOUR_WHO_HOLDS_THE_RIGHTS.broken(enrolled_on=str(entry.occurred_on), missing=("birth before enrolment",))
    if record.enrolled_on and record.left_on is None:
        refusal = refusal or LEAVE_A_TRAIL.broken(enrolled_on=str(record.enrolled_on), cure="correct the enrolment that stands")
    return _answer(record, entry, refusal, ())


def leave_school(record: Record, entry: PupilLeft, by: Author) -> Decision:
    """Take a pupil off the roll from a day on; only who is on roll can leave it."""
    refusal = role_refusal(record, entry, by)
    if record.enrolled_on is None or record.left_on is not None or entry.occurred_on < record.enrolled_on:
        refusal = refusal or LEAVE_A_TRAIL.broken(left_on=str(entry.occurred_on), missing=("enrolment that stands on the day",))
    return _answer(record, entry, refusal, ())


def describe_contact(record: Record, entry: ContactDescribed, by: Author) -> Decision:
    """Say what is true of a contact from a day on; a restriction names the order or decision it rests on."""
    findings: list[Finding] = []
    if (entry.contact_restricted or entry.information_restricted) and not (entry.restriction_basis or "").strip():
        findings.append(TREAT_CARERS_AS_PARENTS.broken(missing=("restriction_basis",), cure="name the order or the decision"))
    if entry.contact_restricted and not entry.information_restricted:
        findings.append(TREAT_CARERS_AS_PARENTS.broken(contact_restricted=True, missing=("whether they may be informed",)))
    if entry.natural_parent and not _is_settled(entry):
        findings.append(TREAT_CARERS_AS_PARENTS.broken(parent_by_birth_alone=True, missing=("whether anything bars a parent by birth",)))
    findings.extend(nobody_left(record, entry, by))
    return _answer(record, entry, role_refusal(record, entry, by), findings)


def _is_settled(entry: ContactDescribed) -> bool:
    """Whether something else than birth says that a contact is told, or a named order or decision that they are not."""
    return entry.parental_responsibility or entry.has_care or bool((entry.restriction_basis or "").strip())


def import_status(record: Record, entry: StatusImported, by: Author) -> Decision:
    """Load a status decided elsewhere, with its own day; one already held adds nothing, and one that differs is only a proposal."""
    refusal = role_refusal(record, entry, by)
    if refusal is None and any(
        (held.status, held.occurred_on) == (entry.status, entry.occurred_on) for _, held in record.each(StatusImported)
    ):
        return Decision.taken(
            findings=(KEEP_OLD_CODES_AS_HISTORY.kept(status=entry.status, since=str(entry.occurred_on), already_held=True),)
        )
    refusal = refusal or _decided_here(record, entry) or _too_late_for_the_code(entry)
    return _answer(record, entry, refusal, _imported_status_findings(record, entry))


def import_need(record: Record, entry: NeedImported, by: Author) -> Decision:
    """Load a need recorded elsewhere, with its own days; needs that a person set here are never changed by a file."""
    refusal = role_refusal(record, entry, by)
    if refusal is None and any(_same_need(held, entry) for _, held in record.each(NeedImported)):
        return Decision.taken(
            findings=(KEEP_OLD_CODES_AS_HISTORY.kept(need_type=entry.need_type, since=str(entry.occurred_on), already_held=True),)
        )
    refusal = refusal or _impossible_need(record, entry)
    return _answer(record, entry, refusal, _imported_need_findings(record, entry))


def _answer(
    record: Record,
    entry: PupilEnrolled | PupilLeft | ContactDescribed | StatusImported | NeedImported,
    refusal: Finding | None,
    findings: Iterable[Finding],
) -> Decision:
    if refusal:
        return Decision.refused(refusal)
    return Decision.taken(entry, findings=binding(record.school, None, findings))


def _decided_here(record: Record, entry: StatusImported) -> Finding | None:
    """Decisions from the day the school's own record begins, or from the pupil's coming if that was later, are the school's."""
    facts = {"status": str(entry.status), "since": str(entry.occurred_on)}
    cure = "nothing was changed; a named person decides whether the record or the file is right"
    own_from = max((day for day in (record.school.record_begins_on, record.enrolled_on) if day), default=None)
    if own_from and entry.occurred_on >= own_from:
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(**facts, record_begins_on=str(own_from), proposal=True, cure=cure)
    others = (r for r in record.entries if status_given_by(r.entry) is not None)
    if any(not isinstance(r.entry, StatusImported) or r.entry.source.job != entry.source.job for r in others):
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(**facts, held=record.status_on(entry.occurred_on), proposal=True, cure=cure)
    return None


def _too_late_for_the_code(entry: StatusImported) -> Finding | None:
    facts = {"status": str(entry.status), "since": str(entry.occurred_on)}
    if entry.status in SCHOOL_ACTION_CODES and entry.occurred_on > WINDOW_CLOSES:
        return MOVE_STATUS_ONLY_AS_ALLOWED.broken(**facts, last_day=str(WINDOW_CLOSES), cure="no new pupil is on School Action")
    if entry.status is SenStatus.STATEMENT and entry.occurred_on > STATEMENTS_OPEN_UNTIL:
        return RECODE_AN_OPEN_STATEMENT.broken(**facts, last_day=str(STATEMENTS_OPEN_UNTIL), cure="record the EHC plan that replaced it")
    return None


def _imported_status_findings(record: Record, entry: StatusImported) -> Iterator[Finding]:
    facts = {"status": str(entry.status), "since": str(entry.occurred_on)}
    yield KEEP_OLD_CODES_AS_HISTORY.kept(**facts)
    if entry.status.is_withdrawn and entry.occurred_on >= WINDOW_OPENS:
        yield MOVE_STATUS_ONLY_AS_ALLOWED.broken(
            **facts, first_day_of_the_new_code=str(WINDOW_OPENS), cure="check the row where it came from"
        )
    if entry.status in (SenStatus.SEN_SUPPORT, SenStatus.EHC_PLAN) and entry.occurred_on < WINDOW_OPENS:
        yield USE_STATUSES_OF_THE_DAY.broken(**facts, first_day_of_the_new_code=str(WINDOW_OPENS), cure="check the row where it came from")
    for programme in record.school.programmes:
        if entry.status in programme.from_codes:
            cure = "look at this pupil again and decide"
            yield programme.rules.decide.broken(**facts, missing=("decision for this pupil",), cure=cure)


def _same_need(held: NeedImported, entry: NeedImported) -> bool:
    return (held.need_type, held.rank, held.occurred_on, held.until) == (entry.need_type, entry.rank, entry.occurred_on, entry.until)


def _impossible_need(record: Record, entry: NeedImported) -> Finding | None:
    facts = {"need_type": str(entry.need_type), "since": str(entry.occurred_on)}
    if entry.until is not None and entry.until < entry.occurred_on:
        return USE_TYPES_OF_THE_DAY.broken(**facts, until=str(entry.until), cure="the last day is before the first")
    if record.all(NeedsSet):
        return KEEP_OLD_CODES_AS_HISTORY.broken(
            **facts, proposal=True, cure="a person set the needs here; set them anew if the file is right"
        )
    return None


def _imported_need_findings(record: Record, entry: NeedImported) -> Iterator[Finding]:
    facts = {"need_type": str(entry.need_type), "since": str(entry.occurred_on)}
    is_old_besd = entry.need_type is NeedType.BESD and entry.occurred_on <= LAST_CENSUS_WITH_BESD
    if not (is_old_besd or NEED_CODES[entry.need_type].is_open_on(entry.occurred_on)):
        yield USE_TYPES_OF_THE_DAY.broken(**facts, cure="check the row where it came from")
    if entry.rank < 1:
        yield RANK_NEEDS_FROM_ONE.broken(**facts, rank=entry.rank)
    if entry.need_type is NeedType.BESD and entry.until is None:
        yield ASSESS_BESD_ANEW.broken(**facts, cure="assess anew and choose a type; none is proposed")
    if record.status_on(entry.occurred_on) is SenStatus.NONE:
        yield KEEP_TYPES_AND_STATUS_CONSISTENT.broken(**facts, status=SenStatus.NONE)
