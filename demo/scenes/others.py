"""Other software keeps in step: it is tried out, asks a mailbox where nothing can be sent to it, and proves that it has every change."""

import hashlib
from dataclasses import dataclass, field
from typing import Final

import rfc8785

from demo.client import Json
from demo.narrator import expect, expect_that, say, scene
from demo.scenes.telling import Post
from demo.school import URN, School

WANTED: Final = ["notice.ready", "obligation.due_soon", "obligation.overdue"]
AT_ONCE: Final = 100
WINDOW: Final = 100
NAMES: Final = ("Chidi", "Grace", "Specimen", "Madeup")


@dataclass(slots=True)
class Mailbox:
    """A mailbox of the school's own, and what was taken out of it."""

    school: School
    id: str
    numbers: list[int] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)

    def empty(self) -> int:
        """Lease and receipt until nothing waits; gives how many items that were."""
        taken = 0
        while True:
            leased = self.school.client.post("/v1/mailbox/lease", {"subscription": self.id, "limit": AT_ONCE}, status=200)
            if not leased["items"]:
                expect("items that nobody could lease", leased["waiting"], 0)
                return taken
            taken += len(leased["items"])
            self._take(leased["items"])

    def _take(self, items: list[Json]) -> None:
        for item in items:
            self.numbers.append(item["body"]["number"])
            self.kinds.add(item["body"]["type"])
            expect_that("the item names nobody", not any(name in str(item["body"]) for name in NAMES))
        receipts = [{**{name: item[name] for name in ("school", "delivery", "attempt")}, "outcome": "accepted"} for item in items]
        given = self.school.client.post("/v1/mailbox/receipts", {"receipts": receipts}, status=200)
        expect("receipts that count", [one["result"] for one in given["items"]], ["recorded"] * len(receipts))


def endpoint_is_tried(school: School, post: Post) -> None:
    """Before anything depends on it, the endpoint of the messaging system is sent a test."""
    scene("An endpoint is tried, and a mailbox opened")
    told = school.client.post(f"/v1/subscriptions/{post.subscription}/pings", None, status=200)
    expect("what the endpoint answered", (told["outcome"], told["status"]), ("accepted", 204))
    say("The endpoint of the messaging system is sent a signed test at once, and the school reads what it answered.")


def mailbox_is_opened(school: School) -> Mailbox:
    """Software that cannot be reached from outside asks for the same events."""
    made = school.client.post("/v1/subscriptions", {"kind": "mailbox", "events": WANTED})
    choice = {"words": "thin", "chosen_by": {"id": school.people["head"]}}
    school.client.put(school.path(f"/subscriptions/{made['id']}"), choice)
    say("Software behind a firewall opens a mailbox: what would be sent to it waits there, under the same numbers and the same gate.")
    return Mailbox(school, str(made["id"]))


def mailbox_is_emptied(school: School, mailbox: Mailbox) -> None:
    """What waits is leased, taken and receipted; the numbers run on without a gap."""
    scene("The mailbox is emptied")
    taken = mailbox.empty()
    expect_that("something waited", taken > 0)
    expect("numbers without a gap", sorted(mailbox.numbers), list(range(1, len(mailbox.numbers) + 1)))
    attached = school.client.get(school.path("/subscriptions"))["items"]
    expect("the last number given", [one["number"] for one in attached if one["subscription"] == mailbox.id], [len(mailbox.numbers)])
    say(f"{taken} items are leased and receipted, numbered to {len(mailbox.numbers)} without a gap: {', '.join(sorted(mailbox.kinds))}.")


def feed_is_whole(school: School) -> None:
    """Whoever follows the feed shows itself that it has every entry, and that none was changed."""
    scene("The feed proves that it is whole")
    items: list[Json] = []
    page = school.client.get("/v1/changes", schools=URN, limit=200)
    while page["items"]:
        items += page["items"]
        page = school.client.get("/v1/changes", cursor=page["next"], schools=URN, limit=200)
    head = school.client.get(school.path("/ledger/head"))
    expect("the numbers of the feed", [item["header"]["number"] for item in items], list(range(1, head["number"] + 1)))
    link = hashlib.sha256(head["school"].encode()).digest()
    digests = []
    for item in items:
        digest = hashlib.sha256(b"graduated/entry/1\n" + rfc8785.dumps(item["header"])).digest()
        link = hashlib.sha256(b"graduated/link/1\n" + link + digest).digest()
        digests.append(digest)
        expect("what an entry was chained as", (item["digest"], item["link"]), (digest.hex(), link.hex()))
    expect("the link of the signed head", head["link"], link.hex())
    windows = school.client.every(school.path("/ledger/windows"), size=WINDOW)
    for window in windows:
        joined = b"".join(digests[window["first"] - 1 : window["last"]])
        expect("a window's digest", window["digest"], hashlib.sha256(b"graduated/window/1\n" + joined).hexdigest())
    say(f"{len(items)} changes, each recomputed from its header, lead to the signed head; {len(windows)} windows agree.")
