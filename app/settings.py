"""What the environment tells us; the one file that reads it."""

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network
STORES: Final = ("file", "s3", "az", "gs")


class Settings(BaseSettings):
    """The operator's choices; a malformed one raises `pydantic.ValidationError` that names the variable and hides its value."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    database_url: str | None = Field(default=None, repr=False)
    database_owner_url: str | None = Field(default=None, repr=False)
    database_sweep_url: str | None = Field(default=None, repr=False)
    database_erasure_url: str | None = Field(default=None, repr=False)
    secrets_key: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    data_dir: Path = Path(".data")
    blobs_url: str | None = Field(default=None, repr=False)
    egress_allow: Annotated[tuple[Network, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    reads_per_second: int = Field(default=200, ge=1)
    writes_per_second: int = Field(default=50, ge=1)
    imports_per_hour: int = Field(default=60, ge=1)
    evaluations_per_second: int = Field(default=10, ge=1)
    requests_per_second: int = Field(default=1000, ge=1)
    show_proposals: bool = False
    metrics_token: SecretStr | None = Field(default=None, min_length=16)
    api_workers: int = Field(default=1, ge=1, le=64)

    @field_validator("database_url", "database_owner_url", "database_sweep_url", "database_erasure_url")
    @classmethod
    def _is_a_database(cls, value: str | None) -> str | None:
        if value is not None and not (value.startswith(("postgresql://", "postgres://")) and _has_sound_hosts(value)):
            raise ValueError("it must be a URL that begins with postgresql://, and a port in it must be a number")
        return value

    @field_validator("blobs_url")
    @classmethod
    def _is_a_store(cls, value: str | None) -> str | None:
        """Credentials have variables of their own, which the provider names, so that this one may be shown."""
        if value is None:
            return None
        parts = urlsplit(value)
        is_sound = bool(parts.path.startswith("/") and not parts.netloc) if parts.scheme == "file" else bool(parts.netloc)
        if parts.scheme not in STORES or not is_sound or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"it must be a URL that begins with {', '.join(STORES)}:// and holds no credentials and no query")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("it must be an address that begins with https:// or http://, without a query")
        return value

    @field_validator("egress_allow", "trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError:
            raise ValueError("it must be networks with commas between them, such as 10.20.0.0/16,fd00::/8, and no host bits") from None

    @property
    def files(self) -> str | Path:
        """Where encrypted files are kept: in a folder, or in the store of a provider."""
        return self.blobs_url or self.data_dir / "blobs"

    @model_validator(mode="after")
    def _public_url_follows_the_port(self) -> Self:
        """The public address is the token issuer, so it never ends with a slash."""
        url = self.public_url or f"http://127.0.0.1:{self.port}"
        object.__setattr__(self, "public_url", url.rstrip("/"))
        return self


def _has_sound_hosts(url: str) -> bool:
    return all(re.fullmatch(r"(\[[\da-fA-F:.]+\]|[^:\[\]]*)(:\d*)?", host) for host in urlsplit(url).netloc.rpartition("@")[2].split(","))


def in_one_line(error: ValidationError) -> str:
    """Name the first setting that is wrong and say what it must be, without its value."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"the setting {str(first['loc'][0]).upper()} is wrong: {first['msg'].removeprefix('Value error, ')}"


def child_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a child process: ours with `changes` laid over it."""
    return {**os.environ, **changes}
