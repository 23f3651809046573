"""The facts an authority would otherwise retype, under the field names of its own yearly SEN2 return; the one file with the UPN."""

from app.db.chain import Json
from app.documents.bundle.frozen import FrozenRecord
from app.domain.codes import NEED_CODES


def authority_fields(frozen: FrozenRecord) -> dict[str, Json]:
    """Person, request and needs as SEN2 names them; a field that this service does not hold is null, never guessed.

    Of the request only what is settled when it is made; all that comes later is the authority's own to know.
    """
    pupil = frozen.pupil
    return {
        "person": {
            "surname": pupil.surname,
            "forename": pupil.forename,
            "personbirthdate": pupil.date_of_birth.isoformat(),
            "sex": pupil.sex,
            "ethnicity": None,
            "postcode": None,
            "upn": pupil.upn,
            "uniquelearnernumber": None,
            "upnunknown": None,
        },
        "requests": {
            "receiveddate": None if frozen.received_on is None else frozen.received_on.isoformat(),
            "requestsource": frozen.requester.value,
        },
        "sen_need": [
            {"sentype": need.need_type.value, "sentyperank": need.rank, "label": NEED_CODES[need.need_type].label}
            for need in frozen.record.needs
        ],
        "school": {"urn": frozen.school.urn, "name": frozen.school.name},
        "request": {
            "id": str(frozen.request_id),
            "requestedon": frozen.requested_on.isoformat(),
            "submittedon": frozen.submitted_on.isoformat(),
        },
    }
