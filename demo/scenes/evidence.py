"""Two requests for an EHC needs assessment: one pulled by its authority, one pushed to another, both checked where they arrive."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import httpx

from demo.authority import verify
from demo.client import Client, Json, require, until
from demo.narrator import StoryDiffersError, expect, expect_that, say, scene
from demo.school import URN, School, cited
from demo.stage import CHECKOUT, Stage, free_port

PULLS: Final = "999"
PUSHED_TO: Final = "998"
SIX_WEEKS: Final = timedelta(weeks=6)


@dataclass(frozen=True, slots=True)
class Authorities:
    """Two invented authorities: one comes and takes, to the other the evidence is sent."""

    stage: Stage
    pulling: tuple[str, str]
    pushed: Client
    endpoint: str


def authorities(stage: Stage, pulling: tuple[str, str]) -> Authorities:
    """Register a second authority as an operator does, and let it ask for its evidence to be pushed."""
    name = ("create-organisation", "authority", "Second Invented Authority", "--authority", PUSHED_TO, "--sandbox")
    organisation = stage.graduated("admin", *name).split()[-1]
    shown = stage.graduated("admin", "create-client", organisation, "Case system of 998").split()
    client = Client(stage.address, shown[2], shown[5])
    port = free_port()
    asked = {"url": f"http://127.0.0.1:{port}/evidence", "events": ["evidence.bundle"]}
    secret = client.post("/v1/subscriptions", asked)["secret"]
    folder = stage.folder / "authority-998"
    endpoint = stage.receive("authority", {"port": port, "secret": secret, "folder": str(folder)})
    return Authorities(stage, pulling, client, endpoint)


def parent_asks(school: School, both: Authorities) -> str:
    """Gita asks for an assessment of Chidi, which is there at once; three days later come the school's evidence and authority 999."""
    scene("A parent asks for an EHC needs assessment (October 2015)")
    school.move_to(date(2015, 10, 5))
    gita = school.pupils["Chidi"].contact("Gita")
    author = {"kind": "contact", "id": gita}
    asked = school.step(
        "Chidi", "ehc-requests", author=author, requester="parent", contact=gita, authority=PULLS, reason="He works so hard."
    )
    request = str(asked["references"]["request"])
    say(
        f"Gita asks authority {PULLS} to assess Chidi. Nobody can refuse that here, whatever number of cycles a local rule would like.",
        law=f"{cited(asked, 'ask-for-an-ehc-needs-assessment')}; {cited(asked, 'never-refuse-a-request')}",
    )
    _there_at_once(school, both, request)
    school.move_to(date(2015, 10, 8))
    _submit(school, "Chidi", request)
    say("Three days later the SENCO submits the evidence, and the head confirms as a second person what leaves the school.")
    say("The record is frozen and signed.")
    ready = _bundle(school, "Chidi", request)
    _nothing_for_the_other(both.pushed, request)
    _pulled(school, both, request, ready)
    _six_weeks(school, "Chidi", request)
    return request


def school_asks(school: School, both: Authorities) -> str:
    """The school asks for Jakub; authority 998 has the very bytes pushed to its endpoint."""
    scene("The school asks for another pupil, and the evidence is pushed")
    asked = school.step("Jakub", "ehc-requests", requester="school", authority=PUSHED_TO, reason="He needs more than we can make.")
    request = str(asked["references"]["request"])
    expect("reviewed cycles when it was asked", _used(asked, "never-refuse-a-request"), {"reviewed_cycles": 1})
    _submit(school, "Jakub", request)
    ready = _bundle(school, "Jakub", request)
    arrived = until("the bundle arrives at authority 998", lambda: _seen(both)["bundles"])
    expect("bundles at the endpoint, and refused ones", (len(arrived), _seen(both)["refused"]), (1, 0))
    file = Path(arrived[0]["file"])
    expect("size of the bundle that arrived", arrived[0]["size"], ready["size"])
    _verified(verify([file], _keys(both.stage)))
    say(
        f"Authority {PUSHED_TO} asked for a push: the same {ready['size']:,} bytes were streamed to its endpoint, which checked digest and "
        "signature before it kept them; the bundle was then verified offline."
    )
    place = f"/v1/local-authorities/{PUSHED_TO}/requests"
    listed = both.pushed.every(place)
    expect(f"what authority {PUSHED_TO} sees", [item["id"] for item in listed], [request])
    both.pushed.post(f"{place}/{request}/receipts", {"digest": ready["digest"], "officer": "officer-4"})
    expect("state after the receipt", _request(school, "Jakub", request)["state"], "received")
    _six_weeks(school, "Jakub", request)
    return request


def let_a_second_person_confirm(school: School) -> None:
    """Head and SENCO say together that a second person may confirm without an identity provider's proof, for this story has none."""
    people = {"author": {"id": school.people["head"]}, "confirmed_by": {"id": school.people["senco"]}}
    body = {**people, "occurred_on": school.today.isoformat()}
    school.client.post(school.path("/settings"), {**body, "setting": "asserted_second_person_accepted", "value": 1})
    expect("the school's number", school.client.get(school.path())["urn"], URN)


def _submit(school: School, pupil: str, request: str) -> None:
    route, second = f"ehc-requests/{request}/submissions", {"id": school.people["head"]}
    alone = school.step(pupil, route, status=409, confirmed_by={"id": school.people["senco"]})
    expect_that("one person alone cannot disclose", alone["findings"])
    school.step(pupil, route, confirmed_by=second)


def _bundle(school: School, pupil: str, request: str) -> Json:
    def ready() -> Json | None:
        bundle: Json = _request(school, pupil, request)["bundle"]
        return bundle if bundle["state"] != "waiting" else None

    bundle = until(f"the bundle about {pupil} is made", ready)
    expect(f"state of the bundle about {pupil}", bundle["state"], "ready")
    return bundle


def _request(school: School, pupil: str, request: str) -> Json:
    return school.client.get(school.path(f"/pupils/{school.pupils[pupil].id}/ehc-requests/{request}"))


def _nothing_for_the_other(other: Client, request: str) -> None:
    place = f"/v1/local-authorities/{PUSHED_TO}/requests"
    expect("requests that 998 sees", other.every(place), [])
    for path in (f"{place}/{request}", f"{place}/{request}/bundle/parts/1?purpose=ehc-needs-assessment"):
        require(other.http.get(path), 404)
    trespass = other.http.get(f"/v1/local-authorities/{PULLS}/requests")
    expect_that("998 is turned away at 999's door", trespass.status_code in (403, 404))
    say(f"Authority {PUSHED_TO} sees nothing of it: not in its list, not by its id, not at the other's door.")


def _there_at_once(school: School, both: Authorities, request: str) -> None:
    """A parent's request travels alone, and its clock runs from that day."""
    told = _asked_of_999(both)
    expect(
        "requests that 999 sees", [(item["id"], item["state"], item["bundle"]) for item in told["listed"]], [(request, "requested", None)]
    )
    expect_that("the list names no child", "Chidi" not in json.dumps(told["listed"]))
    (met,) = told["met"]
    expect("whom it is about", (met["forename"], met["requester"], met["reason"]), ("Chidi", "parent", "He works so hard."))
    say(
        f"Authority {PULLS} has her request the same day, without any evidence, and may read whom it is about; the school sees that it did."
    )
    looks = _request(school, "Chidi", request)["accesses"]
    expect("looks at the request", [look["purpose"] for look in looks], ["ehc-needs-assessment/person"])
    _six_weeks(school, "Chidi", request)


def _asked_of_999(both: Authorities) -> Json:
    client_id, secret = both.pulling
    configuration = {"service": both.stage.address, "client_id": client_id, "client_secret": secret, "code": PULLS}
    configuration["folder"] = str(both.stage.folder / "authority-999")
    program = [sys.executable, "-m", "demo.authority"]
    run = subprocess.run(program, input=json.dumps(configuration), cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)
    if run.returncode != 0:
        raise StoryDiffersError(f"the authority's client failed: {run.stderr[-1500:]}")
    told: Json = json.loads(run.stdout)
    return told


def _pulled(school: School, both: Authorities, request: str, ready: Json) -> None:
    told = _asked_of_999(both)
    expect("requests that 999 sees", [item["id"] for item in told["listed"]], [request])
    expect_that("the list names no child", "Chidi" not in json.dumps(told["listed"]))
    (taken,) = told["taken"]
    expect("what was taken", (taken["digest"], taken["size"]), (ready["digest"], ready["size"]))
    expect_that(f"the bundle holds: {taken['checked'][-1:]}", taken["verified"])
    expect("asking again with the ETag", taken["asked_again"], 304)
    expect("answer to the receipt", taken["receipt_status"], 201)
    say(f"Authority {PULLS} lists one request, without a name, takes {taken['size']:,} bytes in two ranges, and checks them offline:")
    say(f'"{taken["checked"][-1]}"')
    seen = _request(school, "Chidi", request)
    expect("state after the receipt", seen["state"], "received")
    expect("looks at the evidence", [look["purpose"] for look in seen["accesses"][1:]], ["ehc-needs-assessment"])
    expect("the day from which the weeks run", seen["received_on"], "2015-10-05")
    say("It posts its receipt; the school sees who looked, when and why.")


def _six_weeks(school: School, pupil: str, request: str) -> None:
    received = date.fromisoformat(_request(school, pupil, request)["received_on"])
    owed = [o for o in school.owed(pupil) if o["rule"] == "authority-decides-within-six-weeks"]
    expect(f"the authority's day about {pupil}", [o["due"] for o in owed], [(received + SIX_WEEKS).isoformat()])
    say(
        f"Received on {received:%-d %B %Y}, so the authority answers by {received + SIX_WEEKS:%-d %B %Y}.",
        law=owed[0]["citations"][0],
    )


def _seen(both: Authorities) -> Json:
    found: Json = require(httpx.get(f"{both.endpoint}/seen"), 200).json()
    return found


def _keys(stage: Stage) -> Path:
    file = stage.folder / "keys.json"
    file.write_bytes(require(httpx.get(f"{stage.address}/.well-known/bundle-keys.json"), 200).content)
    return file


def _verified(checked: "subprocess.CompletedProcess[str]") -> None:
    if checked.returncode != 0:
        raise StoryDiffersError(f"the bundle does not hold: {checked.stdout or checked.stderr}")


def _used(answer: Json, rule: str) -> Json:
    return next(dict(finding["used"]) for finding in answer["findings"] if finding["rule"] == rule)
