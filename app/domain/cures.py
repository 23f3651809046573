"""What puts right a finding that lacks something, by what it lacks; findings with a remedy of their own say it themselves."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

ANOTHER_SECOND_PERSON: Final = "let another member of staff confirm it, who has a role today and has been known at the school for 24 hours"

CURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "role on the day": "let somebody who held such a role on the day write it, or record that this person held it",
        "role on the day of writing": "let somebody write it who has a role at the school today",
        "standing entry of that number in this record": "name the number of an entry of this pupil that was not withdrawn",
        "provision in the plan": "name the number of a provision of the plan, or correct the plan",
        "review": "name the ledger number of a review of this pupil, or hold the review first",
        "rule of that id": "name a rule as GET /v1/rules lists it",
        "duty owed on that occasion": "name an occasion as the pupil's obligations list it",
        "reason": "give the reason",
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
        "birth before enrolment": "check the dates of birth and enrolment",
        "enrolment that stands on the day": "choose a day from the enrolment on",
        "telling of this notice": "name a telling of this notice that stands",
        "entry of that number on that matter": "name the entry that the person was told of",
        "programme of that id": "name the programme as the school's transition shows it",
        "status that the programme moves": "decide for a pupil whose status the programme moves; take another step for any other",
    }
)


def cure_of(missing: Iterable[str]) -> str:
    """Say what to do about what is missing; nothing missing gives no cure."""
    found = dict.fromkeys(CURES.get(name, f"give what is missing: {name}") for name in missing)
    return "; ".join(found)
