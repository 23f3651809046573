"""One notice of every matter, written to a parent or to the young person."""

from datetime import date

from app.documents.notices.notice_passages import Known
from app.documents.notices.notice_voice import Addressee
from app.documents.notices.notice_words import Format, Original, Words, original
from app.domain.entries import EhcPlanCeased, Entry, Judgement, Matter
from tests.documents.builders import PEOPLE
from tests.domain.builders import a_plan, a_review, a_transition, sen_decided, support_ended

DAY, REVIEW = date(2025, 9, 12), date(2025, 12, 1)
PLAN = a_plan(DAY, REVIEW)
PLAN_CEASED = EhcPlanCeased(
    occurred_on=DAY, authority="999", judgement=Judgement.SEN_SUPPORT, reason="Reading still needs more than class teaching."
)
EVERY_MATTER: tuple[tuple[Matter, Entry], ...] = (
    (Matter.SEN_PROVISION, sen_decided(DAY)),
    (Matter.SEN_PROVISION, PLAN_CEASED),
    (Matter.NO_SEN, sen_decided(DAY, Judgement.NO_SEN)),
    (Matter.TRANSITION, a_transition(DAY)),
    (Matter.TRANSITION, a_transition(DAY, judgement=Judgement.NO_SEN)),
    (Matter.PLAN, PLAN),
    (Matter.REVIEW, a_review(REVIEW)),
    (Matter.SUPPORT_ENDED, support_ended(REVIEW, 1)),
)
MOTHER_READS = Addressee(name="Mona Madeupson", is_young_person=False)
MILO_READS = Addressee(name="Milo Madeupson", is_young_person=True)
KNOWN = Known(people=PEOPLE, plan=PLAN)


def written(matter: Matter, entry: Entry, to: Addressee = MOTHER_READS, known: Known = KNOWN) -> Original:
    return original(matter, entry, to=to, child_first_name="Milo", school_name="Invented Primary School", known=known)


def told(matter: Matter, entry: Entry, to: Addressee = MOTHER_READS, *, form: Format = "text", known: Known = KNOWN) -> Words:
    words = written(matter, entry, to, known).words(form)
    assert words is not None
    return words
