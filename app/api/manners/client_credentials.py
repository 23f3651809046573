"""Which client a token request speaks for, and how it means to prove it: read strictly, nothing checked yet (RFC 6749 2.3, RFC 7523)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from app.keys.claims import TokenRefusedError, read_claims, split_compact
from app.keys.strict import read_base64url

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 20
LONGEST_ID: Final = 200


class TokenRequestError(Exception):
    """A token request gets no token; `code` is one of RFC 6749 section 5.2 and `description` never repeats what was sent."""

    def __init__(self, code: str, description: str, *, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.description = description
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class BySecret:
    """A client id with the secret that is to prove it."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class ByAssertion:
    """The client id that an assertion claims, and the assertion that is to prove it."""

    client_id: str
    assertion: str


Credentials = BySecret | ByAssertion


def invalid_request(description: str) -> TokenRequestError:
    """Refuse a request that is put together wrongly."""
    return TokenRequestError("invalid_request", description)


def invalid_client() -> TokenRequestError:
    """Refuse a client that did not prove itself; the same words for every cause, so that nobody learns which ids exist."""
    return TokenRequestError("invalid_client", "The client is unknown, was revoked, or did not prove itself.", status=401)


def read_form(body: bytes, content_type: str) -> Mapping[str, str]:
    """Give the fields of a form; an empty one counts as absent and one given twice is refused (RFC 6749 section 3.2)."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise invalid_request(f"Send the request as {FORM}.")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(body), errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise invalid_request("The form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise invalid_request("A field is given twice.")
    return {name: value for name, value in fields.items() if value}


def read_credentials(form: Mapping[str, str], authorization: list[str]) -> Credentials:
    """Give the one way in which the client proves itself; two ways in one request are refused, none is invalid_client."""
    by_assertion = "client_assertion" in form or "client_assertion_type" in form
    if len(authorization) + by_assertion + ("client_secret" in form) > 1:
        raise invalid_request("The client proves itself in more than one way.")
    if authorization:
        return _same_client(form, _basic(authorization[0]))
    if by_assertion:
        return _same_client(form, _assertion(form))
    if "client_id" not in form or "client_secret" not in form:
        raise invalid_client()
    return BySecret(form["client_id"][:LONGEST_ID], form["client_secret"])


def _same_client(form: Mapping[str, str], proved: Credentials) -> Credentials:
    if form.get("client_id", proved.client_id) != proved.client_id:
        raise invalid_request("The field client_id names another client.")
    return proved


def _basic(header: str) -> BySecret:
    """RFC 6749 section 2.3.1: both halves are form-encoded before they are joined."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise invalid_client()
    try:
        joined = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise invalid_client() from None
    client_id, _, secret = joined.partition(":")
    return BySecret(unquote_plus(client_id)[:LONGEST_ID], unquote_plus(secret))


def _assertion(form: Mapping[str, str]) -> ByAssertion:
    assertion = form.get("client_assertion")
    if assertion is None or form.get("client_assertion_type") != ASSERTION_TYPE:
        raise invalid_request(f"An assertion needs both client_assertion and client_assertion_type, which is {ASSERTION_TYPE}.")
    try:
        claimed = read_claims(read_base64url(split_compact(assertion)[1])).text("sub")
    except TokenRefusedError:
        raise invalid_client() from None
    return ByAssertion(claimed, assertion)
