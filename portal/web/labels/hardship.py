"""Which words name what a person needs who can pay nothing now, and how the matter stands?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portal.rules.hardship import HardshipProblem, HardshipStatus, Need
from portal.web.i18n import N_, gettext_in, weekday

NEEDS: Mapping[Need, str] = {
    Need.MORE_TIME: N_("I need more time"),
    Need.BY_POST: N_("Write to me only by post"),
    Need.LARGE_PRINT: N_("I need large print"),
    Need.SOMEBODY_HELPS: N_("Somebody helps me with this"),
    Need.PHONE_CALL: N_("I would like a phone call"),
}
PROBLEMS: Mapping[HardshipProblem, str] = {
    HardshipProblem.TEXT_TOO_LONG: N_("The text is longer than %(limit)s characters. Shorten it."),
    HardshipProblem.REASON_MISSING: N_("Write the reason in words. The person reads it."),
    HardshipProblem.QUESTION_MISSING: N_("Write your question. The person reads it."),
    HardshipProblem.UNTIL_IN_THE_PAST: N_("Choose a day after today."),
}
ON: Mapping[HardshipProblem, str] = {
    HardshipProblem.TEXT_TOO_LONG: "text",
    HardshipProblem.REASON_MISSING: "text",
    HardshipProblem.QUESTION_MISSING: "text",
    HardshipProblem.UNTIL_IN_THE_PAST: "",
}
STATUSES: Mapping[HardshipStatus, str] = {
    HardshipStatus.TOLD: N_("Paused, we answer"),
    HardshipStatus.ASKED: N_("Question for you"),
    HardshipStatus.ACCEPTED: N_("Paused for longer"),
    HardshipStatus.DECLINED: N_("Not possible"),
    HardshipStatus.WITHDRAWN: N_("Taken back"),
    HardshipStatus.ENDED: N_("Over"),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    Need: NEEDS,
    HardshipProblem: PROBLEMS,
    HardshipStatus: STATUSES,
}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {HardshipProblem: ON}

TOLD = N_(
    "Thank you for telling us. You do not have to pay anything today. The case is paused until %(day)s. Before that we "
    "will ask you how things are."
)
ANSWERS = N_("%(name)s will answer by %(day)s.")
ACCEPTED = N_(
    "Thank you for the document. You do not have to pay anything until %(day)s. Until then we send no reminder and no "
    "new costs are added. Before that we will ask you how things are."
)
ASKED = N_("%(name)s has a question: %(question)s")
PAUSED_UNTIL = N_("The case stays paused until %(day)s.")
DECLINED = N_("%(name)s cannot pause the case for longer. The reason: %(reason)s")
RESTS_ON = N_("The case stays paused until %(day)s. You can pay in instalments or later, or write to us.")


def accepted(code: str, until: date) -> str:
    """What the debtor reads when the proof is accepted, in this language."""
    return gettext_in(code, ACCEPTED, day=weekday(until, code))


def asked(code: str, name: str, question: str, until: date) -> str:
    """What the debtor reads when there is a question, in this language."""
    told = gettext_in(code, ASKED, name=name, question=question.strip())
    return told + "\n\n" + gettext_in(code, PAUSED_UNTIL, day=weekday(until, code))


def declined(code: str, name: str, reason: str, until: date) -> str:
    """What the debtor reads when the answer is no, in this language."""
    no = gettext_in(code, DECLINED, name=name, reason=reason.strip())
    return no + "\n\n" + gettext_in(code, RESTS_ON, day=weekday(until, code))
