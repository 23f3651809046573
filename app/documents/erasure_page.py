"""The page that says, table by table and column by column, what is held of a person and what erasing a pupil does to it."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Table

from app.db.tables.kinds import Holds

MEANS: Final = {
    Holds.PLAIN: ("no", "stays"),
    Holds.STAFF: ("of staff or of whoever wrote", "stays: who did what must be answered for"),
    Holds.TRACE: ("of a pupil, known by an id alone", "stays: the id leads to nobody any more"),
    Holds.GOES: ("of the pupil or of people around", "goes with its row"),
    Holds.EMPTIED: ("of the pupil or of people around", "emptied"),
    Holds.NEUTRAL: ("of the pupil", "replaced by a value that says nothing"),
    Holds.PASSING: ("of every pupil of the file", "gone once the file is loaded; until then no pupil is erased"),
}
INTRODUCTION: Final = """\
# What is held of a person, and what erasing a pupil does to it

Generated from `app/db/tables` by `make docs`; a test fails when it is out of date, or when a column is not classified.

A pupil is erased by `POST /v1/schools/{urn}/pupils/{pupil_id}/erasure` or `graduated admin erase-pupil`: on one of four grounds, by the
head, the SENCO or an administrator, confirmed by a second member of staff, and never while a hold stands. An entry alone is erased by
`graduated admin erase-entry`, which empties the salt and the body of that entry, and what hangs on it is no longer known.

- The ledger keeps its places: number, kind, day, moment and author of every entry stay, since the chain covers them. What an entry said is
  gone with its salt, without which its commitment cannot be compared with anything. `graduated verify ledger` knows of the erasure.
- The files of evidence bundles are removed with their rows; killed in between, the sweep of unnamed files removes them.
- The digest of a day's accesses can no longer be worked out anew for a day on which the pupil's papers were read, because whoever read
  them is emptied too.
- The log holds no names, numbers or words of pupils at any time. Backups hold what they held until they are destroyed: after a restore,
  erase again.
- What an authority or the next school was sent before is theirs, and they are to be told.
- Entries of the school itself, and the reasons of erasures, must name no pupil; nothing in them is erased with one.
"""


def erasure_page(tables: list[Table]) -> str:
    """Write the page for tables in their order."""
    return "\n".join([INTRODUCTION, *(line for table in sorted(tables, key=lambda table: table.name) for line in _of_table(table))])


def _of_table(table: Table) -> Iterator[str]:
    holds: dict[str, Holds] = table.info["holds"]
    yield f"## `{table.name}`\n"
    yield "| column | of a person | when a pupil is erased |"
    yield "|---|---|---|"
    for column in table.columns:
        whose, what = MEANS[holds[column.name]]
        yield f"| `{column.name}` | {whose} | {what} |"
    yield ""
