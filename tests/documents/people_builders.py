"""One pupil's invented story from which every document for people can be drawn, with names in the scripts of a city's registers."""

from datetime import UTC, date, datetime
from uuid import UUID

from app.db.accesses import Looked
from app.documents.people.document import Document, DocumentKind, Letterhead
from app.documents.people.every import documents_of
from app.documents.people.who_looked import who_looked
from app.documents.record.labels import Names
from app.domain.codes import SenStatus
from app.domain.entries import (
    Entry,
    EvidenceSource,
    MeetingHeld,
    ProvisionMapped,
    ReviewDateMoved,
    SessionDelivered,
)
from app.domain.record import Record
from tests.domain.builders import (
    ASSISTANT,
    FATHER,
    HEAD,
    MOTHER,
    PUPIL,
    SAID,
    SENCO,
    TEACHER,
    a_contact,
    a_plan,
    a_record,
    a_review,
    a_transition,
    an_assessment,
    enrolled,
    imported,
    plan_ceased,
    sen_decided,
    support_ended,
)

UPN = "F999999925001"
NAMES_IN_MANY_SCRIPTS = {
    "Bengali": "রহিমা খাতুন",
    "Gujarati": "પ્રિયા પટેલ",
    "Gurmukhi": "ਹਰਪ੍ਰੀਤ ਕੌਰ ਗਿੱਲ",
    "Urdu": "محمد علی خان",
    "Arabic": "فاطمة الزهراء",
    "Devanagari": "आदित्य शर्मा",
    "Tamil": "செல்வி முருகன்",
    "Telugu": "లక్ష్మి దేవి",
    "Malayalam": "അഞ്ജലി നായർ",
    "Kannada": "ಕಾವ್ಯ ಗೌಡ",
    "Sinhala": "නිමල් පෙරේරා",
    "Thai": "สมชาย ใจดี",
    "Somali": "Cabdiraxmaan Xuseen",
    "Polish": "Łukasz Wiśniewski-Żółć",
    "Turkish": "Çağrı Işık",  # noqa: RUF001  # the dotless i of Turkish
    "Vietnamese": "Nguyễn Thị Ánh Tuyết",
    "Yoruba": "Ọláṣubọ̀mí Adébáyọ̀",
    "Chinese": "王晓明 陳大文 张玥珺",
    "Korean": "김민준",
    "Japanese": "さくら タロウ",
    "Tigrinya": "ሰላም ተስፋይ",
    "Hebrew": "דוד כהן",
    "Armenian": "Արամ Պետրոսյան",
    "Georgian": "ნინო გელაშვილი",
    "Ukrainian": "Олександр Шевченко",
    "Greek": "Γιώργος Παπαδόπουλος",
}
PEOPLE: dict[UUID, str] = {
    TEACHER: "Tess Teachwell",
    SENCO: "Sandra Sencombe",
    HEAD: "Hedley Headman",
    ASSISTANT: "Asha Assistwell",
    MOTHER: "Mona Madeupson",
    FATHER: "Fred Madeupson",
}
MOMENT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
OWN_WORDS = EvidenceSource(says="I like the \U0001f600 cards.\nI don't like reading out loud.")


def a_head(**changes: object) -> Letterhead:
    plain: dict[str, object] = {
        "school": "Invented Primary School",
        "reference": "P-0042",
        "first_name": "Milo",
        "names": Names(PEOPLE, PUPIL, "Milo Madeupson"),
        "unprinted": (UPN,),
    }
    return Letterhead(**(plain | changes))  # type: ignore[arg-type]


def a_meeting(on: date, **changes: object) -> MeetingHeld:
    plain: dict[str, object] = {
        "occurred_on": on,
        "attended_by": (MOTHER,),
        "led_by": TEACHER,
        "senco_present": True,
        "minutes": 40,
        "pupils_view": OWN_WORDS,
        "agreed": "Go on with the cards.",
        "given_to_parents_on": on,
    }
    return MeetingHeld(**(plain | changes))  # type: ignore[arg-type]


def a_story(said: str = "Blending is weak.") -> tuple[Entry, ...]:
    """A pupil from School Action to the end of support, with one entry of each kind that a document is about; `said` is free text."""
    return (
        enrolled(),
        a_contact(),
        imported(SenStatus.SCHOOL_ACTION, date(2014, 9, 1)),
        a_transition(date(2014, 12, 1)),
        an_assessment(date(2015, 1, 12), analysis=said, outside_advice=SAID),
        a_plan(date(2015, 1, 20), date(2015, 3, 27), adjustments="A quiet seat.", home_contribution="Read each day."),
        ReviewDateMoved(
            occurred_on=date(2015, 2, 2), cycle=1, review_on=date(2015, 4, 10), agreed_with_parents_on=date(2015, 2, 1), reason="Half-term."
        ),
        SessionDelivered(occurred_on=date(2015, 1, 26), cycle=1, provision=1, delivered_by=ASSISTANT, minutes=20, took_place=True),
        SessionDelivered(
            occurred_on=date(2015, 1, 27), cycle=1, provision=1, delivered_by=ASSISTANT, minutes=20, took_place=False, remark="Ill."
        ),
        ProvisionMapped(occurred_on=date(2015, 2, 3), school_year=2014, cost_in_pence=123_456),
        a_review(date(2015, 3, 20), pupils_view=OWN_WORDS),
        a_meeting(date(2015, 3, 20)),
        a_plan(date(2015, 4, 13), date(2015, 7, 10), 2),
        a_review(date(2015, 7, 3), 2),
        a_meeting(date(2015, 9, 20), attended_by=(), declined_by=(MOTHER,), given_to_parents_on=None),
        support_ended(date(2015, 10, 1), 14),
        plan_ceased(date(2015, 11, 1)),
        sen_decided(date(2015, 12, 1)),
    )


def the_record(said: str = "Blending is weak.") -> Record:
    return a_record(*a_story(said))


LOOKED = (
    Looked(
        id=UUID(int=0x701),
        request_id=None,
        organisation="Invented Authority",
        client="Casework",
        person="officer-17",
        purpose="ehc-needs-assessment",
        first_at=datetime(2026, 2, 27, 23, 50, tzinfo=UTC),
        last_at=datetime(2026, 2, 28, 0, 10, tzinfo=UTC),
    ),
    Looked(
        id=UUID(int=0x702),
        request_id=None,
        organisation=None,
        client=None,
        person=None,
        purpose="pushed",
        first_at=MOMENT,
        last_at=MOMENT,
    ),
)


def every_document(said: str = "Blending is weak.", head: Letterhead | None = None) -> tuple[Document, ...]:
    """All documents of the story and the list of who looked."""
    shown = head or a_head()
    return (*documents_of(the_record(said), shown), who_looked(LOOKED, shown, MOMENT))


def one(kind: DocumentKind, place: int = 0) -> Document:
    """The document of a kind at its place among those of the kind."""
    return [document for document in every_document() if document.kind is kind][place]
