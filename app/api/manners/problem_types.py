"""The catalogue of everything that can go wrong with a request, and who can put it right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ActBy = Literal["vendor", "school", "local_authority", "host"]

Slug = Literal[
    "invalid-request",
    "unreadable-request",
    "not-json",
    "body-too-large",
    "unsupported-media-type",
    "not-acceptable",
    "unauthenticated",
    "insufficient-scope",
    "no-grant",
    "not-found",
    "method-not-allowed",
    "step-refused",
    "conflict",
    "request-in-progress",
    "idempotency-key-missing",
    "idempotency-key-reused",
    "range-not-satisfiable",
    "precondition-failed",
    "precondition-required",
    "too-many-requests",
    "future-known-at",
    "beyond-horizon",
    "evaluation-too-long",
    "gone",
    "unavailable",
    "internal",
]


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem: its HTTP status, who can act, and what a person reading its page should know."""

    status: int
    title: str
    act_by: ActBy
    explanation: str
    remedy: str


PROBLEM_TYPES: Mapping[Slug, ProblemType] = {
    "invalid-request": ProblemType(
        422,
        "The request does not fit",
        "vendor",
        "One or more members, parameters or headers are missing, unknown or of the wrong kind. All that were found are listed in errors.",
        "Correct each place that errors points at and send the request again. Nothing was stored.",
    ),
    "unreadable-request": ProblemType(
        400,
        "The request cannot be read",
        "vendor",
        "The request breaks the rules of HTTP or of its own content type, so nothing in it could be looked at.",
        "Check how the request is put together: its headers, its parts and their boundaries.",
    ),
    "not-json": ProblemType(
        400,
        "The body is not JSON",
        "vendor",
        "The body is not JSON text in UTF-8 as RFC 8259 describes it. Not-a-number and infinity are not JSON either.",
        "Send the body as your JSON library writes it, in UTF-8, without a byte order mark.",
    ),
    "body-too-large": ProblemType(
        413,
        "The body is too large",
        "vendor",
        "The body has more bytes than this route takes.",
        "Send less in one request. The limit is 1 MB unless the route says otherwise.",
    ),
    "unsupported-media-type": ProblemType(
        415,
        "The body has a type that is not taken here",
        "vendor",
        "The Content-Type of the body is missing or is one that this route does not read.",
        "Send application/json, or one of the types that the documentation of the route names.",
    ),
    "not-acceptable": ProblemType(
        406,
        "There is no answer in a type you accept",
        "vendor",
        "The Accept header names no type in which this answer can be given.",
        "Accept application/json, or one of the types that the documentation of the route names.",
    ),
    "unauthenticated": ProblemType(
        401,
        "We do not know who is calling",
        "vendor",
        "The access token is missing, expired or not one of ours. WWW-Authenticate says which.",
        "Get a token from /oauth2/token and send it as: Authorization: Bearer.",
    ),
    "insufficient-scope": ProblemType(
        403,
        "The token lacks a scope",
        "vendor",
        "The caller is known, but the token was not given the scope that this route needs. The scope is named in WWW-Authenticate.",
        "Ask for the scope when you get the token. If it is refused there, the client has not been given it.",
    ),
    "no-grant": ProblemType(
        403,
        "The school has not granted this",
        "school",
        "A client acts for a school only under a grant that the school has made, for the purpose it names, until it ends or is revoked.",
        "Ask the school to make or renew the grant.",
    ),
    "not-found": ProblemType(
        404,
        "There is nothing here that you may see",
        "vendor",
        "Either there is no such thing, or it belongs to somebody else. The answer is the same on purpose.",
        "Check the ids in the path and the school or authority that the token is for.",
    ),
    "method-not-allowed": ProblemType(
        405,
        "This address does not take that method",
        "vendor",
        "The address exists, but not for this method. Allow names every method it takes.",
        "Use one of the methods in Allow.",
    ),
    "step-refused": ProblemType(
        409,
        "The law or the record does not allow this step",
        "school",
        "There is no such step upon this record as it stands. The findings name the provision, upon which facts, and which were wanting.",
        "Record what is missing first, or take the step that the findings point to. Being late never bars a step.",
    ),
    "conflict": ProblemType(
        409,
        "This clashes with what is stored",
        "vendor",
        "Something that must be unique, or must not change, is already there.",
        "Read what is stored now and decide again.",
    ),
    "request-in-progress": ProblemType(
        409,
        "The same request is still being worked on",
        "vendor",
        "Another request with this Idempotency-Key has not finished yet.",
        "Wait for the seconds in Retry-After and send the same request again with the same key.",
    ),
    "idempotency-key-missing": ProblemType(
        400,
        "An Idempotency-Key is needed",
        "vendor",
        "Requests that add to a record carry an Idempotency-Key, so that a repeat after a broken line adds nothing twice.",
        "Send a fresh random key with each new request, and the same key with each repeat of it.",
    ),
    "idempotency-key-reused": ProblemType(
        422,
        "The Idempotency-Key belongs to another request",
        "vendor",
        "This key came earlier with a different body.",
        "Use a fresh key for a new request.",
    ),
    "precondition-failed": ProblemType(
        412,
        "The record has moved on",
        "school",
        "If-Match names a version that is no longer the current one: somebody has written since it was read.",
        "Read it again, look at what changed, and decide again.",
    ),
    "range-not-satisfiable": ProblemType(
        416,
        "That range is not there",
        "vendor",
        "The Range header asks for bytes beyond the end of the file, or for several ranges at once.",
        "Ask for one range within the size that Content-Range names.",
    ),
    "precondition-required": ProblemType(
        428,
        "An If-Match is needed",
        "vendor",
        "This change replaces what is stored, so it must say which version it replaces.",
        "Send the ETag of what you read as If-Match.",
    ),
    "too-many-requests": ProblemType(
        429,
        "Too many requests",
        "vendor",
        "The budget of this client is used up for now.",
        "Wait for the seconds in Retry-After, then go more slowly.",
    ),
    "future-known-at": ProblemType(
        422,
        "Nobody can know yet",
        "vendor",
        "The moment in known_at has not come, so what will be known then cannot be answered.",
        "Ask for a moment that has passed, or leave known_at out.",
    ),
    "beyond-horizon": ProblemType(
        422,
        "That day lies beyond what has been worked out",
        "vendor",
        "What is owed is worked out for this school year and the one after it. The day in as_at lies after it.",
        "Ask for an earlier day. The detail names the last one.",
    ),
    "evaluation-too-long": ProblemType(
        422,
        "That takes too long to work out",
        "vendor",
        "An evaluation may use one second of the processor. This one had used it up before it was done, and was stopped.",
        "Send fewer entries, or an earlier until: a pupil at a time, and the sessions of one cycle rather than of all.",
    ),
    "gone": ProblemType(
        410,
        "It was here and is no longer",
        "school",
        "What stood here was erased, withdrawn or has reached the end of its time.",
        "Do not ask again. A new one has to be made.",
    ),
    "unavailable": ProblemType(
        503,
        "The service cannot answer just now",
        "host",
        "A part that the service depends on does not answer. Nothing of the request was stored.",
        "Wait for the seconds in Retry-After and send the same request again, with the same Idempotency-Key if it had one.",
    ),
    "internal": ProblemType(
        500,
        "Something broke on our side",
        "host",
        "A fault of ours. It has been logged under the id in instance, without any of the data of the request.",
        "Send the request again with the same Idempotency-Key. If it happens again, give the id in instance to whoever runs the service.",
    ),
}
