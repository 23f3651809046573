"""Requests taken by lease, so that two officers do not take the same."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/local-authorities/{code}/request-leases", tags=["Local authorities"], route_class=StrictRoute)
