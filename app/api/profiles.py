"""What authorities expect beside a request: shipped, or loaded and kept by version."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/authority-profiles", tags=["Readiness"], route_class=StrictRoute)
