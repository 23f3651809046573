"""Before any school is touched: a vendor has data of its own evaluated, and runs the published cases against the service."""

from typing import Final

from demo.client import Client, Json
from demo.narrator import expect, expect_that, say, scene
from demo.school import URN
from demo.stage import Stage

PLANS: Final = "have-a-plan-on-sen-support"
OWN_SCHOOL: Final[Json] = {
    "type": "school.described",
    "occurred_on": "2010-01-01",
    "facts": {"school_type": "maintained_mainstream", "authority": "999", "record_begins_on": "2014-09-01"},
}
OWN_RECORD: Final[list[Json]] = [
    {"type": "pupil.enrolled", "occurred_on": "2012-09-03", "facts": {"date_of_birth": "2007-10-09"}},
    {
        "type": "sen.decided",
        "occurred_on": "2014-10-06",
        "facts": {"judgement": "K", "reason": "Teaching aimed at it was not enough.", "considered": ["Two terms of reading ages"]},
    },
]


def tries_its_own_data(stage: Stage, vendor: tuple[str, str], school: Client) -> None:
    """Send two entries of an invented record along and be told what they come to; the school's ledger does not move."""
    scene("A vendor tries its own data first")
    client = Client(stage.address, *vendor)
    before = school.get(f"/v1/schools/{URN}")["ledger_number"]
    asked = {"as_at": "2014-11-03", "school": [OWN_SCHOOL], "record": OWN_RECORD}
    found = client.post("/v1/evaluations", asked, status=200)
    expect("the status it comes to", found["status"], "K")
    duty = next(duty for duty in found["obligations"] if duty["rule"] == PLANS)
    expect("the duty to have a plan", duty["state"], "broken")
    say("It sends along two entries that its own software holds, and no name. The answer names each duty, and says why it stands so:")
    say(f'"{duty["verdict"]["sentence"]}"')
    say(f'And what to do: "{duty["verdict"]["cure"]}".')
    expect("the ledger number of the school", school.get(f"/v1/schools/{URN}")["ledger_number"], before)
    say("Nothing was stored.")


def runs_the_published_cases(stage: Stage, vendor: tuple[str, str]) -> None:
    """Run `graduated conformance` as a stranger would, against the address of the running service."""
    scene("The published cases, against the running service")
    client_id, secret = vendor
    told = stage.graduated("conformance", "--url", stage.address, GRADUATED_CLIENT_ID=client_id, GRADUATED_CLIENT_SECRET=secret)
    holding, _, every = told.splitlines()[-1].removesuffix(" vectors hold").partition(" of ")
    expect_that("there are cases", int(every) > 0)
    expect("cases that hold", holding, every)
    say(f"graduated conformance: {told.splitlines()[-1]}. Any server that answers such evaluations can be asked the same.")
