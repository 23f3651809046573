"""Documents for people: plans, review records, meetings, decisions and maps, to be read, printed, heard or enlarged."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/documents", tags=["Documents for people"], route_class=StrictRoute)
