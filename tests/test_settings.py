"""What the environment says is read strictly and its secrets are not shown."""

import ipaddress
import socket

import pytest
from pydantic import ValidationError

from app.settings import Settings
from tests.conftest import NetworkForbiddenError


def test_the_issuer_follows_the_port_unless_it_is_given(monkeypatch):
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    monkeypatch.setenv("PORT", "8123")
    assert Settings().public_url == "http://127.0.0.1:8123"
    monkeypatch.setenv("PUBLIC_URL", "https://graduated.example/")
    assert Settings().public_url == "https://graduated.example"


def test_allowed_networks_are_a_list_with_commas(monkeypatch):
    monkeypatch.setenv("EGRESS_ALLOW", "10.0.0.0/8, fd00::/8")
    assert Settings().egress_allow == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("PORT", "65536"), ("EGRESS_ALLOW", "10.0.0.1/8"), ("LOG_LEVEL", "loud")])
def test_a_malformed_setting_is_refused_without_its_value(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert name.lower() in str(refused.value)
    assert "input_value" not in str(refused.value)


def test_files_lie_under_the_data_folder_unless_a_url_says_where(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert Settings().files == tmp_path / "blobs"
    for url in ("s3://bucket", "s3://bucket/in/it", "az://container", "gs://bucket", "file:///srv/files"):
        monkeypatch.setenv("BLOBS_URL", url)
        assert Settings().files == url


@pytest.mark.parametrize(
    "url", ["memory://", "https://bucket.example", "s3://", "s3://key:word@bucket", "az://container?sig=word", "file://srv/files", "blobs"]
)
def test_a_place_for_files_is_one_that_lasts_and_its_url_holds_no_credentials(monkeypatch, url):
    monkeypatch.setenv("BLOBS_URL", url)
    with pytest.raises(ValidationError, match="blobs_url") as refused:
        Settings()
    assert "word" not in str(refused.value)


def test_passwords_and_keys_are_not_shown(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://graduated_app:invented-word@127.0.0.1/graduated")
    monkeypatch.setenv("SECRETS_KEY", "invented-word")
    assert "invented-word" not in repr(Settings())


def test_the_tests_themselves_cannot_leave_the_machine():
    with socket.socket() as outgoing, pytest.raises(NetworkForbiddenError):
        outgoing.connect(("192.0.2.1", 80))
