"""The invented school as the story acts in it: its people by name, its clock, and the steps they take."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from demo.client import Client, Json
from demo.narrator import expect, expect_that

URN: Final = "999999"
ROLES: Final = {"senco": "senco", "head": "head", "teaching_assistant": "assistant", "administrator": "office"}


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil with the people around them by forename."""

    id: str
    forename: str
    contacts: dict[str, str]

    def contact(self, forename: str) -> str:
        """Give a contact's id."""
        return self.contacts[forename]


class School:
    """What the school's own software does, for members of staff whom it names."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.today = date(2014, 11, 3)
        self.people: dict[str, str] = {}
        self.pupils: dict[str, Pupil] = {}
        self.written = 0
        self.before_moving: Callable[[], None] = lambda: None

    def path(self, rest: str = "") -> str:
        """Give the path of something of this school."""
        return f"/v1/schools/{URN}{rest}"

    def meet_staff(self) -> None:
        """Learn who works here: one person for each role, and the teachers in their order."""
        teachers = 0
        for member in self.client.every(self.path("/staff")):
            known_as = next((ROLES[role] for role in member["roles"] if role in ROLES), None)
            if known_as is None:
                teachers += 1
                known_as = f"teacher {teachers}"
            self.people[known_as] = member["id"]
        expect_that("there is a SENCO, a head and a teacher", {"senco", "head", "teacher 1"} <= set(self.people))

    def meet_pupils(self) -> None:
        """Learn who is on roll, and who is around each pupil."""
        for found in self.client.every(self.path("/pupils")):
            around = self.client.get(self.path(f"/pupils/{found['id']}/contacts"))["items"]
            contacts = {contact["name"].split()[0]: contact["id"] for contact in around}
            self.pupils[found["forename"]] = Pupil(found["id"], found["forename"], contacts)

    def name_of(self, person: str) -> str:
        """Give the forename behind the id of a pupil or contact."""
        for pupil in self.pupils.values():
            if pupil.id == person:
                return pupil.forename
            for forename, contact in pupil.contacts.items():
                if contact == person:
                    return forename
        raise KeyError(person)

    def move_to(self, day: date) -> None:
        """Move the sandbox school's clock on to nine in the morning of a day, once nothing of the day before is under way."""
        self.before_moving()
        moved = self.client.post(self.path("/clock"), {"now": f"{day.isoformat()}T09:00:00Z"}, status=200)
        expect("the school's day", moved["today"], day.isoformat())
        self.today = day

    def step(self, pupil: str, route: str, *, by: str = "senco", status: int = 201, dry_run: bool = False, **facts: object) -> Json:
        """Take a step on a pupil's record today, in the name of a member of staff."""
        author = facts.pop("author", None) or {"id": self.people[by]}
        body = {"author": author, "occurred_on": self.today.isoformat(), **facts}
        params: Json = {"dry_run": "true"} if dry_run else {}
        taken = self.client.post(self.path(f"/pupils/{self.pupils[pupil].id}/{route}"), body, status=status, **params)
        self.written += len(taken.get("entries", ()))
        return taken

    def own_step(self, route: str, *, by: str, **facts: object) -> Json:
        """Write down what the school itself has or did, today unless another day is given, in the name of a member of staff."""
        body = {"author": {"id": self.people[by]}, "occurred_on": self.today.isoformat(), **facts}
        taken = self.client.post(self.path(f"/{route}"), body)
        self.written += len(taken.get("entries", ()))
        return taken

    def record(self, pupil: str, **params: Any) -> Json:
        """Read a pupil's record."""
        return self.client.get(self.path(f"/pupils/{self.pupils[pupil].id}/record"), **params)

    def status(self, pupil: str) -> str:
        """Tell a pupil's SEN status today."""
        return str(self.record(pupil)["status"])

    def owed(self, pupil: str | None = None, **params: str) -> list[Json]:
        """List what is owed, to one pupil or in the whole school."""
        place = "/obligations" if pupil is None else f"/pupils/{self.pupils[pupil].id}/obligations"
        return self.client.every(self.path(place), limit=100, **params)

    def transition(self) -> Json:
        """Count where the school stands with School Action and School Action Plus: who is undecided, who was decided, and how late."""
        counts = self.client.get(self.path("/transition"))["counts"]
        return {name: counts[name] for name in ("undecided", "to_sen_support", "to_no_sen", "decided_late")}


def rules_in(answer: Json, *, kept: bool | None = None) -> set[str]:
    """Name the rules that an answer remarks on: all, those kept, or those broken."""
    return {finding["rule"] for finding in answer["findings"] if kept is None or finding["kept"] is kept}


def cited(answer: Json, rule: str) -> str:
    """Give the first provision behind a remark."""
    return str(next(finding["citations"][0] for finding in answer["findings"] if finding["rule"] == rule))
