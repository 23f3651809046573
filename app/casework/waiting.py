"""Of which moment, and under which rules, it is asked what work waits."""

from app.casework.access_digest import last_whole_day
from app.casework.expiry import DRY_RUNS_LIVE, KEYS_LIVE, OPENINGS_LIVE
from app.casework.taking import Casework
from app.db.work_waiting import Asking
from app.domain.rules import RULES_VERSION


def asking(casework: Casework) -> Asking:
    """Ask of this moment."""
    now = casework.means.now()
    return Asking(
        now=now,
        rules_version=RULES_VERSION,
        yesterday=last_whole_day(casework),
        keys_before=now - KEYS_LIVE,
        dry_runs_before=now - DRY_RUNS_LIVE,
        openings_before=now - OPENINGS_LIVE,
    )
