"""What must be told after which entry, and the steps that record that a person was told, or was not after all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.domain.answer import answered
from app.domain.author import Author
from app.domain.codes import SenStatus
from app.domain.days import Count
from app.domain.decision import Decision
from app.domain.entries import (
    EhcPlanCeased,
    Entry,
    Judgement,
    Matter,
    PersonTold,
    PlanAgreed,
    Recorded,
    ReviewHeld,
    SenDecided,
    SettingName,
    StatusImported,
    SupportEnded,
    TellingUndone,
    TransitionDecided,
)
from app.domain.meetings import known_people
from app.domain.people import is_past_school_age, people_to_tell
from app.domain.record import Record
from app.domain.roles import role_refusal
from app.domain.rule import Fact, Finding, Rule
from app.domain.rules.children_and_families_act_2014 import HONOUR_WHO_HOLDS_THE_RIGHTS, INFORM_PARENTS_OF_SEN_PROVISION
from app.domain.rules.code_of_practice_2015.graduated_approach import (
    END_SUPPORT_AT_A_REVIEW,
    EXPLAIN_THE_IMPACT_TO_PARENTS,
    MAKE_PARENTS_AWARE_OF_THE_PLAN,
)
from app.domain.rules.code_of_practice_2015.identification import GIVE_REASONS_FOR_NO_SEN
from app.domain.rules.education_act_1996 import TREAT_CARERS_AS_PARENTS
from app.domain.school import School


@dataclass(frozen=True, slots=True, kw_only=True)
class ToBeTold:
    """A matter to be told under a rule: from `arises_on` to `due`, both inside. `stage` is a word that gives nothing away.

    `due` is not known while what the days of `within` are counted by is `missing`.
    """

    matter: Matter
    rule: Rule
    stage: str
    arises_on: date
    within: Count
    due: date | None
    missing: tuple[str, ...] = ()


def to_be_told(school: School, entry: Entry) -> tuple[ToBeTold, ...]:
    """List what must be told after an entry at a school of this type, the weightiest rule first; nothing for most kinds."""
    return tuple(
        _from(school, matter, rule, stage, arises, setting)
        for matter, rule, stage, arises, setting in _told_after(school, entry)
        if school.school_type in rule.binds and arises in rule.in_force
    )


def _from(school: School, matter: Matter, rule: Rule, stage: str, arises: date, setting: SettingName) -> ToBeTold:
    within, last = school.time_for(setting, arises), school.last_day(setting, arises)
    return ToBeTold(matter=matter, rule=rule, stage=stage, arises_on=arises, within=within, due=last.day, missing=last.missing)


def record_telling(record: Record, entry: PersonTold, by: Author) -> Decision:
    """Record that a person was told; telling somebody who should not have been is remarked on, for it happened."""
    refusal = role_refusal(record, entry, by) or _impossible_telling(record, entry)
    return answered(record, entry, refusal, _findings(record, entry))


def is_told(record: Record, about: int, notice: UUID) -> bool:
    """Whether a telling of this notice stands."""
    return any(isinstance(told.entry, PersonTold) and told.entry.notice == notice for told in record.tellings(about))


def undo_telling(record: Record, entry: TellingUndone, by: Author) -> Decision:
    """Undo the tellings of one notice, which must have been recorded as told and stand; the duty to tell is open again."""
    refusal = role_refusal(record, entry, by)
    standing = [
        recorded
        for recorded, told in record.each(PersonTold)
        if told.notice == entry.notice and told.occurred_on <= entry.occurred_on and recorded in record.tellings(told.about)
    ]
    if refusal is None and not standing:
        refusal = INFORM_PARENTS_OF_SEN_PROVISION.broken(missing=("telling of this notice",))
    return answered(record, entry, refusal)


def _told_after(school: School, entry: Entry) -> Iterator[tuple[Matter, Rule, str, date, SettingName]]:
    day, within = entry.occurred_on, SettingName.TELL_WITHIN_DAYS
    match entry:
        case SenDecided(judgement=Judgement.SEN_SUPPORT):
            starts = entry.provision_starts_on or day
            yield Matter.SEN_PROVISION, INFORM_PARENTS_OF_SEN_PROVISION, "decision", starts, within
        case SenDecided():
            yield Matter.NO_SEN, GIVE_REASONS_FOR_NO_SEN, "decision", day, within
        case EhcPlanCeased(judgement=Judgement.SEN_SUPPORT):
            yield Matter.SEN_PROVISION, INFORM_PARENTS_OF_SEN_PROVISION, "decision", day, within
        case TransitionDecided():
            yield from ((Matter.TRANSITION, rule, "decision", starts, within) for rule, starts in _rules_to_tell_by(school, entry))
        case PlanAgreed():
            yield Matter.PLAN, MAKE_PARENTS_AWARE_OF_THE_PLAN, "plan", day, within
        case ReviewHeld():
            yield Matter.REVIEW, EXPLAIN_THE_IMPACT_TO_PARENTS, "review", day, SettingName.REPORT_REVIEW_WITHIN_DAYS
        case SupportEnded():
            yield Matter.SUPPORT_ENDED, END_SUPPORT_AT_A_REVIEW, "decision", day, within


def _rules_to_tell_by(school: School, entry: TransitionDecided) -> Iterator[tuple[Rule, date]]:
    """The Act asks for the telling where provision follows, whatever came before; the programme asks for it in any case."""
    if entry.judgement is SenStatus.SEN_SUPPORT:
        yield INFORM_PARENTS_OF_SEN_PROVISION, entry.provision_starts_on or entry.occurred_on
    programme = school.programme(entry.programme)
    if programme is not None:
        yield programme.rules.tell, entry.occurred_on


def _matters_of(school: School, about: Recorded) -> frozenset[Matter]:
    if isinstance(about.entry, StatusImported) and about.entry.status is SenStatus.SEN_SUPPORT:
        return frozenset({Matter.SEN_PROVISION})
    return frozenset(matter for matter, *_ in _told_after(school, about.entry))


def _about(record: Record, number: int) -> Recorded | None:
    """Find what was told of, even if it was corrected since: a notice on its way may arrive after the correction."""
    return next((recorded for recorded in record.known if recorded.number == number), None)


def _impossible_telling(record: Record, entry: PersonTold) -> Finding | None:
    about = _about(record, entry.about)
    facts: dict[str, Fact] = {"about": entry.about, "matter": entry.matter, "told_on": str(entry.occurred_on)}
    if about is None or entry.matter not in _matters_of(record.school, about):
        return INFORM_PARENTS_OF_SEN_PROVISION.broken(missing=("entry of that number on that matter",)).shown_by(facts)
    if entry.occurred_on < about.entry.occurred_on:
        return INFORM_PARENTS_OF_SEN_PROVISION.broken(
            decided_on=str(about.entry.occurred_on), cure="choose a day from what was told of on"
        ).shown_by(facts)
    if entry.person not in known_people(record):
        return TREAT_CARERS_AS_PARENTS.broken(missing=("person in the record",), cure="describe the contact first").shown_by(facts)
    return None


def _findings(record: Record, entry: PersonTold) -> Iterator[Finding]:
    about = _about(record, entry.about)
    facts: dict[str, Fact] = {"about": entry.about, "told_on": str(entry.occurred_on)}
    if not people_to_tell(record, entry.occurred_on).may_be_told(entry.person):
        is_past = is_past_school_age(record, entry.occurred_on)
        rule = HONOUR_WHO_HOLDS_THE_RIGHTS if is_past or entry.person == record.pupil else TREAT_CARERS_AS_PARENTS
        yield rule.broken(missing=("right to be told on that day",)).shown_by(facts)
    for owed in to_be_told(record.school, about.entry) if about else ():
        if owed.due is not None:
            in_time = entry.occurred_on <= owed.due
            yield owed.rule.kept(due=str(owed.due)).shown_by(facts) if in_time else owed.rule.broken(due=str(owed.due)).shown_by(facts)
