"""Every scope there is, with what it lets a client do; which a school may grant, and which only an authority's client holds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.db.entrance import Scope
from app.db.organisations import OrganisationKind

SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "records:read": "Read pupils, their contacts and their SEN Support records.",
        "records:write": "Take steps on SEN Support records for a named member of staff.",
        "records:erase": "Erase all that is held about a pupil; a school's own clients alone.",
        "papers:write": "Hand in papers that belong to a pupil's record; each is looked into, and no entry is written by it.",
        "roll:write": "Load a roll, and keep pupils and their contacts up to date.",
        "staff:write": "Add members of staff and give or end their roles; a school's own clients alone.",
        "grants:write": "Give, list and revoke grants; a school's own clients alone.",
        "notices:read": "See which notices exist, for whom, and how the telling went.",
        "notices:deliver": "Fetch the words of a notice to deliver it, and report what became of it.",
        "subscriptions:write": "Say where events are sent, and how much they carry.",
        "mailbox:take": "Lease what waits in the mailboxes of the client's own organisation, and say what became of it.",
        "census:read": "Draw up the school census with unique pupil numbers, for whoever makes the return for the school.",
        "obligations:read": "See what is due, kept and overdue.",
        "totals:read": "See counts of duties by month end: of an authority's or a trust's schools together, and of each that granted it.",
        "evidence:submit": "Request EHC needs assessments and submit the evidence for them.",
        "evidence:take": "Take the requests and evidence sent to the local authority; an authority's clients alone.",
        "profiles:write": "Load what an authority expects beside a request, by version, for the client's own organisation.",
        "schools:read": "Read what a school says of itself: its type, its staff and its settings.",
        "schools:write": "Record what the school itself set, published, adopted and returned, for a named member of staff.",
        "evaluations:run": "Have entries evaluated that are sent along; nothing of any school is read, and nothing is stored.",
        "clock:write": "Move a sandbox school's clock forward.",
    }
)

OF_AUTHORITIES: Final = frozenset({"evidence:take", "mailbox:take", "profiles:write", "subscriptions:write", "totals:read"})
OF_ITSELF: Final = frozenset({"mailbox:take", "profiles:write"})
"""What a client does for its own organisation and no school grants; of what a mailbox lets out, each school still decides."""
GRANTABLE: Final = frozenset(SCOPES) - {"records:erase", "staff:write", "grants:write", "evidence:take"} - OF_ITSELF
SANDBOX_ONLY: Final = frozenset({"clock:write"})


def scope_of(name: str) -> Scope:
    """Give a scope of the catalogue; a name that is not in it is a mistake of ours and raises ValueError."""
    if name not in SCOPES:
        raise ValueError(f"there is no scope {name}")
    return Scope(name)


def may_hold(kind: OrganisationKind, *, is_sandbox: bool) -> frozenset[str]:
    """The scopes that a client of such an organisation may be given."""
    held = OF_AUTHORITIES if kind is OrganisationKind.AUTHORITY else frozenset(SCOPES) - {"evidence:take"}
    return held if is_sandbox else held - SANDBOX_ONLY


def given_by_default(kind: OrganisationKind, *, is_sandbox: bool) -> frozenset[str]:
    """The scopes of a client for which none are named: all that it may hold, but for a vendor what a school may grant, and its own."""
    held = may_hold(kind, is_sandbox=is_sandbox)
    return held & (GRANTABLE | OF_ITSELF) if kind is OrganisationKind.VENDOR else held
