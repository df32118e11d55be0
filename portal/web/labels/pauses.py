"""How do pauses read: why a case rests, what stands against a pause, and what the debtor is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from portal.rules.pauses import PauseProblem, PauseReason
from portal.web.i18n import N_, gettext_in, weekday

REASONS = {
    PauseReason.DISPUTE: N_("An objection is being checked"),
    PauseReason.SUGGESTION: N_("A suggestion waits for an answer"),
    PauseReason.PLAN: N_("Instalments are agreed"),
    PauseReason.DEFERRAL: N_("A later day is agreed"),
    PauseReason.HARDSHIP: N_("Paying is not possible at the moment"),
    PauseReason.WRONG_PERSON: N_("The letter reached the wrong person"),
    PauseReason.ADDRESS_UNCLEAR: N_("The address is being checked"),
    PauseReason.EVIDENCE_MISSING: N_("A document is missing"),
    PauseReason.CREDITOR: N_("Paused by hand"),
    PauseReason.CHARGEBACK: N_("A payment was taken back"),
}
PROBLEMS = {
    PauseProblem.UNTIL_IN_THE_PAST: N_("Choose a day after today."),
    PauseProblem.UNTIL_TOO_FAR: N_("Choose a day until %(latest)s."),
    PauseProblem.RESUME_MISSING: N_("Enter the day on which the case goes on, for example %(example)s"),
    PauseProblem.RESUME_TOO_SOON: N_("The person gets seven days' notice. Choose %(earliest)s or a later day."),
    PauseProblem.RESUME_TOO_FAR: N_("Choose a day until %(latest)s."),
    PauseProblem.REASON_MISSING: N_("Say why the case goes on. The person reads this."),
    PauseProblem.NOT_PAUSED: N_("There is no pause that can be ended by hand."),
    PauseProblem.ALREADY_PAUSED: N_("The case is paused by hand already. End that pause first."),
}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {PauseReason: REASONS, PauseProblem: PROBLEMS}
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {
    PauseProblem: {
        PauseProblem.UNTIL_IN_THE_PAST: "until",
        PauseProblem.UNTIL_TOO_FAR: "until",
        PauseProblem.RESUME_MISSING: "resumes",
        PauseProblem.RESUME_TOO_SOON: "resumes",
        PauseProblem.RESUME_TOO_FAR: "resumes",
        PauseProblem.REASON_MISSING: "text",
        PauseProblem.NOT_PAUSED: "",
        PauseProblem.ALREADY_PAUSED: "",
    },
}

UNTIL_DAY = N_("Your case is paused until %(day)s. Until then you get no letters from us and no new costs.")
UNTIL_DECIDED = N_("Your case is paused until we write to you again. Until then you get no letters and no new costs.")
INTEREST_RESTS = N_("Interest rests too.")
MAY_PAY = N_("You can still pay at any time.")
GOES_ON = N_("Your case stays paused until %(day)s. After that it goes on.")


def pause_words(until: date | None, *, interest: bool, text: str, name: str, language: str) -> str:
    """What the debtor reads about a pause, with the clerk's own words and name."""
    day = weekday(until, language) if until else ""
    said = [gettext_in(language, UNTIL_DAY, day=day) if until else gettext_in(language, UNTIL_DECIDED)]
    if interest:
        said.append(gettext_in(language, INTEREST_RESTS))
    said.append(gettext_in(language, MAY_PAY))
    return _letter(" ".join(said), text, name)


def resume_words(last: date, *, text: str, name: str, language: str) -> str:
    """What the debtor reads about the end of a pause; `last` is its last day."""
    return _letter(gettext_in(language, GOES_ON, day=weekday(last, language)), text, name)


def _letter(said: str, text: str, name: str) -> str:
    return "\n\n".join(part for part in (said, text.strip(), name) if part)
