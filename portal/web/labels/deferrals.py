"""Which words say what stands against a later day, and how such a wish stands?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portal.rules.deferrals import DeferralProblem, DeferralStatus
from portal.web.i18n import N_, gettext_in, weekday

DATE = N_("Choose a date between %(first)s and %(last)s")
PROBLEMS: Mapping[DeferralProblem, str] = {
    DeferralProblem.NO_DATE: DATE,
    DeferralProblem.NOT_LATER: DATE,
    DeferralProblem.TOO_FAR: DATE,
}
ON: Mapping[DeferralProblem, str] = dict.fromkeys(DeferralProblem, "date")
STATUSES: Mapping[DeferralStatus, str] = {
    DeferralStatus.PROPOSED: N_("Suggestion sent"),
    DeferralStatus.GRANTED: N_("More time agreed"),
    DeferralStatus.DECLINED: N_("Not possible"),
    DeferralStatus.WITHDRAWN: N_("Taken back"),
    DeferralStatus.REPLACED: N_("Replaced by another suggestion"),
    DeferralStatus.ENDED: N_("Over"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {DeferralProblem: PROBLEMS, DeferralStatus: STATUSES}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {DeferralProblem: ON}

DONE = N_("You have until %(day)s. The amount stays the same. We send no reminder before that date.")
WAITING = N_("We have your suggestion. %(name)s will answer by %(day)s. Until then the case is paused.")
DECLINED = N_("%(name)s cannot give you time until %(day)s. The reason: %(reason)s")
RESTS_ON = N_("The case stays paused until %(day)s. You can suggest something else at any time.")


def granted(code: str, until: date) -> str:
    """What the debtor reads when there is more time, in this language."""
    return gettext_in(code, DONE, day=weekday(until, code))


def declined(code: str, name: str, asked: date, reason: str, rests_until: date) -> str:
    """What the debtor reads when there is not, in this language."""
    no = gettext_in(code, DECLINED, name=name, day=weekday(asked, code), reason=reason.strip())
    return no + "\n\n" + gettext_in(code, RESTS_ON, day=weekday(rests_until, code))
