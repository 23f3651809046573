"""A verdict explains an obligation or a remark: rule, wording, facts used and missing, what would cure it, and all in a sentence."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.cures import cure_of
from app.domain.days import beginning_with
from app.domain.entries import EhcRequestWithdrawn
from app.domain.obligation import Obligation, Shape, State
from app.domain.obligations import MET_BY
from app.domain.oblige.ehc import DAYS_FOR_A_DRAFT
from app.domain.own_limits import OWN_LIMITS
from app.domain.rule import Actor, Fact, Finding, Force, Rule, Wording
from app.domain.rules import RULES_VERSION
from app.domain.rules.code_of_practice_2015.graduated_approach import MEET_PARENTS_THREE_TIMES_A_YEAR
from app.domain.rules.code_of_practice_2015.identification import ASSESS_ALL_PUPILS_REGULARLY
from app.domain.rules.data_protection import ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH
from app.domain.rules.send_regulations_2014.assessments import LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT
from app.domain.rules.send_regulations_2014.schools import QUALIFY_AS_SENCO_WITHIN_THREE_YEARS

JUDGED_ON_ITS_LAST_DAY: Final = frozenset({QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.id, ANSWER_SUBJECT_ACCESS_WITHIN_A_MONTH.id})
"""Duties that say what must be so once a time has passed, or how it is counted, and so are governed by the law of its end."""
OWED_ON_EVERY_DAY_SINCE: Final = frozenset({QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.id})
"""Of these, what must be so on each day after its last day too, by the law of that day."""
OVER_WHEN_MISSED: Final = frozenset({MEET_PARENTS_THREE_TIMES_A_YEAR.id, ASSESS_ALL_PUPILS_REGULARLY.id})
"""What is owed in each stretch of time anew: what comes after one is of the next, and never late for the one before."""
IN_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "record_before_it_begins": "what was written down before the school's record begins",
        "erased_entry": "what an erased entry said",
        "person_to_tell": "somebody who may be told",
        "telling_at_the_school_that_decided": "whether the school that decided told them",
        "authority_decision": "what the local authority decided",
    }
)
"""Facts that are missing, as a sentence names them where their names alone would not be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why it stands as it does. The wording is the one in force on `governed_on`; people and entries are given by id and number alone."""

    rule: Rule
    wording: Wording
    governed_on: date
    rules_version: str
    state: State | None
    used: Mapping[str, Fact]
    missing: tuple[str, ...]
    cure: str
    sentence: str


def verdict_on(owed: Obligation, day: date) -> Verdict | None:
    """Explain how an obligation stands at the end of a day, by the law of the day that governs it; None where it is not owed then."""
    state = owed.state_on(day)
    if state is None:
        return None
    governed_on = governing_day(owed, day)
    wording, cure = _wording(owed.rule, governed_on), _cure(owed, state, day)
    say = SENTENCES_OF.get((owed.rule.id, state), SENTENCES[state])
    which = f" ({owed.occasion})" if owed.shape is Shape.COUNTED else ""
    told = f"{OPENINGS[state]}: {wording.duty}{which}. {say(owed, day)}{_whose_limit(owed, state)}"
    return Verdict(
        rule=owed.rule,
        wording=wording,
        governed_on=governed_on,
        rules_version=RULES_VERSION,
        state=state,
        used=MappingProxyType(_used(owed, day)),
        missing=owed.missing,
        cure=cure,
        sentence=_whole(told, owed.rule, wording, cure, REMEDIES.get(state, PUT_RIGHT)),
    )


def governing_day(owed: Obligation, day: date) -> date:
    """The day whose law says what is owed, asked on a day: mostly that on which the duty arose.

    A SENCO appointed before a qualification was replaced is held on the third anniversary, and as long as there is none after it, to what
    counts then.
    """
    if owed.rule.id not in JUDGED_ON_ITS_LAST_DAY:
        return owed.arises_on
    last = max(owed.due or day, owed.arises_on)
    is_met = owed.met_on is not None and owed.met_on <= day
    if is_met or owed.rule.id not in OWED_ON_EVERY_DAY_SINCE:
        return last
    return max(last, day if owed.ended_on is None else min(day, owed.ended_on))


def verdict_of(finding: Finding, on: date, *, is_refused: bool = False) -> Verdict:
    """Explain a remark on the step that added an entry of this day, or the refusal of that step."""
    wording = _wording(finding.rule, on)
    opening = "Refused" if is_refused else "Kept" if finding.kept else "Not kept"
    facts = ", ".join(f"{name.replace('_', ' ')} {_said(value)}" for name, value in finding.used.items())
    lacking = f" Missing: {_listed(finding.missing)}." if finding.missing else ""
    told = f"{opening}: {wording.duty}.{f' Seen: {facts}.' if facts else ''}{lacking}"
    return Verdict(
        rule=finding.rule,
        wording=wording,
        governed_on=on,
        rules_version=RULES_VERSION,
        state=None,
        used=finding.used,
        missing=finding.missing,
        cure=finding.cure,
        sentence=_whole(told, finding.rule, wording, finding.cure, PUT_RIGHT),
    )


def _wording(rule: Rule, on: date) -> Wording:
    """The wording of the day; of a day before or after the rule was in force, the one next to it."""
    known = rule.wordings
    found = rule.wording_on(on)
    return found or (known[0] if on < (known[0].in_force.since or on) else known[-1])


def _whole(told: str, rule: Rule, wording: Wording, cure: str, remedy: str) -> str:
    return f"{told} {'; '.join(rule.sources_of(wording))}." + (f" {remedy}: {cure}." if cure else "")


def _used(owed: Obligation, day: date) -> dict[str, Fact]:
    """The facts of an obligation that are there, by name; what was met later than the day is not known on it."""
    is_met = owed.met_on is not None and owed.met_on <= day
    facts: dict[str, object] = {
        "occasion": owed.occasion,
        "person": owed.person,
        "arises_on": owed.arises_on,
        "opens_on": owed.opens_on,
        "due": owed.due,
        "met_on": owed.met_on if is_met else None,
        "met_by": owed.met_by if is_met else None,
        "ended_on": owed.ended_on,
        "excused_by": owed.excused_by,
        "departed_by": owed.departed_by,
    }
    return {name: fact if isinstance(fact, int) else str(fact) for name, fact in facts.items() if fact is not None}


def _cure(owed: Obligation, state: State, day: date) -> str:
    if state is State.NOT_KNOWN:
        return cure_of(owed.missing)
    if owed.rule.id == LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT.id:
        return CURES_OF_A_DRAFT.get(state, "")
    if state not in (State.DUE, State.BROKEN) or (owed.ended_on is not None and owed.ended_on <= day):
        return ""
    kinds = " or ".join(kind.type for kind in MET_BY.get(owed.rule.id, ()) if kind is not EhcRequestWithdrawn)
    record = f"record it{f' ({kinds})' if kinds else ''}"
    if owed.rule.who is Actor.LOCAL_AUTHORITY:
        return f"the local authority does it; then {record}"
    if state is State.DUE:
        return f"do it in time and {record}"
    late = f"do it now and {record}; it then counts as kept late; if it was done already, record it with its own day"
    if owed.rule.id in OVER_WHEN_MISSED:
        late = f"that time is over; do it in the time that runs now and {record}"
    return f"{late}, or record the reason for departing from the guidance" if owed.rule.force is Force.SHOULD else late


def _whose_limit(owed: Obligation, state: State) -> str:
    name = OWN_LIMITS.get(owed.rule.id)
    if name is None or owed.due is None or state not in (State.DUE, State.BROKEN, State.KEPT_LATE):
        return ""
    return f" That day comes from the school's own limit ({name.value}), for the source counts no days."


def _not_due(owed: Obligation, day: date) -> str:
    return f"It opens on {_day(owed.opens_on or owed.arises_on)}{_by(owed)}."


def _due(owed: Obligation, day: date) -> str:
    return f"It has been owed since {_day(owed.opens_on or owed.arises_on)}{_by(owed)}."


def _by(owed: Obligation) -> str:
    return "" if owed.due is None else f" and the last day for it is {_day(owed.due)}"


def _kept(owed: Obligation, day: date) -> str:
    return f"It was done on {_day(owed.met_on)}" + ("." if owed.due is None else f"; the last day for it was {_day(owed.due)}.")


def _kept_late(owed: Obligation, day: date) -> str:
    if owed.due is None or owed.met_on is None:
        return f"It was not so from {_day(owed.arises_on)} until {_day(owed.met_on)}."
    late = (owed.met_on - owed.due).days
    return f"It was due by {_day(owed.due)} and was done on {_day(owed.met_on)}, {late} {'day' if late == 1 else 'days'} late."


def _broken(owed: Obligation, day: date) -> str:
    if owed.due is None:
        return f"As far as the record shows, it has not been so since {_day(owed.arises_on)}."
    return f"It was due by {_day(owed.due)} and has not been done, as far as the record shows."


def _excused(owed: Obligation, day: date) -> str:
    return f"Entry {owed.excused_by} records a lawful exception."


def _departed(owed: Obligation, day: date) -> str:
    return f"Entry {owed.departed_by} records who departed from this guidance, and why."


def _not_known(owed: Obligation, day: date) -> str:
    return f"Whether it was kept cannot be told without: {_listed(owed.missing)}."


def _days_for_a_draft(owed: Obligation) -> str:
    return f"The draft was served on {_day(owed.arises_on)}, so that the family has until {_day(_last_for_a_draft(owed))}"


def _last_for_a_draft(owed: Obligation) -> date:
    """The last of the family's days, which a plan made too early does not change."""
    return beginning_with(owed.arises_on, DAYS_FOR_A_DRAFT)


def _listed(missing: tuple[str, ...]) -> str:
    return ", ".join(IN_WORDS.get(name, name.replace("_", " ")) for name in missing)


def _said(value: Fact) -> str:
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "not said"}[value]
    return _day(date.fromisoformat(value)) if isinstance(value, str) and A_DAY.fullmatch(value) else str(value)


def _day(day: date | None) -> str:
    return "a day not said" if day is None else f"{day.day} {day:%B %Y}"


A_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
PUT_RIGHT: Final = "To put it right"
REMEDIES: Final[Mapping[State, str]] = MappingProxyType({State.DUE: "What to do", State.NOT_KNOWN: "To find out"})
OPENINGS: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.NOT_DUE: "Not due yet",
        State.DUE: "Due",
        State.KEPT: "Kept",
        State.KEPT_LATE: "Kept late",
        State.BROKEN: "Broken",
        State.EXCUSED: "Excused",
        State.DEPARTED: "Departed from",
        State.NOT_KNOWN: "Not known",
    }
)
SENTENCES: Final[Mapping[State, Callable[[Obligation, date], str]]] = MappingProxyType(
    {
        State.NOT_DUE: _not_due,
        State.DUE: _due,
        State.KEPT: _kept,
        State.KEPT_LATE: _kept_late,
        State.BROKEN: _broken,
        State.EXCUSED: _excused,
        State.DEPARTED: _departed,
        State.NOT_KNOWN: _not_known,
    }
)
SENTENCES_OF: Final[Mapping[tuple[str, State], Callable[[Obligation, date], str]]] = MappingProxyType(
    {
        (LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT.id, State.DUE): lambda owed, day: (
            f"{_days_for_a_draft(owed)}; no plan is made before that is over."
        ),
        (LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT.id, State.KEPT): lambda owed, day: f"{_days_for_a_draft(owed)}; no plan was made before.",
        (LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT.id, State.BROKEN): lambda owed, day: (
            f"{_days_for_a_draft(owed)}; a plan was made before that was over."
        ),
    }
)
"""What is said of a duty to wait, which is not done by a day and is broken by what comes too early."""
CURES_OF_A_DRAFT: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.DUE: "the local authority makes no plan before the days are over",
        State.BROKEN: "the days cannot be given back; let the local authority hear now what the family would have said",
    }
)
