"""Every rule by its id, and a digest that changes whenever a rule does."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType, ModuleType
from typing import Final

from app.domain.rule import Rule
from app.domain.rules import (
    children_and_families_act_2014,
    code_of_practice_2015_graduated_approach,
    code_of_practice_2015_identification,
    education_act_1996,
    records_and_privacy,
    school_census,
    send_regulations_2014,
    transition_2014_2015,
)

INSTRUMENTS: Final[tuple[ModuleType, ...]] = (
    children_and_families_act_2014,
    send_regulations_2014,
    code_of_practice_2015_identification,
    code_of_practice_2015_graduated_approach,
    transition_2014_2015,
    school_census,
    education_act_1996,
    records_and_privacy,
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
    )


RULES_VERSION: Final = version_of(RULES.values())
