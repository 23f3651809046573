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

A pupil is erased by `POST /v1/schools/{urn}/pupils/{pupil_id}/erasure` or `graduated admin erase-pupil`, for one of four reasons: the time
for keeping is over, the right to erasure was exercised, a court ordered it, or the record was held in error. The head, the SENCO or an
administrator does it, a second member of staff confirms it, and it is never done while a hold stands. An entry alone is erased by
`graduated admin erase-entry`, which empties the salt and the body of that entry, and what hangs on it is no longer known.

Four words are used below. An *entry* is one dated fact of the record. The *ledger* is the list of them, chained so that none can vanish
unseen. The *salt* is a random number kept with each entry, by which alone it could be shown what an emptied entry said. A *row* is all
that a table holds about one thing, here mostly about one pupil, contact, notice or request.

- The ledger keeps its places: number, kind, day, moment and author of every entry stay, since the chain covers them. What an entry said is
  gone with its salt, without which its commitment cannot be compared with anything. `graduated verify ledger` knows of the erasure.
- The files of papers and bundles are removed with their rows; killed in between, the sweep of unnamed files removes them. Each was
  encrypted with a key of its own, which goes with its row: what a backup of the files alone still holds, nobody can open.
- The digest of a day's accesses can no longer be worked out anew for a day on which the pupil's papers were read, because whoever read
  them is emptied too.
- The log holds no names, numbers or words of pupils at any time. Backups hold what they held until they are destroyed: after a restore,
  erase again.
- What an authority or the next school was sent before is theirs, and they are to be told.
- Entries of the school itself, and the reasons of erasures, must name no pupil; nothing in them is erased with one.
"""

PLAIN: Final = """\
## Tables without anything of a person

Erasing a pupil changes nothing in these: {tables}.
"""


def erasure_page(tables: list[Table]) -> str:
    """Write the page for tables in their order."""
    in_order = sorted(tables, key=lambda table: table.name)
    told = [table for table in in_order if not _is_plain(table)]
    plain = ", ".join(f"`{table.name}`" for table in in_order if _is_plain(table))
    return "\n".join([INTRODUCTION, *(line for table in told for line in _of_table(table)), PLAIN.format(tables=plain)])


def _is_plain(table: Table) -> bool:
    return set(table.info["holds"].values()) == {Holds.PLAIN}


def _of_table(table: Table) -> Iterator[str]:
    holds: dict[str, Holds] = table.info["holds"]
    yield f"## `{table.name}`\n"
    yield "| column | of a person | when a pupil is erased |"
    yield "|---|---|---|"
    for column in table.columns:
        whose, what = MEANS[holds[column.name]]
        yield f"| `{column.name}` | {whose} | {what} |"
    yield ""
