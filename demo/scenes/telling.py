"""Parents are told: a thin signed event, the words fetched through the gate, and word of what became of them."""

from datetime import date
from typing import Any, Final

import httpx

from demo.client import Client, Json, require, until
from demo.narrator import expect, expect_that, say, scene
from demo.school import URN, School
from demo.stage import Stage, free_port

SETTLED: Final = frozenset({"delivered", "read", "told", "bounced", "withheld"})


class Post:
    """The school's messaging system as the story sees it: the process that receives, and a client of its own."""

    def __init__(self, stage: Stage, school: School, client_id: str, secret: str) -> None:
        self.school = school
        self.client = Client(stage.address, client_id, secret)
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        school.before_moving = self.settle
        subscribed = school.client.post("/v1/subscriptions", {"url": f"{address}/hook", "events": ["notice.ready"]})
        choice = {"words": "thin", "chosen_by": {"id": school.people["head"]}}
        school.client.put(school.path(f"/subscriptions/{subscribed['id']}"), choice)
        own = {"client_id": client_id, "client_secret": secret, "secret": subscribed["secret"]}
        self.subscription = str(subscribed["id"])
        self.address = stage.receive("messaging", {"port": port, "service": stage.address, "school": URN, **own})

    def seen(self) -> Json:
        """Ask the receiver what it got and did."""
        found: Json = require(httpx.get(f"{self.address}/seen"), 200).json()
        return found

    def settle(self) -> None:
        """Wait until all that is owed to the messaging system was sent to it, and until it has dealt with it."""
        until("what is owed to the messaging system arrives", self._is_idle)

    def _is_idle(self) -> bool:
        owed = self.school.client.every(self.school.path("/deliveries"), subscription=self.subscription, limit=200)
        seen = self.seen()
        expect("faults of the messaging system", seen["errors"], [])
        return all(delivery["state"] != "waiting" for delivery in owed) and len(seen["letters"]) == len(seen["events"])

    def letters_bounce_to(self, *persons: str) -> None:
        """Let letters to these persons come back, and to nobody else."""
        require(httpx.post(f"{self.address}/bounces", json=persons), 204)

    def notices(self, pupil: str, about: int) -> list[Json]:
        """List the notices about one entry of a pupil's record, once nothing is under way any more."""
        path = self.school.path("/notices")

        def settled() -> list[Json] | None:
            every = self.client.every(path, pupil=self.school.pupils[pupil].id, limit=100)
            found = [notice for notice in every if notice["about"] == about]
            return found if found and all(notice["state"] in SETTLED for notice in found) else None

        return until(f"the notices about {pupil} arrive", settled)

    def told(self, pupil: str, about: int) -> dict[str, str]:
        """Tell by forename what became of the notices about one entry."""
        return {self.school.name_of(notice["person"]): notice["state"] for notice in self.notices(pupil, about)}


def facts_about_families(school: School) -> None:
    """Gwen has care of Grace, which a Common Transfer File cannot say."""
    scene("What the file could not say")
    grace = school.record("Grace")
    gwen = school.pupils["Grace"].contact("Gwen")
    expect_that("Gwen is not to be told yet", gwen not in grace["to_be_told"])
    describe(school, "Grace", "Gwen", relationship="grandmother", parental_responsibility=False, has_care=True)
    expect_that("Gwen is to be told", gwen in school.record("Grace")["to_be_told"])
    say(
        "Grace lives with her grandmother Gwen, who has no parental responsibility but has care of her: a parent in education law. "
        "The file has no place for that; the office records it as a dated fact.",
        law="Education Act 1996, section 576",
    )


def parents_are_told(school: School, post: Post) -> None:
    """Both of Chidi's parents, who live apart, were told of the decision of 10 November."""
    scene("The parents are told of the first decisions")
    decided = latest(school, "Chidi", "transition.decided")
    expect("who was told about Chidi", post.told("Chidi", decided), {"Gita": "delivered", "Kofi": "delivered"})
    notice = post.notices("Chidi", decided)[0]
    seen = post.seen()
    heard = next(e["body"] for e in seen["events"] if e["body"]["notice"] == notice["id"])
    expect_that("the event names nobody", "Chidi" not in str(heard) and "Specimen" not in str(heard))
    letter = next(each for each in seen["letters"] if each["notice"] == notice["id"])
    expect_that("the words name the child", "Chidi" in letter["body"])
    say(
        f"Chidi's parents live apart and both are told. The signed event says only: {heard['type']}, {heard['stage']}, due {heard['due']}. "
        "The messaging system fetched the words through the gate and reported them delivered.",
        law=notice["citations"][0],
    )
    forged = httpx.post(
        f"{post.address}/hook", json=heard, headers={"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    )
    expect("answer to a forged event", forged.status_code, 401)
    owed = school.owed("Chidi", rule="inform-parents-of-sen-provision")
    expect("the duty to tell Chidi's parents", sorted(o["state"] for o in owed), ["kept", "kept"])
    say("The duty to tell each of them is kept; a forged event was turned away.", law=owed[0]["citations"][0])


def carer_is_told(school: School, post: Post) -> None:
    """Gwen was told of Grace's support, as was the mother who lives elsewhere."""
    scene("A carer is told, and a court order is kept")
    told = post.told("Grace", latest(school, "Grace", "transition.decided"))
    expect("Gwen", told.get("Gwen"), "delivered")
    expect("how many were told about Grace", len(told), 2)
    say("Grace's grandmother was told, and so was her mother.")


def restricted_parent_is_not_told(school: School, post: Post) -> None:
    """From the day of a court order on, one father is told nothing, not even what he could have read the day before."""
    elif_ = school.pupils["Elif"]
    decided = latest(school, "Elif", "transition.decided")
    told = post.told("Elif", decided)
    expect("both of Elif's parents were told", set(told.values()), {"delivered"})
    father = _father(school, "Elif")
    earlier = next(n for n in post.notices("Elif", decided) if n["person"] == elif_.contact(father))
    describe(
        school,
        "Elif",
        father,
        relationship="father",
        parental_responsibility=True,
        has_care=False,
        information_restricted=True,
        restriction_basis="Invented order of an invented court, shown to the head.",
    )
    refused = post.client.get(f"{school.path('/notices')}/{earlier['id']}/words", status=409)
    expect_that("he is no longer among those to be told", elif_.contact(father) not in school.record("Elif")["to_be_told"])
    say(
        f"A court order bars Elif's father {father} from information. The very notice he was sent is now withheld: the right is asked for "
        "again at each telling.",
        law=refused["findings"][0]["citations"][0],
    )


def letter_comes_back(school: School, post: Post) -> None:
    """A letter about Liam bounced, so the SENCO told his mother in person, within the days the school gives itself."""
    decided = latest(school, "Liam", "transition.decided")
    back = [notice for notice in post.notices("Liam", decided) if notice["state"] == "bounced"]
    expect("letters about Liam that came back", len(back), 1)
    owed = _duty_to_tell(school, "Liam", back[0]["person"])
    expect("the duty while nobody knows", owed["state"], "due")
    mother = school.name_of(back[0]["person"])
    school.move_to(date(2015, 2, 5))
    author = {"author": {"id": school.people["senco"]}, "occurred_on": school.today.isoformat(), "how": "in_person"}
    school.client.post(school.path(f"/notices/{back[0]['id']}/tellings"), author)
    expect("the duty after that", _duty_to_tell(school, "Liam", back[0]["person"])["state"], "kept")
    _put_address_right(school, back[0]["person"])
    post.letters_bounce_to()
    say(
        f"A letter to Liam's mother {mother} came back: the duty stood open again until the SENCO told her in person. "
        "The office put her address right.",
        law=owed["citations"][0],
    )


def describe(school: School, pupil: str, forename: str, **facts: Any) -> None:
    """Record what is true of a contact from today on."""
    school.step(pupil, f"contacts/{school.pupils[pupil].contact(forename)}/facts", by="office", **facts)


def _put_address_right(school: School, person: str) -> None:
    path = school.path(f"/pupils/{school.pupils['Liam'].id}/contacts")
    known = next(contact for contact in school.client.get(path)["items"] if contact["id"] == person)
    details = {name: value for name, value in known.items() if name not in ("id", "version", "cooling_off")}
    school.client.put(f"{path}/{person}", {**details, "email": "new.address.of.liams.mother@example.invalid"})


def _father(school: School, pupil: str) -> str:
    fathers = {c["contact"] for c in school.record(pupil)["contacts"] if c["relationship"].lower() == "father"}
    expect(f"fathers of {pupil}", len(fathers), 1)
    return school.name_of(fathers.pop())


def _duty_to_tell(school: School, pupil: str, person: str) -> Json:
    owed = school.owed(pupil, rule="inform-parents-of-sen-provision")
    return next(o for o in owed if o["person"] == person)


def latest(school: School, pupil: str, kind: str) -> int:
    """Give the number of the last entry of a kind in a pupil's record."""
    return max(int(entry["number"]) for entry in school.record(pupil)["entries"] if entry["type"] == kind)
