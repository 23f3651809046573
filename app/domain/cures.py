"""What puts right a finding that lacks something, by what it lacks; findings with a remedy of their own say it themselves."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

IN_THE_CALENDAR: Final = ("autumn term ", "spring term ", "summer term ", "bank holidays ")
"""How what a count of days lacks is named."""
AWAITED: Final = " awaited since "
"""How what a clock that stands still waits for is named."""
ANOTHER_SECOND_PERSON: Final = "let another member of staff confirm it, who has a role today and has been known at the school for 24 hours"

CURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "role on the day": "let somebody who held such a role on the day write it, or record that this person held it",
        "number of an authority": "give the three digits of the authority",
        "authority of that number today": "check the number; it may be that of an authority that is gone",
        "number of the authority that looks after the pupil": "give the three digits of the authority that looks after the pupil",
        "contact who speaks for the authority": "describe the social worker as a contact and name them",
        "person with responsibility or care": "describe who has parental responsibility or care, be it the authority",
        "young person over compulsory school age": "choose a day from which the rights are the young person's, not the parents'",
        "whether anything bars a parent by birth": (
            "a parent by birth is told unless restricted; let a named person look for an order or a safeguarding decision, and name it in "
            "restriction_basis, or say there that none was found"
        ),
        "basis": "say on what it rests and who decided it",
        "capacity to agree": "let who acts for the young person be told, or decide on capacity anew",
        "role on the day of writing": "let somebody write it who has a role at the school today",
        "standing entry of that number in this record": "name the number of an entry of this pupil that was not withdrawn",
        "provision in the plan": "name the number of a provision of the plan, or correct the plan",
        "review": "name the ledger number of a review of this pupil, or hold the review first",
        "rule of that id": "name a rule as GET /v1/rules lists it",
        "duty owed on that occasion": "name an occasion as the pupil's obligations list it",
        "EHC plan in force on the day": "record the plan first, or choose a day on which it stood",
        "review meeting held by that day": "name the ledger number of a review meeting of this pupil, and a day from it on",
        "papers_sent_on": "send the papers two weeks before, and say on which day they went out",
        "changes_sent_with_notice": "send the proposed changes with the notice",
        "day of the last review before the pupil came": "hold the next review here, or ask the school before when the last one was",
        "item of Schedule 1, from 1 to 13": "name items by their numbers in Schedule 1, from 1 to 13",
        "address on the website": "give the address of the report, which begins with https://",
        "SENCO of the school on the day": "give this person the role first, or choose a day on which they held it",
        "functions": "say what the SENCO leads and does",
        "census day by that day": "name the day of a census that was taken by then",
        "complaint received by that day": "name the ledger number of a complaint, and a day from it on",
        "request of the authority by that day": "name the ledger number of what the authority asked, and a day from it on",
        "ground on which the SENCO serves": "describe the SENCO: on what ground, and since when anywhere",
        "day on which the SENCO first became one": "describe the SENCO: on what ground, and since when anywhere",
        "request to see the record by that day": "name the ledger number of a request to see this record, and a day from it on",
        "request in writing": "ask for it in writing; only then do the fifteen school days begin",
        "review of exemptions": "let a named person look through the record for what must be withheld, before anything is released",
        "what is asked for": "say in words what is asked for",
        "words or papers": "give words, or name papers that were handed in, or both",
        "who contributes": "name staff and contacts by id, a specialist by the entry that involved them, the pupil by neither",
        "contributor's role on the day": "name a member of staff who holds a role on that day",
        "contact described by that day": "describe the contact first, or choose a day from then on",
        "specialist involved by that day": "name the ledger number of the entry that involved the specialist, and a day from it on",
        "advice given by that day": "name the ledger number of the advice, and a day from it on",
        "with_parents or with_staff": "say with whom it was shared",
        "parents_involved_on": "take the decision with the parents, and say on which day they took part, or why they could not",
        "parents_agreed_on": "ask the parents to agree before the contact is made",
        "everybody who may be told": "give the report to everybody who may be told",
        "discussion_offered": "offer a talk about the report with a teacher",
        "adjustment": "say which adjustment was made or considered",
        "person in the record": "describe the contact first, or name the pupil",
        "specialist": "involve a specialist, with the parents",
        "request considered": "consider asking the authority for an assessment, and say so in the next step",
        "teaching_strategies": "say how the pupil is best taught",
        "more minutes than an ordinary parents' evening": "give the meeting more time than an ordinary parents' evening has",
        "outside_advice": "bring the specialist's advice into the assessment of this cycle",
        "reason": "give the reason",
        "record_before_it_begins": "load what was written down before the school's record begins, or have the record begin earlier",
        "erased_entry": "nothing gives back what was erased; write down again what is still known",
        "talk with the parents before the decision": "talk with the parents first, or record the talk that was held",
        "review_on": "set a day to look again",
        "other_explanations": "say which other causes were looked for",
        "disability_considered": "consider whether the pupil is disabled and what adjustments that calls for",
        "lawful_basis": "say on which basis it is shared: a legal obligation or a public task",
        "second person": "let another member of staff confirm it",
        "second person who is another": ANOTHER_SECOND_PERSON,
        "second person other than the first": ANOTHER_SECOND_PERSON,
        "second person among the staff": ANOTHER_SECOND_PERSON,
        "second person's role on the day": ANOTHER_SECOND_PERSON,
        "proof of who the second person is": (
            "send a proof signed by the school's identity provider, or let the school set asserted_second_person_accepted to 1"
        ),
        "reason for another day of receipt": "say why the evidence counts as received on another day",
        "request made by that day": "make the request first, or choose a day from it on",
        "concern raised by that day": "name the ledger number of a concern of this pupil, and a day from it on",
        "measurements taken by that day": "leave out measurements that are later than the check",
        "somebody who came or declined": "name who came, or who declined",
        "step for this kind of entry": "take a step that the API has for it",
        "author in the record": "name an author who stands in this pupil's record on the day, or a member of staff",
        "bank holidays of the year": "give the days that are bank holidays in England in that year",
        "birth before enrolment": "check the dates of birth and enrolment",
        "enrolment that stands on the day": "choose a day from the enrolment on",
        "reasons": "give the reasons for the refusal",
        "asking that is answered, by that day": "name the ledger number of what was asked, and a day from it on",
        "request for advice of that number": "name the ledger number of the request for advice",
        "ground that the Regulations name for this clock": "claim it on a ground that counts for this clock, or keep to the time",
        "evidence for the exception": "say what shows that the exception applies",
        "last day of the exception": "give its last day, once it is known",
        "four continuous weeks": "claim it only where it lasts four weeks or more without a break",
        "day on which the family was told of the exception": "tell the family that an exception is relied on",
        "authority_decision": "record what the authority decided, or let its client record it",
        "decision that may be appealed, made by that day": "name the number of a decision that may be appealed, and a day from it on",
        "appeal lodged by that day": "name the ledger number of the appeal, and a day from it on",
        "mediation certificate": "record the certificate, or that the appeal is about the placement alone",
        "family_knows": "let the family know that somebody brought the child to notice",
        "family_agrees": "ask the family whether they agree",
        "day on which mediation was asked for or declined, and held": "give the day the family answered, and the day of the mediation",
        "standing entry of that number on this request": "name the number of an entry of this request, as reading it shows",
        "person_to_tell": "describe a contact who may be told, or let a named person settle who may",
        "telling_at_the_school_that_decided": "ask the school that decided whether they were told, or tell them here and record it",
        "right to be told on that day": "tell those who may be told on the day; what was said to somebody else stays written down",
        "telling of this notice": "name a telling of this notice that stands",
        "entry of that number on that matter": "name the entry that the person was told of",
        "part that was sent": "say whether the common transfer file, the educational record or both were sent",
        "common transfer file": "make the file, send it too, and write that down",
        "sending made by that day": "name the ledger number of a sending of this record, and a day from it on",
        "joining of these two records": "name two records that were joined and not parted since",
        "another pupil's record": "name another pupil of this school",
        "hold that stands on the day": "name the ledger number of a hold that was not lifted, and a day from it on",
        "status to which the programme leads": "decide for a status to which the programme leads",
        "programme of that id": "name the programme as the school's transition shows it",
        "status that the programme moves": "decide for a pupil whose status the programme moves; take another step for any other",
    }
)


def cure_of(missing: Iterable[str]) -> str:
    """Say what to do about what is missing; nothing missing gives no cure."""
    found = dict.fromkeys(CURES.get(name) or _cure_by_name(name) for name in missing)
    return "; ".join(found)


def _cure_by_name(name: str) -> str:
    if name.startswith(IN_THE_CALENDAR):
        return f"load into the school's calendar: {name}"
    if AWAITED in name:
        return "write down the day on which it came; the clock goes on from there"
    return f"give what is missing: {name.replace('_', ' ')}"
