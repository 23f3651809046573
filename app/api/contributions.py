"""Contributions to the evidence: asked for, given in words or papers, declined, and where each stands."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}/pupils/{pupil_id}/contributions", tags=["Contributions"], route_class=StrictRoute)
