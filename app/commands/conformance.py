"""`graduated conformance`: the published vectors, run against any server that speaks the evaluation endpoint."""

import time
from collections.abc import Iterator
from typing import Annotated, Any, Final

import httpx
import typer

from app.exchange.conformance import differences
from app.exchange.vectors import Check, Vector, published

SCOPE: Final = "evaluations:run"
PATIENCE_SECONDS: Final = 30.0
TRIES: Final = 5


class CannotConformError(Exception):
    """The server cannot be asked at all; the message is one line for the operator."""


def conformance(
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The address of the server, without a path.")],
    client_id: Annotated[str, typer.Option("--client-id", envvar="GRADUATED_CLIENT_ID", help="For a token of its own.")] = "",
    client_secret: Annotated[str, typer.Option("--client-secret", envvar="GRADUATED_CLIENT_SECRET", help="Kept out of sight.")] = "",
    token: Annotated[str, typer.Option("--token", envvar="GRADUATED_TOKEN", help="A bearer token that there is already.")] = "",
) -> None:
    """Have a server evaluate every published vector, name those that do not hold, and exit 1 if there are any."""
    try:
        with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as http:
            http.headers["Authorization"] = f"Bearer {token or _token(http, client_id, client_secret)}"
            failures = {vector.title: tuple(_failures(http, vector)) for vector in published()}
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise CannotConformError(f"the server cannot be reached: {type(error).__name__}") from None
    for title, found in failures.items():
        for failure in found:
            typer.echo(f"{title}: {failure}")
    holding = sum(not found for found in failures.values())
    typer.echo(f"{holding} of {len(failures)} vectors hold")
    if holding < len(failures):
        raise typer.Exit(code=1)


def _token(http: httpx.Client, client_id: str, client_secret: str) -> str:
    if not client_id or not client_secret:
        raise CannotConformError("give --token, or --client-id and --client-secret")
    answer = http.post("/oauth2/token", data={"grant_type": "client_credentials", "scope": SCOPE}, auth=(client_id, client_secret))
    if answer.status_code != httpx.codes.OK:
        raise CannotConformError(f"no token with the scope {SCOPE} was given: status {answer.status_code}")
    return str(answer.json()["access_token"])


def _failures(http: httpx.Client, vector: Vector) -> Iterator[str]:
    for check in vector.checks:
        answer = _answer(http, vector, check)
        if answer.status_code != httpx.codes.OK:
            yield f"as at {check.as_at}, the answer has status {answer.status_code}"
            continue
        try:
            yield from (f"as at {check.as_at}, {difference}" for difference in differences(check.expect, _json(answer)))
        except (KeyError, TypeError, ValueError) as error:
            yield f"as at {check.as_at}, the answer is not an evaluation: {type(error).__name__} {error}"


def _json(answer: httpx.Response) -> Any:
    return answer.json()


def _answer(http: httpx.Client, vector: Vector, check: Check) -> httpx.Response:
    """Ask, and wait as long as the server says where it is asked too often. Raises CannotConformError where it lets nobody in."""
    for _ in range(TRIES):
        answer = http.post("/v1/evaluations", json=vector.request(check))
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise CannotConformError(f"the server does not let this client evaluate: status {answer.status_code}")
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            break
        time.sleep(min(PATIENCE_SECONDS, float(answer.headers.get("retry-after", "1"))))
    return answer
