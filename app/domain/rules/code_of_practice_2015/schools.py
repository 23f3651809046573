"""Chapter 6 of the Code of Practice on the SEN information report, the SENCO and funding, in its order."""

from typing import Final

from app.domain.citation import code_of_practice
from app.domain.rule import Actor, Certainty, Checking, Force, Rule
from app.domain.rules.reading import READ_ON, SINCE_SEPTEMBER_2014
from app.domain.rules.scopes import MAINSTREAM, REPORTING

WRITE_THE_REPORT_FOR_FAMILIES: Final = Rule(
    id="write-the-report-for-families",
    rows=("SIR-06",),
    duty="Link the report to the local offer, write it plainly, and tell how looked-after pupils are supported",
    who=Actor.APPROPRIATE_AUTHORITY,
    force=Force.SHOULD,
    cites=(code_of_practice("6.79 to 6.83"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=REPORTING,
    checking=Checking.FINDING,
)

AGREE_THE_USE_OF_THE_NOTIONAL_BUDGET: Final = Rule(
    id="agree-the-use-of-the-notional-budget",
    rows=("GOV-07",),
    duty="Agree each financial year how the notional SEN budget is used",
    who=Actor.HEAD,
    force=Force.SHOULD,
    cites=(code_of_practice("6.95 to 6.99"),),
    certainty=Certainty.SECONDARY,
    checked=READ_ON,
    in_force=SINCE_SEPTEMBER_2014,
    binds=MAINSTREAM,
    checking=Checking.OBLIGATION,
)
