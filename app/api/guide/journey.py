"""The first journey through the API, as data: the page that teaches it is drawn from it, and a test sends its requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from app.api.manners.examples import Json

FIRST_DAY: Final = "2014-11-03"
REVIEW_DAY: Final = "2015-01-26"
_SENCO: Final = {"id": "{senco}"}
_HEAD: Final = {"id": "{head}"}
_WORDS: Final = {"says": "Said so when we met."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request with its reason. `{name}` stands for what an earlier answer gave; `keeps` says where in this answer a name is found."""

    title: str
    why: str
    path: str
    method: str = "POST"
    body: Json | None = None
    is_form: bool = False
    stores: bool = True
    status: int = 201
    keeps: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)


def _by_senco(**facts: object) -> Json:
    return {"author": _SENCO, "occurred_on": FIRST_DAY, **facts}


JOURNEY: Final[tuple[Call, ...]] = (
    Call(
        title="Get a token",
        why="With the client's id as user and its secret as password (HTTP Basic). The token lasts 15 minutes; get a new one after that.",
        path="/oauth2/token",
        body={"grant_type": "client_credentials"},
        is_form=True,
        status=200,
        keeps={"token": ("access_token",)},
    ),
    Call(
        title="Try your own data first",
        why="Entries that your software holds, with what they come to on a day and why. Nothing is stored, and no school need exist.",
        path="/v1/evaluations",
        body={
            "as_at": "2015-04-20",
            "school": [
                {
                    "type": "school.described",
                    "occurred_on": "2010-01-01",
                    "facts": {"school_type": "maintained_mainstream", "authority": "999", "record_begins_on": "2014-09-01"},
                }
            ],
            "record": [
                {"type": "pupil.enrolled", "occurred_on": "2010-09-01", "facts": {"date_of_birth": "2005-05-04"}},
                {
                    "type": "sen.decided",
                    "occurred_on": FIRST_DAY,
                    "facts": {"judgement": "K", "reason": "Teaching aimed at it was not enough.", "considered": ["Reading ages"]},
                },
            ],
        },
        stores=False,
        status=200,
    ),
    Call(
        title="Ask who works here",
        why="Every entry names the person behind it. Take {head}, {senco} and {teacher} from this list.",
        method="GET",
        path="/v1/schools/{urn}/staff",
        status=200,
    ),
    Call(
        title="Enrol a pupil",
        why="The pupil comes on roll; the answer names the pupil's id. Names and numbers stand on the roll and never in the ledger.",
        path="/v1/schools/{urn}/pupils",
        body={
            "author": _HEAD,
            "occurred_on": FIRST_DAY,
            "upn": "F999999925001",
            "surname": "Example",
            "forename": "Ada",
            "date_of_birth": "2005-05-04",
            "sex": "F",
            "year_group": "5",
        },
        keeps={"pupil": ("references", "pupil")},
    ),
    Call(
        title="Add a parent",
        why="With responsibility and care, and with no restriction, this person has the right to be told.",
        path="/v1/schools/{urn}/pupils/{pupil}/contacts",
        body=_by_senco(
            relationship="mother",
            parental_responsibility=True,
            has_care=True,
            reached={"name": "Gita Specimen", "channel": "email", "email": "gita@specimen.example"},
        ),
        keeps={"contact": ("references", "contact")},
    ),
    Call(
        title="Record a concern",
        why="Somebody thinks that there may be a special educational need. This gives no status: only a decision does.",
        path="/v1/schools/{urn}/pupils/{pupil}/concerns",
        body=_by_senco(raised_by="parent", contact="{contact}", domain="attainment", words="She reads far less than her friends do."),
    ),
    Call(
        title="Decide on SEN Support",
        why="A named person decides, with reasons. Read the findings in the answer: what was not done yet is remarked on and bars nothing.",
        path="/v1/schools/{urn}/pupils/{pupil}/sen-decisions",
        body=_by_senco(
            judgement="K",
            difficulty="Reads two years below her age.",
            provision_beyond_ordinary="Precision teaching every day, one to one.",
            reason="A term of teaching aimed at reading did not let her catch up.",
            considered=["Reading ages since Year 3", "The parents' view", "The pupil's view"],
            parents_view="Worried, and glad of help.",
            pupils_view="Wants to read alone.",
            provision_starts_on="2014-11-10",
            review_on=REVIEW_DAY,
        ),
    ),
    Call(
        title="Assess",
        why="The analysis from all sources opens cycle 1.",
        path="/v1/schools/{urn}/pupils/{pupil}/assessments",
        body=_by_senco(
            cycle=1,
            teacher="{teacher}",
            senco="{senco}",
            teachers_assessment=_WORDS,
            progress_and_attainment=_WORDS,
            parents_view=_WORDS,
            pupils_view={"missing_because": "Ill this week; asked again on Monday."},
            analysis="Decoding is slow; understanding what is heard is sound.",
        ),
    ),
    Call(
        title="Agree a plan",
        why="One plan in each cycle: outcomes, the provision that serves them, and the day of the review.",
        path="/v1/schools/{urn}/pupils/{pupil}/plans",
        body=_by_senco(
            cycle=1,
            outcomes=[
                {
                    "number": 1,
                    "text": "Reads a page alone",
                    "measure": "Words a minute",
                    "target_on": REVIEW_DAY,
                    "expected_impact": "Joins in with reading in class",
                }
            ],
            provision=[
                {
                    "number": 1,
                    "support": "Precision teaching",
                    "outcomes": [1],
                    "sessions_per_week": 5,
                    "minutes_per_session": 10,
                    "delivered_by": "{teacher}",
                    "accountable_teacher": "{teacher}",
                }
            ],
            review_on=REVIEW_DAY,
            responsible_teacher="{teacher}",
            parents_consulted={"on": FIRST_DAY},
            pupil_consulted={"not_because": "Ill this week; asked again on Monday."},
        ),
    ),
    Call(
        title="Let time pass",
        why="The clock of a sandbox school is yours to put on, and never back. A live school has no such route to use.",
        path="/v1/schools/{urn}/clock",
        body={"now": f"{REVIEW_DAY}T09:00:00Z"},
        status=200,
    ),
    Call(
        title="Hold the review",
        why="What the support achieved, by outcome; it closes the cycle, and the next one may open.",
        path="/v1/schools/{urn}/pupils/{pupil}/reviews",
        body={
            "author": _SENCO,
            "occurred_on": REVIEW_DAY,
            "cycle": 1,
            "ratings": [{"outcome": 1, "impact": "good_progress", "evidence": "72 words a minute, from 41."}],
            "quality_of_support": "Held as planned but for two days.",
            "parents_view": _WORDS,
            "pupils_view": _WORDS,
            "next_step": "continue",
            "next_step_reason": "It works and is still needed.",
        },
    ),
    Call(
        title="See whom the school must tell",
        why="Each decision, plan and review composed a notice for each person with the right to be told.",
        method="GET",
        path="/v1/schools/{urn}/notices?pupil={pupil}",
        status=200,
        keeps={"notice": ("items", 0, "id")},
    ),
    Call(
        title="Tell in person",
        why="Or let your messaging system fetch the words and report on them: see the routes under Notices.",
        path="/v1/schools/{urn}/notices/{notice}/tellings",
        body={"author": _SENCO, "occurred_on": REVIEW_DAY, "how": "in_person"},
    ),
    Call(
        title="See what is owed",
        why="Duties are derived from the record, each with its rule, its day, and the entry that met it.",
        method="GET",
        path="/v1/schools/{urn}/pupils/{pupil}/obligations",
        status=200,
    ),
    Call(
        title="See which steps exist now",
        why="For each that does not exist: the rule that says so, and what would change it. Being late makes no step vanish.",
        method="GET",
        path="/v1/schools/{urn}/pupils/{pupil}/next-steps",
        status=200,
    ),
    Call(
        title="Accept a second person without proof",
        why="Only for a first try: with this setting at 1 the second person below needs no proof of the school's identity provider.",
        path="/v1/schools/{urn}/settings",
        body={
            "author": _HEAD,
            "occurred_on": REVIEW_DAY,
            "setting": "asserted_second_person_accepted",
            "value": 1,
            "confirmed_by": _SENCO,
        },
    ),
    Call(
        title="Ask for an EHC needs assessment",
        why="At any time, and whatever the record lacks. A sandbox school names an invented authority, 990 to 999.",
        path="/v1/schools/{urn}/pupils/{pupil}/ehc-requests",
        body={
            "author": _SENCO,
            "occurred_on": REVIEW_DAY,
            "requester": "school",
            "authority": "999",
            "reason": "Support has helped and has not been enough.",
        },
        keeps={"request": ("references", "request")},
    ),
    Call(
        title="Submit the evidence",
        why="The record is frozen as it stands. A second person, whom the school has known for 24 hours, confirms that it may leave.",
        path="/v1/schools/{urn}/pupils/{pupil}/ehc-requests/{request}/submissions",
        body={"author": _SENCO, "occurred_on": REVIEW_DAY, "confirmed_by": _HEAD},
    ),
    Call(
        title="See how the school stood on a day",
        why="Every duty counted by rule and state, with the way down to each. With known_at too: as it was known at that moment.",
        method="GET",
        path="/v1/schools/{urn}/compliance?as_at=2014-12-01",
        status=200,
    ),
    Call(
        title="Read the record",
        why="Every entry with its number, and what follows from them. Add as_at=2014-11-03 to see it as it was true on that day.",
        method="GET",
        path="/v1/schools/{urn}/pupils/{pupil}/record",
        status=200,
    ),
)
