"""The numbered migrations, and the one way to run them."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def configuration(owner_url: str) -> Config:
    """Give alembic's configuration for the database at `owner_url`, which the owner's role opens."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["url"] = owner_url
    return config


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`; does nothing when it is there. Call it where no event loop runs."""
    command.upgrade(configuration(owner_url), revision)
