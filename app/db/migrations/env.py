"""How alembic reaches the database: asynchronously, as the owner, one transaction to each migration, one migrator at a time."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db.tables import metadata
from app.settings import Settings


def _migrate(connection: Connection) -> None:
    # Two replicas may start together; the lock is the session's, so it must be taken before alembic opens its own transactions.
    connection.exec_driver_sql("select pg_advisory_lock(hashtext('graduated migrations'))")
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    url = context.config.attributes.get("url") or Settings().database_owner_url
    if not url:
        raise RuntimeError("set DATABASE_OWNER_URL: migrations run as the owner of the database")
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_run())
