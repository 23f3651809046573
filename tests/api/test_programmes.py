"""The migrations as data over HTTP, and what is only proposed, which is shown where the operator wants it and enforced nowhere."""

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.db.embedded import DatabaseUrls
from app.main import create_app
from app.settings import Settings
from tests.api.world import ISSUER, NOW, SECRETS_KEY


def an_app(database: DatabaseUrls, **settings: object) -> FastAPI:
    reached = {"database_url": database.app, "database_sweep_url": database.sweep}
    return create_app(Settings(**reached, secrets_key=SecretStr(SECRETS_KEY), public_url=ISSUER, **settings), now=lambda: NOW)


async def listed(app: FastAPI) -> dict[str, object]:
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        answer = await http.get("/v1/programmes")
        assert answer.status_code == 200
        found: dict[str, object] = answer.json()
        return found


async def test_school_action_is_shown_with_codes_days_deciders_and_rules(database: DatabaseUrls) -> None:
    (programme,) = (await listed(an_app(database)))["items"]
    assert (programme["id"], programme["from_codes"], programme["to_codes"]) == ("school-action", ["A", "P"], ["K", "N"])
    assert (programme["window_from"], programme["window_to"]) == ("2014-09-01", "2015-08-31")
    assert programme["deciders"] == ["head", "senco"]
    assert "decide-each-school-action-pupil" in programme["rules"]


@pytest.mark.parametrize(("settings", "shown"), [({}, []), ({"show_proposals": True}, ["individual-support-plans"])])
async def test_a_proposal_is_shown_only_where_the_operator_says_so(
    database: DatabaseUrls, settings: dict[str, bool], shown: list[str]
) -> None:
    """Off unless it is set; shown or not, it is no programme."""
    found = await listed(an_app(database, **settings))
    assert [proposal["id"] for proposal in found["proposals"]] == shown
    assert [programme["id"] for programme in found["items"]] == ["school-action"]
