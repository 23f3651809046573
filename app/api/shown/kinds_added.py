"""Which kinds of entry each operation adds, so that a kind that a cure or a next step names leads to its route."""

from collections.abc import Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Final, cast

from fastapi.dependencies.models import Dependant

from app.api.manners.examples import METHODS, Json
from app.domain.entries import Entry

ADDS_KEY: Final = "x-adds"
OF_A_SCHOOL: Final = "/v1/schools/"
ADDED_BESIDE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "appoint_staff": ("staff.role_given",),
        "give_role": ("staff.role_given",),
        "end_role": ("staff.role_ended",),
        "change_setting": ("setting.changed",),
        "set_identity_provider": ("identity_provider.set",),
        "import_roll": ("roll.imported", "pupil.enrolled", "contact.described", "status.imported", "need.imported"),
        "change_contact": ("contact_details.changed",),
        "attach_subscription": ("subscription.words_chosen",),
        "tell_in_person": ("person.told",),
        "report_on_notice": ("person.told", "telling.undone"),
        "request_ehc_assessment": ("ehc_assessment.requested",),
        "withdraw_ehc_request": ("ehc_assessment.withdrawn",),
        "submit_evidence": ("evidence.submitted",),
        "post_receipt": ("evidence.received",),
        "erase_pupil": ("pupil.erased",),
    }
)
"""By operation, for those whose body does not say it."""


def kinds_added(operation_id: str, dependant: Dependant) -> list[str]:
    """Name the kinds that an operation adds: the one its body stands for, and those added beside."""
    kinds = (getattr(body.field_info.annotation, "kind", None) for body in dependant.body_params)
    own = (kind.type for kind in kinds if isinstance(kind, type) and issubclass(kind, Entry))
    return list(dict.fromkeys((*own, *ADDED_BESIDE.get(operation_id, ()))))


def routes_by_kind(document: Json) -> dict[str, list[dict[str, str]]]:
    """Give, by kind of entry, the operations that add it, with id, method and path: a school's own first, and of those the plainest."""
    found: dict[str, list[tuple[bool, int, dict[str, str]]]] = {}
    for path, item in cast(dict[str, dict[str, Json]], document["paths"]).items():
        for method in METHODS:
            adds = cast(list[str], item.get(method, {}).get(ADDS_KEY, []))
            for kind in adds:
                route = {"id": str(item[method]["operationId"]), "method": method.upper(), "path": path}
                found.setdefault(kind, []).append((not path.startswith(OF_A_SCHOOL), len(adds), route))
    return {kind: [route for *_, route in sorted(routes, key=itemgetter(0, 1))] for kind, routes in found.items()}
