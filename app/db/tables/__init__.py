"""Every table, declared once. School data has `school_id` first in each key; reference data is shared; local data belongs to one database.

The queries are statements of their own, one file per noun beside this folder; these classes are what the migrations are compared with and
what the guard tests walk.
"""

from app.db.tables.ehc import BundleRow, EhcRequestRow, OpenedRequestRow
from app.db.tables.imports import ImportJobRow, ImportResultRow
from app.db.tables.kinds import metadata
from app.db.tables.ledger import AccessRow, EntryRow, IdempotencyRow, LedgerHeadRow, ObligationRow
from app.db.tables.organisations import (
    AssertionRow,
    AuthorityProfileRow,
    ClientRow,
    DirectoryRow,
    FeedCursorRow,
    GrantRow,
    OrganisationRow,
    SigningKeyRow,
    SubscriptionRow,
)
from app.db.tables.papers import BlobRow, BundlePartRow, PaperRow
from app.db.tables.schools import ContactRow, PupilRow, SchoolRow, StaffRow
from app.db.tables.telling import DeliveryAttemptRow, DeliveryRow, NoticeEventRow, NoticeRow, NoticeTranslationRow, SchoolSubscriptionRow
from app.db.tables.totals import TotalsRow, TrustMembershipRow
from app.db.tables.work import WorkRow

__all__ = [
    "AccessRow",
    "AssertionRow",
    "AuthorityProfileRow",
    "BlobRow",
    "BundlePartRow",
    "BundleRow",
    "ClientRow",
    "ContactRow",
    "DeliveryAttemptRow",
    "DeliveryRow",
    "DirectoryRow",
    "EhcRequestRow",
    "EntryRow",
    "FeedCursorRow",
    "GrantRow",
    "IdempotencyRow",
    "ImportJobRow",
    "ImportResultRow",
    "LedgerHeadRow",
    "NoticeEventRow",
    "NoticeRow",
    "NoticeTranslationRow",
    "ObligationRow",
    "OpenedRequestRow",
    "OrganisationRow",
    "PaperRow",
    "PupilRow",
    "SchoolRow",
    "SchoolSubscriptionRow",
    "SigningKeyRow",
    "StaffRow",
    "SubscriptionRow",
    "TotalsRow",
    "TrustMembershipRow",
    "WorkRow",
    "metadata",
]
