"""The work that waits at a school: how much, since when, how often it was tried, and what was given up."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Work"], route_class=StrictRoute)
