"""Whether the process lives and whether it can serve."""

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from app.api.manners.problems import retry_later
from app.api.shown.shapes import Out

router = APIRouter(tags=["Health"])


class HealthOut(Out):
    """The process answers."""

    status: str = Field(examples=["ok"])


@router.get("/livez")
async def livez() -> HealthOut:
    """Tell that the process lives; asks nothing of the database."""
    return HealthOut(status="ok")


@router.get("/readyz")
async def readyz(request: Request) -> HealthOut:
    """Tell that requests can be served: the database answers."""
    if not await request.app.state.sessions.answers():
        raise retry_later("unavailable", 1)
    return HealthOut(status="ok")
