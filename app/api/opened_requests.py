"""Requests that an authority received itself: who they are about is answered by the school."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}/opened-requests", tags=["EHC requests"], route_class=StrictRoute)
