"""The four roles and the database, made once by whoever runs the server; and the check that ours has no more power than it should."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import asyncpg

DATABASE = "graduated"
ROLES_FILE = Path(__file__).with_name("roles.sql")

# Membership counts as power: a member of the owner's role can become the owner. Temporary tables are a session's own and harm nobody.
POWERS = """
with mine as (
    select oid, rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication
      from pg_roles where pg_has_role(session_user, oid, 'member')
)
select format('%s is a superuser', rolname) from mine where rolsuper
union all select format('%s bypasses row-level security', rolname) from mine where rolbypassrls
union all select format('%s may give itself other roles', rolname) from mine where rolcreaterole
union all select format('%s may replicate', rolname) from mine where rolreplication
union all (
    select format('%s owns %s', rolname, pg_describe_object(classid, objid, objsubid))
      from mine join pg_shdepend on refclassid = 'pg_authid'::regclass and refobjid = mine.oid and deptype = 'o'
     where (dbid = 0 or dbid = (select oid from pg_database where datname = current_database()))
       and not exists (select from pg_class where classid = 'pg_class'::regclass and pg_class.oid = objid and relpersistence = 't')
     limit 1
)
"""


class RoleTooPowerfulError(Exception):
    """The role we connected as could see or change what row-level security should keep from it; the message lists why."""


class RolesNotMadeError(Exception):
    """The server refused to make the roles; the message is its last word."""


def print_roles() -> str:
    """Give the script that a database administrator runs in psql; passwords are psql variables, so none stands in it."""
    return ROLES_FILE.read_text()


def make_roles(psql: Path, url: str, *, database: str = DATABASE, passwords: Mapping[str, str] | None = None) -> None:
    """Run the same script at a superuser's `url`; `passwords`, keyed owner, app, sweep and erasure, go by standard input alone."""
    variables = {"database": database} | {f"{role}_password": word for role, word in (passwords or {}).items()}
    settings = "".join(f"\\set {name} '{_quoted(value)}'\n" for name, value in variables.items())
    program = [str(psql), "--no-psqlrc", "--quiet", "--no-password", f"--dbname={url}"]
    done = subprocess.run(program, input=settings + print_roles(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RolesNotMadeError(f"the roles could not be made: {done.stderr.strip()}")


async def check_app_role(connection: asyncpg.Connection) -> None:
    """Refuse (RoleTooPowerfulError) a login that is or can become a superuser, bypasses policies, or owns anything in this database."""
    reasons = [row[0] for row in await connection.fetch(POWERS)]
    if reasons:
        raise RoleTooPowerfulError(f"refusing to run: the role in DATABASE_URL has too much power ({'; '.join(reasons[:5])})")


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
