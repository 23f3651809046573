"""The words of a notice in another language, where the school had them translated."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/schools/{urn}/notices", tags=["Notices"], route_class=StrictRoute)
