"""The part of a record that leads to a decision: status, needs, concerns, checks, decisions and the transition."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from app.documents.drawing.outline import NOTHING, Block, Part, Section, Words, facts, table
from app.documents.record.entry_parts import part
from app.documents.record.labels import Names, day, label, listed, need_label, said, yes_no
from app.domain.codes import SenStatus
from app.domain.entries import (
    BaselineTaken,
    ConcernAnswered,
    ConcernRaised,
    DiscussionHeld,
    EhcPlanCeased,
    EhcPlanIssued,
    Erased,
    Judgement,
    NeedsSet,
    ProgressChecked,
    SenDecided,
    SupportEnded,
    TeachingAdapted,
    TransitionDecided,
)
from app.domain.record import Record


def status_section(record: Record, left_out: Mapping[int, str] = MappingProxyType({})) -> Section:
    """Every status with its days; one that another school gave is marked so.

    Then what is no longer known: entries that were erased, and those of `left_out`, by number, with the reason.
    """
    rows = [
        (
            day(period.since),
            day(period.until) if period.until else "still holds",
            label(period.status),
            "elsewhere, before this record" if period.imported else "at this school",
            str(period.number),
        )
        for period in record.statuses
    ]
    gone = [Words(_gone(recorded.number, erased, left_out)) for recorded, erased in record.each(Erased)]
    blocks = (table("SEN status over time", ("From", "Until", "Status", "Decided", "Entry"), rows), *gone)
    return Section("status", "Status history", blocks)


def _gone(number: int, erased: Erased, left_out: Mapping[int, str]) -> str:
    what = f"The content of entry {number}, of {day(erased.occurred_on)} ({erased.erased_type}),"
    reason = left_out.get(number)
    return f"{what} was erased." if reason is None else f"{what} was left out of this evidence: {reason}"


def needs_section(record: Record) -> Section:
    """Every need there was, and why needs were set anew."""
    rows = [
        (need_label(need.need_type), str(need.rank), day(need.since), day(need.until) if need.until else "still stands", str(need.number))
        for need in record.need_periods
    ]
    blocks: list[Block] = [table("Types of need", ("Need", "Rank", "From", "Until", "Entry"), rows)]
    for recorded, needs in record.each(NeedsSet):
        areas = ", ".join(label(area) for area in needs.areas) or "-"
        blocks.append(part(f"Needs set on {day(needs.occurred_on)}", recorded, facts(areas_of_need=areas, reason=needs.reason)))
    return Section("needs", "Needs", tuple(blocks))


def concerns_section(record: Record, names: Names) -> Section:
    """What was known when the pupil came, then noticed, checked, tried and talked about before a decision."""
    parts = (*_baselines(record), *_concerns(record, names), *_checks(record), *_first_responses(record), *_discussions(record))
    return Section("concerns", "Concerns and checks", parts or (Words(NOTHING),))


def decisions_section(record: Record, names: Names) -> Section:
    """Each decision about special educational needs with who took it and why."""
    parts = (*_sen_decisions(record, names), *_plans_of_the_authority(record, names), *_endings(record, names))
    return Section("decisions", "Decisions", parts or (Words(NOTHING),))


def transition_section(record: Record, names: Names) -> Section:
    """The individual decision that took the pupil out of a withdrawn category."""
    parts = tuple(_transitions(record, names))
    if not parts and record.open_withdrawn is not None:
        waiting = record.open_withdrawn
        return Section("transition", "Transition decision", (Words(f"{label(waiting.status)} has not been looked at again yet."),))
    return Section("transition", "Transition decision", parts or (Words(NOTHING),))


def _baselines(record: Record) -> Iterator[Part]:
    for recorded, taken in record.each(BaselineTaken):
        shown = facts(
            skills_and_attainment=taken.skills_and_attainment,
            from_the_setting_before=said(taken.earlier_setting),
            disability_considered=yes_no(taken.disability_considered),
            adjustments=taken.adjustments,
        )
        yield part(f"Baseline taken on {day(taken.occurred_on)}", recorded, shown)


def _concerns(record: Record, names: Names) -> Iterator[Part]:
    answers = {answer.concern: answer for _, answer in record.each(ConcernAnswered)}
    for recorded, concern in record.each(ConcernRaised):
        answer = answers.get(recorded.number)
        who = f"{label(concern.raised_by)}{'' if concern.contact is None else f', {names.of(concern.contact)}'}"
        yield part(
            f"Concern raised on {day(concern.occurred_on)}",
            recorded,
            facts(
                raised_by=who,
                about=label(concern.domain),
                in_their_words=concern.words,
                answered=day(answer.occurred_on) if answer else "Not yet answered",
                answer=answer.answer if answer else None,
                other_explanations=", ".join(answer.other_explanations) or None if answer else None,
            ),
        )


def _checks(record: Record) -> Iterator[Part]:
    for recorded, check in record.each(ProgressChecked):
        rows = [(day(one.taken_on), f"{one.score:g}", "-" if one.peers is None else f"{one.peers:g}") for one in check.measurements]
        caption = f"Results on {check.measure}"
        shown = table(caption, ("Taken on", "Result", "Pupils who began level"), rows)
        about = facts(about=label(check.domain), measure=check.measure, comment=check.comment)
        yield part(f"Progress checked on {day(check.occurred_on)}", recorded, about, shown)


def _first_responses(record: Record) -> Iterator[Part]:
    for recorded, adapted in record.each(TeachingAdapted):
        shown = facts(what_was_tried=adapted.tried, what_it_changed=adapted.effect)
        yield part(f"Teaching adapted, noted on {day(adapted.occurred_on)}", recorded, shown)


def _discussions(record: Record) -> Iterator[Part]:
    for recorded, talk in record.each(DiscussionHeld):
        present = [who for who, there in (("parents", talk.with_parents), ("the pupil", talk.with_pupil)) if there]
        shown = facts(
            talked_with=" and ".join(present) or "-",
            strengths=talk.strengths,
            difficulties=talk.difficulties,
            concerns_of_the_parents=talk.parents_concerns,
            outcomes_agreed=talk.outcomes_agreed,
            next_steps=talk.next_steps,
            note_given_on=day(talk.note_given_on),
            advice_service_named=yes_no(talk.advice_service_named),
        )
        yield part(f"Early discussion on {day(talk.occurred_on)}", recorded, shown)


def _sen_decisions(record: Record, names: Names) -> Iterator[Part]:
    for recorded, decided in record.each(SenDecided):
        shown = facts(
            decision=label(decided.judgement),
            decided_by=names.author(recorded.author),
            reason=decided.reason,
            difficulty=decided.difficulty,
            provision_beyond_the_ordinary=decided.provision_beyond_ordinary,
            considered="; ".join(decided.considered) or None,
            view_of_the_parents=decided.parents_view,
            view_of_the_pupil=decided.pupils_view,
            home_language_considered=decided.home_language_considered,
            why_no_first_response=decided.no_first_response_because,
            provision_starts_on=_day_or_none(decided.provision_starts_on),
            review_on=_day_or_none(decided.review_on),
        )
        yield part(f"Decision of {day(decided.occurred_on)}", recorded, shown)


def _plans_of_the_authority(record: Record, names: Names) -> Iterator[Part]:
    for recorded, issued in record.each(EhcPlanIssued):
        shown = facts(
            authority=issued.authority,
            move_from_a_statement_completed_on=_day_or_none(issued.transfer_review_completed_on),
            sections=", ".join(issued.sections) or None,
            sent_to=listed(issued.sent_to) if issued.sent_to else None,
        )
        yield part(f"EHC plan made on {day(issued.occurred_on)}", recorded, shown)
    for recorded, ceased in record.each(EhcPlanCeased):
        shown = facts(
            authority=ceased.authority,
            what_follows=label(ceased.judgement),
            decided_by=names.author(recorded.author),
            reason=ceased.reason,
        )
        yield part(f"EHC plan or statement ceased on {day(ceased.occurred_on)}", recorded, shown)


def _endings(record: Record, names: Names) -> Iterator[Part]:
    for recorded, ended in record.each(SupportEnded):
        shown = facts(
            decided_by=names.author(recorded.author),
            reason=ended.reason,
            progress_looked_at_again_on=day(ended.monitor_on),
        )
        yield part(f"SEN Support ended on {day(ended.occurred_on)}", recorded, shown)


def _transitions(record: Record, names: Names) -> Iterator[Part]:
    for recorded, decided in record.each(TransitionDecided):
        shown = facts(
            came_from=label(decided.came_from),
            decision=_answer(decided.judgement),
            decided_by=names.author(recorded.author),
            looked_at_on=day(decided.reviewed_on),
            looked_at_by=names.all_of(decided.reviewers),
            analysis_of_needs=decided.needs_analysis,
            ordinarily_available=decided.ordinarily_available,
            reason=decided.reason,
            view_of_the_pupil=decided.pupils_view or _missing(decided.pupils_view_missing_because),
            view_of_the_parents=decided.parents_view or _missing(decided.parents_view_missing_because),
            provision_starts_on=_day_or_none(decided.provision_starts_on),
        )
        yield part(f"Decision of {day(decided.occurred_on)}", recorded, shown)


def _answer(status: SenStatus) -> str:
    """Give the two answers that the Code knows in its own words."""
    answer = {judgement.status: judgement for judgement in Judgement}.get(status)
    return label(status if answer is None else answer)


def _missing(because: str | None) -> str:
    return f"Not available: {because or 'no reason given'}"


def _day_or_none(on: date | None) -> str | None:
    return None if on is None else day(on)
