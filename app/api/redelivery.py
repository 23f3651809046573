"""Deliveries looked at one by one, and sent again: one, or a range by number or time."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}", tags=["Subscriptions"], route_class=StrictRoute)
