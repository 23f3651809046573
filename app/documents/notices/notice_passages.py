"""What each matter is about in plain sentences, made from the entry itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from app.documents.notices.notice_forms import Passage
from app.documents.notices.notice_voice import Voice
from app.documents.record.labels import counted, day, label, said
from app.domain.codes import SenStatus
from app.domain.entries import (
    Consulted,
    EhcPlanCeased,
    Entry,
    Impact,
    Matter,
    NextStep,
    OutcomeRated,
    PlanAgreed,
    Provision,
    ReviewHeld,
    SenDecided,
    SupportEnded,
    TransitionDecided,
)

DIFFERENCE: Final = {
    Impact.ACHIEVED: "This was reached.",
    Impact.GOOD_PROGRESS: "The help made a big difference.",
    Impact.SOME_PROGRESS: "The help made some difference.",
    Impact.LITTLE_OR_NO_PROGRESS: "The help made little or no difference.",
}


NEXT_STEPS: Final = {
    NextStep.CONTINUE: "The support will go on.",
    NextStep.REVISE: "We will change the support.",
    NextStep.INVOLVE_SPECIALIST: "We will ask a specialist for help. We will talk to you about it first.",
    NextStep.END_SUPPORT: "We think that SEN Support can end. We will talk to you about it first.",
    NextStep.REQUEST_EHC_ASSESSMENT: "We will talk about asking the council for an education, health and care needs assessment.",
}
MORE_THAN_MOST: Final = "It is more than, or different from, the help that most pupils of the same age get."
ITS_NAMES: Final = "The law calls it special educational provision. We call it SEN Support."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an entry only points to: the names of staff, and the plan that a review looked at."""

    people: Mapping[UUID, str] = field(default_factory=dict)
    plan: PlanAgreed | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Who is spoken of, and the names that the sentences need."""

    voice: Voice
    school: str
    known: Known

    def name(self, person: UUID) -> str:
        """A member of staff by name, or as such where the name is not at hand."""
        return self.known.people.get(person, "a member of our staff")


def passages_on(matter: Matter, entry: Entry, told: Told) -> tuple[Passage, ...]:
    """The passages for an entry; the caller has seen to it that the matter fits the entry."""
    match entry:
        case SenDecided() if matter is Matter.SEN_PROVISION:
            return _provision_made(entry, told)
        case SenDecided():
            return _no_need_found(entry, told)
        case EhcPlanCeased():
            return _provision_after_a_plan(entry, told)
        case TransitionDecided():
            return _transition(entry, told)
        case PlanAgreed():
            return _plan(entry, told)
        case ReviewHeld():
            return _review(entry, told)
        case SupportEnded():
            return _ended(entry, told)
    return ()


def closing(voice: Voice, school: str) -> tuple[str, ...]:
    """Whom to speak to, and where advice is free; the same at the end of every notice."""
    about = "your help" if voice.to_child else f"{voice.their} help"
    return (
        f"If you want to talk about this, please speak to {voice.their} teacher. Please do so too if you are not happy with {about}. "
        "You can also ask to speak to the SENCO or to the head teacher. The SENCO is the teacher in charge of help for special "
        "educational needs.",
        "You can get free advice from people who do not work for the school. Look for the information, advice and support service in the "
        "Local Offer on your council's website. Or ask us how to find it.",
        f"From {school}",
    )


def _provision_made(entry: SenDecided, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = (
        f"On {day(entry.occurred_on)} we decided that {voice.they} {voice.says('need', 'needs')} extra help at school. {MORE_THAN_MOST} "
        f"{ITS_NAMES}",
        f"We must tell you that {told.school} is giving this help.",
    )
    return (
        Passage(sentences=opening),
        if_any("What the help is for", entry.difficulty),
        if_any("What the help is", entry.provision_beyond_ordinary),
        Passage("Why we decided this", (entry.reason,)),
        Passage("What happens next", (*_begins(entry.provision_starts_on), *_looks_again(entry.review_on), _plan_follows(voice))),
    )


def _provision_after_a_plan(entry: EhcPlanCeased, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = (
        f"The council has ended the plan or statement that {voice.they} had.",
        f"On {day(entry.occurred_on)} we decided that {voice.they} still {voice.says('need', 'needs')} extra help at school. "
        f"{MORE_THAN_MOST} {ITS_NAMES}",
        f"We must tell you that {told.school} is giving this help.",
    )
    return (
        Passage(sentences=opening),
        Passage("Why we decided this", (entry.reason,)),
        Passage("What happens next", (_plan_follows(voice),)),
    )


def _no_need_found(entry: SenDecided, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    decided = (
        f"On {day(entry.occurred_on)} we decided that {voice.they} {voice.says('do', 'does')} not have special educational needs now. "
        f"The help that we give to all pupils is right for {voice.they}."
    )
    again = "Things can change. If you are worried later on, tell us and we will look again."
    return (
        Passage(sentences=(decided,)),
        Passage("Why we decided this", (entry.reason,)),
        Passage("What happens next", (*_looks_again(entry.review_on), again)),
    )


def _transition(entry: TransitionDecided, told: Told) -> tuple[Passage, ...]:
    voice, before = told.voice, label(entry.came_from)
    opening = (
        f"{voice.at_start} {voice.says('were', 'was')} getting help called {before}. Schools no longer use that name. So on "
        f"{day(entry.reviewed_on)} we looked again at what {voice.they} {voice.says('need', 'needs')}."
    )
    if entry.judgement is SenStatus.SEN_SUPPORT:
        decided = (
            f"We decided that {voice.they} {voice.says('need', 'needs')} SEN Support. {MORE_THAN_MOST} "
            f"We must tell you that {told.school} is giving this help."
        )
        following = (*_begins(entry.provision_starts_on), _plan_follows(voice))
    else:
        decided = (
            f"We decided that {voice.they} {voice.says('do', 'does')} not need SEN Support, because what we give to all pupils meets "
            f"{voice.their} needs. This may be a change of name only. It need not mean less help for {voice.they}."
        )
        following = ("Things can change. If you are worried later on, tell us and we will look again.",)
    return (
        Passage(sentences=(opening, decided)),
        Passage("What we saw", (entry.needs_analysis,)),
        Passage("What all pupils here can get", (entry.ordinarily_available,)),
        Passage("Why we decided this", (entry.reason,)),
        Passage("What happens next", following),
    )


def _plan(entry: PlanAgreed, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    outcomes = tuple(
        f"{full(one.text)} By {day(one.target_on)}. How we will see it: {full(one.measure)} What we expect: {full(one.expected_impact)}"
        for one in entry.outcomes
    )
    opening = f"On {day(entry.occurred_on)} we agreed a plan for {voice.their} SEN Support. This is what it says."
    return (
        Passage(sentences=(opening,)),
        Passage("What we want to see", (), outcomes),
        Passage("The help", (), tuple(_help(one, told) for one in entry.provision)),
        if_any("What we will change in lessons", entry.teaching_strategies),
        if_any("Other changes at school", entry.adjustments),
        if_any("What you can do" if voice.to_child else "What you can do at home", entry.home_contribution),
        Passage("Who is responsible", (f"{told.name(entry.responsible_teacher)} is responsible for this support.",)),
        Passage("Who was asked", asked(voice, entry.parents_consulted, entry.pupil_consulted)),
        Passage("When we will look at it again", (f"We will review the plan with you on or before {day(entry.review_on)}.",)),
    )


def _help(one: Provision, told: Told) -> str:
    times = counted(one.sessions_per_week, "time", "times")
    minutes = counted(one.minutes_per_session, "minute", "minutes")
    return (
        f"{one.support}: {times} a week for {minutes}, given by {told.name(one.delivered_by)}. "
        f"{told.name(one.accountable_teacher)} is the teacher who answers for it."
    )


def _review(entry: ReviewHeld, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = f"On {day(entry.occurred_on)} we looked at how {voice.their} support has gone and what difference it has made."
    return (
        Passage(sentences=(opening,)),
        Passage("What difference the help made", (), tuple(_rated(one, told.known.plan) for one in entry.ratings)),
        Passage("How good the help was", (entry.quality_of_support,)),
        Passage("What was said", (f"{voice.parents_at_start}: {said(entry.parents_view)}", f"{voice.at_start}: {said(entry.pupils_view)}")),
        Passage("What happens next", (f"{NEXT_STEPS[entry.next_step]} {full(entry.next_step_reason)}",)),
    )


def _rated(one: OutcomeRated, plan: PlanAgreed | None) -> str:
    return f"{sought(one, plan)} {DIFFERENCE[one.impact]} {full(one.evidence)}"


def sought(one: OutcomeRated, plan: PlanAgreed | None) -> str:
    """What was to be reached, in the words of the plan, or by its number where the plan is not at hand."""
    text = next((outcome.text for outcome in plan.outcomes if outcome.number == one.outcome), "") if plan else ""
    return full(text) if text else f"Outcome {one.outcome}."


def asked(voice: Voice, parents: Consulted, pupil: Consulted) -> tuple[str, ...]:
    """Say on which day the parents and the pupil were asked, or why they were not."""
    whom = ((f"{voice.their} parents", parents), (voice.they, pupil))
    return tuple(
        f"We asked {who} on {day(one.on)}." if one.on else f"We did not ask {who}: {full(one.not_because or 'no reason was given')}"
        for who, one in whom
    )


def _ended(entry: SupportEnded, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = (
        f"{voice.their_at_start} SEN Support ended on {day(entry.occurred_on)}. We decided this at a review, because "
        f"what we give to all pupils now meets {voice.their} needs."
    )
    after = f"We will check how {voice.they} {voice.says('are', 'is')} getting on by {day(entry.monitor_on)}. If you are worried, tell us."
    return (
        Passage(sentences=(opening,)),
        Passage("Why we decided this", (entry.reason,)),
        Passage("Who was asked", asked(voice, entry.parents_consulted, entry.pupil_consulted)),
        Passage("What happens next", (after,)),
    )


def full(text: str) -> str:
    """End a text as a sentence ends."""
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."


def if_any(heading: str, text: str | None) -> Passage:
    """A passage with one text, or an empty one."""
    return Passage(heading, (text,)) if text else Passage()


def _begins(on: date | None) -> tuple[str, ...]:
    return () if on is None else (f"The help begins on {day(on)}.",)


def _looks_again(on: date | None) -> tuple[str, ...]:
    return () if on is None else (f"We will look at this again with you by {day(on)}.",)


def _plan_follows(voice: Voice) -> str:
    return f"We will make a plan with you. It will say what we want to change for {voice.they}, what help there is and who is responsible."
