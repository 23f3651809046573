"""Standards of the UPN, other identifiers and the Common Transfer File."""

from datetime import date
from typing import Final

from app.domain.citation import Citation, Instrument
from app.domain.rule import Actor, Certainty, Checking, Force, InForce, Rule
from app.domain.rules.reading import READ_ON
from app.domain.rules.scopes import EVERY_TYPE

SEND_A_COMMON_TRANSFER_FILE: Final = Rule(
    id="send-a-common-transfer-file",
    rows=("DAT-04",),
    duty="Send a common transfer file with the record, which is good practice where it is not a duty",
    who=Actor.SCHOOL,
    force=Force.DATA_STANDARD,
    cites=(Citation(Instrument.UPN_GUIDE, "section 4.1"),),
    certainty=Certainty.PRIMARY,
    checked=READ_ON,
    in_force=InForce(since=date(2005, 7, 8)),
    binds=EVERY_TYPE,
    checking=Checking.FINDING,
)
