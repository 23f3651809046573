"""Papers: handed in, looked into, kept, read in ranges through the gate, and blacked out in part."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/papers", tags=["Papers"], route_class=StrictRoute)
