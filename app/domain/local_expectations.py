"""What authorities' own forms ask for beside a request; what is wanting is shown to the school and refuses nothing."""

from collections.abc import Iterator
from typing import Final

from app.domain.entries import EvidenceSubmitted
from app.domain.profile import Expectation, Looks, Mender, Profile
from app.domain.readiness import Readiness, readiness, weigh
from app.domain.record import Record
from app.domain.rule import Fact, Finding
from app.domain.rules.local_practice import SHOW_THE_COST_BESIDE_THE_THRESHOLD, SHOW_WHAT_LOCAL_FORMS_ASK_FOR

CYCLES: Final = Expectation(id="cycles", asks="two reviewed cycles", looks=Looks.REVIEWED_CYCLES, least=2, mender=Mender.TEACHER)
ASKED: Final = (
    CYCLES,
    Expectation(id="parents", asks="parents' view", looks=Looks.PARENTS_VIEW, mender=Mender.PARENT),
    Expectation(id="pupil", asks="pupil's view", looks=Looks.PUPILS_VIEW, mender=Mender.PUPIL),
    Expectation(
        id="report", asks="specialist's report within twelve months", looks=Looks.RECENT_ADVICE, months=12, mender=Mender.SPECIALIST
    ),
    Expectation(id="map", asks="provision map of the school year", looks=Looks.PROVISION_MAP, mender=Mender.SENCO),
)
THRESHOLD_IN_PENCE: Final = 600_000
"""The yearly cost above which authorities expect to add funding; no precondition of an assessment and no entitlement."""
COST: Final = Expectation(id="cost", asks="yearly cost of the provision", looks=Looks.COST, least=THRESHOLD_IN_PENCE, mender=Mender.SENCO)


def local_findings(record: Record, entry: EvidenceSubmitted, profile: Profile | None = None) -> Iterator[Finding]:
    """Remark on what local forms ask for, as of the day of submission, and on the cost of the provision.

    The forms are those of `profile`, or of many authorities where none is named or it holds for the whole country.
    """
    yield _form_finding(record, entry) if profile is None or profile.is_national else _profile_finding(record, entry, profile)
    yield _cost_finding(record, entry)


def _form_finding(record: Record, entry: EvidenceSubmitted) -> Finding:
    found = weigh(record, ASKED, entry.occurred_on, wanted_by=entry.occurred_on)
    wanting = tuple(weighed.expectation.asks for weighed in found if weighed.readiness is not Readiness.MET)
    reviewed = next(weighed.facts["reviewed_cycles"] for weighed in found if weighed.expectation is CYCLES)
    rule = SHOW_WHAT_LOCAL_FORMS_ASK_FOR
    return rule.broken(missing=wanting, reviewed_cycles=reviewed) if wanting else rule.kept(reviewed_cycles=reviewed)


def _profile_finding(record: Record, entry: EvidenceSubmitted, profile: Profile) -> Finding:
    """Name each gap by the id it has in the profile, for its words are the authority's own, and say how old what it asks is."""
    found = readiness(record, profile, entry.occurred_on, wanted_by=entry.occurred_on)
    wanting = tuple(one.expectation.id for one in found if one.readiness in (Readiness.PARTLY, Readiness.MISSING))
    told: dict[str, Fact] = {"profile": profile.name, "written": profile.source.written, "read_on": str(profile.source.read_on)}
    rule = SHOW_WHAT_LOCAL_FORMS_ASK_FOR
    cure = "see the readiness beside this profile for who can bring what is missing; nothing waits for it"
    return rule.broken(missing=wanting, cure=cure).shown_by(told) if wanting else rule.kept().shown_by(told)


def _cost_finding(record: Record, entry: EvidenceSubmitted) -> Finding:
    """A cost that is shown is shown, whichever side of the threshold it lies on: nothing is broken by costing less."""
    (cost,) = weigh(record, (COST,), entry.occurred_on, wanted_by=entry.occurred_on)
    if cost.readiness is not Readiness.MET:
        return SHOW_THE_COST_BESIDE_THE_THRESHOLD.broken(missing=(COST.asks,), threshold_in_pence=THRESHOLD_IN_PENCE)
    used = {name: cost.facts[name] for name in ("cost_in_pence", "threshold_in_pence")}
    return SHOW_THE_COST_BESIDE_THE_THRESHOLD.kept(reaches_threshold=cost.facts["reaches"]).shown_by(used)
