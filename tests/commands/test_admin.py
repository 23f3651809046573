"""What an operator types to set an installation up, from nothing to a client whose secret opens the door."""

import asyncio
import re
from base64 import b64encode
from datetime import timedelta

import orjson
import pytest
from typer.testing import CliRunner

from app.casework.registration import Registered, RegistrationRefusedError
from app.cli import FOR_THE_OPERATOR, commands
from app.commands.admin import SCOPES_HELP
from app.commands.installation import NotAnInstallationError
from app.commands.reaching import NotReachedError
from app.db.organisations import OrganisationKind
from app.db.scopes import may_hold
from app.keys.jwks import KeyUse, generate_key, public_jwk
from tests.api.doors import SEALING_KEY, a_world

KEY_TEXT = b64encode(SEALING_KEY).decode()
NOBODY = "01932b4e-5f00-7000-8000-00000000ffff"


@pytest.fixture
def admin(database, monkeypatch):
    """Type one command at the installation of this module's database, and give what it printed."""
    monkeypatch.setenv("DATABASE_URL", database.app)
    monkeypatch.setenv("SECRETS_KEY", KEY_TEXT)

    def run(*words: str) -> str:
        result = CliRunner().invoke(commands, ["admin", *words])
        if isinstance(result.exception, Exception):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run


def secret_in(printed: str) -> str:
    found = re.search(r"client secret (gs_\S+)", printed)
    assert found is not None, printed
    return found[1]


def asked(database, client_id: str, secret: str, path: str | None = None) -> int:
    """Ask for a token, and with it for a page if a path is given; the status of the last answer."""

    async def ask() -> int:
        async with a_world(database.app) as world:
            answer = await world.ask(Registered(id=client_id, name="", scopes=(), secret=secret))
            if path is None or answer.status_code != 200:
                return answer.status_code
            headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            return (await world.http.get(path, headers=headers)).status_code

    return asyncio.run(ask())


def a_school(admin, urn: str) -> str:
    owner = admin("create-organisation", "school", "Invented Trust School", "--sandbox")
    admin("create-school", owner, urn, "Invented School", "--authority", "999", "--type", "academy_mainstream")
    return owner


def test_from_nothing_to_a_client_that_is_let_in(admin, database):
    owner = a_school(admin, "999701")
    staff_id = admin("create-staff", "999701", "Helen Madeup", "--role", "head", "--role", "senco", "--since", "2020-09-01")
    printed = admin("create-client", owner, "Invented MIS", "--scope", "records:read")
    client_id = printed.split()[2]
    assert re.fullmatch(r"[0-9a-f-]{36}", staff_id)
    assert asked(database, client_id, secret_in(printed), "/v1/schools/999701/pupils") == 200


def test_a_rotated_secret_replaces_the_old_one_and_a_revoked_client_is_out(admin, database):
    printed = admin("create-client", a_school(admin, "999702"), "Invented MIS")
    client_id, old = printed.split()[2], secret_in(printed)
    new = secret_in(admin("rotate-secret", client_id))
    assert (asked(database, client_id, old), asked(database, client_id, new)) == (401, 200)
    admin("revoke-client", client_id)
    assert asked(database, client_id, new) == 401


def test_a_client_with_keys_has_no_secret(admin, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_bytes(orjson.dumps({"keys": [public_jwk(generate_key(KeyUse.HEADS))]}))
    vendor = admin("create-organisation", "vendor", "Invented Vendor")
    printed = admin("create-client", vendor, "Invented software", "--jwks", str(keys))
    keys.write_bytes(orjson.dumps({"keys": [public_jwk(generate_key(KeyUse.HEADS))]}))
    assert "secret" not in printed
    assert "2 keys" in admin("add-client-keys", printed.split()[2], "--jwks", str(keys))
    assert "1 keys" in admin("add-client-keys", printed.split()[2], "--jwks", str(keys), "--replace")


def test_a_new_signing_key_is_published_before_it_signs(admin, database):
    async def kids() -> tuple[str, set[str]]:
        async with a_world(database.app) as world:
            return (await world.keyring.signing_key(KeyUse.TOKENS)).kid, set(await world.keyring.published(KeyUse.TOKENS))

    old, _ = asyncio.run(kids())
    new = admin("rotate-key", "tokens").split()[0]
    signing, published = asyncio.run(kids())
    assert (signing, published >= {old, new}) == (old, True)


def test_after_a_change_of_the_webhook_key_both_sign_for_a_day(admin, database):
    async def signing(after: timedelta) -> list[str]:
        async with a_world(database.app) as world:
            world.clock.ahead = after
            await world.keyring.start()
            return [key.kid for key in await world.keyring.webhook_keys()]

    (old,) = asyncio.run(signing(timedelta()))
    new = admin("rotate-key", "webhooks").split()[0]
    moments = (timedelta(), timedelta(minutes=3), timedelta(hours=23), timedelta(hours=25))
    assert [asyncio.run(signing(after)) for after in moments] == [[old], [new, old], [new, old], [new]]


def test_the_list_names_everything_and_no_secret(admin):
    owner = a_school(admin, "999703")
    printed = admin("create-client", owner, "Invented MIS")
    listed = admin("list")
    assert all(word in listed for word in (owner, "999703 in 999", printed.split()[2], "Invented MIS", "school sandbox"))
    assert "gs_" not in listed
    assert "scrypt" not in listed


def test_a_school_is_in_one_trust_at_a_time_from_a_day_until_a_day(admin):
    a_school(admin, "999704")
    first, second = (admin("create-organisation", "trust", "Invented Trust", "--sandbox") for _ in range(2))
    admin("join-trust", first, "999704", "--since", "2020-09-01")
    with pytest.raises(RegistrationRefusedError, match="in a trust"):
        admin("join-trust", second, "999704", "--since", "2022-09-01")
    with pytest.raises(RegistrationRefusedError, match="not in this trust"):
        admin("leave-trust", first, "999704", "--until", "2020-08-31")
    admin("leave-trust", first, "999704", "--until", "2022-08-31")
    with pytest.raises(RegistrationRefusedError, match="in a trust"):
        admin("join-trust", second, "999704", "--since", "2022-08-31")
    admin("join-trust", second, "999704", "--since", "2022-09-01")


def test_only_a_trust_of_the_schools_own_side_takes_a_school_in(admin):
    owner = a_school(admin, "999705")
    live = admin("create-organisation", "trust", "Invented Trust")
    for trust, urn, told in ((owner, "999705", "no such trust"), (NOBODY, "999705", "no such trust"), (live, "999705", "never meet")):
        with pytest.raises(RegistrationRefusedError, match=told):
            admin("join-trust", trust, urn)
    with pytest.raises(RegistrationRefusedError, match="no school"):
        admin("join-trust", live, "999799")


def test_a_client_holds_all_that_its_kind_may_unless_told_otherwise(admin):
    authority = admin("create-organisation", "authority", "Invented Council", "--authority", "998", "--sandbox")
    admin("create-client", authority, "Everything it may")
    assert " ".join(sorted(may_hold(OrganisationKind.AUTHORITY, is_sandbox=True))) in admin("list")


def test_a_vendors_client_is_not_given_what_no_school_may_grant(admin):
    vendor = admin("create-organisation", "vendor", "Invented Vendor", "--sandbox")
    client_id = admin("create-client", vendor, "Invented software").split()[2]
    line = next(line for line in admin("list").splitlines() if client_id in line)
    assert "records:write" in line and "staff:write" not in line and "grants:write" not in line


def test_a_scope_that_is_none_is_answered_with_those_there_are(admin):
    vendor = admin("create-organisation", "vendor", "Invented Vendor", "--sandbox")
    with pytest.raises(RegistrationRefusedError, match=r"cannot hold bogus; it may hold .*records:read, records:write"):
        admin("create-client", vendor, "Invented software", "--scope", "bogus")
    assert "notices:deliver" in SCOPES_HELP


@pytest.mark.parametrize(
    "words",
    [
        ("create-school", NOBODY, "999704", "Invented", "--authority", "999", "--type", "academy_mainstream"),
        ("create-staff", "999799", "Nobody", "--role", "head"),
        ("create-client", NOBODY, "Nobody"),
        ("rotate-secret", NOBODY),
        ("revoke-client", NOBODY),
    ],
)
def test_what_is_about_nothing_is_refused_in_one_line(admin, words):
    with pytest.raises(RegistrationRefusedError, match="there is no"):
        admin(*words)
    assert RegistrationRefusedError in FOR_THE_OPERATOR


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SECRETS_KEY", "short", "SECRETS_KEY"),
        ("SECRETS_KEY", "", "SECRETS_KEY"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/x", "reached"),
    ],
)
def test_without_a_key_or_a_database_the_operator_is_told_which(admin, monkeypatch, name, value, told):
    monkeypatch.setenv(name, value)
    with pytest.raises((NotAnInstallationError, NotReachedError), match=told):
        admin("list")
    assert {NotAnInstallationError, NotReachedError} <= set(FOR_THE_OPERATOR)
