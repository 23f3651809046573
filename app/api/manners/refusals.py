"""What the errors from below become on the wire."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

import asyncpg

from app.api.manners.callers import ENTRANCE_PROBLEMS
from app.api.manners.faults import Fault
from app.api.manners.problems import ApiError, Translation, invalid, retry_later
from app.api.shown.shapes import FindingOut
from app.casework.authors import AuthorRefusedError
from app.casework.contributions import ContributionUnknownError, PapersUnknownError
from app.casework.deciding import RecordMovedOnError
from app.casework.enrolment import UpnTakenError
from app.casework.evidence import RequestUnknownError
from app.casework.merging import EvidenceBeingMadeError
from app.casework.pupil_erasure import ErasureNotSetUpError, RollBeingLoadedError
from app.casework.releasing import RequestWithdrawnError
from app.casework.taking import OccurredOutOfBoundsError, PupilUnknownError, StepRefusedError
from app.casework.tellings import NoticeUnknownError
from app.db.blobs import BlobError
from app.db.file_stores import FileStoreError
from app.db.idempotency import KeyReusedError
from app.db.moments import MomentAheadError
from app.db.opening import MergedAwayError, PupilErasedError
from app.webhooks.delivering.redelivering import MOST_REPLAYED, DeliveryUnknownError, StretchTooLongError, SubscriptionEndedError
from app.webhooks.receiving.subscribing import (
    MOST_STANDING,
    OfMailboxError,
    SubscriptionUnknownError,
    TooManySubscriptionsError,
    WishUnfitError,
)
from app.webhooks.sending.egress import EgressRefusedError


def _refused(error: Exception) -> ApiError:
    findings = [FindingOut.of(finding) for finding in cast(StepRefusedError, error).findings]
    return ApiError("step-refused", findings=findings)


def _out_of_bounds(error: Exception) -> ApiError:
    reason = cast(OccurredOutOfBoundsError, error).reason
    return invalid([Fault("/occurred_on", "occurred_on_out_of_bounds", f"This day {reason}.")])


def _moved_on(error: Exception) -> ApiError:
    return ApiError("precondition-failed", headers={"ETag": cast(RecordMovedOnError, error).current})


def _author(error: Exception) -> ApiError:
    return invalid([Fault("/author", "author_refused", f"This author is not accepted: {cast(AuthorRefusedError, error).reason}.")])


def _egress(error: Exception) -> ApiError:
    refused = cast(EgressRefusedError, error)
    return invalid([Fault("/url", refused.told.value, refused.sentence)])


def _too_long(_: Exception) -> ApiError:
    sentence = f"More than {MOST_REPLAYED} deliveries lie in this stretch; ask for a shorter one."
    return invalid([Fault("", "stretch_too_long", sentence)])


def _unfit(error: Exception) -> ApiError:
    unfit = cast(WishUnfitError, error)
    return invalid([Fault(f"/{unfit.member}", unfit.reason, unfit.sentence)])


def _papers_unknown(error: Exception) -> ApiError:
    sentence = "No paper of that id was handed in for this pupil."
    return invalid([Fault(f"/papers/{place}", "paper_unknown", sentence) for place in cast(PapersUnknownError, error).places])


def _merged_away(error: Exception) -> ApiError:
    into = cast(MergedAwayError, error).into
    return ApiError("conflict", f"This record was joined to that of pupil {into}; go on there.")


REFUSALS: Final[Mapping[type[Exception], Translation]] = MappingProxyType(
    {
        **ENTRANCE_PROBLEMS,
        PupilUnknownError: lambda _: ApiError("not-found"),
        BlobError: lambda _: retry_later("unavailable", 60),
        FileStoreError: lambda _: retry_later("unavailable", 60),
        ContributionUnknownError: lambda _: ApiError("not-found"),
        PapersUnknownError: _papers_unknown,
        RequestUnknownError: lambda _: ApiError("not-found"),
        RequestWithdrawnError: lambda _: ApiError("gone", "This request was withdrawn; nothing of it is let out any more."),
        NoticeUnknownError: lambda _: ApiError("not-found"),
        SubscriptionUnknownError: lambda _: ApiError("not-found"),
        TooManySubscriptionsError: lambda _: ApiError("conflict", f"An organisation has at most {MOST_STANDING} subscriptions; end one."),
        OfMailboxError: lambda _: ApiError("conflict", "This is a mailbox: it has no address to send to and no secret to sign with."),
        DeliveryUnknownError: lambda _: ApiError("not-found"),
        SubscriptionEndedError: lambda _: ApiError("conflict", "The subscription has ended; nothing is sent to it any more."),
        StretchTooLongError: _too_long,
        EgressRefusedError: _egress,
        WishUnfitError: _unfit,
        StepRefusedError: _refused,
        OccurredOutOfBoundsError: _out_of_bounds,
        RecordMovedOnError: _moved_on,
        AuthorRefusedError: _author,
        KeyReusedError: lambda _: ApiError("idempotency-key-reused"),
        UpnTakenError: lambda _: ApiError("conflict", "Another pupil of this school has this unique pupil number."),
        MergedAwayError: _merged_away,
        PupilErasedError: lambda _: ApiError("gone"),
        EvidenceBeingMadeError: lambda _: retry_later("request-in-progress", 5, "Evidence about one of the two is being made; try again."),
        RollBeingLoadedError: lambda _: retry_later("request-in-progress", 30, "A roll is being loaded at the school; try again."),
        ErasureNotSetUpError: lambda _: retry_later(
            "unavailable", 86_400, "Here a pupil is erased at the command line, by whoever runs it."
        ),
        MomentAheadError: lambda _: ApiError("future-known-at"),
        asyncpg.LockNotAvailableError: lambda _: retry_later("request-in-progress", 2, "Somebody else is writing here; try again."),
        asyncpg.DeadlockDetectedError: lambda _: retry_later("request-in-progress", 1, "Somebody else is writing here; try again."),
        asyncpg.SerializationError: lambda _: retry_later("request-in-progress", 1, "Somebody else is writing here; try again."),
    }
)
