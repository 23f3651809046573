"""Every rule by its id, and a digest that changes whenever a rule does."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType, ModuleType
from typing import Final

from app.domain.rule import Rule
from app.domain.rules import (
    children_and_families_act_2014,
    data_protection,
    education_act_1996,
    equality_act_2010,
    local_practice,
    proposed_support_plans,
    pupil_information_regulations_2005,
    pupil_numbers_and_transfer_files,
    reading_the_law,
    school_census,
    transition_2014_2015,
)
from app.domain.rules.code_of_practice_2015 import ehc_assessments, graduated_approach, identification, specialists_and_records
from app.domain.rules.code_of_practice_2015 import schools as code_on_schools
from app.domain.rules.send_regulations_2014 import assessments, reviews
from app.domain.rules.send_regulations_2014 import schools as regulations_on_schools

INSTRUMENTS: Final[tuple[ModuleType, ...]] = (
    reading_the_law,
    education_act_1996,
    pupil_information_regulations_2005,
    equality_act_2010,
    children_and_families_act_2014,
    assessments,
    reviews,
    regulations_on_schools,
    identification,
    graduated_approach,
    specialists_and_records,
    code_on_schools,
    ehc_assessments,
    transition_2014_2015,
    school_census,
    pupil_numbers_and_transfer_files,
    data_protection,
    local_practice,
    proposed_support_plans,
)


def rules_of(instrument: ModuleType) -> tuple[Rule, ...]:
    """List the rules that one file holds, in the order in which they stand there."""
    return tuple(rule for rule in vars(instrument).values() if isinstance(rule, Rule))


RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.id: rule for instrument in INSTRUMENTS for rule in rules_of(instrument)})


def version_of(rules: Iterable[Rule]) -> str:
    """Digest all that the rules say into twelve hexadecimal digits; the order of the rules does not matter."""
    lines = sorted("\n".join(_told(rule)) for rule in rules)
    return sha256("\n\n".join(lines).encode()).hexdigest()[:12]


def _told(rule: Rule) -> tuple[str, ...]:
    return (
        rule.id,
        " ".join(rule.rows),
        rule.duty,
        rule.who,
        rule.force,
        "; ".join(str(citation) for citation in rule.cites),
        rule.certainty,
        str(rule.checked),
        f"{rule.in_force.since} {rule.in_force.until}",
        " ".join(sorted(rule.binds)),
        *(f"{wording.duty} {wording.in_force.since} {wording.in_force.until}" for wording in rule.earlier),
    )


RULES_VERSION: Final = version_of(RULES.values())
