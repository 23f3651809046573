"""Notices in Easy Read: one idea a sentence, one sentence a line, short words; where the school's own words come in they stand apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from app.documents.notices.notice_forms import Passage
from app.documents.notices.notice_passages import Told, asked, full, if_any, sought
from app.documents.notices.notice_voice import Voice
from app.documents.record.labels import counted, day, said
from app.domain.entries import (
    EhcPlanCeased,
    Entry,
    Impact,
    Judgement,
    NextStep,
    OutcomeRated,
    PlanAgreed,
    Provision,
    ReviewHeld,
    SenDecided,
    SupportEnded,
)

HELPED: Final[Mapping[Impact, str]] = MappingProxyType(
    {
        Impact.ACHIEVED: "We got there.",
        Impact.GOOD_PROGRESS: "The help worked well.",
        Impact.SOME_PROGRESS: "The help worked a bit.",
        Impact.LITTLE_OR_NO_PROGRESS: "The help did not work yet.",
    }
)
NEXT: Final[Mapping[NextStep, tuple[str, ...]]] = MappingProxyType(
    {
        NextStep.CONTINUE: ("The help goes on.",),
        NextStep.REVISE: ("We will change the help.",),
        NextStep.INVOLVE_SPECIALIST: ("We want to ask an expert for help.", "We will talk to you first."),
        NextStep.END_SUPPORT: ("We think the help can stop.", "We will talk to you first."),
        NextStep.REQUEST_EHC_ASSESSMENT: (
            "We want to talk about asking the council to look at this.",
            "The name for this is an education, health and care needs assessment.",
        ),
    }
)
TELL_US: Final = ("Are you worried?", "Tell us, and we will look again.")


@dataclass(frozen=True, slots=True)
class _Decision:
    """What was decided for extra help; an ended plan says as much as a decision does."""

    on: date
    reason: str
    difficulty: str | None = None
    provision: str | None = None
    starts_on: date | None = None
    review_on: date | None = None


def easy_passages(entry: Entry, told: Told) -> tuple[Passage, ...] | None:
    """The whole notice from below its greeting; None where nobody has written one for such an entry."""
    written = _written(entry, told)
    return None if written is None else (*written, *_closing(told.voice))


def _written(entry: Entry, told: Told) -> tuple[Passage, ...] | None:
    match entry:
        case SenDecided(judgement=Judgement.SEN_SUPPORT):
            return _decided(entry, told)
        case SenDecided():
            return _no_need(entry, told.voice)
        case EhcPlanCeased():
            return _plan_ceased(entry, told)
        case PlanAgreed():
            return _plan(entry, told)
        case ReviewHeld():
            return _review(entry, told)
        case SupportEnded():
            return _ended(entry, told)
    return None


def _decided(entry: SenDecided, told: Told) -> tuple[Passage, ...]:
    decision = _Decision(
        entry.occurred_on, entry.reason, entry.difficulty, entry.provision_beyond_ordinary, entry.provision_starts_on, entry.review_on
    )
    return _extra_help((), decision, told)


def _plan_ceased(entry: EhcPlanCeased, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    before = f"{voice.at_start} had a plan from the council.", "The council has ended it.", f"{voice.at_start} still {_gets(voice)} help."
    return _extra_help(before, _Decision(entry.occurred_on, entry.reason), told)


def _gets(voice: Voice) -> str:
    return voice.says("get", "gets")


def _extra_help(before: Iterable[str], decision: _Decision, told: Told) -> tuple[Passage, ...]:
    voice, d = told.voice, decision
    opening = (
        *before,
        f"{voice.at_start} {voice.says('need', 'needs')} extra help at school.",
        "Most pupils do not get this help.",
        f"We decided this on {day(d.on)}.",
        "The help is called SEN Support.",
        "SEN is short for special educational needs.",
        f"{told.school} is giving this help.",
        "The law says we must tell you.",
    )
    starts = (f"The help starts on {day(d.starts_on)}.",) if d.starts_on else ()
    again = (f"We will look at it again with you by {day(d.review_on)}.",) if d.review_on else ()
    plan = ("We will make a plan with you.", "It will say what help there is.", "It will say who gives the help.")
    return (
        Passage(sentences=opening),
        if_any("What is hard", d.difficulty),
        if_any("The help", d.provision),
        Passage("Why we decided this", (d.reason,)),
        Passage("What happens next", (*starts, *plan, *again)),
    )


def _no_need(entry: SenDecided, voice: Voice) -> tuple[Passage, ...]:
    opening = (
        f"We looked at how {voice.they} {voice.says('are', 'is')} doing at school.",
        f"{voice.at_start} {voice.says('do', 'does')} not need extra help now.",
        f"We do not think {voice.they} {voice.says('have', 'has')} special educational needs.",
        f"The help that all pupils get is right for {voice.they}.",
        f"We decided this on {day(entry.occurred_on)}.",
    )
    again = (f"We will look at it again with you by {day(entry.review_on)}.",) if entry.review_on else ()
    return (
        Passage(sentences=opening),
        Passage("Why we decided this", (entry.reason,)),
        Passage("What happens next", (*again, "Things can change.", *TELL_US)),
    )


def _plan(entry: PlanAgreed, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = f"We made a plan on {day(entry.occurred_on)}.", f"The plan is for {voice.their} help at school."
    hoped = tuple(f"{full(one.text)} We hope for this by {day(one.target_on)}. {full(one.expected_impact)}" for one in entry.outcomes)
    return (
        Passage(sentences=opening),
        Passage("What we hope for", (), hoped),
        Passage("The help", (), tuple(_help(one, told) for one in entry.provision)),
        if_any("What will change in lessons", entry.teaching_strategies),
        if_any("What else will change", entry.adjustments),
        if_any("What you can do" if voice.to_child else "What you can do at home", entry.home_contribution),
        Passage("Who is in charge of the help", (full(told.name(entry.responsible_teacher)),)),
        Passage("Who we asked", asked(voice, entry.parents_consulted, entry.pupil_consulted)),
        Passage(
            "What happens next", (f"We will look at the plan with you by {day(entry.review_on)}.", "Then we will see if the help works.")
        ),
    )


def _help(one: Provision, told: Told) -> str:
    often = counted(one.sessions_per_week, "time", "times")
    long = counted(one.minutes_per_session, "minute", "minutes")
    return f"{full(one.support)} This is {often} a week. Each time is {long} long. {told.name(one.delivered_by)} gives the help."


def _review(entry: ReviewHeld, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = f"We looked at {voice.their} help on {day(entry.occurred_on)}.", "We wanted to know if it works."
    heard = f"{voice.parents_at_start} said: {said(entry.parents_view)}", f"{voice.at_start} said: {said(entry.pupils_view)}"
    return (
        Passage(sentences=opening),
        Passage("What we saw", (), tuple(_rated(one, told) for one in entry.ratings)),
        Passage("How good the help was", (entry.quality_of_support,)),
        Passage("What people said", heard),
        Passage("What happens next", (*NEXT[entry.next_step], full(entry.next_step_reason))),
    )


def _rated(one: OutcomeRated, told: Told) -> str:
    return f"{sought(one, told.known.plan)} {HELPED[one.impact]} {full(one.evidence)}"


def _ended(entry: SupportEnded, told: Told) -> tuple[Passage, ...]:
    voice = told.voice
    opening = (
        f"{voice.their_at_start} SEN Support stopped on {day(entry.occurred_on)}.",
        f"The help that all pupils get is now right for {voice.they}.",
        "We looked at this in a review.",
    )
    after = f"We will check how {voice.they} {voice.says('are', 'is')} doing by {day(entry.monitor_on)}."
    return (
        Passage(sentences=opening),
        Passage("Why we decided this", (entry.reason,)),
        Passage("Who we asked", asked(voice, entry.parents_consulted, entry.pupil_consulted)),
        Passage("What happens next", (after, *TELL_US)),
    )


def _closing(voice: Voice) -> tuple[Passage, ...]:
    us = (
        f"You can talk to {voice.their} teacher.",
        "You can talk to the head teacher.",
        "You can talk to the SENCO.",
        "The SENCO is in charge of help for special educational needs.",
        "Is any of this hard to read?",
        "Ask us, and we will read it with you.",
    )
    others = (
        "Some people who can help do not work for us.",
        "Their help is free.",
        "Their name is the information, advice and support service.",
        "Ask us how to find them.",
        "Or look for the Local Offer on your council's website.",
    )
    return Passage("Who you can talk to", us), Passage("Who else can help", others)
