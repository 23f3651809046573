"""The command line: `graduated serve | worker | migrate | ...`, one file to each in `app.commands`."""

import os
import sys

import typer
from pydantic import ValidationError

from app.casework.erasure import ErasureRefusedError
from app.casework.keyring import KeysUnreadableError
from app.casework.registration import RegistrationRefusedError
from app.casework.restoring import RestoringRefusedError
from app.casework.working import FileGoneError
from app.commands.admin import admin
from app.commands.conformance import CannotConformError, conformance
from app.commands.erase import erase
from app.commands.erase_pupil import erase_all
from app.commands.generate import docs, openapi
from app.commands.installation import NotAnInstallationError
from app.commands.migrate import migrate
from app.commands.reaching import NotReachedError
from app.commands.restore import restore_epoch
from app.commands.rotate_secrets_key import KeyNotGivenError, rotate_secrets_key
from app.commands.serve import CannotServeError, serve
from app.commands.supervision import GaveUpError
from app.commands.try_again import try_again
from app.commands.verify import CannotVerifyError, verify
from app.db.embedded import EmbeddedUnavailableError
from app.db.embedded_folder import EmbeddedInUseError
from app.db.file_stores import FileStoreError
from app.db.roles import RolesNotMadeError, RoleTooPowerfulError
from app.keys.secrets_key import SecretsKeyError
from app.settings import in_one_line

# What an operator can put right is told in one line; anything else is a fault of ours and keeps its traceback.
FOR_THE_OPERATOR = (
    CannotConformError,
    CannotServeError,
    CannotVerifyError,
    EmbeddedInUseError,
    EmbeddedUnavailableError,
    ErasureRefusedError,
    FileGoneError,
    FileStoreError,
    GaveUpError,
    KeyNotGivenError,
    KeysUnreadableError,
    NotAnInstallationError,
    NotReachedError,
    RegistrationRefusedError,
    RestoringRefusedError,
    RoleTooPowerfulError,
    RolesNotMadeError,
    SecretsKeyError,
)

commands = typer.Typer(name="graduated", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
commands.command()(serve)
commands.command()(migrate)
commands.command()(openapi)
commands.command()(docs)
commands.command()(conformance)
commands.add_typer(verify)
admin.command(name="erase-entry")(erase)
admin.command(name="erase-pupil")(erase_all)
admin.command(name="restore-epoch")(restore_epoch)
admin.command(name="rotate-secrets-key")(rotate_secrets_key)
admin.command(name="try-again")(try_again)
commands.add_typer(admin)


@commands.command()
def worker() -> None:
    """Run what was queued, until told to stop."""
    os.execv(sys.executable, [sys.executable, "-m", "app.worker"])  # noqa: S606 - our own


def cli() -> None:
    """Run one command; exits 1 with one line on standard error when the operator must act."""
    try:
        commands()
    except FOR_THE_OPERATOR as error:
        sys.exit(f"graduated: {error}")
    except ValidationError as error:
        sys.exit(f"graduated: {in_one_line(error)}")


if __name__ == "__main__":
    cli()
