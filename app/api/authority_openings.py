"""Requests that this authority received itself, told to the school."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/local-authorities/{code}/openings", tags=["Local authorities"], route_class=StrictRoute)
