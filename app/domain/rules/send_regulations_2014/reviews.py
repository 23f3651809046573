"""Duties of the Regulations on disclosing and reviewing EHC plans, in their order."""

from typing import Final

from app.domain.citation import children_and_families_act, code_of_practice, send_regulations
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import EVERY_TYPE

AMEND_THE_PLAN_BEFORE_A_PHASE_MOVE: Final = Rule(
    id="amend-the-plan-before-a-phase-move",
    rows=("EHC-16",),
    duty="Review and amend the plan, naming the next setting, before a move of phase: by 15 February, by 31 March for a move to post-16, "
    "five months before a move between post-16 institutions",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("18"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

REVIEW_THE_PLAN_EVERY_YEAR: Final = Rule(
    id="review-the-plan-every-year",
    rows=("EHC-13", "APDR-17"),
    duty="Review the EHC plan within twelve months of its making and of each review",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(children_and_families_act("44(1)"), send_regulations("20"), code_of_practice("6.56")),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

SEND_REVIEW_PAPERS_TWO_WEEKS_BEFORE: Final = Rule(
    id="send-review-papers-two-weeks-before",
    rows=("EHC-13",),
    duty="Send the papers of a review to all who are invited at least two weeks before the meeting",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(send_regulations("20"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)

REPORT_ON_THE_REVIEW_WITHIN_TWO_WEEKS: Final = Rule(
    id="report-on-the-review-within-two-weeks",
    rows=("EHC-13",),
    duty="Send the report of a review, with its recommendations, within two weeks of the meeting",
    who=Actor.SCHOOL,
    force=Force.MUST,
    cites=(send_regulations("20"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

DECIDE_WITHIN_FOUR_WEEKS_OF_A_REVIEW: Final = Rule(
    id="decide-within-four-weeks-of-a-review",
    rows=("EHC-14",),
    duty="Decide within four weeks of the review meeting whether to maintain, amend or cease the plan, and say so",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("20"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)

SEND_THE_AMENDED_PLAN_WITHIN_TWELVE_WEEKS: Final = Rule(
    id="send-the-amended-plan-within-twelve-weeks",
    rows=("EHC-15",),
    duty="Send the proposed changes with the decision to amend, and the amended plan within twelve weeks of the review meeting",
    who=Actor.LOCAL_AUTHORITY,
    force=Force.MUST,
    cites=(send_regulations("20 and 22, as read in R (L, M and P) v Devon County Council [2022] EWHC 493 (Admin)"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=EVERY_TYPE,
    checking=Checking.OBLIGATION,
)
