"""Who may be SENCO, by when they must be qualified, and what the role is."""

from app.domain.author import Author
from app.domain.binding import binding
from app.domain.codes import StaffRole
from app.domain.decision import Decision
from app.domain.entries import SencoAward, SencoDescribed, SencoQualified, SencoRoleDetermined
from app.domain.roles import school_role_refusal
from app.domain.rule import Finding
from app.domain.rules.send_regulations_2014.schools import (
    DETERMINE_THE_ROLE_OF_THE_SENCO,
    NAME_THE_GROUND_A_SENCO_SERVES_ON,
    QUALIFY_AS_SENCO_WITHIN_THREE_YEARS,
)
from app.domain.school import School
from app.domain.senco_awards import counts


def describe_senco(school: School, entry: SencoDescribed, by: Author) -> Decision:
    """Say on what ground somebody who holds the role serves, and since when they have been a SENCO anywhere."""
    refusal = school_role_refusal(school, entry, by)
    if StaffRole.SENCO not in school.roles_of(entry.staff, entry.occurred_on):
        refusal = refusal or NAME_THE_GROUND_A_SENCO_SERVES_ON.broken(
            on=str(entry.occurred_on), missing=("SENCO of the school on the day",)
        )
    if entry.became_senco_on > entry.occurred_on:
        refusal = refusal or QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.broken(
            became_senco_on=str(entry.became_senco_on), cure="give the day on which they first became a SENCO"
        )
    return Decision.refused(refusal) if refusal else Decision.taken(entry)


def qualify_senco(school: School, entry: SencoQualified, by: Author) -> Decision:
    """Write down a qualification; one that does not count any more is remarked on."""
    refusal = school_role_refusal(school, entry, by)
    if entry.began_on > entry.occurred_on:
        refusal = refusal or QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.broken(began_on=str(entry.began_on), cure="give the day the course began")
    return Decision.refused(refusal) if refusal else Decision.taken(entry, findings=binding(school, entry.occurred_on, (_award(entry),)))


def determine_senco_role(school: School, entry: SencoRoleDetermined, by: Author) -> Decision:
    """Determine what the SENCO leads and does; a role without any function is none."""
    refusal = school_role_refusal(school, entry, by)
    if not any(function.strip() for function in entry.functions):
        refusal = refusal or DETERMINE_THE_ROLE_OF_THE_SENCO.broken(missing=("functions",))
    return Decision.refused(refusal) if refusal else Decision.taken(entry)


def _award(entry: SencoQualified) -> Finding:
    facts = {"award": entry.award, "began_on": str(entry.began_on), "completed_on": str(entry.occurred_on)}
    if counts(entry):
        return QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.kept(**facts)
    cure = "take the national professional qualification; the National Award counts only if begun before 1 September 2024 and ended by 2027"
    return QUALIFY_AS_SENCO_WITHIN_THREE_YEARS.broken(**facts, cure=cure if entry.award is SencoAward.NATIONAL_AWARD else "")
