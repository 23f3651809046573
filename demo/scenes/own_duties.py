"""What the school itself must have whichever pupils it has: its calendar, its SENCO, its report; and how it stood on a day gone by."""

from datetime import date
from typing import Final

import httpx

from demo.client import Json, until
from demo.narrator import expect, say, scene
from demo.school import School

TERMS: Final = (
    ("autumn", "2014-09-03", "2014-12-19", "2014-10-27", "2014-10-31"),
    ("spring", "2015-01-05", "2015-03-27", "2015-02-16", "2015-02-20"),
    ("summer", "2015-04-13", "2015-07-17", "2015-05-25", "2015-05-29"),
    ("autumn", "2015-09-02", "2015-12-18", "2015-10-26", "2015-10-30"),
    ("spring", "2016-01-04", "2016-03-24", "2016-02-15", "2016-02-19"),
    ("summer", "2016-04-11", "2016-07-20", "2016-05-30", "2016-06-03"),
)
YEARS: Final = (2014, 2015, 2016)
REPORT: Final = "publish-an-information-report"
QUALIFY: Final = "qualify-as-senco-within-three-years"
PAST_DAY: Final = "2015-03-02"
THAT_EVENING: Final = "2015-03-02T18:00:00Z"
ON_THE_WEBSITE_SINCE: Final = "2015-01-12"


def calendar_is_loaded(school: School) -> None:
    """Two school years of terms, and the bank holidays of their years; only then can school days be counted."""
    scene("The school's days: terms and bank holidays")
    missing = _missing(school)
    say(f"Nothing is guessed: to count school days the service asks for {'; '.join(missing[:4])} and so on, {len(missing)} in all.")
    for term, first_on, last_on, closed_on, until_on in TERMS:
        half_term = {"first_on": closed_on, "last_on": until_on, "reason": "half-term"}
        school.own_step("terms", by="office", term=term, first_on=first_on, last_on=last_on, closures=[half_term])
    for year in YEARS:
        school.own_step("bank-holidays", by="office", year=year)
    expect("what is still missing", _missing(school), [])
    found = school.client.get(school.path("/calendar"))
    days = sum(len(year["days"]) for year in found["bank_holidays"])
    say(f"{len(found['terms'])} terms with their half-terms are written down, and {days} bank holidays are looked up and kept as entries.")


def senco_is_described(school: School) -> None:
    """The SENCO has served since September 2012; the last day to qualify is three years later."""
    scene("The school's own duties: its SENCO and its report (3 November 2014)")
    facts: Json = {"basis": "qualified_teacher", "became_senco_on": "2012-09-01"}
    school.own_step("sencos", by="head", staff=school.people["senco"], **facts)
    functions = ["Advises teachers on the graduated approach", "Keeps the records of support"]
    school.own_step("senco-roles", by="head", functions=functions, on_leadership_team=True, tells_parents_early=True)
    owed = _owed(school, QUALIFY, "due")
    expect("the last day to qualify", owed["due"], "2015-09-01")
    say("Its SENCO teaches, and became one in September 2012: qualified by 1 September 2015.", law=owed["citations"][0])
    without = _owed(school, REPORT, "broken")
    say("No SEN information report is on its website, and every day without one counts.", law=without["citations"][0])


def report_is_written_down_late(school: School) -> None:
    """In May the office writes down that the report has been on the website since January; a day in March is asked for both ways."""
    scene("How did the school stand on 2 March 2015, and what did it know then? (May 2015)")
    facts: Json = {
        "address": "https://school.example/sen-report",
        "items": list(range(1, 14)),
        "disability_items": ["admission", "equal_treatment", "facilities", "accessibility_plan"],
        "links_to_local_offer": True,
        "in_plain_language": True,
        "covers_looked_after_pupils": True,
    }
    school.own_step("information-reports", by="office", occurred_on=ON_THE_WEBSITE_SINCE, **facts)
    say("The office writes down that the report has been on the website since 12 January. It was; nobody had said so.")
    now = until("the report counts", lambda: _standing(school, "kept_late"))
    then = until("it does not count as known then", lambda: _standing(school, "broken", known_at=THAT_EVENING))
    today = now["state"].replace("_", " ")
    say(f"As at 2 March, as known today: {today}. As known on the evening of 2 March: broken. Both answers stay as they are.")
    answer = school.client.get(school.path("/compliance"), as_at=PAST_DAY, known_at=THAT_EVENING)
    for row in answer["by_force"]:
        counts = ", ".join(f"{state.replace('_', ' ')} {number}" for state, number in sorted(row["counts"].items()))
        say(f"{row['force']}: {counts}")
    href = httpx.URL(then["href"])
    down = school.client.every(href.path, **dict(href.params))
    expect("duties behind that count", len(down), then["count"])
    say(f'Down from the count to the duty: "{down[0]["verdict"]["sentence"]}"')


def senco_qualifies(school: School) -> None:
    """The SENCO completes the national award before the last day."""
    scene("The SENCO qualifies in time (10 July 2015)")
    school.own_step("senco-qualifications", by="head", staff=school.people["senco"], award="national_award", began_on="2014-01-13")
    owed = _owed(school, QUALIFY, "kept")
    say(f"The SENCO completes the national award on {date.fromisoformat(owed['met_on']):%-d %B %Y}, in time.", law=owed["citations"][0])


def _missing(school: School) -> list[str]:
    years = school.client.get(school.path("/calendar"))["missing"]
    return sorted({named for year in years for named in year["missing"]})


def _owed(school: School, rule: str, state: str) -> Json:
    """Wait until the school's one duty under a rule stands so; what a step of the school changes is derived by a worker."""

    def found() -> Json | None:
        return next((owed for owed in school.owed(rule=rule) if owed["state"] == state), None)

    return until(f"{rule} is {state}", found)


def _standing(school: School, state: str, **params: str) -> Json | None:
    """The count under the report's rule of the day in March, where it has that state."""
    answer = school.client.get(school.path("/compliance"), as_at=PAST_DAY, **params)
    counts = [count for rule in answer["rules"] if rule["rule"] == REPORT for count in rule["states"]]
    return next((count for count in counts if count["state"] == state), None)
