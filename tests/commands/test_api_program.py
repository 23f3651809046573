"""How the API is started."""

from app.commands.serve import api_program
from app.settings import Settings


def test_nobodys_word_for_a_callers_address_is_taken_unless_the_operator_names_the_proxy(monkeypatch):
    """Whoever may choose the address they are seen under has as many guesses as there are addresses."""
    monkeypatch.delenv("TRUSTED_PROXIES", raising=False)
    alone = api_program(Settings())
    monkeypatch.setenv("TRUSTED_PROXIES", "10.1.0.0/16, ::1")
    behind = api_program(Settings())
    assert "--no-proxy-headers" in alone and "--forwarded-allow-ips" not in alone
    assert behind[behind.index("--forwarded-allow-ips") + 1] == "10.1.0.0/16,::1/128"
    assert "--proxy-headers" in behind and "--no-proxy-headers" not in behind
