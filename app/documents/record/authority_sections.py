"""The part of a record about requests for an EHC needs assessment: what the authority asked, decided, served and was appealed for."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from app.documents.drawing.outline import NOTHING, Facts, Part, Section, Words, facts
from app.documents.record.entry_parts import part
from app.documents.record.labels import Names, day, label, listed, yes_no
from app.domain.entries import (
    AdviceAsked,
    AdviceGiven,
    AnnualReviewDecided,
    AnnualReviewHeld,
    AnnualReviewReported,
    AppealDecided,
    AppealLodged,
    AuthorityConsulted,
    AuthorityDecided,
    DraftPlanServed,
    EhcAssessmentRequested,
    EhcPlanAmended,
    EhcRequestWithdrawn,
    Entry,
    EvidenceReceived,
    EvidenceSubmitted,
    ExceptionClaimed,
    MediationCertified,
    PlacementAnswered,
    PlacementConsulted,
)
from app.domain.record import Record

Telling = tuple[str, Callable[[Any, Names], Facts]]


def authority_section(record: Record, names: Names) -> Section:
    """Everything on the way to a plan and to where it names, in order of its days, whichever request it belongs to."""
    parts = tuple(_in_order(record, names, OF_REQUESTS))
    return Section("authority", "Requests, and what the authority did", parts or (Words(NOTHING),))


def annual_reviews_section(record: Record, names: Names) -> Section:
    """Each review of an EHC plan and what followed from it, in order of its days."""
    parts = tuple(_in_order(record, names, OF_REVIEWS))
    return Section("annual-reviews", "Annual reviews of the plan", parts or (Words(NOTHING),))


def _in_order(record: Record, names: Names, tellings: Mapping[type[Entry], Telling]) -> Iterator[Part]:
    for recorded in record.entries:
        if (telling := tellings.get(type(recorded.entry))) is not None:
            what, tell = telling
            yield part(f"{what} on {day(recorded.entry.occurred_on)}", recorded, tell(recorded.entry, names))


def _requested(made: EhcAssessmentRequested, names: Names) -> Facts:
    return facts(
        asked_by=label(made.requester),
        name=names.of(made.contact) if made.contact else None,
        of_authority=made.authority,
        reason=made.reason,
        family_knows=None if made.family_knows is None else yes_no(made.family_knows),
        family_agrees=None if made.family_agrees is None else yes_no(made.family_agrees),
        number_of_the_request=str(made.request),
    )


def _withdrawn(taken_back: EhcRequestWithdrawn, _: Names) -> Facts:
    return facts(request=str(taken_back.request), reason=taken_back.reason)


def _submitted(sent: EvidenceSubmitted, names: Names) -> Facts:
    confirmed = names.of(sent.confirmed_by) if sent.confirmed_by else None
    basis = label(sent.lawful_basis) if sent.lawful_basis else None
    return facts(request=str(sent.request), frozen_at_entry=str(sent.frozen_at), confirmed_by=confirmed, lawful_basis=basis)


def _received(come: EvidenceReceived, _: Names) -> Facts:
    how = "Taken to have come in when it could be fetched" if come.deemed else "By the authority's own word"
    return facts(request=str(come.request), how_the_day_is_known=how, reason=come.reason)


def _consulted(asked: AuthorityConsulted, _: Names) -> Facts:
    may = yes_no(asked.family_may_give_evidence)
    return facts(request=str(asked.request), family_told_it_may_give_evidence=may, notified=listed(asked.notified))


def _advice_asked(asked: AdviceAsked, _: Names) -> Facts:
    return facts(asked_of="The school", request=str(asked.request) if asked.request else None)


def _advice_given(given: AdviceGiven, _: Names) -> Facts:
    return facts(given_by="The school", in_answer_to_entry=str(given.asked))


def _excepted(claimed: ExceptionClaimed, _: Names) -> Facts:
    return facts(
        clock=label(claimed.clock),
        ground=label(claimed.ground),
        from_day=day(claimed.from_on),
        until_the_end_of=day(claimed.until_on) if claimed.until_on else None,
        shown_by=claimed.evidence,
        family_told_on=day(claimed.family_told_on) if claimed.family_told_on else None,
        request=str(claimed.request) if claimed.request else None,
        advice_asked_in_entry=str(claimed.asked) if claimed.asked else None,
    )


def _decided(decided: AuthorityDecided, _: Names) -> Facts:
    told = listed(decided.told_in_letter)
    return facts(decision=label(decided.decision), reasons=decided.reasons, the_letter_told_of=told, request=str(decided.request))


def _drafted(served: DraftPlanServed, _: Names) -> Facts:
    return facts(request=str(served.request))


def _placement_asked(asked: PlacementConsulted, _: Names) -> Facts:
    return facts(by_authority=asked.authority)


def _placement_answered(answer: PlacementAnswered, _: Names) -> Facts:
    return facts(can_meet_need=yes_no(answer.can_meet_need), reason=answer.reason, in_answer_to_entry=str(answer.consultation))


def _mediated(certified: MediationCertified, _: Names) -> Facts:
    return facts(
        about_entry=str(certified.about),
        mediated=yes_no(certified.mediated),
        family_answered_on=day(certified.answered_on) if certified.answered_on else None,
        mediated_on=day(certified.mediated_on) if certified.mediated_on else None,
    )


def _appealed(lodged: AppealLodged, _: Names) -> Facts:
    return facts(about_entry=str(lodged.about), about_the_placement_alone=yes_no(lodged.placement_alone))


def _appeal_ended(ended: AppealDecided, _: Names) -> Facts:
    return facts(appeal_of_entry=str(ended.appeal), allowed=yes_no(ended.allowed))


def _review_held(held: AnnualReviewHeld, _: Names) -> Facts:
    return facts(
        papers_sent_on=day(held.papers_sent_on) if held.papers_sent_on else None,
        pupil_took_part=yes_no(held.pupil_took_part),
        parents_took_part=yes_no(held.parents_took_part),
        recommendation=label(held.recommendation),
    )


def _review_reported(reported: AnnualReviewReported, _: Names) -> Facts:
    return facts(review_of_entry=str(reported.review))


def _review_decided(decided: AnnualReviewDecided, _: Names) -> Facts:
    changes = yes_no(decided.changes_sent_with_notice)
    return facts(decision=label(decided.decision), changes_sent_with_the_notice=changes, review_of_entry=str(decided.review))


def _amended(amended: EhcPlanAmended, _: Names) -> Facts:
    after = str(amended.review) if amended.review is not None else None
    return facts(review_of_entry=after, names_the_setting_of_the_next_phase=yes_no(amended.names_setting_for_next_phase))


OF_REQUESTS: Final[Mapping[type[Entry], Telling]] = MappingProxyType(
    {
        EhcAssessmentRequested: ("Request", _requested),
        EhcRequestWithdrawn: ("Request withdrawn", _withdrawn),
        EvidenceSubmitted: ("Evidence submitted", _submitted),
        EvidenceReceived: ("Evidence received by the authority", _received),
        AuthorityConsulted: ("Family consulted by the authority", _consulted),
        AdviceAsked: ("Advice asked", _advice_asked),
        AdviceGiven: ("Advice given", _advice_given),
        ExceptionClaimed: ("Exception to a time limit claimed", _excepted),
        AuthorityDecided: ("Decision of the authority told", _decided),
        DraftPlanServed: ("Draft plan served", _drafted),
        PlacementConsulted: ("School consulted on naming it", _placement_asked),
        PlacementAnswered: ("Consultation answered", _placement_answered),
        MediationCertified: ("Mediation certificate issued", _mediated),
        AppealLodged: ("Appeal lodged", _appealed),
        AppealDecided: ("Appeal ended", _appeal_ended),
    }
)
OF_REVIEWS: Final[Mapping[type[Entry], Telling]] = MappingProxyType(
    {
        AnnualReviewHeld: ("Review meeting", _review_held),
        AnnualReviewReported: ("Report of the review sent", _review_reported),
        AnnualReviewDecided: ("Decision of the authority told", _review_decided),
        EhcPlanAmended: ("Amended plan sent", _amended),
    }
)
