"""The mailbox: all that is pushed to others may be pulled instead, under a lease and with a receipt."""

from fastapi import APIRouter

from app.api.body import StrictRoute

router = APIRouter(prefix="/v1/mailbox", tags=["Mailbox"], route_class=StrictRoute)
