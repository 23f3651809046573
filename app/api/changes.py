"""The feed: everything that was written at all schools a client may see, in each school's own order, and never with a gap."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1", tags=["Feed"], route_class=StrictRoute)
