"""How every rule is applied: whom it binds, with what force, and from when."""

from typing import Final

from app.domain.citation import Citation, Instrument, children_and_families_act, code_of_practice, send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import EVERY_TYPE

BIND_THE_SCHOOLS_NAMED: Final = Rule(
    id="bind-the-schools-named",
    rows=("META-01",),
    duty="Hold a school only to the duties that bind schools of its type",
    who=Actor.SYSTEM,
    force=Force.MUST,
    cites=(
        children_and_families_act("35"),
        children_and_families_act("66 to 69"),
        children_and_families_act("83(2)"),
        children_and_families_act("100"),
    ),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_binding.py::test_a_school_is_held_to_the_duties_of_its_type_and_to_no_others",
    leaflets_differ=(
        "Both leaflets take the Code and section 66 for the source of every duty of every school; the duties are spread over several "
        "sections, and each binds the types of school it names."
    ),
)

TELL_MUST_FROM_SHOULD: Final = Rule(
    id="tell-must-from-should",
    rows=("META-02",),
    duty="Show statute and guidance apart; clear a departure from guidance by a reason with its author, and statute by none",
    who=Actor.SYSTEM,
    force=Force.SHOULD,
    cites=(code_of_practice("i to x, introduction"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_obligations.py::test_guidance_is_departed_from_with_a_recorded_reason_and_statute_is_not",
)

APPLY_THE_LAW_OF_THE_DAY: Final = Rule(
    id="apply-the-law-of-the-day",
    rows=("META-03",),
    duty="Judge what happened by the law in force on its day, in the wording of that day, and not by the law of the day of asking",
    who=Actor.SYSTEM,
    force=Force.MUST,
    cites=(send_regulations("49"), Citation(Instrument.DATA_PROTECTION, "UK GDPR articles 22A to 22D, in force since 5 February 2026")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/domain/test_time_travel.py::test_every_duty_falls_on_a_day_on_which_its_rule_was_in_force",
    leaflets_differ=(
        "The Dudley leaflet names the Code of 2014 and Knowsley no edition; the edition of January 2015 has governed since 1 "
        "April 2015, and its paragraphs are the ones cited."
    ),
)
