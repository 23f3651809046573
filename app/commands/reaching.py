"""What a command says when the database it was pointed at is not there, is not one, or is not ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg

# Those who look for a table or function of ours and find none stand before an empty database, or one of an older release.
NO_SCHEMA: Final = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.UndefinedColumnError)
NOT_LET_IN: Final = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)


class NotReachedError(Exception):
    """The database does not answer as it must; the message is one line for the operator and names the setting, not its value."""


@contextmanager
def reaching(setting: str) -> Iterator[None]:
    """Turn what goes wrong on the way to the database of a setting into NotReachedError."""
    try:
        yield
    except asyncpg.ClientConfigurationError:
        raise NotReachedError(f"{setting} is not the URL of a PostgreSQL database") from None
    except NO_SCHEMA:
        raise NotReachedError(f"the database in {setting} lacks our tables or has old ones; run `graduated migrate` first") from None
    except (OSError, TimeoutError, *NOT_LET_IN) as error:
        raise NotReachedError(f"the database in {setting} cannot be reached: {type(error).__name__}") from None
