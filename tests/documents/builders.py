"""A frozen record of an invented pupil in a school's chain that also holds another child's entries."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from uuid import UUID

from app.db.chain import Header, canonical, commitment_to, entry_digest, first_link, next_link
from app.db.codec import body_of
from app.documents.bundle.bag import Bundle, prepare, write_part
from app.documents.bundle.bag_names import BUNDLE_TYP
from app.documents.bundle.frozen import FrozenEntry, FrozenPupil, FrozenRecord, FrozenSchool, SignedHead
from app.domain.codes import NeedType, SenStatus
from app.domain.entries import (
    ConcernAnswered,
    Domain,
    EhcAssessmentRequested,
    Entry,
    Matter,
    Measurement,
    MeetingHeld,
    PersonTold,
    ProgressChecked,
    Recorded,
    Requester,
    SessionDelivered,
    StaffTold,
    Telling,
)
from app.domain.record import Record
from app.domain.school import School
from app.keys.heads import HeadStatement, sign_head
from app.keys.jwks import KeyUse, PrivateKey, generate_key, public_jwk
from app.keys.jws import sign_detached
from tests.domain.builders import (
    AS_SENCO,
    ASSISTANT,
    HEAD,
    MOTHER,
    OTHER_PUPIL,
    PUPIL,
    SAID,
    SENCO,
    TEACHER,
    a_concern,
    a_contact,
    a_discussion,
    a_plan,
    a_review,
    a_transition,
    an_assessment,
    enrolled,
    imported,
    needs_set,
)

SCHOOL = UUID(int=0x900)
REQUEST = UUID(int=0x901)
UPN = "F999999925001"
FROZEN_AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
PEOPLE = {
    TEACHER: "Tess Teachwell",
    SENCO: "Sandra Sencombe",
    HEAD: "Hedley Headman",
    ASSISTANT: "Asha Assistwell",
    MOTHER: "Mona Madeupson",
}
MILO = FrozenPupil(id=PUPIL, reference="P-0042", surname="Madeupson", forename="Milo", date_of_birth=date(2013, 11, 20), upn=UPN, sex="F")
AN_HOUR = timedelta(hours=1)


def a_story() -> tuple[tuple[Entry, UUID], ...]:
    """A pupil from School Action to a request, one entry of most kinds, with another child's concern in between."""
    story = (
        enrolled(),
        a_contact(),
        imported(SenStatus.SCHOOL_ACTION, date(2014, 9, 1)),
        a_concern(date(2014, 11, 3)),
        ConcernAnswered(occurred_on=date(2014, 11, 10), concern=4, answer="We will look closely."),
        ProgressChecked(
            occurred_on=date(2014, 11, 12),
            domain=Domain.ATTAINMENT,
            measure="Reading age",
            measurements=(Measurement(taken_on=date(2014, 11, 1), score=6.5, peers=7.25),),
            comment="Slower than before.",
        ),
        a_discussion(date(2014, 11, 20)),
        a_transition(date(2014, 12, 1)),
        needs_set(date(2014, 12, 1), NeedType.SLCN, NeedType.SPLD),
        an_assessment(date(2015, 1, 12)),
        a_plan(date(2015, 1, 20), date(2015, 3, 27)),
        StaffTold(occurred_on=date(2015, 1, 21), cycle=1, staff=(TEACHER, ASSISTANT)),
        SessionDelivered(
            occurred_on=date(2015, 1, 26), cycle=1, provision=1, delivered_by=ASSISTANT, minutes=20, took_place=True, remark=None
        ),
        SessionDelivered(
            occurred_on=date(2015, 1, 27), cycle=1, provision=1, delivered_by=ASSISTANT, minutes=20, took_place=False, remark="Ill."
        ),
        a_review(date(2015, 3, 20)),
        MeetingHeld(
            occurred_on=date(2015, 3, 20),
            attended_by=(MOTHER,),
            led_by=TEACHER,
            senco_present=True,
            minutes=40,
            pupils_view=SAID,
            agreed="Go on.",
        ),
        PersonTold(occurred_on=date(2015, 3, 24), person=MOTHER, matter=Matter.REVIEW, about=15, notice=None, how=Telling.IN_PERSON),
        EhcAssessmentRequested(
            occurred_on=date(2026, 2, 27),
            request=REQUEST,
            authority="999",
            requester=Requester.PARENT,
            contact=MOTHER,
            reason="More help.",
        ),
    )
    return (*((entry, PUPIL) for entry in story), (a_concern(date(2015, 1, 5)), OTHER_PUPIL))


@dataclass
class Ledger:
    """A school's chain, growing entry by entry with salts that are fixed so that tests repeat."""

    links: list[bytes] = field(default_factory=lambda: [first_link(SCHOOL)])
    entries: list[FrozenEntry] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)

    def append(self, entry: Entry, pupil: UUID) -> None:
        number = len(self.entries) + 1
        moment = datetime(2014, 9, 1, 8, tzinfo=UTC) + number * AN_HOUR
        salt, body = bytes([number]) * 32, canonical(body_of(entry))
        header = Header(
            school=SCHOOL,
            number=number,
            pupil=pupil,
            type=entry.type,
            occurred_on=entry.occurred_on,
            recorded_at=moment,
            author=AS_SENCO,
            client=None,
            commitment=commitment_to(salt, body),
        ).to_bytes()
        self.entries.append(FrozenEntry(number=number, header=header, salt=salt, body=body))
        self.recorded.append(Recorded(number=number, recorded_at=moment, author=AS_SENCO, entry=entry, pupil=pupil))
        self.links.append(next_link(self.links[-1], entry_digest(header)))


@cache
def bundle_key() -> PrivateKey:
    return generate_key(KeyUse.BUNDLES)


@cache
def head_key() -> PrivateKey:
    return generate_key(KeyUse.HEADS)


def jwks(*keys: PrivateKey) -> bytes:
    return json.dumps({"keys": [public_jwk(key) for key in keys or (bundle_key(), head_key())]}).encode()


def a_freeze(*extra: Entry, **changes: object) -> FrozenRecord:
    """The story and what is added, frozen at its last entry; a change replaces a field of the freeze."""
    ledger = Ledger()
    for entry, pupil in (*a_story(), *((entry, PUPIL) for entry in extra)):
        ledger.append(entry, pupil)
    head = HeadStatement(school=SCHOOL, epoch=1, number=len(ledger.entries), link=ledger.links[-1])
    record = Record.fold(School(), ledger.recorded, PUPIL)
    frozen = FrozenRecord(
        request_id=REQUEST,
        requester=Requester.PARENT,
        requested_on=date(2026, 2, 27),
        submitted_on=date(2026, 3, 2),
        frozen_at=len(ledger.entries),
        frozen_moment=FROZEN_AT,
        school=FrozenSchool(id=SCHOOL, urn="999001", name="Invented Primary School", authority="999"),
        pupil=MILO,
        record=record,
        entries=tuple(one for one, told in zip(ledger.entries, ledger.recorded, strict=True) if told in record.known),
        digests=tuple((one.number, entry_digest(one.header)) for one in ledger.entries),
        head=SignedHead(number=head.number, link=head.link, jws=signed_head(head)),
        people=PEOPLE,
    )
    return replace(frozen, **changes)  # type: ignore[arg-type]


@cache
def signed_head(head: HeadStatement) -> str:
    return sign_head(head, head_key())


@cache
def signed(tag_manifest: bytes) -> str:
    """One signature for each content, so that two bundles of the same freeze can be compared byte for byte."""
    return sign_detached(tag_manifest, bundle_key(), typ=BUNDLE_TYP, at=FROZEN_AT)


def a_bundle(frozen: FrozenRecord | None = None) -> tuple[bytes, Bundle]:
    """A bundle of one part, and what it was written from."""
    (archive,), bundle = parts_of(frozen or a_freeze())
    return archive, bundle


def parts_of(frozen: FrozenRecord, cap: int | None = None) -> tuple[list[bytes], Bundle]:
    """The parts of a bundle in their order, and what they were written from."""
    bundle = prepare(frozen, cap)
    sinks = [BytesIO() for _ in bundle.parts]
    for part, sink in zip(bundle.parts, sinks, strict=True):
        write_part(bundle, part, signed, sink)
    return [sink.getvalue() for sink in sinks], bundle


@cache
def the_bundle() -> bytes:
    """The plain bundle of the story."""
    return a_bundle()[0]
