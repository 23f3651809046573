"""A school's ledger seen from outside: its signed end, and digests by which a client shows itself that it has everything."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}/ledger", tags=["Feed"], route_class=StrictRoute)
