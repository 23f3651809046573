"""Duties of the Regulations on EHC needs assessments, plans and their disclosure, in their order."""

from typing import Final

from app.domain.citation import code_of_practice, send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import EVERY_TYPE

AUTHORITY_DECIDES_WITHIN_SIX_WEEKS: Final = Rule(
    id="authority-decides-within-six-weeks",
    rows=("EHC-05",),
    duty="Decide within six weeks of receiving a request whether to assess, and say so",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("5(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

TELL_IN_A_REFUSAL_WHAT_CAN_BE_DONE: Final = Rule(
    id="tell-in-a-refusal-what-can-be-done",
    rows=("EHC-05", "EHC-08"),
    duty="Tell with a refusal the right of appeal and its time, mediation, settling of disagreements and advice services, with reasons",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("5(3)"), send_regulations("10(3)")),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

CLAIM_AN_EXCEPTION_ON_ITS_GROUNDS: Final = Rule(
    id="claim-an-exception-on-its-grounds",
    rows=("EHC-06",),
    duty="Go past a time limit only on a ground that the Regulations name for it, on evidence and while it lasts, and tell the family",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(
        send_regulations("5(4)"),
        send_regulations("8(2)"),
        send_regulations("10(4)"),
        send_regulations("13(3)"),
        code_of_practice("9.43"),
    ),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

GIVE_ADVICE_WITHIN_SIX_WEEKS: Final = Rule(
    id="give-advice-within-six-weeks",
    rows=("EHC-07",),
    duty="Give the advice that an authority asks for within six weeks of receiving its request",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(send_regulations("6(1)"), send_regulations("8(1)")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

AUTHORITY_SAYS_NO_PLAN_WITHIN_SIXTEEN_WEEKS: Final = Rule(
    id="authority-says-no-plan-within-sixteen-weeks",
    rows=("EHC-08",),
    duty="Say within sixteen weeks of receiving a request that no plan will be made, if so decided",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("10(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

SET_OUT_EVERY_SECTION: Final = Rule(
    id="set-out-every-section",
    rows=("EHC-12",),
    duty="Set out sections A to K of a plan, each under its own letter",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("12(1)"), code_of_practice("9.63"), code_of_practice("9.69")),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

LEAVE_FIFTEEN_DAYS_FOR_A_DRAFT: Final = Rule(
    id="leave-fifteen-days-for-a-draft",
    rows=("EHC-09",),
    duty="Leave the family at least fifteen days, beginning with the day of service, to answer a draft plan",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("13(1)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

AUTHORITY_SENDS_PLAN_WITHIN_TWENTY_WEEKS: Final = Rule(
    id="authority-sends-plan-within-twenty-weeks",
    rows=("EHC-10",),
    duty="Send the final plan within twenty weeks of receiving a request, if one is made",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("13(2)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

SEND_THE_PLAN_TO_ALL_THREE: Final = Rule(
    id="send-the-plan-to-all-three",
    rows=("EHC-10",),
    duty="Send the final plan to the family, the setting it names and the commissioning body",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("13(2)"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

DISCLOSE_A_PLAN_ON_A_BASIS: Final = Rule(
    id="disclose-a-plan-on-a-basis",
    rows=("EHC-23",),
    duty="Disclose what concerns a plan only to those and for what the Regulations name, and write down who saw it and why",
    who=Actor.SYSTEM,
    force=Force.MUST,
    cites=(send_regulations("17"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.PROPERTY,
    shown_by="tests/api/test_authority_requests.py::test_without_a_known_purpose_nothing_is_let_out",
)
