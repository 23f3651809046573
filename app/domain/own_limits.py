"""Duties whose law counts no days: how long a school takes for them is its own choice, and nobody may take that limit for the law's."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.domain.entries import SettingName

OWN_LIMITS: Final[Mapping[str, SettingName]] = MappingProxyType(
    {
        "end-support-at-a-review": SettingName.TELL_WITHIN_DAYS,
        "give-parents-a-short-note": SettingName.TELL_WITHIN_DAYS,
        "give-reasons-for-no-sen": SettingName.TELL_WITHIN_DAYS,
        "inform-parents-of-sen-provision": SettingName.TELL_WITHIN_DAYS,
        "make-parents-aware-of-the-plan": SettingName.TELL_WITHIN_DAYS,
        "tell-all-staff": SettingName.TELL_WITHIN_DAYS,
        "tell-of-the-transition-decision": SettingName.TELL_WITHIN_DAYS,
        "answer-a-parents-concern": SettingName.ANSWER_CONCERN_WITHIN_DAYS,
        "answer-a-pupils-concern": SettingName.ANSWER_CONCERN_WITHIN_DAYS,
        "explain-the-impact-to-parents": SettingName.REPORT_REVIEW_WITHIN_DAYS,
        "record-and-share-the-meeting": SettingName.SHARE_MEETING_WITHIN_DAYS,
        "share-what-the-specialist-said": SettingName.SHARE_ADVICE_WITHIN_DAYS,
        "assess-all-pupils-regularly": SettingName.CHECK_PROGRESS_WITHIN_DAYS,
        "take-a-baseline-on-entry": SettingName.TAKE_BASELINE_WITHIN_DAYS,
        "update-the-report-after-a-change": SettingName.UPDATE_REPORT_WITHIN_DAYS,
        "authorise-the-census": SettingName.RETURN_CENSUS_WITHIN_DAYS,
        "plan-the-move-to-the-next-phase": SettingName.PLAN_MOVE_BEFORE_DAYS,
    }
)
"""By the rule's id."""
