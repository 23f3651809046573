"""Whether an evaluation answers what a vector expects, member by member."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Json = Any
Difference = Callable[[Mapping[str, Json], Mapping[str, Json]], Iterator[str]]

PLAIN: Final = ("status", "rights", "to_tell", "undecided_transition")
OF_A_STATUS: Final = ("status", "since", "until", "imported")


def differences(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    """Say in a few words each how an answer differs from what was expected of it; raises KeyError where it lacks a member."""
    for name in PLAIN:
        if name in expect and answer[name] != expect[name]:
            yield f"{name} is {answer[name]}, not {expect[name]}"
    for differ in (_statuses, _needs, _obligations, _due, _findings, _unremarked, _refusals, _census):
        yield from differ(expect, answer)


def _statuses(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    found = [{name: period[name] for name in OF_A_STATUS} for period in answer["statuses"]]
    if "statuses" in expect and found != expect["statuses"]:
        yield f"statuses are {found}, not {expect['statuses']}"


def _needs(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    found = [need["need_type"] for need in answer["needs"]]
    if "needs" in expect and found != expect["needs"]:
        yield f"needs are {found}, not {expect['needs']}"


def _obligations(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    for owed in expect.get("obligations", ()):
        states = [duty["state"] for duty in answer["obligations"] if duty["rule"] == owed["rule"]]
        if states != owed["states"]:
            yield f"{owed['rule']} is {states}, not {owed['states']}"


def _due(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    for rule, days in expect.get("due", {}).items():
        found = [duty["due"] for duty in answer["obligations"] if duty["rule"] == rule]
        if found != days:
            yield f"{rule} is due on {found}, not {days}"


def _findings(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    for finding in expect.get("findings", ()):
        if finding["kept"] not in _kept(finding, answer["findings"]):
            yield f"{_where(finding)} is not remarked to have {'kept' if finding['kept'] else 'broken'} {finding['rule']}"


def _unremarked(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    for remark in expect.get("unremarked", ()):
        if _kept(remark, answer["findings"]):
            yield f"{_where(remark)} is remarked on under {remark['rule']}"


def _refusals(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    for refusal in expect["refusals"]:
        if not _kept(refusal, answer["refusals"]):
            yield f"{_where(refusal)} is not refused under {refusal['rule']}"
    foreseen = {_where(refusal) for refusal in expect["refusals"]}
    for refusal in answer["refusals"]:
        if _where(refusal) not in foreseen:
            yield f"{_where(refusal)} is refused under {refusal['verdict']['rule']}"


def _census(expect: Mapping[str, Json], answer: Mapping[str, Json]) -> Iterator[str]:
    for check in expect.get("census", ()):
        errors = [failure["error"] for failure in answer["census_errors"] if failure["rule"] == check["rule"]]
        if errors != check["errors"]:
            yield f"{check['rule']} fails the census with {errors}, not {check['errors']}"


def _kept(told: Mapping[str, Json], remarks: Json) -> set[bool]:
    return {remark["kept"] for remark in remarks if _where(remark) == _where(told) and remark["verdict"]["rule"] == told["rule"]}


def _where(told: Mapping[str, Json]) -> str:
    return f"{'the school entry' if told['of_the_school'] else 'entry'} {told['entry']}"
