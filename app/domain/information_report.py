"""The SEN information report: what Schedule 1 asks it to cover, and publishing it."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from app.domain.author import Author
from app.domain.binding import binding
from app.domain.decision import Decision
from app.domain.entries import DisabilityItem, InformationReportPublished, ReportedFactChanged
from app.domain.roles import school_role_refusal
from app.domain.rule import Finding
from app.domain.rules.children_and_families_act_2014 import PUBLISH_AN_INFORMATION_REPORT, REPORT_ON_DISABLED_PUPILS
from app.domain.rules.code_of_practice_2015.schools import WRITE_THE_REPORT_FOR_FAMILIES
from app.domain.rules.scopes import MAINSTREAM_AND_NURSERY
from app.domain.rules.send_regulations_2014.schools import COVER_EVERY_ITEM_OF_THE_REPORT
from app.domain.school import School

ITEMS: Final = frozenset(range(1, 14))
"""The thirteen items of Schedule 1."""
OF_MAINSTREAM_ALONE: Final = frozenset({2, 4})
"""How needs are identified, and who the SENCO is: mainstream schools and maintained nursery schools tell it, special schools need not."""


def publish_information_report(school: School, entry: InformationReportPublished, by: Author) -> Decision:
    """Publish the report or its review; what it does not cover is remarked on."""
    refusal = school_role_refusal(school, entry, by) or _impossible_report(entry)
    if refusal:
        return Decision.refused(refusal)
    return Decision.taken(entry, findings=binding(school, entry.occurred_on, _findings(school, entry)))


def change_reported_fact(school: School, entry: ReportedFactChanged, by: Author) -> Decision:
    """Say that something changed which the report tells of; the report is to follow."""
    refusal = school_role_refusal(school, entry, by)
    if entry.item not in ITEMS:
        refusal = refusal or COVER_EVERY_ITEM_OF_THE_REPORT.broken(item=entry.item, missing=("item of Schedule 1, from 1 to 13",))
    return Decision.refused(refusal) if refusal else Decision.taken(entry)


def items_owed(school: School, on: date) -> frozenset[int]:
    """The items that a school of this type covers on a day; a school that was not described owes all."""
    described = school.described_on(on)
    if described is None or described.school_type in MAINSTREAM_AND_NURSERY:
        return ITEMS
    return ITEMS - OF_MAINSTREAM_ALONE


def _impossible_report(entry: InformationReportPublished) -> Finding | None:
    if not entry.address.startswith(("https://", "http://")):
        return PUBLISH_AN_INFORMATION_REPORT.broken(missing=("address on the website",))
    if not set(entry.items) <= ITEMS:
        return COVER_EVERY_ITEM_OF_THE_REPORT.broken(items=len(entry.items), missing=("item of Schedule 1, from 1 to 13",))
    return None


def _findings(school: School, entry: InformationReportPublished) -> Iterator[Finding]:
    owed = items_owed(school, entry.occurred_on)
    yield _covers(COVER_EVERY_ITEM_OF_THE_REPORT.kept(items=len(owed)), tuple(f"item {item}" for item in sorted(owed - set(entry.items))))
    yield _covers(REPORT_ON_DISABLED_PUPILS.kept(), tuple(item.value for item in DisabilityItem if item not in entry.disability_items))
    yield _covers(WRITE_THE_REPORT_FOR_FAMILIES.kept(), tuple(_lacking_for_families(entry)))


def _covers(kept: Finding, missing: tuple[str, ...]) -> Finding:
    return kept.rule.broken(missing=missing, cure="add to the report what is missing").shown_by(kept.used) if missing else kept


def _lacking_for_families(entry: InformationReportPublished) -> Iterator[str]:
    for name in ("links_to_local_offer", "in_plain_language", "covers_looked_after_pupils"):
        if not getattr(entry, name):
            yield name
