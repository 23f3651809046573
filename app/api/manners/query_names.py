"""Names in a query that a route does not have: passed over they would answer another question than the one that was asked."""

from typing import Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from app.api.manners.faults import Fault
from app.api.manners.problems import invalid

LONGEST_NAME: Final = 100


def refuse_unknown_names(request: Request) -> None:
    """Let a request pass whose query has only names that its route knows; raises ApiError with 422 that lists those there are."""
    route = request.scope.get("route")
    if not request.scope["query_string"] or not isinstance(route, APIRoute):
        return
    known = query_names(route.dependant)
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if unknown:
        there = f"Those there are: {', '.join(sorted(known))}." if known else "There are none."
        detail = f"This route has no parameter of that name. {there}"
        raise invalid([Fault(name[:LONGEST_NAME], "unknown_parameter", detail) for name in unknown])


def query_names(dependant: Dependant) -> frozenset[str]:
    """Give the names that a route and its dependencies read from a query."""
    own = frozenset(field.alias for field in dependant.query_params)
    return own.union(*(query_names(inner) for inner in dependant.dependencies))
