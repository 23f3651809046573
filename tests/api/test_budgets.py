"""What a client may ask of a school in a while, and what it hears when that is used up."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.api.manners.budgets import IMPORTS, MOST_WAITING, READS, REQUESTS, WRITES, Budget, Budgets, kind_of
from app.api.manners.problems import ApiError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Moving:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def test_the_budget_of_one_school_is_not_that_of_another() -> None:
    moving, client = Moving(), clock.new_id()
    budgets = Budgets({READS: Budget(rate=1, burst=2), REQUESTS: Budget(rate=9, burst=9)}, moving)
    assert [budgets.draw(READS, client, "999001")["RateLimit"] for _ in range(2)] == ['"reads";r=1;t=1', '"reads";r=0;t=2']
    with pytest.raises(ApiError) as refused:
        budgets.draw(READS, client, "999001")
    assert refused.value.slug == "too-many-requests"
    assert refused.value.headers == {"Retry-After": "1", "RateLimit-Policy": '"reads";q=2;w=2', "RateLimit": '"reads";r=0;t=2'}
    assert budgets.draw(READS, client, "999002")
    assert budgets.draw(READS, clock.new_id(), "999001")
    moving.at += timedelta(seconds=1)
    assert budgets.draw(READS, client, "999001")


def test_a_sweep_through_many_schools_is_stopped_by_the_budget_for_all_of_them() -> None:
    moving, client = Moving(), clock.new_id()
    plenty = Budget(rate=100, burst=100)
    budgets = Budgets({READS: plenty, WRITES: plenty, REQUESTS: Budget(rate=1, burst=3)}, moving)
    for number, kind in ((1, READS), (2, WRITES), (3, READS)):
        budgets.draw(kind, client, f"99900{number}")
    with pytest.raises(ApiError) as refused:
        budgets.draw(READS, client, "999004")
    assert (refused.value.slug, refused.value.headers["Retry-After"]) == ("too-many-requests", "1")
    assert budgets.draw(READS, clock.new_id(), "999004")
    moving.at += timedelta(seconds=1)
    assert budgets.draw(READS, client, "999004")


def test_so_many_requests_of_a_client_wait_at_once_and_none_is_counted_after_it_has_gone() -> None:
    budgets, one, other = Budgets({}, Moving()), clock.new_id(), clock.new_id()
    for _ in range(2):
        with ExitStack() as stack:
            for _ in range(MOST_WAITING):
                stack.enter_context(budgets.waiting(one, 30))
            with pytest.raises(ApiError) as refused:
                stack.enter_context(budgets.waiting(one, 1))
            assert (refused.value.slug, refused.value.headers) == ("too-many-requests", {"Retry-After": "1"})
            stack.enter_context(budgets.waiting(one, 0))
            stack.enter_context(budgets.waiting(other, 30))
    assert not budgets._waiting


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v1/schools/999001/imports", READS),
        ("POST", "/v1/schools/999001/imports", IMPORTS),
        ("POST", "/v1/schools/999001/staff", WRITES),
        ("DELETE", "/v1/schools/999001/grants/1", WRITES),
    ],
)
def test_a_request_draws_on_the_budget_of_its_kind(method: str, path: str, kind: str) -> None:
    assert kind_of(method, path) == kind
